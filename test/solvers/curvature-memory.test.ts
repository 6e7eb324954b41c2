/** What quasi-Newton steps remember, against the two-loop recursion over the pairs themselves. */
import { describe, expect, it } from 'vitest';
import { Builder } from '../../compiler/ir/builder.ts';
import { number } from '../../compiler/ir/dims.ts';
import type { Tensor, Value } from '../../compiler/ir/graph.ts';
import { emptyMemory, remember, timesInverse, type Memory } from '../../compiler/solvers/curvature-memory.ts';
import { evaluate, numbers, randomNumbers, scalar, vector } from '../helpers/evaluate.ts';

type Vector = readonly number[];
interface Pair {
  readonly s: Vector;
  readonly y: Vector;
  readonly learns: boolean;
}

const dot = (a: Vector, b: Vector): number => a.reduce((total, x, i) => total + x * (b[i] ?? NaN), 0);
const plus = (a: Vector, t: number, b: Vector): Vector => a.map((x, i) => x + t * (b[i] ?? NaN));

/** Nocedal & Wright (2006), algorithm 7.4; pairs oldest first. */
function twoLoops(pairs: readonly Pair[], g: Vector): Vector {
  const newest = pairs.at(-1);
  let q = g;
  const alphas = new Map<Pair, number>();
  for (const pair of [...pairs].reverse()) {
    const alpha = dot(pair.s, q) / dot(pair.s, pair.y);
    alphas.set(pair, alpha);
    q = plus(q, -alpha, pair.y);
  }
  let r = newest === undefined ? q : q.map((x) => (x * dot(newest.s, newest.y)) / dot(newest.y, newest.y));
  for (const pair of pairs) r = plus(r, (alphas.get(pair) ?? NaN) - dot(pair.y, r) / dot(pair.s, pair.y), pair.s);
  return r;
}

/** B g by the memory after these pairs, `size` of them being kept. */
function byProducts(size: number, pairs: readonly Pair[], g: Vector): Vector {
  const b = new Builder();
  const inputs = new Map<Value, Tensor>();
  const given = (name: string, values: Vector): Value => {
    const value = b.input(name, 'state', { dtype: 'real', shape: [number(g.length)] });
    inputs.set(value, vector(...values));
    return value;
  };
  // The flag is an input, so that nothing is known of it when the graph is made.
  const flag = (learns: boolean): Value => {
    const value = b.input('learns', 'state');
    inputs.set(value, scalar(learns ? 1 : 0));
    return b.less(b.constant(0.5), value);
  };
  const memory = pairs.reduce<Memory>(
    (known, { s, y, learns }) => {
      const step = given('s', s);
      const change = given('y', y);
      return remember(b, known, { step, change, sy: b.inner(step, change), yy: b.inner(change, change) }, flag(learns));
    },
    emptyMemory(b, size, number(g.length)),
  );
  const [result] = evaluate(b, [timesInverse(b, memory, (v) => v, given('g', g))], inputs);
  return numbers(result);
}

const d = 7;
const random = randomNumbers(20);
const vectorOf = (size = 1): Vector => Array.from({ length: d }, () => size * random());
/** With sᵀy > 0, of one convex problem or of another each, in units from 1e-3 to 1e3. */
function pairOf(learns = true): Pair {
  const s = vectorOf(10 ** (3 * random()));
  const y = vectorOf(10 ** (3 * random()));
  return { s, y: dot(s, y) > 0 ? y : y.map((x) => -x), learns };
}

it('forgets what was before a pair with which it would not be finite', () => {
  const pair = (s: Vector, y: Vector): Pair => ({ s, y, learns: true });
  const before = [pair([1, 0, 0], [1, 0, 0]), pair([0, 1, 0], [1e160, 1, 0])];
  const last = pair([0, 0, 1], [0, 1e150, 1]);
  const g = [1, 2, 3];
  const expected = twoLoops([last], g);
  const found = byProducts(4, [...before, last], g);
  expect(Math.hypot(...plus(found, -1, expected)) / Math.hypot(...expected)).toBeLessThanOrEqual(1e-12);
});

describe.each([
  { size: 1, of: 'one' },
  { size: 4, of: 'a few' },
  { size: 10, of: 'more than there are params' },
])('a memory of $of', ({ size }) => {
  it.each([0, 1, size - 1, size, size + 1, 2 * size + 3])('is the two-loop recursion after %i pairs', (count) => {
    const pairs = Array.from({ length: count }, () => pairOf());
    const g = vectorOf();
    const expected = twoLoops(pairs.slice(-size), g);
    const found = byProducts(size, pairs, g);
    const error = Math.hypot(...plus(found, -1, expected)) / Math.hypot(...expected);
    expect(error).toBeLessThanOrEqual(1e-12);
  });
  it('keeps what it knows where a pair is not to be learnt, whatever that is', () => {
    const kept = Array.from({ length: size + 2 }, () => pairOf());
    const useless: Pair = { s: vectorOf().map(() => 0), y: vectorOf().map(() => NaN), learns: false };
    const g = vectorOf();
    expect(
      byProducts(
        size,
        kept.flatMap((pair) => [useless, pair, useless]),
        g,
      ),
    ).toEqual(byProducts(size, kept, g));
  });
});
