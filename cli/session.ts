/**
 * One command being run: where its output goes and in which form. Data asked for go to stdout; warnings, progress and decoration
 * go to stderr; with `--json` stdout gets exactly one document, with `--json=ndjson` an event a line.
 */
import { basename, dirname } from 'node:path';
import pc from 'picocolors';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { renderDiagnostic, toJson, type Sources } from '../diagnostics/render.ts';
import { unreadablePage, unwritableFile } from '../diagnostics/usage.ts';
import { closestName } from '../runtime/tensor.ts';
import { Failure, exitCodeOf, exitWords, type ExitCode } from './failure.ts';
import type { Io, Out } from './io.ts';

export type Form = 'text' | 'json' | 'ndjson';
export type Colors = ReturnType<typeof pc.createColors>;

/** How standard input is called. */
export const input = 'standard input';

export interface SessionOptions {
  readonly form: Form;
  readonly quiet: boolean;
  /** False for `--no-color`. */
  readonly color: boolean;
}

export interface Session {
  readonly io: Io;
  readonly form: Form;
  readonly quiet: boolean;
  /** Of stdout and of stderr. */
  readonly colors: Colors;
  readonly errorColors: Colors;
  readonly width: number;
  /** Reads a page once and keeps its text for the frames of diagnostics; `input` is what stands on standard input. */
  readPage(file: string): string;
  /** The text of a page that another imports, for the frames of diagnostics too; undefined where it cannot be read. */
  readonly readImport: Sources;
  /** The data asked for, as text; nothing in the JSON forms. */
  print(text: string): void;
  /** Decoration on stderr; nothing with `--quiet`. */
  note(text: string): void;
  /** Shows diagnostics, or keeps them for the document. With `--quiet` only errors are shown. `asked`: they are what was asked for. */
  report(diagnostics: readonly Diagnostic[], asked?: boolean): void;
  /** The result, as JSON; nothing in the text form. */
  document(value: Readonly<Record<string, unknown>>): void;
  /** A line of `--json=ndjson`; nothing in the other forms. */
  event(name: string, value: Readonly<Record<string, unknown>>): void;
  /** Ends a command that has no result: its diagnostics and a word for the exit code. */
  fail(diagnostics: readonly Diagnostic[], code: ExitCode, more?: Readonly<Record<string, unknown>>): ExitCode;
}

function pagesBeside(io: Io, file: string): readonly string[] {
  try {
    return io.listFolder(dirname(file)).filter((name) => name.endsWith('.bilevel'));
  } catch {
    return [];
  }
}

