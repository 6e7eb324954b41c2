/**
 * The one place where a diagnostic becomes text or JSON: for the command line, `--json`, and every other face.
 * Pure: a source text comes from a function; colour and width are arguments. Knows no code and no message.
 */
import type { DataPlace, Diagnostic, Severity, Span } from './diagnostic.ts';
import { cellsOf, lineAt, linesOf, positionOf, widthOf, type SourceLine } from './position.ts';

/** The text of a file, where it is known. */
export interface Sources {
  (file: string): string | undefined;
  /** What files there are in the folder of one that is not there, by their own names: one of them may be meant. */
  readonly neighbours?: (file: string) => readonly string[];
  /** Why the text of a file that is there is not known. */
  readonly why?: (file: string) => string | undefined;
}

export interface RenderOptions {
  readonly color?: boolean;
  /** Columns of the terminal: longer source lines are cut around the place, hints are wrapped. Default 120. */
  readonly width?: number;
}

interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly label: (text: string) => string;
  readonly severity: (text: string, severity: Severity) => string;
}

/** A stretch of one line to underline, in terminal cells. */
interface Mark {
  readonly line: SourceLine;
  readonly from: number;
  readonly to: number;
  readonly isMain: boolean;
  readonly message: string;
}

/** A line as it is shown: tabs expanded, with the cell at which each UTF-16 offset stands. */
interface Shown {
  readonly text: string;
  readonly cellAt: readonly number[];
}

const tabStop = 4;
const longestSpan = 4;

/** A rendered diagnostic in its parts, each of them lines without a last line break: for a face that has a place of its own for the source. */
export interface RenderedParts {
  /** `FILE:LINE:COLUMN: error BL2003 (shape-mismatch): message` */
  readonly header: string;
  /** Lines of the source with carets and labels; empty where the source is not known. */
  readonly frame: string;
  readonly hints: string;
}

export function renderParts(diagnostic: Diagnostic, sources: Sources, options: RenderOptions = {}): RenderedParts {
  const width = Math.max(40, options.width ?? 120);
  const paint = paintOf(options.color ?? false);
  const frames: string[] = [];
  for (const [file, spans] of spansByFile(diagnostic)) {
    const text = sources(file);
    if (text === undefined) continue;
    // The header already says where the main span is, unless it speaks of a data file.
    const isElsewhere = diagnostic.place !== undefined || file !== diagnostic.span?.file;
    frames.push(...frame(text, spans, { paint, width, file: isElsewhere ? file : undefined, severity: diagnostic.severity }));
  }
  const hints = diagnostic.hints.flatMap((hint) => wrapped(hint, width - 8, paint.label('  hint: '), '        '));
  return { header: header(diagnostic, sources, paint), frame: frames.join('\n'), hints: hints.join('\n') };
}

/** The header, the frame, then the hints. No line break at the end. */
export function renderDiagnostic(diagnostic: Diagnostic, sources: Sources, options: RenderOptions = {}): string {
  const parts = renderParts(diagnostic, sources, options);
  return [parts.header, parts.frame, parts.hints].filter((part) => part !== '').join('\n');
}

function header(diagnostic: Diagnostic, sources: Sources, paint: Paint): string {
  const { code, slug, severity, message } = diagnostic;
  const place = placeOf(diagnostic, sources);
  const kind = paint.severity(`${severity} ${code} (${slug})`, severity);
  return `${place === undefined ? '' : paint.bold(`${placeText(place)}: `)}${kind}: ${message}`;
}

/** The place in the data where there is one, else the main span; its file alone where the text of that is not known. */
export function placeOf({ place, span }: Diagnostic, sources: Sources): DataPlace | undefined {
  if (place !== undefined || span === undefined) return place;
  const text = sources(span.file);
  return { file: span.file, ...(text === undefined ? {} : positionOf(linesOf(text), span.start)) };
}

/** `FILE:LINE:COLUMN`, as much of it as is known. */
export const placeText = ({ file, line, column }: DataPlace): string =>
  [file, line, line === undefined ? undefined : column].filter((part) => part !== undefined).join(':');

interface MarkedSpan {
  readonly span: Span;
  readonly isMain: boolean;
  readonly message: string;
}

/** The main span's file first. A label on the main span itself is the text beside its carets. */
function spansByFile(diagnostic: Diagnostic): ReadonlyMap<string, readonly MarkedSpan[]> {
  const { span: main, labels } = diagnostic;
  const isOnMain = (span: Span): boolean =>
    main !== undefined && span.file === main.file && span.start === main.start && span.end === main.end;
  const spans: MarkedSpan[] = labels.filter((l) => !isOnMain(l.span)).map((l) => ({ span: l.span, isMain: false, message: l.message }));
  if (main !== undefined) {
    const messages = labels.filter((l) => isOnMain(l.span)).map((l) => l.message);
    spans.unshift({ span: main, isMain: true, message: messages.join('; ') });
  }
  const files = new Map<string, MarkedSpan[]>();
  for (const marked of spans) files.set(marked.span.file, [...(files.get(marked.span.file) ?? []), marked]);
  return files;
}

