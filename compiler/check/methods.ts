/** Solvers and strategies by name: their options, and what this version runs of them. Data only. */
import {
  adamDefaults,
  descentDefaults,
  fistaDefaults,
  innerMemory,
  modelMemory,
  momentumDefaults,
  outerDefaults,
  outerMemory,
  outerRate,
  resampleDefaults,
  rmspropDefaults,
} from '../../plan/defaults.ts';

export type OptionKind =
  /** A positive or nonnegative number, or a share: at least 0 and below 1. */
  | { readonly is: 'number'; readonly least: 'positive' | 'nonnegative' | 'share' }
  /** A whole number, from `least` on. */
  | { readonly is: 'count'; readonly least: 0 | 1 }
  | { readonly is: 'flag' }
  /** The name of an index set or a dim. */
  | { readonly is: 'set' }
  | { readonly is: 'word'; readonly words: readonly string[] };

export interface OptionRow {
  readonly kind: OptionKind;
  /** ∂: may hold hypers and `step`, as an option of the inner solver. */
  readonly differentiable?: boolean;
  /** Why this method cannot have what others have. */
  readonly refused?: string;
}

export interface MethodRow {
  readonly options: Readonly<Record<string, OptionRow>>;
  /** What options are where they are not given, for those with a default that is one number or word. */
  readonly defaults?: Readonly<Record<string, number | boolean>>;
  /** A recipe when it is given `steps` and no `tolerance`. */
  readonly stepwise?: boolean;
  /** Why it is none here, and what to take instead. */
  readonly refused?: string;
  /** Options without a default. */
  readonly needs?: readonly string[];
  /** Options without a default where it is a recipe. */
  readonly recipeNeeds?: readonly string[];
  /** It takes the proximal map of what is not smooth. */
  readonly proximal?: boolean;
}

export type MethodTable = Readonly<Record<string, MethodRow>>;

const positive: OptionRow = { kind: { is: 'number', least: 'positive' } };
const nonnegative: OptionRow = { kind: { is: 'number', least: 'nonnegative' } };
const steps: OptionRow = { kind: { is: 'count', least: 0 } };
/** At least one: pairs remembered, starts taken. */
const some: OptionRow = { kind: { is: 'count', least: 1 } };
const flag: OptionRow = { kind: { is: 'flag' } };
const rate: OptionRow = { kind: { is: 'number', least: 'positive' }, differentiable: true };
const momentum: OptionRow = { kind: { is: 'number', least: 'nonnegative' }, differentiable: true };
const beta: OptionRow = { kind: { is: 'number', least: 'share' }, differentiable: true };
const ends = { steps, tolerance: nonnegative };
const miniBatches = { batch: some, over: { kind: { is: 'set' } } } as const satisfies MethodRow['options'];

const outerSteps = { starts: some, resample: flag };
const oneFunction: OptionRow = { ...flag, refused: 'it compares values of the criterion from step to step, which must be one function' };

const descent = { rate, momentum, nesterov: flag, ...ends };
const moments = { beta1: beta, beta2: beta, epsilon: positive };
const firstOrder = { ...outerDefaults, ...resampleDefaults };
const isProjected = 'every outer step is projected into the bounds of its hypers';

const inner = {
  gd: { options: { ...descent, ...miniBatches }, defaults: descentDefaults, stepwise: true, needs: ['rate'] },
  sgd: { options: { ...descent, ...miniBatches }, defaults: descentDefaults, stepwise: true, needs: ['rate'] },
  heavy_ball: { options: { rate, momentum, ...ends, ...miniBatches }, defaults: momentumDefaults, stepwise: true, needs: ['rate'] },
  nesterov: { options: { rate, momentum, ...ends, ...miniBatches }, defaults: momentumDefaults, stepwise: true, needs: ['rate'] },
  adam: { options: { rate, ...moments, ...ends, ...miniBatches }, defaults: adamDefaults, stepwise: true, needs: ['rate'] },
  rmsprop: {
    options: { rate, beta2: beta, momentum, epsilon: positive, ...ends, ...miniBatches },
    defaults: rmspropDefaults,
    stepwise: true,
    needs: ['rate'],
  },
  proximal_gradient: { options: { rate, ...ends }, stepwise: true, proximal: true, recipeNeeds: ['rate'] },
  fista: { options: { rate, restart: flag, ...ends }, defaults: fistaDefaults, stepwise: true, proximal: true, recipeNeeds: ['rate'] },
  lbfgs: { options: { ...ends, memory: some }, defaults: innerMemory },
  newton: { options: ends },
  closed_form: { options: ends },
} as const satisfies MethodTable;

const outer = {
  gd: { options: { ...descent, ...outerSteps }, defaults: { ...descentDefaults, ...firstOrder }, needs: ['rate'] },
  sgd: { options: { ...descent, ...outerSteps }, defaults: { ...descentDefaults, ...firstOrder }, needs: ['rate'] },
  heavy_ball: { options: { rate, momentum, ...ends, ...outerSteps }, defaults: { ...momentumDefaults, ...firstOrder }, needs: ['rate'] },
  nesterov: { options: { rate, momentum, ...ends, ...outerSteps }, defaults: { ...momentumDefaults, ...firstOrder }, needs: ['rate'] },
  adam: { options: { rate, ...moments, ...ends, ...outerSteps }, defaults: { ...outerRate, ...adamDefaults, ...firstOrder } },
  rmsprop: {
    options: { rate, beta2: beta, momentum, epsilon: positive, ...ends, ...outerSteps },
    defaults: { ...outerRate, ...rmspropDefaults, ...firstOrder },
  },
  lbfgs: { options: { ...ends, memory: some, starts: some, resample: oneFunction }, defaults: { ...outerMemory, ...outerDefaults } },
  trust_region: { options: { ...ends, memory: some, starts: some, resample: oneFunction }, defaults: { ...modelMemory, ...outerDefaults } },
  proximal_gradient: { options: {}, refused: `${isProjected}: take \`gd(rate = …)\`, or \`lbfgs\`, which finds its lengths` },
  fista: { options: {}, refused: `${isProjected}: take \`nesterov(rate = …)\`, or \`lbfgs\`, which finds its lengths` },
} as const satisfies MethodTable;

const ways = {
  auto: { options: {} },
  closed_form: { options: {} },
  implicit: {
    options: { solver: { kind: { is: 'word', words: ['cg', 'minres', 'gmres', 'neumann', 'cholesky'] } }, rate: positive, ...ends },
  },
  unrolled: { options: { mode: { kind: { is: 'word', words: ['reverse', 'forward'] } }, truncate: steps, memory: positive } },
  one_step: { options: {} },
  finite_difference: { options: {} },
} as const satisfies MethodTable;

/** `solve inner with …` */
export const innerMethods: MethodTable = inner;
/** `solve outer with …` */
export const outerMethods: MethodTable = outer;
/** `differentiate with …` */
export const strategies: MethodTable = ways;

type Rows = typeof inner & typeof outer & typeof ways;
export type MethodName = keyof typeof inner | keyof typeof outer | keyof typeof ways;
export type OptionName = { [M in keyof Rows]: keyof Rows[M]['options'] }[keyof Rows];
