/**
 * Binds a problem to data: reads every file once, checks kinds and shapes, fixes the dims, makes the splits, draws the random starts.
 * All that is wrong is found in one run. How a file is read is injected: nothing here knows a file system.
 */
import {
  badDraw,
  dataNotFinite,
  dataWithoutSource,
  malformedTensor,
  missingFile,
  outsideKind,
  selectionOfOther,
  unknownFormat,
  unknownName,
  unreadableFile,
  wrongRank,
} from '../diagnostics/data.ts';
import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.ts';
import { evaluate } from '../plan/evaluate.ts';
import type { DataDescription, ParamDescription, ProblemDescription, Tensor } from '../plan/types.ts';
import { type ArrayOrNot, type ArrayRequest, type DataArray, type DataFile, declaredAt, refuse } from './data/array.ts';
import { endingOf, isTableEnding, knownEndings, laterEndings, openerOf } from './data/open.ts';
import { domainOf, violations } from './kinds.ts';
import { draw, keyOf } from './random.ts';
import { bindSizes } from './sizes.ts';
import { closestName, figure, indexText, printDeclaredShape, printType, sizeOf } from './tensor.ts';
import type { BoundProblem } from './types.ts';
import { type TensorLike, tensorOf } from './values.ts';

/** Data from another file than the declared one; `key` names a column of a table, or an array of an NPZ or JSON file. */
export interface FileOverride {
  readonly file: string;
  readonly key?: string;
}

export interface DataSources {
  /** The bytes of a file; rejects with an error whose `code` says why, as Node’s do (`ENOENT`). */
  readonly read: (path: string) => Promise<Uint8Array>;
  /** The path of a file that the page `page` names; default: as written. */
  readonly resolve?: (file: string, page: string) => string;
  /** Names of the files beside a path, for "did you mean". */
  readonly list?: (path: string) => Promise<readonly string[]>;
  /** What the caller binds, by the data’s name, over what the page says. */
  readonly overrides?: Readonly<Record<string, FileOverride | TensorLike>>;
}

