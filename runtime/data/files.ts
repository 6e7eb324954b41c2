/** Reads the files that a problem or its caller names, each one once, and binds the problem to what is in them. How a file is read is injected. */
import { type Binder, missingFile, selectionOfOther, unknownFormat, unreadableFile } from '../../diagnostics/data.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { DataDescription, ProblemDescription } from '../../plan/types.ts';
import { bindArrays, type BindingParts, type Bound, fromValue, requestOf, withoutSource } from '../bind.ts';
import { closestName } from '../tensor.ts';
import type { TensorLike } from '../values.ts';
import { type ArrayOrNot, type ArrayRequest, type DataFile, refuse } from './array.ts';
import { endingOf, type Format, formatNameOf, isTableEnding } from './format.ts';
import { numberTogether } from './labels.ts';

/** Data from another file than the declared one; `key` names a column of a table, or an array of an NPZ or JSON file. */
export interface FileOverride {
  readonly file: string;
  readonly key?: string;
}

/** Where files come from: anything that gives bytes for a name. */
export interface Files {
  /** The bytes of a file; rejects with a `FileError`, or another error whose `code` says why, as Node’s do. */
  readonly read: (file: string) => Promise<Uint8Array>;
  /** Names of the files beside it, for "did you mean". */
  readonly list?: (file: string) => Promise<readonly string[]>;
}

/** A file that cannot be read. `ENOENT`: there is none of this name; anything else says why, in words. */
export class FileError extends Error {
  override readonly name = 'FileError';
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

export interface DataSources extends Files {
  readonly formats: readonly Format[];
  /** The path of a file that the page `page` names; default: as written. */
  readonly resolve?: (file: string, page: string) => string | undefined;
  /** Who asks, for the way out; default: a program, by `readData`. */
  readonly by?: Binder;
  /** What the caller binds, by the data’s name, over what the page says. */
  readonly overrides?: Readonly<Record<string, FileOverride | TensorLike>>;
}

/** Reads and checks everything that the description asks for. `seed` is the run’s: it keys the draws of params. */
export async function bindData(description: ProblemDescription, sources: DataSources, seed = 0, parts: BindingParts = {}): Promise<Bound> {
  const files = new Map<string, Promise<FileOrNot>>();
  const read = await Promise.all(description.data.map((data) => readData(data, sources, files)));
  return bindArrays(description, Object.keys(sources.overrides ?? {}), numberTogether(read), seed, parts);
}

type FileOrNot =
  { readonly ok: true; readonly file: DataFile } | { readonly ok: false; readonly problem: (request: ArrayRequest) => Diagnostic };

async function readData(data: DataDescription, sources: DataSources, files: Map<string, Promise<FileOrNot>>): Promise<ArrayOrNot> {
  const { overrides = {} } = sources;
  // A data may be called `toString`, as what every object has.
  const override = Object.hasOwn(overrides, data.name) ? overrides[data.name] : undefined;
  if (override === undefined) {
    if (data.from === undefined) return withoutSource(data, sources.by ?? 'readData');
    const path = sources.resolve?.(data.from.file, data.span.file) ?? data.from.file;
    const { columns, array, file } = data.from;
    const isTable = isTableEnding(endingOf(file));
    const selected = isTable && array !== undefined ? 'array' : !isTable && columns !== undefined ? 'columns' : undefined;
    if (selected !== undefined) return refuse(selectionOfOther({ span: data.span }, { data: data.name, file, selected }));
    return readFrom(path, { ...requestOf(data), ...data.from }, sources, files);
  }
  if (!isFileOverride(override)) return fromValue(data, override);
  return readFrom(override.file, overriddenRequest(data, override), sources, files);
}

const isFileOverride = (value: FileOverride | TensorLike): value is FileOverride =>
  typeof value === 'object' && (value as object | null) !== null && 'file' in value;

/** A key selects; without one, what the page selects is looked for in the other file. */
function overriddenRequest(data: DataDescription, { file, key }: FileOverride): ArrayRequest {
  const request = requestOf(data);
  const isTable = isTableEnding(endingOf(file));
  if (key === undefined) {
    const { columns, array } = data.from ?? {};
    if (isTable) return columns === undefined ? request : { ...request, columns };
    return array === undefined ? request : { ...request, array };
  }
  if (!isTable) return { ...request, array: key };
  return { ...request, columns: [/^\d+$/.test(key) ? Number(key) : key] };
}

async function readFrom(
  path: string,
  request: ArrayRequest,
  sources: DataSources,
  files: Map<string, Promise<FileOrNot>>,
): Promise<ArrayOrNot> {
  let opening = files.get(path);
  if (opening === undefined) {
    opening = openFile(path, sources);
    files.set(path, opening);
  }
  const opened = await opening;
  return opened.ok ? opened.file.read(request) : refuse(opened.problem(request));
}

async function openFile(path: string, sources: DataSources): Promise<FileOrNot> {
  const ending = endingOf(path);
  const format = sources.formats.find(({ endings }) => endings.includes(ending));
  const where = (request: ArrayRequest): Parameters<typeof missingFile>[0] => ({ span: request.span, place: { file: path } });
  if (format === undefined) {
    const known = sources.formats.flatMap(({ endings }) => endings);
    const payload = { file: path, ending, known, notGiven: formatNameOf(ending) };
    return { ok: false, problem: (request) => unknownFormat(where(request), { ...payload, data: request.data }) };
  }
  let bytes: Uint8Array;
  try {
    bytes = await sources.read(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    // An error without a code is no answer of a file system, but a bug on our side or the caller's.
    if (code === undefined) throw error;
    if (code === 'ENOENT') {
      const closest = await closestFile(path, sources);
      const by = sources.by ?? 'readData';
      return { ok: false, problem: (request) => missingFile(where(request), { data: request.data, file: path, closest, by }) };
    }
    const reason = unreadableReasons[code] ?? code;
    return { ok: false, problem: (request) => unreadableFile(where(request), { data: request.data, file: path, reason }) };
  }
  return { ok: true, file: format.open(bytes, path) };
}

const unreadableReasons: Readonly<Record<string, string>> = {
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
};

async function closestFile(path: string, { list }: DataSources): Promise<string | undefined> {
  try {
    return closestName(/[^/\\]*$/.exec(path)?.[0] ?? path, (await list?.(path)) ?? []);
  } catch {
    // The folder is missing too: there is nothing to suggest.
    return undefined;
  }
}
