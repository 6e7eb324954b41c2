/** Source maps, revision 3 (ECMA-426): from lines of an emitted file to the places of the page that they speak of. */
import type { Line } from './interfaces.ts';

export interface SourceMapRequest {
  readonly lines: readonly Line[];
  /** The emitted file, and the page as seen from it. */
  readonly file: string;
  readonly source: string;
  readonly text: string;
}

export function printSourceMap({ lines, file, source, text }: SourceMapRequest): string {
  let [lastLine, lastColumn] = [0, 0];
  const mappings = lines.map(({ from }) => {
    if (from === undefined) return '';
    const before = text.slice(0, from.start).split('\n');
    const [line, column] = [before.length - 1, before.at(-1)?.length ?? 0];
    const segment = [0, 0, line - lastLine, column - lastColumn].map(vlq).join('');
    [lastLine, lastColumn] = [line, column];
    return segment;
  });
  return `${JSON.stringify({ version: 3, file, sources: [source], sourcesContent: [text], names: [], mappings: mappings.join(';') })}\n`;
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** A signed number in base 64, the sign in its lowest bit, five bits a digit. */
function vlq(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1;
  let text = '';
  do {
    const digit = rest & 31;
    rest >>>= 5;
    text += digits[rest > 0 ? digit | 32 : digit] ?? '';
  } while (rest > 0);
  return text;
}
