/** Hand-made problem modules: what a compiler would give, written as plain functions, with answers known in closed form. */
import { type Status, statusCode } from '../../plan/status.ts';
import type {
  Candidate,
  Executor,
  HyperDescription,
  Plan,
  ProblemDescription,
  ProblemModule,
  Slots,
  StageName,
  Tensor,
} from '../../plan/types.ts';
import type { BoundProblem } from '../../runtime/types.ts';

export const span = { file: 'page.bilevel', start: 0, end: 1 };
export const scalarTensor = (value: number): Tensor => ({ shape: [], data: Float64Array.of(value) });
export const vectorTensor = (...values: number[]): Tensor => ({ shape: [values.length], data: Float64Array.from(values) });

export const describeProblem = (more: Partial<ProblemDescription> = {}): ProblemDescription => ({
  name: 'hand_made',
  dims: [],
  data: [],
  splits: [],
  hypers: [],
  params: [],
  reports: [],
  meaning: 'minimiser',
  direction: 'minimize',
  outer: { name: 'lbfgs', options: {} },
  innerSpan: { ...span, start: 10, end: 20 },
  outerSpan: { ...span, start: 30, end: 40 },
  curvature: { word: 'proved', why: 'by hand' },
  kinks: [],
  degree: { inner: 2, outer: 2 },
  ...more,
});

export const candidate = (id: string, more: Partial<Candidate> = {}): Candidate => ({
  id,
  strategy: id,
  solver: 'by_hand',
  innerSolver: 'by_hand',
  why: 'written by hand',
  exact: true,
  checkingOnly: false,
  conditions: [],
  drive: 'graph',
  ...more,
});

export const differencesCandidate = candidate('finite_difference', { drive: 'differences', exact: false, checkingOnly: true });

export const hyper = (name: string, more: Partial<HyperDescription> = {}): HyperDescription => ({
  name,
  kind: 'real',
  shape: [],
  acts: ['through the inner loss'],
  span,
  ...more,
});

/** What a hand-made problem says at a point: the solution, the criterion and its derivative, one list a hyper. */
export interface Answer {
  readonly x: readonly number[];
  readonly outer: number;
  readonly slope: Readonly<Record<string, readonly number[]>>;
  readonly loss?: number;
  readonly steps?: number;
  readonly gradientNorm?: number;
  readonly status?: Status;
  readonly linearStatus?: Status;
  readonly linearSteps?: number;
  readonly error?: number;
}

export type Theta = Readonly<Record<string, readonly number[]>>;

export interface Recipe {
  readonly description: ProblemDescription;
  readonly start: Readonly<Record<string, Tensor>>;
  readonly candidates?: readonly Candidate[];
  readonly refusals?: Plan['refusals'];
  readonly asked?: Plan['asked'];
  readonly assumptions?: Plan['assumptions'];
  readonly answer: (theta: Theta, candidate: string, slots: Slots, stage: StageName) => Answer;
  readonly report?: (x: Tensor, theta: Theta) => Readonly<Record<string, Tensor>>;
}

export interface Call {
  readonly candidate: string;
  readonly stage: StageName;
  readonly slots: Slots;
}

export const noData: BoundProblem = { slots: {}, sizes: {} };

/** The module, and every call that its stages get. */
export function moduleOf(recipe: Recipe): { readonly module: ProblemModule; readonly calls: Call[] } {
  const calls: Call[] = [];
  const { description } = recipe;
  const run = (candidateId: string, stage: StageName, slots: Slots): Slots => {
    calls.push({ candidate: candidateId, stage, slots });
    const theta = Object.fromEntries(description.hypers.map(({ name }) => [name, [...(slots[`hyper:${name}`]?.data ?? [])]]));
    switch (stage) {
      case 'hypers':
        return Object.fromEntries(Object.entries(recipe.start).map(([name, tensor]) => [`hyper:${name}`, tensor]));
      case 'start':
        return { start: vectorTensor(0) };
      case 'once':
        return { 'once:0': scalarTensor(42) };
      case 'report':
        return recipe.report?.(slots.x ?? vectorTensor(), theta) ?? {};
      case 'value':
      case 'hypergradient': {
        const answer = recipe.answer(theta, candidateId, slots, stage);
        const slopes = description.hypers.map(({ name }): [string, Tensor] => [
          `hypergradient:${name}`,
          { shape: slots[`hyper:${name}`]?.shape ?? [], data: Float64Array.from(answer.slope[name] ?? []) },
        ]);
        return {
          x: vectorTensor(...answer.x),
          outer: scalarTensor(answer.outer),
          'inner:loss': scalarTensor(answer.loss ?? 0),
          'inner:gradient_norm': scalarTensor(answer.gradientNorm ?? 1e-12),
          'inner:steps': scalarTensor(answer.steps ?? 1),
          'inner:status': scalarTensor(statusCode(answer.status ?? 'converged')),
          ...(stage === 'value' ? {} : Object.fromEntries(slopes)),
          ...(stage === 'value' || answer.linearStatus === undefined
            ? {}
            : {
                'linear:status': scalarTensor(statusCode(answer.linearStatus)),
                'linear:steps': scalarTensor(answer.linearSteps ?? 3),
                'linear:residual': scalarTensor(0.25),
              }),
          ...(stage === 'value' ? {} : { v: vectorTensor(0.5) }),
        };
      }
      case 'residual':
      case 'refine':
        return {};
      case 'error': {
        const { error } = recipe.answer(theta, candidateId, slots, stage);
        return error === undefined ? {} : { error: scalarTensor(error) };
      }
    }
  };
  const module: ProblemModule = {
    description,
    plan: {
      candidates: recipe.candidates ?? [candidate('by_hand'), differencesCandidate],
      refusals: recipe.refusals ?? [],
      asked: recipe.asked ?? {},
      assumptions: recipe.assumptions ?? {},
    },
    link: (id) => Promise.resolve({ ok: true, executor: executorOf((stage, slots) => run(id, stage, slots)) }),
  };
  return { module, calls };
}

