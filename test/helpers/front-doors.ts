/** Asks every front door for the canonical form of a page, and whether they agree: `bilevel fmt`, the language server, Prettier. */
import fc from 'fast-check';
import * as prettier from 'prettier';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { expect } from 'vitest';
import { hasErrors } from '../../diagnostics/diagnostic.ts';
import type { Page } from '../../grammar/ast.ts';
import { formatPage } from '../../grammar/format.ts';
import { parse } from '../../grammar/parse.ts';
import { print } from '../../grammar/print-ast.ts';
import { endOf, lex } from '../../grammar/tokens.ts';
import { formatting } from '../../lsp/features/formatting.ts';
import * as plugin from '../../plugin/prettier.ts';
import { meaning, parseWell } from '../grammar/strip.ts';
import { analysisOf } from '../lsp/every-feature.ts';

const between = [
  ' ',
  '\n',
  '\r\n',
  '\n\n\n',
  '\t',
  '// one\n',
  ' // two\n\n',
  '/* three */',
  ' /* four\n  lines */ ',
  '\n/* five */\n',
  '/// six\n',
  '\n/// seven\n',
];

/** White space and comments that may stand between the words of a page. */
export const spacing: fc.Arbitrary<readonly (readonly [number, string])[]> = fc.array(
  fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.constantFrom(...between)),
  { minLength: 1, maxLength: 4 },
);

/** A page with these between its words. */
export function spaced(text: string, spaces: readonly (readonly [number, string])[]): string {
  return spaces.reduce((page, [at, space]) => {
    const { tokens } = lex(page);
    const token = tokens[Math.floor(at * tokens.length)];
    const end = token === undefined ? 0 : endOf(token);
    return page.slice(0, end) + space + page.slice(end);
  }, text);
}

const lines = (text: string): string => text.replaceAll('\r\n', '\n');

/** The tree and all comments stay, in their order, at each width; what is canonical stays as it is. False for a page that does not parse. */
export function expectCanonical(text: string, ...widths: readonly number[]): boolean {
  const { value: page, diagnostics } = parse(text, 'page.bilevel');
  if (hasErrors(diagnostics)) return false;
  const [meant, comments] = [meaning(page), commentsOf(page)];
  // Most widths print the same as another: that is read once.
  const read = new Map<string, Page>();
  for (const width of widths) {
    const printed = print(page, { width });
    const again = read.get(printed) ?? parseWell(printed);
    if (!read.has(printed)) {
      expect(meaning(again)).toEqual(meant);
      expect(commentsOf(again)).toEqual(comments);
    }
    read.set(printed, again);
    expect(print(again, { width })).toBe(printed);
  }
  return true;
}

const commentsOf = ({ comments }: Page): readonly string[] => comments.map((comment) => lines(comment.text));

/** Of a page that parses; line ends are those of the editor, and Prettier's. */
export async function expectSame(text: string, width = 100): Promise<void> {
  const printed = lines(formatPage(text, 'page.bilevel', { width }).value ?? '');
  const options = { plugins: [plugin], filepath: 'page.bilevel', printWidth: width };
  expect(await prettier.format(text, options)).toBe(printed);
  if (width !== 100) return;
  const analysis = analysisOf(text);
  const applied = TextDocument.applyEdits(analysis.document, [...formatting(analysis)]);
  expect(lines(applied)).toBe(printed);
  expect(formatting(analysisOf(applied))).toEqual([]);
}
