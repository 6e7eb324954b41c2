/** A hyper that is only ever spoken of as `exp(h)` is a positive one: the kind says it, and it is searched the same way. */
import { CodeActionKind } from 'vscode-languageserver-protocol';
import type { Span } from '../../../diagnostics/diagnostic.ts';
import type { CallExpression, HyperDeclaration, KindName } from '../../../grammar/ast.ts';
import { nameAt, placesOf, type Analysis } from '../../analysis.ts';
import type { Rewriter } from '../code-actions.ts';
import { meantBy } from './scopes.ts';
import { withoutParentheses } from './selected.ts';
import { expressionsIn, isSame, statementAround } from './tree.ts';
import { replacement, settled, textOf, type Replacement } from './writing.ts';

/** What takes each of them from the real numbers to its values. */
const kinds: ReadonlyMap<string, KindName> = new Map([
  ['exp', 'positive'],
  ['sigmoid', 'unit'],
  ['softmax', 'simplex'],
]);

export const changeKind: Rewriter = (analysis, at) => {
  const page = analysis.parsed().value;
  const declared = nameAt(analysis, at.start)?.declared;
  if (declared?.kind !== 'hyper' || !isReal(declared.node)) return [];
  const calls = placesOf(analysis, declared)
    .slice(1)
    .map((use) => callOf(analysis, use));
  const [first] = calls;
  const kind = first && kinds.get(first.callee.name);
  if (kind === undefined || calls.some((call) => call?.callee.name !== first?.callee.name)) return [];
  // A number has no axis along which it sums to 1.
  if (kind === 'simplex' && declared.node.type.shape.length === 0) return [];
  const { init } = declared.node;
  const edits: readonly Replacement[] = [
    typeEdit(declared.node, kind),
    ...(init === undefined
      ? []
      : [replacement(init.span, `${first?.callee.name ?? ''}(${textOf(page, withoutParentheses(page.text, init.span))})`)]),
    ...calls.flatMap((call) => (call === undefined ? [] : [replacement(call.span, declared.name)])),
  ];
  const title = `Make \`${declared.name}\` \`${kind}\`, for \`${first?.callee.name ?? ''}(${declared.name})\``;
  return [{ title, kind: CodeActionKind.RefactorRewrite, edits: settled(page, edits) }];
};

const isReal = ({ type, bySearch }: HyperDeclaration): boolean =>
  type.choice === undefined && type.interval === undefined && bySearch === undefined && (type.kindName?.name ?? 'real') === 'real';

/** The call of the library that a use is the only argument of. */
function callOf(analysis: Analysis, use: Span): CallExpression | undefined {
  const statement = statementAround(analysis.parsed().value, use);
  const call =
    statement &&
    expressionsIn(statement).find((each): each is CallExpression => {
      const [only] = each.kind === 'call' && each.positional.length === 1 && each.named.length === 0 ? each.positional : [];
      return only?.kind === 'name' && isSame(only.span, use);
    });
  return call === undefined || meantBy(analysis, call.callee.span) !== undefined ? undefined : call;
}

function typeEdit({ type }: HyperDeclaration, kind: KindName): Replacement {
  if (type.kindName !== undefined) return { span: type.kindName.span, text: kind };
  return type.shape.length === 0 ? { span: type.span, text: kind } : { span: { ...type.span, end: type.span.start }, text: kind };
}
