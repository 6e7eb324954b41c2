/**
 * The choice of a strategy at some sizes, with all that led to it: as the facts that tables are drawn from, and as the document that
 * `plan` answers and `bilevel plan --json` prints. Knows neither a text nor a table.
 */
import type { CompiledProblem } from '../compiler/pipeline.ts';
import { choose } from '../plan/choose.ts';
import { type Choice, type Verdict } from '../plan/decide.ts';
import { evaluate, printExpr } from '../plan/evaluate.ts';
import { environmentOf, usualCalibration } from '../plan/predict.ts';
import { chooseCounted, type Counted, countedOf, countsOf } from '../plan/reweigh.ts';
import { checkedId, refinedId, whyNotRefined } from '../plan/mixed.ts';
import type {
  Arithmetic,
  Calibration,
  CandidateCosts,
  Cost,
  ErrorPart,
  Expr,
  HyperDescription,
  Plan,
  ProblemDescription,
  StageName,
  StepCounts,
} from '../plan/types.ts';
import { libraryBackends, type LibraryBackendName } from '../plan/backends.ts';
import { hostWork, type HostWork } from './host-work.ts';
import { memoryOf } from '../runtime/backends/wasm/layout.ts';
import type { MeasuredCandidate } from '../runtime/measure.ts';
import { roundingOf } from '../runtime/rounding.ts';
import type { Sizes } from './asked.ts';
import {
  assumedSteps,
  judgedConditions,
  predictedError,
  weighedWork,
  type JudgedCondition,
  type PredictedError,
  type WeighedWork,
} from './why.ts';

/** What is to compute, as far as a plan depends on it. */
export interface Computing {
  readonly backend: 'wasm' | 'reference' | LibraryBackendName;
  /** `auto`: as the backend can. */
  readonly precision: Arithmetic | 'auto';
}

/** What work takes where it is to be done. */
export interface CalibrationFacts {
  /** Of one unit of each kind of work, in nanoseconds. */
  readonly calibration: Calibration;
  /** Whether it was measured on this machine; otherwise it is what work usually takes. */
  readonly calibrated: boolean;
}

export interface PlanFacts extends Computing, CalibrationFacts {
  readonly description: ProblemDescription;
  readonly plan: Plan;
  readonly sizes: Sizes;
  readonly choice: Choice;
  /** Of each candidate, by its id: what its graphs hold, and what its time is predicted from. */
  readonly costs: ReadonlyMap<string, CandidateCosts>;
  readonly prices: ReadonlyMap<string, Cost>;
  /** Of each candidate: what its error is predicted from. */
  readonly errors: ReadonlyMap<string, readonly ErrorPart[]>;
  /** By id, where candidates were run. */
  readonly measured?: ReadonlyMap<string, MeasuredCandidate>;
  readonly memory: PlannedMemory | { readonly unknown: string };
  /** What of the choice a library of kernels leaves to the host; absent where no library computes. */
  readonly host?: HostWork | undefined;
  /** The strategy or candidate that a call asks for. */
  readonly only?: string | undefined;
}

/** What the chosen candidate needs on one thread. */
export interface PlannedMemory {
  readonly bytes: number;
  /** The largest buffers, in bytes, each with what it holds. */
  readonly largest: readonly { readonly what: string; readonly bytes: number }[];
}

/** How a problem would be solved: every candidate with its verdict and costs, the choice, its stages and its memory. */
export interface PlanDocument extends CalibrationFacts {
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
  /** What no one knows before a run, as the costs assume it: κ, the condition number, and counts such as `T_newton` steps of Newton. */
  readonly assumptions: Readonly<Record<string, number>>;
  readonly hypers: readonly { readonly name: string; readonly type: string; readonly acts: HyperDescription['acts'] }[];
  /** The id of the candidate that is taken; null where none can be. */
  readonly chosen: string | null;
  /** By predicted time, those that are never chosen by themselves behind the others; refusals last. */
  readonly candidates: readonly (PlannedCandidate | Verdict)[];
  /** Where candidates were run: the steps of their solves, and what would be chosen with these in the place of the assumptions. */
  readonly counted?: Counted & { readonly chosen: string | null };
  /** Of the candidate that is taken. */
  readonly stages: readonly PlannedStage[];
  readonly backend: Computing['backend'];
  readonly precision: Computing['precision'];
  /** Null where no candidate can be chosen, a size is not known, or the backend does not plan its memory. */
  readonly memory: PlannedMemory | null;
  /** What of the choice the backend leaves to the host; absent where the backend leaves nothing to it. */
  readonly host?: HostWork | undefined;
}