interface FrameOptions {
  readonly paint: Paint;
  readonly width: number;
  /** Named above the frame when given. */
  readonly file: string | undefined;
  readonly severity: Severity;
}

function frame(text: string, spans: readonly MarkedSpan[], { paint, width, file, severity }: FrameOptions): string[] {
  const lines = linesOf(text);
  const marks = spans.flatMap((marked) => marksOf(lines, marked));
  const numbers = [...new Set(marks.map((mark) => mark.line.number))].sort((a, b) => a - b);
  const gutter = Math.max(2, String(numbers.at(-1) ?? 1).length);
  const bar = paint.dim(`${' '.repeat(gutter)} |`);
  const out: string[] = [];
  const first = spans[0];
  if (file !== undefined && first !== undefined) {
    const { line, column } = positionOf(lines, first.span.start);
    out.push(paint.dim(`${' '.repeat(gutter)}--> ${file}:${line}:${column}`));
  }
  out.push(bar);
  let before: number | undefined;
  for (const number of numbers) {
    const line = lines[number - 1];
    if (line === undefined) continue;
    if (before !== undefined && number === before + 2) out.push(sourceLine(lines[before], gutter, width, paint));
    else if (before !== undefined && number > before + 2) out.push(paint.dim(`${' '.repeat(gutter)}...`));
    before = number;
    const here = marks.filter((mark) => mark.line.number === number);
    const offset = windowStart(here, width - gutter - 4);
    out.push(sourceLine(line, gutter, width, paint, offset));
    for (const row of rowsOf(here)) out.push(`${bar} ${underline(row, offset, paint, severity)}`.trimEnd());
  }
  return out;
}

function sourceLine(line: SourceLine | undefined, gutter: number, width: number, paint: Paint, from = 0): string {
  if (line === undefined) return '';
  const shown = cut(show(line.text).text, from, width - gutter - 4);
  return `${paint.dim(`${String(line.number).padStart(gutter)} |`)} ${shown}`.trimEnd();
}

/** One mark a line; of a long span only its first and last line. */
function marksOf(lines: readonly SourceLine[], { span, isMain, message }: MarkedSpan): Mark[] {
  const first = lineAt(lines, span.start);
  const last = lineAt(lines, Math.max(span.start, span.end - 1));
  const covered = lines.slice(first.number - 1, last.number).filter((line) => line.text.trim() !== '' || first === last);
  const kept = covered.length <= longestSpan ? covered : covered.filter((line) => line === first || line === last);
  return kept.map((line, index) => {
    const { cellAt } = show(line.text);
    const indent = line.text.length - line.text.trimStart().length;
    const start = line === first ? Math.min(span.start, line.end) - line.start : indent;
    const end = line === last ? Math.min(span.end, line.end) - line.start : line.text.trimEnd().length;
    const from = cellAt[start] ?? 0;
    return { line, from, to: Math.max(from + 1, cellAt[end] ?? 0), isMain, message: index === kept.length - 1 ? message : '' };
  });
}

function show(text: string): Shown {
  const cellAt: number[] = [];
  let cell = 0;
  let out = '';
  for (const character of text) {
    for (let unit = 0; unit < character.length; unit++) cellAt.push(cell);
    const cells = character === '\t' ? tabStop - (cell % tabStop) : cellsOf(character);
    out += character === '\t' ? ' '.repeat(cells) : isControl(character) ? '\u{fffd}' : character;
    cell += cells;
  }
  cellAt.push(cell);
  return { text: out, cellAt };
}

/** A control character in a source line would move the cursor, or worse. */
const isControl = (character: string): boolean => {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x20 || (code >= 0x7f && code < 0xa0);
};

/** Where to begin a line that is too long: so that its first mark is seen, with a third of the line before it where the marks leave room. */
function windowStart(marks: readonly Mark[], cells: number): number {
  const first = Math.min(...marks.map((mark) => mark.from));
  const last = Math.max(...marks.map((mark) => mark.to));
  if (last <= cells) return 0;
  const before = Math.min(Math.floor(cells / 3), Math.max(8, cells - (last - first) - 2));
  return Math.max(0, first - before);
}

