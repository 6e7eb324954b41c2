/** Random edits of pages, as hands make them: something is taken away at a place, and something put there. */
import fc from 'fast-check';

export interface Edit {
  /** Where, as a share of the text. */
  readonly at: number;
  readonly removed: number;
  readonly inserted: string;
}

const pieces = [
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  '"',
  '/*',
  '*/',
  '//',
  '///',
  '\n',
  '\r\n',
  ' ',
  ',',
  ':',
  '=',
  '..',
  '^',
  '**',
  "'",
  '#',
  '%',
  '𝑥',
  '\u0000',
];
const words = [
  'problem p {',
  'let u = ',
  'fn f(x: [k]): [k] = ',
  'scan h = 0 over x in y { ',
  'for',
  'in',
  'if',
  'hyper',
  'param w',
  'inner minimize',
  'solve inner with',
  'import { f } from "',
  'data',
  'w',
  '1e',
  '60%',
];

export const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 80 })),
  inserted: fc.oneof(fc.constantFrom('', ...pieces), fc.constantFrom(...words), fc.string({ unit: 'binary', maxLength: 3 })),
});

/** The text after an edit, and where it was made. */
export function edited(text: string, { at, removed, inserted }: Edit): { readonly text: string; readonly offset: number } {
  const start = Math.floor(at * text.length);
  return { text: text.slice(0, start) + inserted + text.slice(start + removed), offset: start + inserted.length };
}
