/** Evaluates the plan's arithmetic. Pure; a name without a value is an answer (`undefined`), not an error. */
import type { Expr } from './types.ts';

export type Environment = Readonly<Record<string, number>>;

export function evaluate(expr: Expr, environment: Environment): number | undefined {
  if (typeof expr === 'number') return expr;
  // A name may be one that objects have, such as `constructor`.
  if (typeof expr === 'string') return Object.hasOwn(environment, expr) ? environment[expr] : undefined;
  const values: number[] = [];
  for (const arg of expr.args) {
    const value = evaluate(arg, environment);
    if (value === undefined) return undefined;
    values.push(value);
  }
  const [a = Number.NaN, b = Number.NaN] = values;
  switch (expr.op) {
    case 'add':
      return values.reduce((x, y) => x + y, 0);
    case 'mul':
      return values.reduce((x, y) => x * y, 1);
    case 'max':
      return Math.max(...values);
    case 'min':
      return Math.min(...values);
    case 'div':
      return a / b;
    case 'pow':
      return a ** b;
    case 'sqrt':
      return Math.sqrt(a);
    case 'log':
      return Math.log(a);
  }
}

/** The names that an expression needs. */
export function namesIn(expr: Expr): readonly string[] {
  if (typeof expr === 'number') return [];
  if (typeof expr === 'string') return [expr];
  return [...new Set(expr.args.flatMap((arg) => namesIn(arg)))];
}

/** `2*n*d + 1`, for people. */
export function printExpr(expr: Expr): string {
  if (typeof expr !== 'object') return String(expr);
  const args = expr.args.map((a) => (typeof a === 'object' && a.op === 'add' ? `(${printExpr(a)})` : printExpr(a)));
  switch (expr.op) {
    case 'add':
      return args.join(' + ').replaceAll(' + -', ' - ');
    case 'mul':
      return args.join('*');
    case 'div':
      return args.join(' / ');
    case 'pow':
      return args.join('^');
    default:
      return `${expr.op}(${args.join(', ')})`;
  }
}
