/** Selections that grow: from a word through the parts of the syntax tree around it to the page. */
import type { SelectionRange } from 'vscode-languageserver-protocol';
import type { Span } from '../../diagnostics/diagnostic.ts';
import { bracketsOf, type Word } from '../../grammar/words.ts';
import { rangeOf, type Analysis } from '../analysis.ts';

/** The innermost around a place; each has the next larger one as its parent, and the page is the last. */
export function selection(analysis: Analysis, offset: number): SelectionRange {
  const { document, uri, parsed, words } = analysis;
  const text = document.getText();
  const page: Span = { file: uri, start: 0, end: text.length };
  const touched = words().filter(({ span }) => span.start <= offset && offset <= span.end && span.start < span.end);
  // Between a name and a bracket the name is meant, between two of a kind the one that begins there.
  const word = touched.findLast((each) => !isSign(each)) ?? touched.at(-1);
  const inner = word?.span ?? { ...page, start: offset, end: offset };
  const brackets = bracketsOf(words()).flatMap((pair) => [whole(pair), content(text, whole(pair), pair.closer.text.length)]);
  const around = [...(word === undefined ? [] : [inner]), ...brackets, ...parsed().value.items.flatMap(spansIn)]
    .filter(({ start, end }) => start <= inner.start && inner.end <= end && start < end)
    .sort((a, b) => b.end - b.start - (a.end - a.start));
  const chain = around.reduce<readonly Span[]>((outer, span) => (fitsIn(outer.at(-1), span) ? [...outer, span] : outer), [page]);
  const last: SelectionRange = { range: rangeOf(analysis, page) };
  return chain.slice(1).reduce((parent, span): SelectionRange => ({ range: rangeOf(analysis, span), parent }), last);
}

/** Brackets with what stands in them. */
const whole = ({ opener, closer }: { readonly opener: Word; readonly closer: Word }): Span => ({ ...opener.span, end: closer.span.end });

/** The same without them, and without the space at its ends. */
function content(text: string, { start, end, file }: Span, closer: number): Span {
  const inside = text.slice(start + 1, end - closer);
  return { file, start: end - closer - inside.trimStart().length, end: start + 1 + inside.trimEnd().length };
}

const isSign = ({ class: type }: Word): boolean => type === 'operator' || type === 'opener' || type === 'closer' || type === 'separator';

/** Inside, and smaller. */
const fitsIn = (outer: Span | undefined, { start, end }: Span): boolean =>
  outer !== undefined && outer.start <= start && end <= outer.end && (outer.start < start || end < outer.end);

/** Of all parts of a tree, whatever they are: what has a span is one. */
function spansIn(node: unknown): readonly Span[] {
  if (Array.isArray(node)) return node.flatMap(spansIn);
  if (typeof node !== 'object' || node === null) return [];
  return isSpan(node) ? [node] : Object.values(node).flatMap(spansIn);
}

const isSpan = (node: object): node is Span => 'start' in node && 'end' in node && 'file' in node;
