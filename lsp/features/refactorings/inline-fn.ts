/** A call gives way to what its function does with the arguments: one call, or all and then the function is gone. */
import { CodeActionKind } from 'vscode-languageserver-protocol';
import type { Span } from '../../../diagnostics/diagnostic.ts';
import { edited } from '../../../diagnostics/fix.ts';
import type { CallExpression, FnDeclaration } from '../../../grammar/ast.ts';
import { nameAt, placesOf, typeAt, type Analysis } from '../../analysis.ts';
import type { Rewrite, Rewriter } from '../code-actions.ts';
import { removal } from './removing.ts';
import { freeIn, meantAt, usesIn } from './scopes.ts';
import { withoutParentheses } from './selected.ts';
import { expressionsIn, holds, isSame, statementAround } from './tree.ts';
import { asExpression, inParentheses, replacement, settled, textOf, type Replacement } from './writing.ts';

export const inlineFn: Rewriter = (analysis, at) => {
  const named = nameAt(analysis, at.start);
  const declared = named?.declared;
  if (named === undefined || declared?.kind !== 'fn') return [];
  const page = analysis.parsed().value;
  const uses = placesOf(analysis, declared).slice(1);
  const rewrite = (title: string, edits: readonly Replacement[]): Rewrite => ({
    title,
    kind: CodeActionKind.RefactorInline,
    edits: settled(page, edits),
  });
  const inlined = (use: Span): readonly Replacement[] => {
    const call = callAt(analysis, use);
    const text = call && bodyFor(analysis, declared.node, call);
    return call === undefined || text === undefined ? [] : [replacement(call.span, asExpression(text))];
  };
  const all = uses.flatMap(inlined);
  const isNested = all.some((a) => all.some((b) => a !== b && holds(a.span, b.span)));
  const here = uses.some((use) => isSame(use, named.span)) ? inlined(named.span) : [];
  // Another page may import what stands outside of problems.
  const isOwn = statementAround(page, declared.node.span)?.problem !== undefined;
  const isWhole = all.length > 0 && all.length === uses.length && !isNested;
  const title = uses.length === 1 ? `Inline \`${declared.name}\`` : `Inline \`${declared.name}\` at all ${uses.length} places`;
  return [
    ...(isWhole && (isOwn || uses.length > 1) ? [rewrite(title, [...all, ...(isOwn ? [removal(analysis, declared.node.span)] : [])])] : []),
    ...(here.length === 0 || (isWhole && isOwn && uses.length === 1) ? [] : [rewrite(`Inline \`${declared.name}\` here`, here)]),
  ];
};

function callAt(analysis: Analysis, use: Span): CallExpression | undefined {
  const statement = statementAround(analysis.parsed().value, use);
  return (
    statement && expressionsIn(statement).find((each): each is CallExpression => each.kind === 'call' && isSame(each.callee.span, use))
  );
}

/** What a call stands for; nothing where that cannot be said at its place. */
function bodyFor(analysis: Analysis, fn: FnDeclaration, call: CallExpression): string | undefined {
  const page = analysis.parsed().value;
  const [result] = fn.body.results;
  if (result === undefined || holds(fn.span, call.span)) return undefined;
  const texts = argumentTexts(analysis, fn, call);
  if (texts === undefined || !isSeenFrom(analysis, fn, call)) return undefined;
  for (const { names, value } of fn.body.lets) {
    const [name] = names;
    const uses = name === undefined ? [] : analysis.names().used.filter(({ of }) => of?.span.start === name.span.start);
    // What is computed once is written once.
    if (name === undefined || names.length > 1 || (uses.length > 1 && value.kind !== 'name' && value.kind !== 'number')) return undefined;
    texts.set(name.span.start, written(analysis, value.span, texts));
  }
  return written(analysis, withoutParentheses(page.text, result.span), texts);
}

/** A stretch of the function with what its parameters and `let`s stand for, by where these are declared. */
function written(analysis: Analysis, span: Span, texts: ReadonlyMap<number, string>): string {
  const edits = usesIn(analysis, span).flatMap((use) => {
    const text = use.of && texts.get(use.of.span.start);
    return text === undefined ? [] : [{ span: use.span, text: inParentheses(text) }];
  });
  return edited(textOf(analysis.parsed().value, span), edits, span.start);
}

/** Of each parameter what it is in a call; nothing where one is missing, or would be taken otherwise in the body than by the function. */
function argumentTexts(analysis: Analysis, fn: FnDeclaration, call: CallExpression): Map<number, string> | undefined {
  const page = analysis.parsed().value;
  const texts = new Map<number, string>();
  for (const [i, { name, init }] of fn.parameters.entries()) {
    const given = call.positional[i] ?? call.named.find((argument) => argument.name.name === name.name)?.value;
    if (given !== undefined && typeAt(analysis, given.span)?.dtype !== 'bool')
      texts.set(name.span.start, textOf(page, withoutParentheses(page.text, given.span)));
    else if (given === undefined && init !== undefined)
      texts.set(name.span.start, written(analysis, withoutParentheses(page.text, init.span), texts));
    else return undefined;
  }
  return texts;
}

/** Names of the body mean the same at the call, dims that the function solves are not spoken of, and nothing in the body hides a name of the arguments. */
function isSeenFrom(analysis: Analysis, fn: FnDeclaration, call: CallExpression): boolean {
  const { declared } = analysis.names();
  const inits = fn.parameters.flatMap(({ init }) => (init === undefined ? [] : [init.span]));
  const free = [fn.body.span, ...inits]
    .flatMap((span) => freeIn(analysis, span))
    .filter(({ of }) => of?.kind !== 'parameter' || of.fn !== fn);
  const hiding = new Set(declared.filter(({ span }) => holds(fn.body.span, span)).map(({ name }) => name));
  return (
    free.every(({ name, of }) => of?.kind !== 'own-dim' && of?.kind !== 'rest' && meantAt(analysis, name, call.span.start) === of) &&
    usesIn(analysis, call.span).every(({ name, span }) => isSame(span, call.callee.span) || !hiding.has(name))
  );
}
