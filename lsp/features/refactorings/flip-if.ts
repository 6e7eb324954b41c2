/** `if c then a else b` becomes `if not c then b else a`. A comparison is not turned round: of what is not a number both are false. */
import { CodeActionKind } from 'vscode-languageserver-protocol';
import type { Expression } from '../../../grammar/ast.ts';
import type { Rewriter } from '../code-actions.ts';
import { withoutParentheses } from './selected.ts';
import { pathTo, statementAround } from './tree.ts';
import { inParentheses, replacement, settled, textOf } from './writing.ts';

export const flipIf: Rewriter = (analysis, at) => {
  const page = analysis.parsed().value;
  const statement = statementAround(page, at);
  const found = statement && pathTo(statement, at).findLast((each): each is Expression & { kind: 'if' } => each.kind === 'if');
  // Its own words, and none of what they speak of.
  const isInside = found && [found.condition, found.then, found.otherwise].some(({ span }) => span.start < at.start && at.start < span.end);
  if (found === undefined || isInside === true) return [];
  const text = (expression: Expression): string => textOf(page, withoutParentheses(page.text, expression.span));
  const { condition } = found;
  const opposite =
    condition.kind === 'unary' && condition.operator === 'not' ? text(condition.operand) : `not ${inParentheses(text(condition))}`;
  const edits = [
    replacement(condition.span, opposite),
    replacement(found.then.span, text(found.otherwise)),
    replacement(found.otherwise.span, text(found.then)),
  ];
  return [{ title: 'Flip the `if`', kind: CodeActionKind.RefactorRewrite, edits: settled(page, edits) }];
};
