/** Owns the walk over chevrotain's concrete tree: what a node holds, where it lies. Knows no rule of the grammar. */
import type { CstElement, CstNode, IToken } from 'chevrotain';
import type { Span } from '../diagnostics/diagnostic.ts';

const isNode = (element: CstElement): element is CstNode => 'children' in element;

/** The child nodes of a rule, in order. */
export function nodesOf(node: CstNode | undefined, rule: string): CstNode[] {
  return (node?.children[rule] ?? []).filter(isNode);
}

export const nodeOf = (node: CstNode | undefined, rule: string): CstNode | undefined => nodesOf(node, rule)[0];

/** The child tokens of a type or a label, in order; recovery may have put tokens there that nobody wrote. */
export function tokensOf(node: CstNode | undefined, type: string): IToken[] {
  return (node?.children[type] ?? []).filter((element): element is IToken => !isNode(element));
}

export const tokenOf = (node: CstNode | undefined, type: string): IToken | undefined => tokensOf(node, type)[0];

/** False for a token that recovery inserted: it lies nowhere. */
export const isPlaced = (token: IToken | undefined): token is IToken => token !== undefined && !Number.isNaN(token.startOffset);

/** The word a token stands for: its own text, or what a misspelt word was mended to. */
export function wordOf(token: IToken | undefined): string {
  const mended: unknown = token?.payload;
  return typeof mended === 'string' ? mended : (token?.image ?? '');
}

/** The stretch from the first to the last of the nodes and tokens, given in order; empty at `at` where there is none. */
export function extent(file: string, at: number, ...elements: readonly (CstNode | IToken | undefined)[]): Span {
  let start = Infinity;
  let end = -Infinity;
  for (const element of elements) {
    if (element === undefined) continue;
    const from = isNode(element) ? element.location?.startOffset : element.startOffset;
    const to = isNode(element) ? element.location?.endOffset : element.endOffset;
    // Nodes in which recovery found nothing lie nowhere. The parser's end is the offset of the last character.
    if (from === undefined || to === undefined || Number.isNaN(from) || Number.isNaN(to)) continue;
    start = Math.min(start, from);
    end = Math.max(end, to + 1);
  }
  return start <= end ? { file, start, end } : { file, start: at, end: at };
}

/** What a page says at a place, for words, on one line; of a long stretch only that there is one. */
export function excerpt(text: string, { start, end }: Pick<Span, 'start' | 'end'>): string {
  const line = text.slice(start, end).replace(/\s+/g, ' ');
  return line.length > 60 ? '…' : line;
}
