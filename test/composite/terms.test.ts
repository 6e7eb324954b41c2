/** Each term by what defines it: its proximal map is the least of all competitors, its projection is one, its derivative that of differences. */
import { describe, expect, it } from 'vitest';
import { about, groups, separable, simplex, unrestricted, type Term } from '../../compiler/composite/terms.ts';
import { Builder } from '../../compiler/ir/builder.ts';
import { number as dim } from '../../compiler/ir/dims.ts';
import type { Tensor, Value } from '../../compiler/ir/graph.ts';
import { directional } from '../../compiler/transform/jvp.ts';
import { evaluate, matrix, numbers, randomNumbers } from '../helpers/evaluate.ts';

type Rows = readonly (readonly number[])[];

interface Row {
  readonly name: string;
  readonly make: (b: Builder, full: (value: number) => Value) => Term;
  /** The penalty, and Infinity outside of the set. */
  readonly g: (rows: Rows) => number;
}

const flat = (rows: Rows): readonly number[] => rows.flat();
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const size = (row: readonly number[]): number => Math.hypot(...row);
const within = (low: number, high: number, rows: Rows): number => (flat(rows).every((x) => x >= low && x <= high) ? 0 : Infinity);

const terms: readonly Row[] = [
  { name: 'nothing', make: (b) => unrestricted(b), g: () => 0 },
  {
    name: 'l1 about 0.2',
    make: (b, full) => separable(b, { penalty: { weight: full(0.5), centre: full(0.2) } }),
    g: (rows) => sum(flat(rows).map((x) => 0.5 * Math.abs(x - 0.2))),
  },
  { name: 'nonnegative', make: (b) => separable(b, { low: b.constant(0) }), g: (rows) => within(0, Infinity, rows) },
  {
    name: 'l1 in a box',
    make: (b, full) => separable(b, { penalty: { weight: full(0.3), centre: full(0) }, low: b.constant(-0.1), high: b.constant(0.4) }),
    g: (rows) => sum(flat(rows).map((x) => 0.3 * Math.abs(x))) + within(-0.1, 0.4, rows),
  },
  {
    name: 'norms of rows',
    make: (b) => groups(b, b.full([dim(2)], 0.6), [1]),
    g: (rows) => 0.6 * sum(rows.map(size)),
  },
  {
    name: 'sparse groups',
    make: (b, full) =>
      groups(b, b.full([dim(2)], 0.5), [1], separable(b, { penalty: { weight: full(0.3), centre: full(0) }, low: b.constant(0) })),
    g: (rows) => 0.5 * sum(rows.map(size)) + sum(flat(rows).map((x) => 0.3 * Math.abs(x))) + within(0, Infinity, rows),
  },
  {
    name: 'sparse groups about 0.3',
    make: (b, full) =>
      about(b, full(0.3), groups(b, b.full([dim(2)], 0.4), [1], separable(b, { penalty: { weight: full(0.2), centre: full(0) } }))),
    g: (rows) => {
      const moved = rows.map((row) => row.map((x) => x - 0.3));
      return 0.4 * sum(moved.map(size)) + sum(flat(moved).map((x) => 0.2 * Math.abs(x)));
    },
  },
  {
    name: 'groups in groups',
    make: (b, full) =>
      groups(
        b,
        b.constant(0.2),
        [0, 1],
        groups(b, b.full([dim(2)], 0.3), [1], separable(b, { penalty: { weight: full(0.2), centre: full(0) } })),
      ),
    g: (rows) => 0.2 * size(flat(rows)) + 0.3 * sum(rows.map(size)) + sum(flat(rows).map((x) => 0.2 * Math.abs(x))),
  },
  { name: 'one norm', make: (b) => groups(b, b.constant(0.4), [0, 1]), g: (rows) => 0.4 * size(flat(rows)) },
  {
    name: 'the simplex',
    make: (b) => simplex(b),
    g: (rows) => (flat(rows).every((x) => x >= 0) && rows.every((row) => Math.abs(sum(row) - 1) < 1e-9) ? 0 : Infinity),
  },
];

const rowsOf = (values: readonly number[]): Rows => [values.slice(0, 3), values.slice(3)];

