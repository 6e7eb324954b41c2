/** Asks every feature about a text, and whether the answers can be: what random edits are tried with. */
import type { SelectionRange } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { expect } from 'vitest';
import { printTensorType } from '../../compiler/check/types.ts';
import { analyse, type Analysis } from '../../lsp/analysis.ts';
import { incomingCalls, outgoingCalls, prepareCalls } from '../../lsp/features/call-hierarchy.ts';
import { codeActions } from '../../lsp/features/code-actions.ts';
import { codeLenses } from '../../lsp/features/code-lens.ts';
import { diagnosticsOf } from '../../lsp/features/diagnostics.ts';
import { folding } from '../../lsp/features/folding.ts';
import { formatting } from '../../lsp/features/formatting.ts';
import { hover } from '../../lsp/features/hover.ts';
import { inlayHints } from '../../lsp/features/inlay-hints.ts';
import { links } from '../../lsp/features/links.ts';
import { definition, highlights, references } from '../../lsp/features/navigation.ts';
import { rangeFormatting } from '../../lsp/features/range-formatting.ts';
import { rename } from '../../lsp/features/rename.ts';
import { selection } from '../../lsp/features/selection.ts';
import { semanticTokens, tokenEdits } from '../../lsp/features/semantic-tokens.ts';
import { documentSymbols, workspaceSymbols } from '../../lsp/features/symbols.ts';

/** `earlier`: an analysis of the page as it was. */
export const analysisOf = (text: string, earlier?: Analysis): Analysis =>
  analyse(TextDocument.create('file:///folder/page.bilevel', 'bilevel', 1, text), () => undefined, earlier?.kept());

const host = { read: () => undefined };

/** What takes no more than names and words, at a place; of the tokens the numbers. */
export function askQuick(analysis: Analysis, offset: number): readonly number[] {
  const pageAt = (uri: string): Analysis | undefined => (uri === analysis.uri ? analysis : undefined);
  const tokens = semanticTokens(analysis);
  expectTokens(analysis, tokens);
  for (const { startLine, endLine } of folding(analysis)) expect(startLine).toBeLessThan(endLine);
  expectNested(analysis, selection(analysis, offset), offset);
  for (const { range } of [...links(analysis), ...codeLenses(analysis)]) expect(analysis.document.getText(range)).not.toBe('');
  prepareCalls(analysis, offset, pageAt);
  incomingCalls(analysis, offset, [analysis], pageAt);
  outgoingCalls(analysis, offset, pageAt);
  definition(analysis, offset, pageAt);
  references(analysis, offset, [analysis], pageAt, { withDeclaration: true });
  highlights(analysis, offset);
  rename(analysis, offset, 'fresh', [analysis], pageAt);
  documentSymbols(analysis);
  workspaceSymbols([analysis], 'a');
  return tokens;
}

/** What needs shapes, and where there are no errors derivatives. */
export function askAll(analysis: Analysis, offset: number): void {
  const whole = { file: analysis.uri, start: 0, end: analysis.document.getText().length };
  askQuick(analysis, offset);
  diagnosticsOf(analysis, host);
  hover(analysis, offset, () => undefined);
  for (const { position } of inlayHints(analysis, whole, { shapes: true, stages: true, strategy: true }))
    expect(analysis.document.offsetAt(position)).toBeGreaterThan(0);
  // Throws where edits overlap.
  for (const { edit } of codeActions(analysis, whole, host, ['quickfix', 'source']))
    TextDocument.applyEdits(analysis.document, edit?.changes?.[analysis.uri] ?? []);
  codeActions(analysis, { ...whole, start: offset, end: offset }, host);
  codeActions(analysis, { ...whole, end: offset }, host);
  formatting(analysis);
  rangeFormatting(analysis, { ...whole, end: offset });
}

/** That what is taken from earlier texts of the page is what this text alone gives: its tree, at a place what is said of it, and with `all` everything. */
export function expectFresh(analysis: Analysis, how: { readonly all: boolean }): void {
  const fresh = analysisOf(analysis.document.getText());
  expect(JSON.stringify(analysis.parsed().value.items)).toBe(JSON.stringify(fresh.parsed().value.items));
  expect(analysis.parsed().diagnostics).toEqual(fresh.parsed().diagnostics);
  expect(semanticTokens(analysis)).toEqual(semanticTokens(fresh));
  if (!how.all) return;
  expect(diagnosticsOf(analysis, host)).toEqual(diagnosticsOf(fresh, host));
  expect(typesIn(analysis)).toEqual(typesIn(fresh));
  const whole = { file: analysis.uri, start: 0, end: analysis.document.getText().length };
  expect(codeActions(analysis, whole, host, ['quickfix', 'source'])).toEqual(codeActions(fresh, whole, host, ['quickfix', 'source']));
  expect(inlayHints(analysis, whole, wanted)).toEqual(inlayHints(fresh, whole, wanted));
}

const wanted = { shapes: true, stages: true, strategy: true };

const typesIn = ({ checked }: Analysis): readonly string[] =>
  checked().expressionTypes.map(({ span, type }) => `${span.start}-${span.end} ${printTensorType(type)}`);

/** That what is told to have changed is what has. */
export function expectChange(before: readonly number[], after: readonly number[]): void {
  const patched = [...before];
  for (const { start, deleteCount, data = [] } of tokenEdits(before, after)) patched.splice(start, deleteCount, ...data);
  expect(patched).toEqual(after);
}

/** One behind the other, each on its line and of some length. */
function expectTokens({ document }: Analysis, tokens: readonly number[]): void {
  let [line, character, end] = [0, 0, 0];
  for (let i = 0; i < tokens.length; i += 5) {
    const [down = 0, right = 0, length = 0] = tokens.slice(i, i + 3);
    line += down;
    character = down === 0 ? character + right : right;
    const start = document.offsetAt({ line, character });
    if (down < 0 || length < 1 || start < end || document.positionAt(start + length).line !== line)
      expect.fail(`a token at ${line}:${character} of ${length}`);
    end = start + length;
  }
}

function expectNested({ document }: Pick<Analysis, 'document'>, { range, parent }: SelectionRange, offset: number): void {
  const [start, end] = [range.start, range.end].map((place) => document.offsetAt(place)) as [number, number];
  if (start > offset || offset > end) expect.fail(`${start}-${end} is not around ${offset}`);
  if (parent === undefined) {
    expect([start, end]).toEqual([0, document.getText().length]);
    return;
  }
  if (document.offsetAt(parent.range.start) > start || document.offsetAt(parent.range.end) < end)
    expect.fail(`${start}-${end} is not in its parent`);
  expectNested({ document }, parent, offset);
}
