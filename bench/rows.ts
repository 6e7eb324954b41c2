/**
 * What is measured: one row a problem of one size. Owns the list, and what a contestant is told of a row;
 * knows no contestant, and not how anything is timed.
 */
import type { DataName } from './data.ts';

/** What a contestant has a function for; a row is a kind at a size. */
export type Kind =
  | 'logistic-gradient'
  | 'hessian-product'
  | 'matrix-product'
  | 'cholesky'
  | 'ridge-first'
  | 'ridge-again'
  | 'logistic'
  | 'unrolled-logistic'
  | 'unrolled-network'
  | 'hyper-cleaning';

export type Group = 'a' | 'b' | 'c' | 'd' | 'e';

/** Named numbers: sizes, or where the hypers stand. */
export type Numbers = Readonly<Record<string, number>>;

export interface Row {
  readonly id: string;
  readonly group: 'a' | 'b' | 'c';
  readonly kind: Kind;
  readonly sizes: Numbers;
  readonly at: Numbers;
  readonly data: DataName;
  /** Left out by `--quick`. */
  readonly large: boolean;
}

export const groupTitles: Readonly<Record<Group, string>> = {
  a: 'logistic loss: one gradient, one Hessian-vector product',
  b: 'dense linear algebra',
  c: 'one hypergradient, inner solve included',
  d: 'a whole run, as a process',
  e: 'cold start: `bilevel run` on the ridge example, as a process',
};

const penalty = 0.01;

const logisticRows = [
  [200, 10],
  [2000, 50],
  [10000, 200],
  [100000, 200],
].flatMap(([n = 0, d = 0]): readonly Row[] =>
  (['logistic-gradient', 'hessian-product'] as const).map((kind) => ({
    id: `a.${kind}.${n}x${d}`,
    group: 'a',
    kind,
    sizes: { n, d },
    at: { penalty },
    data: 'classes',
    large: n > 10000,
  })),
);

const productRows = [64, 128, 256, 512].map((n): Row => ({
  id: `b.matrix-product.${n}`,
  group: 'b',
  kind: 'matrix-product',
  sizes: { n },
  at: {},
  data: 'squares',
  large: n > 256,
}));

const choleskyRows = [100, 500, 1000].map((n): Row => ({
  id: `b.cholesky.${n}`,
  group: 'b',
  kind: 'cholesky',
  sizes: { n },
  at: {},
  data: 'positive',
  large: n > 500,
}));

const ridgeRows = [
  [500, 100],
  [2500, 500],
  [100000, 100],
].flatMap(([n = 0, d = 0]): readonly Row[] =>
  (['ridge-first', 'ridge-again'] as const).map((kind) => ({
    id: `c.${kind}.${n}x${d}`,
    group: 'c',
    kind,
    sizes: { n, m: n / 2, d },
    at: { penalty: 0.1 },
    data: 'regression',
    large: n > 10000,
  })),
);

const hypergradientRows: readonly Row[] = [
  ...ridgeRows,
  ...[
    [2000, 50],
    [10000, 200],
  ].map(([n = 0, d = 0]): Row => ({
    id: `c.logistic.${n}x${d}`,
    group: 'c',
    kind: 'logistic',
    sizes: { n, m: n / 2, d },
    at: { penalty },
    data: 'classes-split',
    large: n > 2000,
  })),
  {
    id: 'c.unrolled-logistic.2000x50',
    group: 'c',
    kind: 'unrolled-logistic',
    sizes: { n: 2000, m: 1000, d: 50, steps: 100 },
    // A rate at which a hundred steps do not arrive, so that the derivative in the rate is not a difference of rounding errors.
    at: { penalty, rate: 0.05 },
    data: 'classes-split',
    large: false,
  },
  {
    id: 'c.unrolled-network.1000x64-32-10',
    group: 'c',
    kind: 'unrolled-network',
    sizes: { n: 1000, m: 500, pixels: 64, hidden: 32, classes: 10, steps: 100 },
    at: { decay: 0.001, rate: 0.5 },
    data: 'digits',
    large: false,
  },
  {
    id: 'c.hyper-cleaning.1000',
    group: 'c',
    kind: 'hyper-cleaning',
    sizes: { n: 1000, m: 500, pixels: 64, classes: 10 },
    at: { ridge: 0.01 },
    data: 'digits',
    large: false,
  },
];

export const rows: readonly Row[] = [...logisticRows, ...productRows, ...choleskyRows, ...hypergradientRows];
