/** Offers the forms of `forms.ts` for the innermost expression at a place that one of them fits. */
import { CodeActionKind } from 'vscode-languageserver-protocol';
import type { Span } from '../../../diagnostics/diagnostic.ts';
import type { CallExpression, Expression, Page } from '../../../grammar/ast.ts';
import { parse } from '../../../grammar/parse.ts';
import { typeAt, type Analysis } from '../../analysis.ts';
import type { Rewriter } from '../code-actions.ts';
import { forms, type Form } from './forms.ts';
import { areOneIn, meantBy } from './scopes.ts';
import { withoutParentheses } from './selected.ts';
import { headOf, isAlike, isSame, partsOf, pathTo, statementAround, statementsOf, valuesOf } from './tree.ts';
import { asExpression, inParentheses, replacement, settled, textOf } from './writing.ts';

export const rewriteForm: Rewriter = (analysis, at) => {
  const page = analysis.parsed().value;
  const statement = statementAround(page, at);
  if (statement === undefined) return [];
  const found = [...pathTo(statement, at)].reverse().flatMap((expression) => {
    for (const { form, pattern } of patterns.get(keyOf(expression)) ?? []) {
      const bound = match(analysis, pattern, expression, new Map());
      if (bound === undefined || !isMeant(page.text, at, expression, bound) || !fits(analysis, form, bound)) continue;
      const text = asExpression(written(page, form, bound));
      const title = `Write \`${text.length > LONGEST ? form.to : text}\`${form.why === undefined ? '' : `, ${form.why}`}`;
      const edits = settled(page, [replacement(expression.span, text)]);
      return [{ form, rewrite: { title, kind: CodeActionKind.RefactorRewrite, edits } }];
    }
    return [];
  });
  const isBetter = ({ form }: (typeof found)[number]): boolean => form.why !== undefined;
  return [...found.filter(isBetter), ...found.filter((each) => !isBetter(each))].map(({ rewrite }) => rewrite);
};

/** In characters, in a title. */
const LONGEST = 40;

type Bound = ReadonlyMap<string, Expression>;

/** By what stands outermost, so that an editor that asks at each move of the cursor waits for few of them. */
const patterns: ReadonlyMap<string, readonly { readonly form: Form; readonly pattern: Expression }[]> = (() => {
  const { value } = parse(`problem p { ${forms.map(({ from }) => `let x = ${from}`).join('\n')} }`, '');
  const all = statementsOf(value).flatMap(valuesOf);
  const found = new Map<string, { form: Form; pattern: Expression }[]>();
  for (const [i, form] of forms.entries()) {
    const pattern = all[i];
    if (pattern !== undefined) found.set(keyOf(pattern), [...(found.get(keyOf(pattern)) ?? []), { form, pattern }]);
  }
  return found;
})();

function keyOf(expression: Expression): string {
  if (expression.kind === 'call') return `call ${expression.callee.name}`;
  return 'operator' in expression ? `${expression.kind} ${expression.operator}` : expression.kind;
}

/** What the letters of a pattern stand for, where an expression is of its form; functions are the library's. */
function match(analysis: Analysis, pattern: Expression, expression: Expression, bound: Bound): Bound | undefined {
  if (pattern.kind === 'name') {
    const known = bound.get(pattern.name);
    if (known === undefined) return new Map([...bound, [pattern.name, expression]]);
    return isAlike(known, expression, areOneIn(analysis, known.span, expression.span)) ? bound : undefined;
  }
  if (pattern.kind === 'number') return expression.kind === 'number' && expression.value === pattern.value ? bound : undefined;
  if (keyOf(pattern) !== keyOf(expression) || (expression.kind === 'call' && !isLibrarys(analysis, expression))) return undefined;
  if (pattern.kind === 'comprehension' && expression.kind === 'comprehension') {
    const inside = expression.over.kind === 'range' ? undefined : match(analysis, pattern.body, expression.body, bound);
    const variable = inside?.get(pattern.variable.name);
    const isVariable = variable?.kind === 'name' && variable.name === expression.variable.name;
    return inside && isVariable ? all(analysis, partsOf(pattern).slice(1), partsOf(expression).slice(1), inside) : undefined;
  }
  if (headOf(pattern) !== headOf(expression)) return undefined;
  const [wanted, parts] = [partsOf(pattern), partsOf(expression)];
  const isEitherWay = pattern.kind === 'binary' && (pattern.operator === '+' || pattern.operator === '*');
  return all(analysis, wanted, parts, bound) ?? (isEitherWay ? all(analysis, wanted, [...parts].reverse(), bound) : undefined);
}

function all(analysis: Analysis, wanted: readonly Expression[], parts: readonly Expression[], bound: Bound): Bound | undefined {
  if (wanted.length !== parts.length) return undefined;
  return wanted.reduce<Bound | undefined>((found, pattern, i) => {
    const part = parts[i];
    return found && part && match(analysis, pattern, part, found);
  }, bound);
}

const isLibrarys = (analysis: Analysis, { callee }: CallExpression): boolean => meantBy(analysis, callee.span) === undefined;

/** The cursor is at a word or sign of the form, and not inside what it is about; a selection is all of it. */
function isMeant(text: string, at: Span, { span }: Expression, bound: Bound): boolean {
  if (at.start < at.end) return isSame(at, span) || isSame(at, withoutParentheses(text, span));
  return [...bound.values()].every((part) => at.start <= part.span.start || part.span.end <= at.start);
}

function fits(analysis: Analysis, { where = {} }: Form, bound: Bound): boolean {
  const shapeOf = (letter: string): string | undefined => {
    const part = bound.get(letter);
    const type = part && typeAt(analysis, part.span);
    return type?.shape.map(({ key }) => key).join();
  };
  const rankOf = (letter: string): number | undefined => {
    const part = bound.get(letter);
    return part && typeAt(analysis, part.span)?.shape.length;
  };
  const [first, ...others] = (where.alike ?? []).map(shapeOf);
  const areAlike = where.alike === undefined || (first !== undefined && others.every((other) => other === first));
  return areAlike && Object.entries(where.rank ?? {}).every(([letter, rank]) => rankOf(letter) === rank);
}

/** The other form, with what the letters stand for. */
function written(page: Page, { to }: Form, bound: Bound): string {
  return to.replaceAll(/\b\p{L}\b/gu, (letter) => {
    const part = bound.get(letter);
    return part === undefined ? letter : inParentheses(textOf(page, withoutParentheses(page.text, part.span)));
  });
}
