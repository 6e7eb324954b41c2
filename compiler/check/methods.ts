/** Solvers and strategies by name: their options, and what this version runs of them. Data only. */

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
const miniBatches: MethodRow['options'] = { batch: some, over: { kind: { is: 'set' } } };

const outerSteps = { starts: some, resample: flag };
const oneFunction: OptionRow = { ...flag, refused: 'it compares values of the criterion from step to step, which must be one function' };

const descent = { rate, momentum, nesterov: flag, ...ends };
const moments = { beta1: beta, beta2: beta, epsilon: positive };
const isProjected = 'every outer step is projected into the bounds of its hypers';

/** `solve inner with …` */
export const innerMethods: MethodTable = {
  gd: { options: { ...descent, ...miniBatches }, stepwise: true, needs: ['rate'] },
  sgd: { options: { ...descent, ...miniBatches }, stepwise: true, needs: ['rate'] },
  heavy_ball: { options: { rate, momentum, ...ends, ...miniBatches }, stepwise: true, needs: ['rate'] },
  nesterov: { options: { rate, momentum, ...ends, ...miniBatches }, stepwise: true, needs: ['rate'] },
  adam: { options: { rate, ...moments, ...ends, ...miniBatches }, stepwise: true, needs: ['rate'] },
  rmsprop: { options: { rate, beta2: beta, momentum, epsilon: positive, ...ends, ...miniBatches }, stepwise: true, needs: ['rate'] },
  proximal_gradient: { options: { rate, ...ends }, stepwise: true, proximal: true, recipeNeeds: ['rate'] },
  fista: { options: { rate, restart: flag, ...ends }, stepwise: true, proximal: true, recipeNeeds: ['rate'] },
  lbfgs: { options: { ...ends, memory: some } },
  newton: { options: ends },
  closed_form: { options: ends },
};

/** `solve outer with …` */
export const outerMethods: MethodTable = {
  gd: { options: { ...descent, ...outerSteps }, needs: ['rate'] },
  sgd: { options: { ...descent, ...outerSteps }, needs: ['rate'] },
  heavy_ball: { options: { rate, momentum, ...ends, ...outerSteps }, needs: ['rate'] },
  nesterov: { options: { rate, momentum, ...ends, ...outerSteps }, needs: ['rate'] },
  adam: { options: { rate, ...moments, ...ends, ...outerSteps } },
  rmsprop: { options: { rate, beta2: beta, momentum, epsilon: positive, ...ends, ...outerSteps } },
  lbfgs: { options: { ...ends, memory: some, starts: some, resample: oneFunction } },
  trust_region: { options: { ...ends, memory: some, starts: some, resample: oneFunction } },
  proximal_gradient: { options: {}, refused: `${isProjected}: take \`gd(rate = …)\`, or \`lbfgs\`, which finds its lengths` },
  fista: { options: {}, refused: `${isProjected}: take \`nesterov(rate = …)\`, or \`lbfgs\`, which finds its lengths` },
};

/** `differentiate with …` */
export const strategies: MethodTable = {
  auto: { options: {} },
  closed_form: { options: {} },
  implicit: {
    options: { solver: { kind: { is: 'word', words: ['cg', 'minres', 'gmres', 'neumann', 'cholesky'] } }, rate: positive, ...ends },
  },
  unrolled: { options: { mode: { kind: { is: 'word', words: ['reverse', 'forward'] } }, truncate: steps, memory: positive } },
  one_step: { options: {} },
  finite_difference: { options: {} },
};
