/** Owns how tightly each operator binds: one table for the builder, which folds by it, and the printer, which puts parentheses by it. */
import type { BinaryOperator, Expression } from './ast.ts';

interface Level {
  /** How tightly it binds: an operator is taken where this is at least the minimum of the place. */
  readonly left: number;
  /** The minimum of the place on its right. */
  readonly right: number;
}

const level = (left: number, right = left + 1): Level => ({ left, right });

/** From the loosest: `if` 0, `or` 1, `and` 2, `not` 3, comparisons 4, `+ -` 5, `* / @` 6, signs 7, `^` 8, suffixes 9. */
export const binding = {
  or: level(1),
  and: level(2),
  not: 3,
  '<': level(4),
  '<=': level(4),
  '>': level(4),
  '>=': level(4),
  '==': level(4),
  '!=': level(4),
  '+': level(5),
  '-': level(5),
  '*': level(6),
  '/': level(6),
  '@': level(6),
  sign: 7,
  /** Right-associative, and its right side may carry a sign. */
  '^': level(8, 7),
  suffix: 9,
} as const satisfies Record<BinaryOperator, Level> & Record<'not' | 'sign' | 'suffix', number>;

export const isComparison = (operator: BinaryOperator): boolean => binding[operator].left === 4;

/** How tightly the outermost operator of an expression binds. */
export function tightness(expression: Expression): number {
  switch (expression.kind) {
    case 'if':
      return 0;
    case 'binary':
      return binding[expression.operator].left;
    case 'unary':
      return expression.operator === 'not' ? binding.not : binding.sign;
    default:
      return binding.suffix;
  }
}

/** A name, a number, a call or a position of one, or anything in brackets: a sign beside it takes nothing out of it. */
export const isSimple = (text: string): boolean => /^(?:[\p{L}\w.]+|[\p{L}\w]*\([^()]*\)|[\p{L}\w]*\[[^[\]]*\])$/u.test(text);