/** A term on a 2 × 3 param, as functions of numbers. */
function bench({ make }: Row) {
  const b = new Builder();
  const shape = [dim(2), dim(3)];
  const [u, x, v] = ['u', 'x', 'v'].map((name) => b.input(name, 'state', { dtype: 'real', shape }));
  const step = b.input('step', 'state');
  if (u === undefined || x === undefined || v === undefined) throw new Error('no inputs');
  const term = make(b, (value) => b.full(shape, value));
  const run = (output: Value, inputs: readonly (readonly [Value, Tensor])[]): readonly number[] =>
    numbers(evaluate(b, [output], new Map(inputs))[0]);
  const tensor = (values: readonly number[]): Tensor => matrix(rowsOf(values));
  const scalar = (value: number): Tensor => ({ shape: [], data: Float64Array.of(value) });
  return {
    prox: (at: readonly number[], t: number) =>
      run(b.add(term.prox(u, step), b.zeros(shape)), [
        [u, tensor(at)],
        [step, scalar(t)],
      ]),
    derivative: (at: readonly number[], along: readonly number[], t: number) =>
      run(directional(b, term.prox(u, step), new Map([[u, v]])), [
        [u, tensor(at)],
        [v, tensor(along)],
        [step, scalar(t)],
      ]),
    retract: (at: readonly number[], to: readonly number[]) =>
      run(b.add(term.retract(x, v), b.mul(b.zeros(shape), x)), [
        [x, tensor(at)],
        [v, tensor(to)],
      ]),
    project: (at: readonly number[], along: readonly number[]) =>
      run(b.add(term.project(x, v), b.mul(b.zeros(shape), x)), [
        [x, tensor(at)],
        [v, tensor(along)],
      ]),
  };
}

const dot = (a: readonly number[], b: readonly number[]): number => sum(a.map((x, i) => x * (b[i] ?? NaN)));
const minus = (a: readonly number[], b: readonly number[]): readonly number[] => a.map((x, i) => x - (b[i] ?? NaN));

describe.each(terms)('$name', (row) => {
  const term = bench(row);
  const random = randomNumbers(11);
  const draw = (): readonly number[] => Array.from({ length: 6 }, () => 1.5 * random());
  const t = 0.7;

  it('the proximal map is the least of ½‖z − u‖² + t·g(z)', () => {
    const objective = (z: readonly number[], u: readonly number[]): number => dot(minus(z, u), minus(z, u)) / 2 + t * row.g(rowsOf(z));
    for (let i = 0; i < 20; i += 1) {
      const u = draw();
      const z = term.prox(u, t);
      const least = objective(z, u);
      expect(least).toBeLessThan(Infinity);
      // Competitors: points of the set, near and far.
      for (const other of [
        term.prox(draw(), 0),
        term.prox(
          z.map((x) => x + 0.01 * random()),
          0,
        ),
        term.prox(u, 0),
        term.prox(u, 2),
      ])
        expect(objective(other, u)).toBeGreaterThanOrEqual(least - 1e-12);
    }
  });

  it('a point of the set is its own projection, held coordinates to the last bit', () => {
    for (let i = 0; i < 20; i += 1) {
      const x = term.prox(draw(), t);
      const again = term.prox(x, 0);
      again.forEach((value, j) => expect(value).toBeCloseTo(x[j] ?? NaN, 14));
      expect(again.map((value) => value === 0)).toEqual(x.map((value) => value === 0));
    }
  });

  it('a step that is brought back stays in the set, on the closure of its piece, and leaves what is held', () => {
    for (let i = 0; i < 20; i += 1) {
      const x = term.prox(draw(), t);
      const step = term.project(x, draw());
      const next = term.retract(
        x,
        x.map((value, j) => value + 3 * (step[j] ?? 0)),
      );
      expect(row.g(rowsOf(next))).toBeLessThan(Infinity);
      const free = term.project(x, step);
      next.forEach((value, j) => {
        if (free[j] === 0) expect(value).toBe(x[j]);
      });
    }
  });

  it('the projection is symmetric and idempotent, and its derivative and that of the map are those of differences', () => {
    for (let i = 0; i < 10; i += 1) {
      const [u, a, c] = [draw(), draw(), draw()];
      const x = term.prox(u, t);
      const once = term.project(x, a);
      expect(dot(once, c)).toBeCloseTo(dot(a, term.project(x, c)), 12);
      term.project(x, once).forEach((value, j) => expect(value).toBeCloseTo(once[j] ?? NaN, 12));
      const h = 1e-6;
      const moved = (sign: number): readonly number[] =>
        term.prox(
          u.map((value, j) => value + sign * h * (a[j] ?? 0)),
          t,
        );
      const difference = minus(moved(1), moved(-1)).map((value) => value / (2 * h));
      const tangent = term.derivative(u, a, t);
      tangent.forEach((value, j) => expect(value).toBeCloseTo(difference[j] ?? NaN, 6));
      // What the map does to a direction stays on the piece that it leads to.
      term.project(x, tangent).forEach((value, j) => expect(value).toBeCloseTo(tangent[j] ?? NaN, 12));
    }
  });
});
