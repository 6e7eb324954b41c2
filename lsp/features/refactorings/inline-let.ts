/** A `let` gives way to its value: at one place, or at all and then it is gone. */
import { CodeActionKind } from 'vscode-languageserver-protocol';
import type { Span } from '../../../diagnostics/diagnostic.ts';
import type { DeclaredName } from '../../../grammar/names.ts';
import { nameAt, placesOf, type Analysis } from '../../analysis.ts';
import type { Rewrite, Rewriter } from '../code-actions.ts';
import { letRemoval } from './removing.ts';
import { meansTheSameAt } from './scopes.ts';
import { withoutParentheses } from './selected.ts';
import { expressionsIn, isSame, statementAround } from './tree.ts';
import { replacement, settled, textOf, type Replacement } from './writing.ts';

export const inlineLet: Rewriter = (analysis, at) => {
  const named = nameAt(analysis, at.start);
  const declared = named?.declared;
  if (named === undefined || declared?.kind !== 'let' || declared.node.names.length !== 1) return [];
  const page = analysis.parsed().value;
  const uses = placesOf(analysis, declared).slice(1);
  const rewrite = (title: string, edits: readonly Replacement[]): Rewrite => ({
    title,
    kind: CodeActionKind.RefactorInline,
    edits: settled(page, edits),
  });
  const places = uses.filter((use) => canStandAt(analysis, declared, use));
  const here = places.find((use) => isSame(use, named.span));
  const isLast = uses.length === 1;
  const value = textOf(page, withoutParentheses(page.text, declared.node.value.span));
  const inlined = (span: Span): Replacement => replacement(span, value);
  return [
    ...(places.length === 0 || places.length < uses.length
      ? []
      : [
          rewrite(isLast ? `Inline \`${declared.name}\`` : `Inline \`${declared.name}\` at all ${uses.length} places`, [
            ...uses.map(inlined),
            ...letRemoval(analysis, declared.node),
          ]),
        ]),
    ...(here === undefined || isLast ? [] : [rewrite(`Inline \`${declared.name}\` here`, [inlined(here)])]),
  ];
};

/** Where an expression may stand, and the value means what it means where it is declared. */
function canStandAt(analysis: Analysis, declared: DeclaredName & { readonly kind: 'let' }, use: Span): boolean {
  const statement = statementAround(analysis.parsed().value, use);
  const isExpression = statement !== undefined && expressionsIn(statement).some(({ kind, span }) => kind === 'name' && isSame(span, use));
  return isExpression && meansTheSameAt(analysis, declared.node.value.span, use.start);
}