/** Stages as a plain function of all that was put. */
export function executorOf(run: (stage: StageName, slots: Slots) => Slots, more: Partial<Executor> = {}): Executor {
  let put: Slots = {};
  let found: Slots = {};
  const results = new Map<StageName, readonly string[]>();
  return {
    put: (slots) => (put = { ...put, ...slots }),
    run: (stage) => {
      const given = run(stage, put);
      // What is put again is what the stages see; what they give is read, and `once:I` stays.
      found = { ...found, ...given };
      if (stage === 'once') put = { ...put, ...given };
      results.set(stage, Object.keys(given));
      return Promise.resolve('done');
    },
    read: (slot) => Promise.resolve(found[slot] ?? scalarTensor(Number.NaN)),
    // Before it has run a stage is asked for its results only to see whether there is one.
    results: (stage) => results.get(stage) ?? (stage === 'value' ? ['outer'] : []),
    describe: () => ({ backend: 'by hand', precision: 'f64', threads: 1, why: 'by hand' }),
    close: () => undefined,
    ...more,
  };
}

/** h = ½(w − 3)² + ½ e^λ w², so w* = 3 / (1 + e^λ); F = (w* − 1)² + 0.01 λ². */
export function scalarRidge(lambda: number): Answer {
  const w = 3 / (1 + Math.exp(lambda));
  const slope = 2 * (w - 1) * ((-3 * Math.exp(lambda)) / (1 + Math.exp(lambda)) ** 2) + 0.02 * lambda;
  return {
    x: [w],
    outer: (w - 1) ** 2 + 0.01 * lambda ** 2,
    slope: { lambda: [slope] },
    loss: 0.5 * (w - 3) ** 2 + 0.5 * Math.exp(lambda) * w ** 2,
    error: 0,
  };
}

export const scalarRidgeRecipe = (more: Partial<Recipe> = {}, description: Partial<ProblemDescription> = {}): Recipe => ({
  description: describeProblem({
    hypers: [hyper('lambda')],
    params: [{ name: 'w', kind: 'real', shape: [], span }],
    reports: [{ name: 'twice', shape: [], span }],
    ...description,
  }),
  start: { lambda: scalarTensor(0) },
  answer: ({ lambda }) => scalarRidge(lambda?.[0] ?? Number.NaN),
  report: (x) => ({ 'param:w': scalarTensor(x.data[0] ?? Number.NaN), 'report:twice': scalarTensor(2 * (x.data[0] ?? Number.NaN)) }),
  ...more,
});

/** A criterion of hypers alone, with its gradient: a problem whose inner part is trivial. */
export function criterionModule(
  hypers: readonly HyperDescription[],
  start: Readonly<Record<string, Tensor>>,
  f: (theta: Theta) => { readonly outer: number; readonly slope: Theta },
  description: Partial<ProblemDescription> = {},
): ProblemModule {
  return moduleOf({
    description: describeProblem({ hypers, ...description }),
    start,
    answer: (theta) => ({ x: [0], error: 0, ...f(theta) }),
  }).module;
}

/** Rosenbrock’s valley. */
export const rosenbrock = (theta: Theta): { outer: number; slope: Theta } => {
  const [a = 0, b = 0] = theta.z ?? [];
  return { outer: (1 - a) ** 2 + 100 * (b - a * a) ** 2, slope: { z: [-2 * (1 - a) - 400 * a * (b - a * a), 200 * (b - a * a)] } };
};
