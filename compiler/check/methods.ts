/** Solvers and strategies by name: their options, and what this version runs of them. Data only. */

export type OptionKind =
  /** A positive or nonnegative number. */
  | { readonly is: 'number'; readonly least: 'positive' | 'nonnegative' }
  /** A whole number, from `least` on. */
  | { readonly is: 'count'; readonly least: 0 | 1 }
  | { readonly is: 'flag' }
  | { readonly is: 'word'; readonly words: readonly string[]; readonly later?: readonly string[] };

export interface OptionRow {
  readonly kind: OptionKind;
  /** ∂: may hold hypers and `step`, as an option of the inner solver. */
  readonly differentiable?: boolean;
  /** Part of the language, and not run yet. */
  readonly later?: boolean;
}

export interface MethodRow {
  readonly options: Readonly<Record<string, OptionRow>>;
  /** A recipe when it is given `steps` and no `tolerance`. */
  readonly stepwise?: boolean;
  readonly later?: boolean;
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
const later: OptionRow = { kind: { is: 'number', least: 'positive' }, later: true };
const ends = { steps, tolerance: nonnegative };
const miniBatches = { batch: later, over: later };

const descent = { rate, momentum, nesterov: flag, ...ends };
const unborn: MethodRow = { options: {}, stepwise: true, later: true };

/** `solve inner with …` */
export const innerMethods: MethodTable = {
  gd: { options: { ...descent, ...miniBatches }, stepwise: true, needs: ['rate'] },
  sgd: { options: { ...descent, ...miniBatches }, stepwise: true, needs: ['rate'] },
  heavy_ball: { options: { rate, momentum, ...ends, ...miniBatches }, stepwise: true, needs: ['rate'] },
  nesterov: unborn,
  adam: unborn,
  rmsprop: unborn,
  proximal_gradient: { options: { rate, ...ends }, stepwise: true, proximal: true, recipeNeeds: ['rate'] },
  fista: { options: { rate, restart: flag, ...ends }, stepwise: true, proximal: true, recipeNeeds: ['rate'] },
  lbfgs: { options: { ...ends, memory: some } },
  newton: { options: ends },
  closed_form: { options: ends },
};

/** `solve outer with …` */
export const outerMethods: MethodTable = {
  gd: { options: { ...descent, starts: some }, needs: ['rate'] },
  adam: {
    options: { rate, beta1: momentum, beta2: momentum, epsilon: positive, ...ends, starts: some, resample: { ...flag, later: true } },
  },
  lbfgs: { options: { ...ends, memory: some, starts: some } },
  sgd: unborn,
  heavy_ball: unborn,
  nesterov: unborn,
  rmsprop: unborn,
  proximal_gradient: unborn,
  fista: unborn,
  trust_region: unborn,
};

/** `differentiate with …` */
export const strategies: MethodTable = {
  auto: { options: {} },
  closed_form: { options: {} },
  implicit: {
    options: { solver: { kind: { is: 'word', words: ['cg', 'cholesky'], later: ['minres', 'gmres', 'neumann'] } }, ...ends },
  },
  unrolled: { options: { mode: { kind: { is: 'word', words: ['reverse'], later: ['forward'] } }, truncate: later, memory: later } },
  one_step: { options: {}, later: true },
  finite_difference: { options: {} },
};
