/** The problems that every strategy and every solver is tried on: a page, its data, and the lengths of steps that suit it. */
import type { MethodRow } from '../../compiler/check/methods.ts';
import type { DataName } from '../data.ts';
import type { Numbers } from '../rows.ts';
import { type Arguments, recipes } from './methods.ts';
import { type Numbered, type Ways, waysThroughRecipe, waysToMinimiser, waysToOptimum } from './ways.ts';

export interface Group {
  readonly id: string;
  readonly title: string;
  /** A page of `pages/`. */
  readonly page: string;
  readonly data: DataName;
  readonly sizes: Numbers;
  readonly quick: Numbers;
  /** Measured by `--quick` also where it is not named: one problem of each class. */
  readonly isTypical?: true;
  /** The page that has one inner problem where this one has folds. */
  readonly unfolded?: string;
  readonly ways: (text: string, sizes: Numbers) => Ways;
}

type Posed = Omit<Group, 'ways'>;

const atMinimiser = (posed: Posed, given: Arguments): Group => ({
  ...posed,
  ways: (text, sizes) =>
    waysToMinimiser(text, posed.page, sizes, given, [{ strategy: 'implicit(solver = neumann, steps = 10)', note: '10 terms' }]),
});

const toOptimum = (posed: Posed, given: Arguments): Group => ({
  ...posed,
  ways: (text, sizes) => waysToOptimum(text, posed.page, sizes, given),
});

interface Recipe {
  readonly steps: number;
  readonly given: Arguments;
  readonly wanted: (solver: string, row: MethodRow) => boolean;
}

/** One group a solver, whose steps are the problem. */
const throughSteps = (posed: Posed, { steps, given, wanted }: Recipe): readonly Group[] => {
  const last = Math.ceil(steps / 5);
  const also: readonly Numbered[] = [{ strategy: `unrolled(truncate = ${last})`, note: `the last ${last}` }];
  return [...recipes(given, steps, wanted)].map(([name, inner]) => ({
    ...posed,
    id: `${posed.id}.${name}`,
    title: `${posed.title}: ${inner}`,
    ways: (text, sizes) => waysThroughRecipe(text, posed.page, sizes, inner, also),
  }));
};

/** Lengths of steps: those of gradients, and those of steps that do not shrink with the gradient. */
const lengths = (rate: string, fixed: string, momentum = '0.9'): Arguments => ({
  default: `rate = ${rate}`,
  heavy_ball: `rate = ${rate}, momentum = ${momentum}`,
  nesterov: `rate = ${rate}, momentum = ${momentum}`,
  adam: `rate = ${fixed}`,
  rmsprop: `rate = ${fixed}`,
});

const split = (n: number, d: number, more: Numbers = {}): Numbers => ({ n, m: n / 2, d, ...more });
const network = { p: 64, pixels: 64, h: 32, c: 10 };

