/**
 * The choice of a strategy at some sizes, with all that led to it: as the facts that tables are drawn from, and as the document that
 * `plan` answers and `bilevel plan --json` prints. Knows neither a text nor a table.
 */
import type { CompiledProblem } from '../compiler/pipeline.ts';
import { choose, type Choice, type Verdict } from '../plan/choose.ts';
import { evaluate, printExpr } from '../plan/evaluate.ts';
import type { Precision } from '../plan/kernels.ts';
import type { CandidateCosts, Expr, HyperDescription, Plan, ProblemDescription, StageName } from '../plan/types.ts';
import { memoryOf } from '../runtime/backends/wasm/layout.ts';
import type { Sizes } from './asked.ts';

/** What is to compute, as far as a plan depends on it. */
export interface Computing {
  readonly backend: 'wasm' | 'reference';
  readonly precision: Precision;
}

export interface PlanFacts extends Computing {
  readonly description: ProblemDescription;
  readonly plan: Plan;
  readonly sizes: Sizes;
  readonly choice: Choice;
  /** Of each candidate, by its id. */
  readonly costs: ReadonlyMap<string, CandidateCosts>;
  readonly memory: PlannedMemory | { readonly unknown: string };
}

/** What the chosen candidate needs on one thread. */
export interface PlannedMemory {
  readonly bytes: number;
  /** The largest buffers, in bytes, each with what it holds. */
  readonly largest: readonly { readonly what: string; readonly bytes: number }[];
}

/** How a problem would be solved: every candidate with its verdict and costs, the choice, its stages and its memory. */
export interface PlanDocument {
  readonly problem: string;
  /** Whether the criterion is evaluated at the inner minimiser, or after exactly the steps that the page writes. */
  readonly meaning: ProblemDescription['meaning'];
  /** In the params; null: not a polynomial. */
  readonly degree: ProblemDescription['degree'];
  /** Of the inner loss, and how that is known. */
  readonly curvature: ProblemDescription['curvature'];
  /** Penalties and sets of the params that the inner problem is solved with; absent where it is smooth and free. */
  readonly composite?: readonly string[];
  /** The sizes that are known. */
  readonly sizes: Sizes;
  /** Counts that no one knows before a run, as the costs assume them: `T_newton` steps of Newton, say. */
  readonly assumptions: Readonly<Record<string, number>>;
  readonly hypers: readonly { readonly name: string; readonly type: string; readonly acts: HyperDescription['acts'] }[];
  /** The id of the candidate that is taken; null where none can be. */
  readonly chosen: string | null;
  /** In the order of decision; refusals last. */
  readonly candidates: readonly (PlannedCandidate | Verdict)[];
  /** Of the candidate that is taken. */
  readonly stages: readonly PlannedStage[];
  readonly backend: Computing['backend'];
  readonly precision: Precision;
  /** Null where no candidate can be chosen, a size is not known, or the backend does not plan its memory. */
  readonly memory: PlannedMemory | null;
}

/** A candidate that accepts the problem. */
export interface PlannedCandidate extends Verdict {
  /** Of one hypergradient, in arithmetic operations. Absent where a size is not known. */
  readonly flops?: number;
  /** Moved in one hypergradient. Absent where a size is not known. */
  readonly bytes?: number;
  /** Its position in the order of decision: the least one whose conditions hold is taken. */
  readonly rank: number;
  /** False for a strategy that only approximates the hypergradient, taken when it is asked for by name. */
  readonly exact: boolean;
  /** The same costs as formulas in the sizes. */
  readonly cost: { readonly flops: string; readonly bytes: string };
}

export interface PlannedStage {
  readonly stage: StageName;
  /** What it computes. */
  readonly what: string;
  /** Absent where a size is not known. */
  readonly flops?: number;
  /** The same as a formula in the sizes. */
  readonly cost: string;
}

export function planFacts(
  { module: { description, plan }, code, costs }: CompiledProblem,
  sizes: Sizes,
  { strategy, ...computing }: Computing & { readonly strategy?: string | undefined },
): PlanFacts {
  const choice = choose(plan, sizes, strategy === undefined ? {} : { only: strategy });
  const memory = memoryOfChoice(code, choice, sizes, computing);
  return { ...computing, description, plan, sizes, choice, costs: new Map(plan.candidates.map(({ id }) => [id, costs(id)])), memory };
}

function memoryOfChoice(
  code: CompiledProblem['code'],
  { chosen }: Choice,
  sizes: Sizes,
  { backend, precision }: Computing,
): PlanFacts['memory'] {
  if (backend === 'reference') return { unknown: 'the backend `reference` does not plan its memory' };
  if (chosen === undefined) return { unknown: 'no candidate can be chosen' };
  return memoryOf(code(chosen.id, precision), sizes) ?? { unknown: 'not all sizes are known' };
}

export function planDocument({ description, plan, sizes, choice, costs, backend, precision, memory }: PlanFacts): PlanDocument {
  const environment = { ...plan.assumptions, ...sizes };
  const figure = <Name extends string>(name: Name, cost: Expr): { readonly [key in Name]?: number } => {
    const value = evaluate(cost, environment);
    return (value === undefined ? {} : { [name]: value }) as { readonly [key in Name]?: number };
  };
  const { chosen, verdicts } = choice;
  return {
    problem: description.name,
    meaning: description.meaning,
    degree: description.degree,
    curvature: description.curvature,
    ...(description.composite === undefined ? {} : { composite: description.composite }),
    sizes,
    assumptions: plan.assumptions,
    hypers: description.hypers.map((h) => ({ name: h.name, type: typeText(h), acts: h.acts })),
    chosen: chosen?.id ?? null,
    candidates: verdicts.map((verdict) => {
      const candidate = plan.candidates.find((c) => c.id === verdict.id);
      const cost = costs.get(verdict.id);
      if (candidate === undefined || cost === undefined) return verdict;
      const { flops, bytes } = cost;
      return {
        ...verdict,
        ...figure('flops', flops),
        ...figure('bytes', bytes),
        rank: candidate.rank,
        exact: candidate.exact,
        cost: { flops: printExpr(flops), bytes: printExpr(bytes) },
      };
    }),
    stages: (costs.get(chosen?.id ?? '')?.stages ?? []).map(({ stage, what, flops }) => ({
      stage,
      what,
      ...figure('flops', flops),
      cost: printExpr(flops),
    })),
    backend,
    precision,
    memory: 'unknown' in memory ? null : memory,
  };
}

/** `positive[d] in [0, 1]`. */
export function typeText({ kind, shape, interval }: Pick<HyperDescription, 'kind' | 'shape' | 'interval'>): string {
  const dims = shape.length === 0 ? '' : `[${shape.map(printExpr).join(', ')}]`;
  const range = interval === undefined ? '' : ` in [${interval.map(printExpr).join(', ')}]`;
  return `${kind}${dims}${range}`;
}