export interface Bound {
  /** Absent where there are errors. */
  readonly bound?: BoundProblem;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads and checks everything that the description asks for. `seed` is the run’s: it keys the draws of params. */
export async function bindData(description: ProblemDescription, sources: DataSources, seed = 0): Promise<Bound> {
  const diagnostics: Diagnostic[] = [];
  const known = description.data.map((d) => d.name);
  for (const name of Object.keys(sources.overrides ?? {}))
    if (!known.includes(name)) diagnostics.push(unknownName({}, { what: 'data', name, known, closest: closestName(name, known) }));

  const files = new Map<string, Promise<FileOrNot>>();
  const arrays = new Map<string, DataArray>();
  const read = await Promise.all(description.data.map((data) => readData(data, sources, files)));
  for (const [i, result] of read.entries()) {
    const name = description.data[i]?.name ?? '';
    if (result.ok) arrays.set(name, result.array);
    else diagnostics.push(...result.diagnostics);
  }

  const { sizes, indices, diagnostics: shapes } = bindSizes(description, arrays);
  diagnostics.push(...shapes);
  for (const data of description.data) {
    const array = arrays.get(data.name);
    if (array !== undefined) diagnostics.push(...checkValues(data, array, sizes));
  }
  const draws = Object.fromEntries(
    description.params.flatMap((param) => {
      const drawn = drawStart(param, sizes, seed);
      if (drawn.diagnostic !== undefined) diagnostics.push(drawn.diagnostic);
      return drawn.tensor === undefined ? [] : [[`draw:${param.name}`, drawn.tensor]];
    }),
  );
  const once = withoutRepeats(diagnostics);
  if (hasErrors(once)) return { diagnostics: once };
  const labels = Object.fromEntries([...arrays].flatMap(([name, array]) => (array.labels === undefined ? [] : [[name, array.labels]])));
  const data = Object.fromEntries([...arrays].map(([name, array]) => [`data:${name}`, array.tensor]));
  return {
    bound: { slots: { ...data, ...indices, ...draws }, sizes, ...(Object.keys(labels).length === 0 ? {} : { labels }) },
    diagnostics: once,
  };
}

/** Two data of one file find the same short row, or that the file is missing: said once. */
function withoutRepeats(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter(({ code, place }) => {
    if (place === undefined || !ofWholeFiles.has(code)) return true;
    const id = `${code} ${place.file}:${place.line ?? ''}`;
    if (seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}

/** Codes that are about a file, whichever data asked for it: missing, unreadable, unknown format, short row, malformed, empty. */
const ofWholeFiles = new Set(['BL6001', 'BL6002', 'BL6003', 'BL6006', 'BL6009', 'BL6022']);

// ---- reading ------------------------------------------------------------------------------------------------------

type FileOrNot =
  { readonly ok: true; readonly file: DataFile } | { readonly ok: false; readonly problem: (request: ArrayRequest) => Diagnostic };

async function readData(data: DataDescription, sources: DataSources, files: Map<string, Promise<FileOrNot>>): Promise<ArrayOrNot> {
  const override = sources.overrides?.[data.name];
  if (override === undefined) {
    if (data.from === undefined)
      return refuse(dataWithoutSource({ span: data.span }, { data: data.name, declared: printDeclaredShape(data.shape) }));
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

const requestOf = ({ name, kind, shape, span }: DataDescription): ArrayRequest => ({ data: name, kind, shape, span });
const isFileOverride = (value: FileOverride | TensorLike): value is FileOverride => typeof value === 'object' && 'file' in value;

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
  const opener = openerOf(path);
  const where = (request: ArrayRequest): Parameters<typeof missingFile>[0] => ({ span: request.span, place: { file: path } });
  if (opener === undefined) {
    const ending = endingOf(path);
    const payload = { file: path, ending, known: knownEndings, later: laterEndings.includes(ending) };
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
      return { ok: false, problem: (request) => missingFile(where(request), { data: request.data, file: path, closest }) };
    }
    const reason = unreadableReasons[code] ?? code;
    return { ok: false, problem: (request) => unreadableFile(where(request), { data: request.data, file: path, reason }) };
  }
  return { ok: true, file: opener(bytes, path) };
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

function fromValue(data: DataDescription, value: TensorLike): ArrayOrNot {
  const made = tensorOf(value);
  if (!made.ok) return refuse(malformedTensor({ span: data.span }, { data: data.name, reason: made.reason }));
  const { tensor } = made;
  const source = 'the given value';
  if (tensor.shape.length !== data.shape.length) {
    const declared = printDeclaredShape(data.shape);
    return refuse(
      wrongRank({ span: data.span }, { data: data.name, declared, file: 'the call', actual: tensor.shape, what: 'the value given' }),
    );
  }
  const locate = (flat: number): ReturnType<DataArray['locate']> => ({
    words: tensor.shape.length === 0 ? 'its value' : `element ${indexText(flat, tensor.shape)}`,
    place: { file: source },
  });
  return { ok: true, array: { tensor, locate, source } };
}

// ---- checking -----------------------------------------------------------------------------------------------------

/** Finite, of its kind, within its interval: one diagnostic a data and rule, at the first element that breaks it. */
function checkValues(data: DataDescription, array: DataArray, sizes: Readonly<Record<string, number>>): readonly Diagnostic[] {
  const { tensor } = array;
  const at = (flat: number): Parameters<typeof outsideKind>[0] => {
    const { place } = array.locate(flat);
    const isFile = place.file !== 'the given value';
    return isFile ? { ...declaredAt(requestOf(data)), place } : { span: data.span };
  };
  const notFinite = [...tensor.data.keys()].filter((i) => !Number.isFinite(tensor.data[i]));
  const [firstBad] = notFinite;
  if (firstBad !== undefined) {
    const payload = {
      data: data.name,
      where: array.locate(firstBad).words,
      value: String(tensor.data[firstBad]),
      others: notFinite.length - 1,
    };
    return [dataNotFinite(at(firstBad), payload)];
  }
  const domain = domainOf(data.kind, data.interval, sizes) ?? domainOf(data.kind, undefined, sizes);
  if (domain === undefined) return [];
  const outside = violations(tensor, domain, true);
  return [...new Set(outside.map((v) => v.rule))].flatMap((rule) => {
    const breaking = outside.filter((v) => v.rule === rule);
    const [first] = breaking;
    if (first === undefined) return [];
    const where = array.locate(first.at).words;
    return [
      outsideKind(at(first.at), {
        data: data.name,
        type: printType(data),
        where,
        value: figure(first.value),
        others: breaking.length - 1,
        rule,
      }),
    ];
  });
}

/** The random start of a param, a function of the run’s seed and the param’s name alone. */
function drawStart(
  { name, shape: declared, distribution, span }: ParamDescription,
  sizes: Readonly<Record<string, number>>,
  seed: number,
): { readonly tensor?: Tensor; readonly diagnostic?: Diagnostic } {
  if (distribution === undefined) return {};
  const [a, b] = distribution.arguments;
  const text = `${distribution.name}(${distribution.arguments.join(', ')})`;
  const reason =
    distribution.name === 'normal' && b !== undefined && !(b >= 0)
      ? 'its standard deviation is below 0'
      : distribution.name === 'uniform' && a !== undefined && b !== undefined && !(a < b)
        ? 'its lower end is not below its upper end'
        : undefined;
  if (reason !== undefined) return { diagnostic: badDraw({ span }, { name, distribution: text, reason }) };
  const shape: number[] = [];
  for (const dim of declared) {
    const size = evaluate(dim, sizes);
    if (size === undefined) return {};
    shape.push(size);
  }
  return { tensor: { shape, data: draw(distribution.name, distribution.arguments, keyOf(seed, name), sizeOf(shape)) } };
}