export const groups: readonly Group[] = [
  atMinimiser(
    {
      id: 'ridge',
      title: 'ridge regression',
      page: 'ridge',
      data: 'regression',
      sizes: split(2000, 100),
      quick: split(200, 10),
      isTypical: true,
    },
    lengths('0.2', '0.01', '0.5'),
  ),
  atMinimiser(
    {
      id: 'per-feature',
      title: 'ridge regression with a penalty for each feature',
      page: 'per-feature',
      data: 'regression',
      sizes: split(1000, 40),
      quick: split(100, 5),
    },
    lengths('0.2', '0.01', '0.5'),
  ),
  atMinimiser(
    {
      id: 'outputs',
      title: 'ridge regression of several outputs',
      page: 'outputs',
      data: 'outputs',
      sizes: split(1000, 40, { k: 8 }),
      quick: split(100, 5, { k: 3 }),
    },
    lengths('0.2', '0.01', '0.5'),
  ),
  atMinimiser(
    {
      id: 'logistic',
      title: 'logistic regression',
      page: 'logistic',
      data: 'classes-split',
      sizes: split(2000, 50),
      quick: split(200, 5),
      isTypical: true,
    },
    lengths('1', '0.01'),
  ),
  atMinimiser(
    {
      id: 'hyper-cleaning',
      title: 'softmax regression with a weight for each row',
      page: 'hyper-cleaning',
      data: 'digits',
      sizes: { n: 200, m: 100, ...network },
      quick: { n: 60, m: 30, ...network },
    },
    lengths('1', '0.01'),
  ),
  atMinimiser(
    { id: 'lasso', title: 'the lasso', page: 'lasso', data: 'sparse', sizes: split(1000, 100), quick: split(100, 10), isTypical: true },
    lengths('0.3', '0.01'),
  ),
  atMinimiser(
    { id: 'elastic-net', title: 'the elastic net', page: 'elastic-net', data: 'sparse', sizes: split(1000, 100), quick: split(100, 10) },
    lengths('0.3', '0.01'),
  ),
  atMinimiser(
    {
      id: 'group-lasso',
      title: 'several outputs that share their columns: the group lasso',
      page: 'group-lasso',
      data: 'outputs',
      sizes: split(1000, 40, { k: 5 }),
      quick: split(100, 10, { k: 3 }),
    },
    lengths('0.3', '0.01'),
  ),
  atMinimiser(
    {
      id: 'sparse-logistic',
      title: 'logistic regression with an l1 penalty',
      page: 'sparse-logistic',
      data: 'classes-split',
      sizes: split(1000, 50),
      quick: split(100, 10),
    },
    lengths('1', '0.01'),
  ),
  ...['nonnegative', 'box', 'simplex'].map((page) =>
    atMinimiser(
      {
        id: page,
        title: `ridge regression, weights ${{ nonnegative: '≥ 0', box: 'within ±½', simplex: 'that are shares' }[page] ?? ''}`,
        page,
        data: 'regression',
        sizes: split(1000, 100),
        quick: split(100, 10),
      },
      lengths('0.3', '0.01'),
    ),
  ),
  ...throughSteps(
    {
      id: 'steps',
      title: 'logistic regression',
      page: 'unrolled-logistic',
      data: 'classes-split',
      sizes: split(1000, 50),
      quick: split(100, 5),
    },
    {
      steps: 100,
      given: { ...lengths('rate', 'rate'), sgd: 'rate = rate, batch = 50, over = n' },
      wanted: (_, { proximal }) => proximal !== true,
    },
  ),
  ...throughSteps(
    { id: 'steps-lasso', title: 'the lasso', page: 'lasso', data: 'sparse', sizes: split(1000, 100), quick: split(100, 10) },
    { steps: 100, given: lengths('0.3', '0.01'), wanted: (_, { proximal }) => proximal === true },
  ),
  ...throughSteps(
    {
      id: 'steps-network',
      title: 'a 64-32-10 network',
      page: 'unrolled-network',
      data: 'digits',
      sizes: { n: 300, m: 300, ...network },
      quick: { n: 30, m: 30, ...network },
      isTypical: true,
    },
    { steps: 50, given: { default: 'rate = rate' }, wanted: (solver) => solver === 'gd' },
  ),
  atMinimiser(
    {
      id: 'folds',
      title: 'ridge regression, five folds',
      page: 'folds',
      unfolded: 'ridge',
      data: 'regression',
      sizes: split(1000, 50),
      quick: split(100, 5),
      isTypical: true,
    },
    lengths('0.2', '0.01', '0.5'),
  ),
  atMinimiser(
    {
      id: 'folds-logistic',
      title: 'logistic regression, five folds',
      page: 'folds-logistic',
      unfolded: 'logistic',
      data: 'classes-split',
      sizes: split(1000, 30),
      quick: split(100, 5),
    },
    lengths('1', '0.01'),
  ),
  atMinimiser(
    {
      id: 'leave-one-out',
      title: 'ridge regression, leave one out',
      page: 'leave-one-out',
      unfolded: 'ridge',
      data: 'regression',
      sizes: split(60, 20),
      quick: split(12, 3),
    },
    lengths('0.2', '0.01', '0.5'),
  ),
  toOptimum(
    {
      id: 'outer.logistic',
      title: 'the whole of logistic regression, its penalty from 0.01',
      page: 'logistic',
      data: 'classes-split',
      sizes: split(2000, 50),
      quick: split(200, 5),
    },
    lengths('10', '0.1'),
  ),
  toOptimum(
    {
      id: 'outer.per-feature',
      title: 'the whole of ridge regression with a penalty for each feature, from 0.1',
      page: 'per-feature',
      data: 'regression',
      sizes: split(1000, 40),
      quick: split(100, 5),
    },
    lengths('1', '0.1'),
  ),
];