export function openSession(io: Io, { form, quiet, color }: SessionOptions): Session {
  const texts = new Map<string, string>();
  /** Of files that are there: why they could not be read. */
  const unread = new Map<string, string>();
  const sources: Sources = (file) => texts.get(file);
  const kept: Diagnostic[] = [];
  const colorOf = (out: Out): boolean => color && isColored(out, io.environment);
  const width = Math.min(io.stderr.columns ?? io.stdout.columns ?? 120, 160);
  const writeDocument = (value: Readonly<Record<string, unknown>>): void => {
    if (form === 'json') io.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
    if (form === 'ndjson') io.stdout.write(`${JSON.stringify({ event: 'result', ...value })}\n`);
  };
  const report = (diagnostics: readonly Diagnostic[], asked = false): void => {
    const out = asked ? io.stdout : io.stderr;
    for (const diagnostic of diagnostics) {
      if (form === 'text' && (!quiet || asked || diagnostic.severity === 'error'))
        out.write(`${renderDiagnostic(diagnostic, sources, { color: colorOf(out), width })}\n\n`);
      if (form === 'ndjson') io.stdout.write(`${JSON.stringify({ event: 'diagnostic', ...toJson(diagnostic, sources) })}\n`);
      kept.push(diagnostic);
    }
  };
  const readImport = (file: string): string | undefined => {
    texts.delete(file);
    unread.delete(file);
    try {
      texts.set(file, io.readText(file));
    } catch (error) {
      if (!isMissing(error)) unread.set(file, whyUnreadable(error));
    }
    return texts.get(file);
  };
  const allDiagnostics = (): object => ({ diagnostics: form === 'json' ? kept.map((d) => toJson(d, sources)) : undefined });
  return {
    io,
    form,
    quiet,
    colors: pc.createColors(colorOf(io.stdout)),
    errorColors: pc.createColors(colorOf(io.stderr)),
    width,
    readPage: (file) => {
      const text = readPage(io, file);
      texts.set(file, text);
      return text;
    },
    readImport: Object.assign(readImport, { neighbours: (file: string) => pagesBeside(io, file), why: (file: string) => unread.get(file) }),
    print: (text) => {
      if (form === 'text') io.stdout.write(`${text}\n`);
    },
    note: (text) => {
      if (!quiet) io.stderr.write(`${text}\n`);
    },
    report,
    document: (value) => writeDocument({ ...value, ...allDiagnostics() }),
    event: (name, value) => {
      if (form === 'ndjson') io.stdout.write(`${JSON.stringify({ event: name, ...value })}\n`);
    },
    fail: (diagnostics, code, more = {}) => {
      report(diagnostics);
      const codes = [...new Set(diagnostics.filter((d) => d.severity === 'error' && !d.code.startsWith('BL9')).map((d) => d.code))];
      if (form === 'text' && !quiet && codes.length > 0)
        io.stderr.write(
          `For more: ${codes
            .slice(0, 3)
            .map((c) => `bilevel explain ${c}`)
            .join(', ')}\n`,
        );
      writeDocument({ ...more, status: more['status'] ?? exitWords[code], exit_code: code, ...allDiagnostics() });
      return code;
    },
  };
}

/** https://no-color.org: a value that is not empty turns colour off, whatever it says. */
function isColored(out: Out, environment: Io['environment']): boolean {
  if ((environment['NO_COLOR'] ?? '') !== '') return false;
  if ((environment['FORCE_COLOR'] ?? '0') !== '0') return true;
  return out.columns !== undefined && environment['TERM'] !== 'dumb';
}

function readPage(io: Io, file: string): string {
  try {
    return file === input ? io.readInput() : io.readText(file);
  } catch (error) {
    const suggestion = isMissing(error) ? nearFile(io, file) : undefined;
    throw new Failure([unreadablePage({}, { file, because: whyUnreadable(error), suggestion })]);
  }
}

/** Writes texts by file, all of them or none. */
export function writeFiles(io: Io, files: ReadonlyMap<string, string>): void {
  try {
    io.writeTexts(files);
  } catch (error) {
    const code = codeOf(error);
    // An error without a code is no answer of a file system.
    if (code === undefined) throw error;
    const because =
      code === 'ENOENT' ? 'there is no such folder' : code === 'EACCES' ? 'writing there is not permitted' : whyUnreadable(error);
    // The one that is to blame, where it is known.
    const path = error instanceof Error && 'path' in error ? error.path : undefined;
    const blamed = [...files.keys()].filter((name) => name === path);
    const file = (blamed.length > 0 ? blamed : [...files.keys()]).join(', ');
    throw new Failure([unwritableFile({}, { file, because, isFolder: code === 'EISDIR' })]);
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT';

/** What the system reported about a file, in words. */
export function whyUnreadable(error: unknown): string {
  const code = codeOf(error);
  if (isMissing(error)) return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES') return 'reading it is not permitted';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'it is no text in UTF-8';
  return error instanceof Error ? error.message : String(error);
}

/** A page in the same folder whose name is nearly the one that was written. */
function nearFile(io: Io, file: string): string | undefined {
  try {
    // A link that leads nowhere is listed, and is itself no way out.
    const others = io.listFolder(dirname(file)).filter((name) => name !== basename(file));
    const near = closestName(basename(file), others);
    return near === undefined ? undefined : file.slice(0, file.length - basename(file).length) + near;
  } catch {
    return undefined;
  }
}

/** Throws what stops the command; shows the rest. */
export function demand(session: Session, diagnostics: readonly Diagnostic[]): void {
  if (exitCodeOf(diagnostics) !== 0) throw new Failure(diagnostics);
  session.report(diagnostics);
}
