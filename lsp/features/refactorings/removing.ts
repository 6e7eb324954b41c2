/** How what is not used is taken from a page, and a `let` that was written out. */
import type { Edit, Span } from '../../../diagnostics/diagnostic.ts';
import type { LetDeclaration } from '../../../grammar/ast.ts';
import { removal as removalFrom } from '../../../grammar/removal.ts';
import type { Analysis } from '../../analysis.ts';
import { holds, statementAround } from './tree.ts';

export const removal = ({ parsed }: Analysis, span: Span): Edit => removalFrom(parsed().value.text, span);

/** The same of a `let`; where it was the only one of a function, what is left is no block. */
export function letRemoval(analysis: Analysis, node: LetDeclaration): readonly Edit[] {
  const page = analysis.parsed().value;
  const fn = statementAround(page, node.span)?.node;
  const [result] = fn?.kind === 'fn' && fn.isBlock && fn.body.lets.length === 1 && fn.body.lets[0] === node ? fn.body.results : [];
  if (fn?.kind !== 'fn' || result === undefined) return [removal(analysis, node.span)];
  const around = [
    { ...result.span, start: fn.body.span.start, end: result.span.start },
    { ...result.span, start: result.span.end, end: fn.body.span.end },
  ];
  const isRemarked = page.comments.some(({ span }) => around.some((part) => holds(part, span)));
  return isRemarked ? [removal(analysis, node.span)] : around.map((span) => ({ span, text: '' }));
}
