/**
 * From offsets in a text to what people count: lines and columns from 1, a column being one Unicode character.
 * Owns how wide a character is on a terminal; knows nothing of diagnostics.
 */

export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in code points: what an editor's status bar says. */
  readonly column: number;
}

export interface SourceLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  /** UTF-16 offsets in the whole text; `end` is before the line break. */
  readonly start: number;
  readonly end: number;
}

/** The lines of a text, without their line breaks (`\n`, `\r\n`); a text has at least one. */
export function linesOf(text: string): readonly SourceLine[] {
  const lines: SourceLine[] = [];
  let start = 0;
  for (const raw of text.split('\n')) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    lines.push({ number: lines.length + 1, text: line, start, end: start + line.length });
    start += raw.length + 1;
  }
  return lines;
}

/** The line that holds an offset. An offset past the last word of the text is shown at the end of the last line that says something. */
export function lineAt(lines: readonly SourceLine[], offset: number): SourceLine {
  const found = lines.findLast((line) => line.start <= offset) ?? lines[0];
  if (found === undefined) return { number: 1, text: '', start: 0, end: 0 };
  const isPastTheText = lines.slice(found.number - 1).every((line) => line.text.trim() === '');
  if (!isPastTheText) return found;
  return lines.findLast((line) => line.number <= found.number && line.text.trim() !== '') ?? found;
}

export function positionOf(lines: readonly SourceLine[], offset: number): Position {
  const line = lineAt(lines, offset);
  const within = Math.max(0, Math.min(offset, line.end) - line.start);
  return { line: line.number, column: [...line.text.slice(0, within)].length + 1 };
}

const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/** Terminal cells of one character: 0 for combining marks, 2 for East Asian wide ones and emoji. */
export function cellsOf(character: string): number {
  if (zeroWidth.test(character)) return 0;
  const code = character.codePointAt(0) ?? 0;
  const isWide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return isWide ? 2 : 1;
}

/** Terminal cells of a text without tabs. */
export const widthOf = (text: string): number => [...text].reduce((sum, character) => sum + cellsOf(character), 0);