function cut(text: string, from: number, cells: number): string {
  const isCutBefore = from > 0;
  const isCutAfter = widthOf(text) - from > cells;
  let cell = 0;
  let out = '';
  for (const character of text) {
    if (cell >= from && cell < from + cells) out += character;
    cell += cellsOf(character);
  }
  if (isCutBefore) out = `…${out.slice(1)}`;
  if (isCutAfter) out = `${[...out].slice(0, -1).join('')}…`;
  return out;
}

/** Marks that share a row do not overlap, and only the last of a row has words beside it. */
function rowsOf(marks: readonly Mark[]): readonly (readonly Mark[])[] {
  const sorted = [...marks].sort((a, b) => Number(b.isMain) - Number(a.isMain) || a.from - b.from);
  const rows: Mark[][] = [];
  for (const mark of sorted) {
    const row = rows.find((r) => r.every((m) => m.message === '' && m.to <= mark.from));
    if (row === undefined) rows.push([mark]);
    else row.push(mark);
  }
  return rows;
}

function underline(row: readonly Mark[], offset: number, paint: Paint, severity: Severity): string {
  let out = '';
  let at = offset;
  for (const mark of row) {
    const length = Math.max(1, mark.to - Math.max(mark.from, at));
    const strokes = (mark.isMain ? '^' : '-').repeat(length);
    const words = mark.message === '' ? '' : ` ${mark.message}`;
    out += ' '.repeat(Math.max(0, mark.from - at));
    out += mark.isMain ? paint.severity(strokes + words, severity) : paint.label(strokes + words);
    at = Math.max(mark.from, at) + length;
  }
  return out;
}

/** Wraps words; a line that is indented in the hint (an example) is kept as it is. */
function wrapped(text: string, width: number, lead: string, indent: string): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    const words = paragraph.startsWith(' ') ? [paragraph] : paragraph.split(' ');
    for (const word of words) {
      if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
        lines.push(line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    lines.push(line);
  }
  return lines.map((line, index) => (index === 0 ? lead : indent) + line);
}

function paintOf(color: boolean): Paint {
  const ansi = (codes: string) => (text: string) => (color && text !== '' ? `\u001b[${codes}m${text}\u001b[0m` : text);
  const severities = { error: ansi('1;31'), warning: ansi('1;33'), hint: ansi('1;36') };
  return { bold: ansi('1'), dim: ansi('2'), label: ansi('36'), severity: (text, severity) => severities[severity](text) };
}

// ---- JSON -------------------------------------------------------------------------------------------------------

export interface JsonSpan {
  readonly file: string;
  /** Absent where the text of the file is not known. */
  readonly line?: number;
  readonly column?: number;
  readonly end_line?: number;
  readonly end_column?: number;
  /** UTF-16 offsets. */
  readonly start: number;
  readonly end: number;
}

export interface JsonDiagnostic {
  readonly code: string;
  readonly slug: string;
  readonly severity: Severity;
  readonly message: string;
  /** What the text form begins with: the place in the data where there is one, else the main span. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly span?: JsonSpan;
  readonly data?: { readonly file: string; readonly line?: number; readonly column?: number };
  readonly labels: readonly (JsonSpan & { readonly message: string })[];
  readonly hints: readonly string[];
  readonly fixes: readonly JsonFix[];
}

/** Edits of pages that mend it. */
export interface JsonFix {
  readonly title: string;
  /** It writes what was clearly meant: `bilevel check --fix` applies it. */
  readonly certain: boolean;
  readonly edits: readonly (JsonSpan & { readonly text: string })[];
}

/** The same as data, with lines and columns from 1. */
export function toJson(diagnostic: Diagnostic, sources: Sources): JsonDiagnostic {
  const { code, slug, severity, message, span, place, labels, hints, fixes } = diagnostic;
  return {
    code,
    slug,
    severity,
    message,
    ...placeOf(diagnostic, sources),
    ...(span === undefined ? {} : { span: jsonSpan(span, sources) }),
    ...(place === undefined ? {} : { data: place }),
    labels: labels.map((label) => ({ message: label.message, ...jsonSpan(label.span, sources) })),
    hints,
    fixes: fixes.map(({ title, isCertain, edits }) => ({
      title,
      certain: isCertain,
      edits: edits.map((edit) => ({ ...jsonSpan(edit.span, sources), text: edit.text })),
    })),
  };
}

function jsonSpan(span: Span, sources: Sources): JsonSpan {
  const { file, start, end } = span;
  const text = sources(file);
  if (text === undefined) return { file, start, end };
  const lines = linesOf(text);
  const from = positionOf(lines, start);
  const to = positionOf(lines, Math.max(start, end));
  return { file, line: from.line, column: from.column, end_line: to.line, end_column: to.column, start, end };
}