/** A candidate that accepts the problem. */
export interface PlannedCandidate extends Verdict {
  /** Of one hypergradient, in arithmetic operations. Absent where a size is not known. */
  readonly flops?: number;
  /** Moved in one hypergradient. Absent where a size is not known. */
  readonly bytes?: number;
  /** Steps of each loop, as the predicted time assumes them. */
  readonly steps: Readonly<Record<string, number>>;
  /** What the predicted time is made of. Absent where a size is not known. */
  readonly work?: readonly WeighedWork[];
  readonly conditions: readonly JudgedCondition[];
  readonly error: PredictedError;
  /** Why it is taken when it is asked for by name, and else never. */
  readonly byNameOnly?: string;
  /** Where it was run: what one hypergradient took. */
  readonly measured?: Measured;
  /** False for a strategy that only approximates the hypergradient, taken when it is asked for by name. */
  readonly exact: boolean;
  /** The same costs as formulas in the sizes. */
  readonly cost: { readonly flops: string; readonly bytes: string };
}

/** One hypergradient from the declared start, inner solve included; or why it did not come to one. */
export type Measured =
  | {
      /** The median, in milliseconds, and the least. */
      readonly ms: number;
      readonly least: number;
      readonly samples: number;
      readonly steps: StepCounts;
      /** What the hypergradient says of its error, an estimate, as a share of it; absent where it says nothing. */
      readonly error?: number;
    }
  | { readonly because: string };

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
  { module, code, calls, costs, price, errorParts }: CompiledProblem,
  sizes: Sizes,
  {
    strategy,
    calibration,
    ...computing
  }: Computing & { readonly strategy?: string | undefined; readonly calibration?: Calibration | undefined },
): PlanFacts {
  const { description, plan } = module;
  const choice = choose(plan, sizes, { ...(strategy === undefined ? {} : { only: strategy }), calibration });
  const memory = memoryOfChoice({ module, code }, choice, sizes, computing);
  const ids = plan.candidates.map(({ id }) => id);
  return {
    ...computing,
    calibration: calibration ?? usualCalibration,
    calibrated: calibration !== undefined,
    description,
    plan,
    sizes,
    choice,
    costs: new Map(ids.map((id) => [id, costs(id)])),
    prices: new Map(ids.map((id) => [id, price(id)])),
    errors: new Map(ids.map((id) => [id, errorParts(id)])),
    memory,
    ...hostOfChoice(calls, choice, computing),
    only: strategy,
  };
}

/** Of a loop that several candidates have, what the first of them counted. */
function countedIn({ plan, sizes, calibration, choice, measured, only }: PlanFacts): PlanDocument['counted'] {
  const counts: Record<string, number> = {};
  for (const { id } of choice.verdicts) {
    const candidate = plan.candidates.find((c) => c.id === id);
    const found = measured?.get(id);
    if (candidate === undefined || found === undefined || 'because' in found) continue;
    for (const [name, count] of Object.entries(countsOf(candidate, found.steps))) counts[name] ??= count;
  }
  if (Object.keys(counts).length === 0) return undefined;
  return { ...countedOf(plan, sizes, counts), chosen: chooseCounted(plan, sizes, counts, { only, calibration }).chosen?.id ?? null };
}

function hostOfChoice(calls: CompiledProblem['calls'], { chosen }: Choice, { backend }: Computing): Pick<PlanFacts, 'host'> {
  if (chosen === undefined || backend === 'wasm' || backend === 'reference') return {};
  const { library } = libraryBackends[backend];
  return { host: hostWork(calls(chosen.id, library), library) };
}

