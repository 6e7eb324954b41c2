/** Owns the walk over chevrotain's concrete tree: what a node holds, where it lies. Knows no rule of the grammar. */
import type { CstElement, CstNode, IToken } from 'chevrotain';
import type { Span } from '../diagnostics/diagnostic.ts';
import { endOf } from './tokens.ts';

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

/** The stretch from the first to the last token below the nodes; empty at `at` where there is none. */
export function extent(file: string, at: number, ...nodes: readonly (CstNode | IToken | undefined)[]): Span {
  let start = Infinity;
  let end = -Infinity;
  const pending: (CstElement | undefined)[] = [...nodes];
  while (pending.length > 0) {
    const element = pending.pop();
    if (element === undefined) continue;
    if (isNode(element)) {
      for (const children of Object.values(element.children)) for (const child of children) pending.push(child);
    } else if (isPlaced(element)) {
      start = Math.min(start, element.startOffset);
      end = Math.max(end, endOf(element));
    }
  }
  return start <= end ? { file, start, end } : { file, start: at, end: at };
}
