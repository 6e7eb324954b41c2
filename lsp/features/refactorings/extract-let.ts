/** A selected expression gets a name: a `let` before its statement, or in the innermost block around it. */
import { CodeActionKind } from 'vscode-languageserver-protocol';
import type { Span } from '../../../diagnostics/diagnostic.ts';
import type { Block, Expression } from '../../../grammar/ast.ts';
import { headStart } from '../../../grammar/removal.ts';
import { typeAt, type Analysis } from '../../analysis.ts';
import type { Rewrite, Rewriter } from '../code-actions.ts';
import { areOneIn, freeIn, freshName, proposedName, speaksOfStep } from './scopes.ts';
import { selected, type Selected } from './selected.ts';
import {
  blocksAround,
  expressionsIn,
  holds,
  isAlike,
  isEvaluated,
  isSame,
  statementsOf,
  valuesOf,
  within,
  type Statement,
} from './tree.ts';
import { before, indentAt, replacement, settled, textOf, type Replacement } from './writing.ts';

export const extractLet: Rewriter = (analysis, at) => {
  const found = selected(analysis, at);
  if (found === undefined || speaksOfStep(analysis, found.span)) return [];
  const home = homeOf(found);
  if (home === undefined || !canMoveTo(analysis, found, home)) return [];
  const all = occurrences(analysis, found, home);
  const rewrite = (title: string, places: readonly Span[]): Rewrite => ({
    title,
    kind: CodeActionKind.RefactorExtract,
    edits: settled(analysis.parsed().value, named(analysis, found, home, places)),
  });
  return [
    ...(gainsNothing(found, home) ? [] : [rewrite('Extract to a `let`', [found.span])]),
    ...(all.length > 1 ? [rewrite(`Extract all ${all.length} to a \`let\``, all)] : []),
  ];
};

/** Where the `let` is to stand: in a block, or before a statement of the problem. */
type Home = { readonly block: Block } | { readonly block?: undefined; readonly statement: Statement };

function homeOf({ statement, path, span }: Selected): Home | undefined {
  const block = blocksAround(statement, path, span).at(-1);
  if (block !== undefined) return { block };
  return statement.problem === undefined ? undefined : { statement };
}

/** Nothing that it speaks of is bound between there and here. */
function canMoveTo(analysis: Analysis, { span }: Selected, home: Home): boolean {
  const bound = freeIn(analysis, span).flatMap(({ of }) => of ?? []);
  return bound.every((of) => {
    if (home.block === undefined) return of.kind !== 'loop-variable' && of.kind !== 'state';
    return (
      (holds(of.scope, home.block.span) && !isSame(of.scope, home.block.span)) || (of.kind === 'let' && home.block.lets.includes(of.node))
    );
  });
}

/** It would only say again what its `let`, its function or its block says. */
function gainsNothing({ expression, statement }: Selected, home: Home): boolean {
  const values = home.block === undefined ? valuesOf(statement) : [...home.block.lets.map(({ value }) => value), ...home.block.results];
  return values.includes(expression) && (home.block !== undefined || statement.node.kind === 'let');
}

/** Where else the same stands, and can be named by the same `let`. */
function occurrences(analysis: Analysis, { expression, statement }: Selected, home: Home): readonly Span[] {
  const page = analysis.parsed().value;
  const near = statementsOf(page).filter((each) => each.problem === statement.problem && each.problem !== undefined);
  const candidates: readonly Expression[] =
    home.block === undefined
      ? near.filter(({ node }) => isEvaluated(node.kind)).flatMap(expressionsIn)
      : [...home.block.lets.map(({ value }) => value), ...home.block.results].flatMap(within);
  return candidates
    .filter((each) => each.kind === expression.kind && isAlike(expression, each, areOneIn(analysis, expression.span, each.span)))
    .filter(({ span }) => typeAt(analysis, span) !== undefined)
    .map(({ span }) => span);
}

function named(analysis: Analysis, { expression, span, content }: Selected, home: Home, places: readonly Span[]): readonly Replacement[] {
  const page = analysis.parsed().value;
  const name = freshName(analysis, proposedName(expression));
  const written = `let ${name} = ${textOf(page, content)}`;
  const replaced = places.map((place) => replacement(place, name));
  const first = places.reduce((least, place) => (place.start < least.start ? place : least), span);
  if (home.block !== undefined) return [...replaced, ...intoBlock(analysis, home.block, first, written)];
  const statement = statementsOf(page).find(({ node }) => holds(node.span, first)) ?? home.statement;
  return [before(page, statement, written), ...replaced];
}

/** A `let` before the one that holds a place, or before the result; where there was none, the block gets its `return`. */
function intoBlock(analysis: Analysis, { lets, results, span }: Block, place: Span, written: string): readonly Replacement[] {
  const page = analysis.parsed().value;
  const insert = (offset: number, text: string): Replacement => ({ span: { ...span, start: offset, end: offset }, text });
  const next = lets.find((inner) => holds(inner.span, place));
  if (next !== undefined) {
    const start = headStart(page.text, next.span);
    return [insert(start, `${written}\n${indentAt(page.text, start)}`)];
  }
  const isBare = results[0] !== undefined && results[0].span.start === span.start && results[0].span.end === span.end;
  if (isBare) return [insert(span.start, `{ ${written}\nreturn `), insert(span.end, ' }')];
  const after = lets.at(-1)?.span.end ?? span.start + 1;
  const word = analysis.words().find((each) => each.span.start >= after && each.class !== 'comment');
  const start = word?.span.start ?? span.end;
  return [
    insert(
      start,
      word?.text === 'return' && word.class === 'keyword' ? `${written}\n${indentAt(page.text, start)}` : `${written}\nreturn `,
    ),
  ];
}
