/** Costs for people: a number where all sizes are known, else the leading terms in those that are not. */
import { evaluate, printExpr, type Environment } from '../plan/evaluate.ts';
import type { Expr } from '../plan/types.ts';
import { quantity } from '../library/figures.ts';

/** Powers of names, as `T T d`, with their coefficient. */
type Polynomial = ReadonlyMap<string, number>;

const leading = 2;

/** `1.2 kflop`, or `5.3 k·T² + 210·T + … flop`. */
export function costText(cost: Expr, sizes: Environment, unit: string): string {
  const value = evaluate(cost, sizes);
  if (value !== undefined) return quantity(value, unit);
  const polynomial = polynomialOf(cost, sizes);
  if (polynomial === undefined) return printExpr(cost);
  const terms = [...polynomial]
    .filter(([, coefficient]) => coefficient !== 0)
    .sort((a, b) => degreeOf(b[0]) - degreeOf(a[0]) || b[1] - a[1]);
  const shown = terms.slice(0, leading).map(([names, coefficient]) => termText(names, coefficient));
  return `${shown.join(' + ')}${terms.length > leading ? ' + …' : ''} ${unit}`;
}

/** The sizes that a cost still waits for. */
export function unknownIn(cost: Expr, sizes: Environment): readonly string[] {
  const polynomial = polynomialOf(cost, sizes);
  return polynomial === undefined ? [] : [...new Set([...polynomial.keys()].flatMap(namesOf))].sort();
}

const namesOf = (monomial: string): readonly string[] => (monomial === '' ? [] : monomial.split(' '));
const degreeOf = (monomial: string): number => namesOf(monomial).length;

/** The known sizes put in and multiplied out; undefined where it is no polynomial in the rest. */
function polynomialOf(cost: Expr, sizes: Environment): Polynomial | undefined {
  const value = evaluate(cost, sizes);
  if (value !== undefined) return new Map([['', value]]);
  if (typeof cost !== 'object') return new Map([[String(cost), 1]]);
  if (cost.op !== 'add' && cost.op !== 'mul') return undefined;
  let result: Polynomial | undefined;
  for (const argument of cost.args) {
    const next = polynomialOf(argument, sizes);
    if (next === undefined) return undefined;
    result = result === undefined ? next : cost.op === 'add' ? sum(result, next) : product(result, next);
  }
  return result;
}

function sum(a: Polynomial, b: Polynomial): Polynomial {
  const result = new Map(a);
  for (const [names, coefficient] of b) result.set(names, (result.get(names) ?? 0) + coefficient);
  return result;
}

function product(a: Polynomial, b: Polynomial): Polynomial {
  const result = new Map<string, number>();
  for (const [left, x] of a) {
    for (const [right, y] of b) {
      const names = [...namesOf(left), ...namesOf(right)].sort().join(' ');
      result.set(names, (result.get(names) ?? 0) + x * y);
    }
  }
  return result;
}

const superscripts = ['', '', '²', '³'];

function termText(monomial: string, coefficient: number): string {
  const powers = new Map<string, number>();
  for (const name of namesOf(monomial)) powers.set(name, (powers.get(name) ?? 0) + 1);
  const factors = [...powers].map(([name, power]) => `${name}${superscripts[power] ?? `^${power}`}`);
  const number = quantity(coefficient, '').trim();
  return [...(number === '1' && factors.length > 0 ? [] : [number]), ...factors].join('·');
}