function memoryOfChoice(
  { code, module: { description } }: Pick<CompiledProblem, 'code' | 'module'>,
  { chosen }: Choice,
  sizes: Sizes,
  { backend, precision }: Computing,
): PlanFacts['memory'] {
  if (backend !== 'wasm') return { unknown: `the backend \`${backend}\` does not plan its memory` };
  if (chosen === undefined) return { unknown: 'no candidate can be chosen' };
  const isMixed = precision === 'mixed' && whyNotRefined(description, chosen) === undefined;
  const parts = isMixed
    ? [code(refinedId(chosen.id), 'f32'), code(checkedId(chosen.id), 'f64')]
    : [code(chosen.id, precision === 'f32' ? 'f32' : 'f64')];
  const memories = parts.map((part) => memoryOf(part, sizes)).filter((memory) => memory !== undefined);
  if (memories.length < parts.length) return { unknown: 'not all sizes are known' };
  return {
    bytes: memories.reduce((sum, { bytes }) => sum + bytes, 0),
    largest: memories
      .flatMap(({ largest }) => largest)
      .sort((a, b) => b.bytes - a.bytes)
      .slice(0, 3),
  };
}

export function planDocument(facts: PlanFacts): PlanDocument {
  const { description, plan, sizes, choice, costs, prices, backend, precision, memory, calibration, calibrated } = facts;
  const environment = environmentOf(plan, sizes);
  const figure = <Name extends string>(name: Name, cost: Expr): { readonly [key in Name]?: number } => {
    const value = evaluate(cost, environment);
    return (value === undefined ? {} : { [name]: value }) as { readonly [key in Name]?: number };
  };
  const { chosen, verdicts } = choice;
  const counted = countedIn(facts);
  return {
    problem: description.name,
    meaning: description.meaning,
    degree: description.degree,
    curvature: description.curvature,
    ...(description.composite === undefined ? {} : { composite: description.composite }),
    sizes,
    assumptions: Object.fromEntries(Object.entries(environment).filter(([name]) => Object.hasOwn(plan.assumptions, name))),
    hypers: description.hypers.map((h) => ({ name: h.name, type: typeText(h), acts: h.acts })),
    chosen: chosen?.id ?? null,
    candidates: verdicts.map((verdict) => {
      const candidate = plan.candidates.find((c) => c.id === verdict.id);
      const cost = costs.get(verdict.id);
      if (candidate === undefined || cost === undefined) return verdict;
      const { flops, bytes } = cost;
      const price = prices.get(verdict.id) ?? {};
      const work = weighedWork(plan, price, sizes, calibration);
      const measured = facts.measured?.get(verdict.id);
      return {
        ...verdict,
        ...(work === undefined ? {} : { predicted: work.reduce((sum, { ms }) => sum + ms, 0), work }),
        steps: assumedSteps(plan, price, sizes),
        conditions: judgedConditions(plan, candidate.conditions, sizes),
        error: predictedError(
          plan,
          candidate,
          facts.errors.get(verdict.id) ?? [],
          roundingOf({ precision: precision === 'auto' ? 'f32' : precision }),
        ),
        ...(candidate.byNameOnly === undefined ? {} : { byNameOnly: candidate.byNameOnly }),
        ...(measured === undefined ? {} : { measured: measuredOf(measured) }),
        ...figure('flops', flops),
        ...figure('bytes', bytes),
        exact: candidate.exact,
        cost: { flops: printExpr(flops), bytes: printExpr(bytes) },
      };
    }),
    ...(counted === undefined ? {} : { counted }),
    stages: (costs.get(chosen?.id ?? '')?.stages ?? []).map(({ stage, what, flops }) => ({
      stage,
      what,
      ...figure('flops', flops),
      cost: printExpr(flops),
    })),
    backend,
    precision,
    calibration,
    calibrated,
    memory: 'unknown' in memory ? null : memory,
    ...(facts.host === undefined ? {} : { host: facts.host }),
  };
}

const measuredOf = (found: MeasuredCandidate): Measured =>
  'because' in found
    ? { because: found.because }
    : {
        ms: found.ms,
        least: found.leastMs,
        samples: found.samples,
        steps: found.steps,
        ...(found.error === undefined ? {} : { error: found.error }),
      };

/** `positive[d] in [0, 1]`. */
export function typeText({
  kind,
  shape,
  interval,
  alternatives,
}: Pick<HyperDescription, 'kind' | 'shape' | 'interval' | 'alternatives'>): string {
  if (alternatives !== undefined) return `choice(${alternatives.join(', ')})`;
  const dims = shape.length === 0 ? '' : `[${shape.map(printExpr).join(', ')}]`;
  const range = interval === undefined ? '' : ` in [${interval.map(printExpr).join(', ')}]`;
  return `${kind}${dims}${range}`;
}
