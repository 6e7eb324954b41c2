/** What names mean where an expression is taken from, and where it is put. */
import { libraryFunction } from '../../../compiler/words/callables.ts';
import type { Span } from '../../../diagnostics/diagnostic.ts';
import { reservedWords } from '../../../grammar/tokens.ts';
import type { Expression } from '../../../grammar/ast.ts';
import type { DeclaredName, UsedName } from '../../../grammar/names.ts';
import type { Analysis } from '../../analysis.ts';
import { holds, isSame } from './tree.ts';

/** The first of the names in use, which are in the order of the text, that begins at an offset or behind it. */
function firstFrom(used: readonly UsedName[], offset: number): number {
  let [low, high] = [0, used.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((used[middle]?.span.start ?? Infinity) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The names that are used in a place, but for those of arguments. */
export function usesIn({ names }: Analysis, span: Span): readonly UsedName[] {
  const { used } = names();
  return used
    .slice(firstFrom(used, span.start), firstFrom(used, span.end))
    .filter((use) => use.as !== 'argument' && use.span.end <= span.end);
}

/** What the name at a place belongs to, where the page declares it. */
export const meantBy = (analysis: Analysis, span: Span): DeclaredName | undefined =>
  usesIn(analysis, span).find((use) => isSame(use.span, span))?.of;

/** Those of them that it does not declare itself. */
export const freeIn = (analysis: Analysis, span: Span): readonly UsedName[] =>
  usesIn(analysis, span).filter(({ of }) => of === undefined || !holds(span, of.span));

/** What a name would mean at an offset. */
export function meantAt({ names }: Analysis, name: string, offset: number): DeclaredName | undefined {
  const sizeOf = ({ scope }: DeclaredName): number => scope.end - scope.start;
  return names()
    .declared.filter((declared) => declared.name === name && declared.kind !== 'problem' && declared.kind !== 'report')
    .filter(({ scope }) => scope.start <= offset && offset <= scope.end)
    .reduce<DeclaredName | undefined>((near, each) => (near === undefined || sizeOf(each) < sizeOf(near) ? each : near), undefined);
}

/** Whether an expression would mean at an offset what it means where it stands. */
export const meansTheSameAt = (analysis: Analysis, span: Span, offset: number): boolean =>
  freeIn(analysis, span).every(({ name, of }) => meantAt(analysis, name, offset) === of);

/** The step of a recipe has a meaning in a few places only. */
export const speaksOfStep = (analysis: Analysis, span: Span): boolean =>
  usesIn(analysis, span).some(({ name, of }) => name === 'step' && of === undefined);

/** Whether two names, at their places, are one; those that an expression declares itself are compared by their names alone. */
export function areOneIn(analysis: Analysis, a: Span, b: Span): (x: Span, y: Span) => boolean {
  return (x, y) => {
    const [first, second] = [meantBy(analysis, x), meantBy(analysis, y)];
    return first === second || (first !== undefined && second !== undefined && holds(a, first.span) && holds(b, second.span));
  };
}

/** A name that a page does not have yet, made of words that say what it is. */
export function freshName({ names }: Analysis, wanted: string): string {
  const { declared, used } = names();
  const taken = new Set([...declared, ...used].map(({ name }) => name));
  const isTaken = (name: string): boolean => taken.has(name) || reservedWords.includes(name) || libraryFunction(name).length > 0;
  let name = wanted;
  for (let i = 2; isTaken(name); i += 1) name = `${wanted}${i}`;
  return name;
}

const wordOf = {
  '^': 'power',
  '*': 'product',
  '@': 'product',
  '/': 'ratio',
  '+': 'total',
  '-': 'difference',
  and: 'both',
  or: 'either',
} as const;

/** What to call the value of an expression. */
export function proposedName(expression: Expression): string {
  switch (expression.kind) {
    case 'call': {
      const [first] = expression.positional;
      const of = first === undefined ? undefined : subjectOf(first);
      return of === undefined ? `${expression.callee.name}_value` : `${expression.callee.name}_${of}`;
    }
    case 'index':
    case 'transposed':
      return subjectOf(expression) ?? 'part';
    case 'binary': {
      const { operator } = expression;
      return operator in wordOf ? wordOf[operator as keyof typeof wordOf] : 'condition';
    }
    case 'if':
      return 'chosen';
    case 'array':
    case 'comprehension':
      return 'items';
    case 'scan':
      return 'states';
    case 'number':
      return 'constant';
    default:
      return 'value';
  }
}

/** What it is about, where that is one name. */
function subjectOf(expression: Expression): string | undefined {
  if (expression.kind === 'name') return expression.name;
  if (expression.kind === 'transposed') return subjectOf(expression.operand);
  if (expression.kind !== 'index') return undefined;
  const [target, [index]] = [subjectOf(expression.target), expression.indices];
  return target === undefined || index?.kind !== 'name' ? target : `${target}_${index.name}`;
}

/** What is used in a place, and by what is used there, and so on. */
export function reachedFrom(analysis: Analysis, span: Span): ReadonlySet<DeclaredName> {
  const reached = new Set<DeclaredName>();
  const follow = (place: Span): void => {
    for (const { of } of usesIn(analysis, place)) {
      if (of === undefined || reached.has(of)) continue;
      reached.add(of);
      if (of.kind === 'let' || of.kind === 'fn') follow(of.node.span);
    }
  };
  follow(span);
  return reached;
}
