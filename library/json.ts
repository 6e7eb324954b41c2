/**
 * The documents of `--json`, as the language page fixes them: snake_case keys, vectors as lists, matrices as lists of rows. Their types are
 * also what the JSON schemas are made from.
 */
import type { JsonDiagnostic } from '../diagnostics/render.ts';
import type { PlanDocument } from './plan-document.ts';
import type { Reweighed } from '../plan/reweigh.ts';
import type { Status } from '../plan/status.ts';
import type { Arithmetic, ExecutorDescription, Tensor } from '../plan/types.ts';
import type {
  Chosen,
  ErrorReport,
  GradientResult,
  InnerReport,
  OuterStep,
  Point,
  RunResult,
  VerifyResult,
  Whole,
} from '../runtime/types.ts';

/** A number; null where it is not finite, which JSON cannot say. */
export type Figure = number | null;

/** A scalar is a number, a vector a list, a matrix a list of rows, and so on inwards. */
export type Numbers = Figure | readonly Numbers[];

/** Values by the names of the page. */
export type Named = Readonly<Record<string, Numbers>>;

// ---- the documents ----------------------------------------------------------------------------------------------

/** What every document ends with. */
export interface Reported {
  readonly diagnostics: readonly JsonDiagnostic[];
}

/** A command that has no result. */
export interface FailureDocument extends Reported {
  /** How the solver ended, or in a word what the exit code says. */
  readonly status: string;
  readonly exit_code: number;
  /** Of a bug of ours: what happened, in which pass, of which version. */
  readonly message?: string;
  readonly pass?: string;
  readonly version?: string;
}

/** What can compute here, and what cannot. */
export interface BackendsDocument extends Reported {
  readonly backends: readonly BackendDocument[];
}

export interface BackendDocument {
  readonly name: string;
  readonly available: boolean;
  /** In which it computes; none where it is not there. */
  readonly precisions: readonly string[];
  /** What computes, or why it is not there. */
  readonly why: string;
  /** What would help. */
  readonly hint?: string;
}

/** How an inner solve ended. */
export interface InnerDocument {
  readonly loss: Figure;
  readonly gradient_norm: Figure;
  readonly steps: number;
  readonly status: Status;
}

/** One hypergradient. */
export interface GradientDocument {
  readonly problem: string;
  readonly backend: string;
  readonly precision: Arithmetic;
  /** Why it is that one: where it was chosen, or stands in for mixed precision. */
  readonly precision_why?: string | undefined;
  /** Products were added to sums in one rounding. */
  readonly fused?: boolean | undefined;
  readonly threads: number;
  /** Why so many. */
  readonly threads_why: string;
  readonly memory_bytes?: number | undefined;
  /** How many inner problems there are; absent where the problem has no folds. */
  readonly folds?: number | undefined;
  readonly strategy: string;
  readonly solver: string;
  readonly status: Status;
  /** The criterion. */
  readonly outer: Figure;
  /** With folds one for each of them. */
  readonly inner: InnerDocument | readonly InnerDocument[];
  readonly hyper: Named;
  /** Of the criterion in each hyper, in its own space. */
  readonly hypergradient: Named;
  readonly error: ErrorDocument;
  readonly param: Named;
  /** By the names of data that are text: the words that the numbers 0, 1, … stand for. */
  readonly labels?: Readonly<Record<string, readonly string[]>>;
}

/** How far the hypergradient may be from the true one, in the Euclidean norm over all hypers. */
export interface ErrorDocument {
  readonly bound?: Figure | undefined;
  readonly estimate?: Figure | undefined;
  /** The bound is proved. */
  readonly certified: boolean;
  readonly why: string;
}

/** What `gradient --verify` adds: every strategy against the chosen one, which is the first row. */
export interface VerifyDocument {
  readonly agrees: boolean;
  readonly verify: readonly {
    readonly strategy: string;
    readonly solver: string;
    readonly outer?: Figure | undefined;
    readonly hypergradient?: Named | undefined;
    readonly error?: ErrorDocument | undefined;
    /** ‖this − chosen‖ / ‖chosen‖ over the whole hypergradient. */
    readonly relative_difference?: Figure | undefined;
    readonly allowed?: { readonly relative: Figure; readonly why: string } | undefined;
    readonly agrees?: boolean | undefined;
    /** Why there is no result. */
    readonly because?: string | undefined;
  }[];
}

/** One outer step. */
export interface StepDocument {
  /** With several starts, which one, from 0. */
  readonly start: number;
  readonly step: number;
  readonly outer: Figure;
  readonly gradient_norm: Figure;
  readonly inner_steps: number;
  readonly hyper: Named;
  readonly elapsed_ms: number;
}

/** What a solve took: inner problems solved, with their hypergradients, and the steps of the inner and of the linear solver in all. */
export interface SpentDocument {
  readonly evaluations: number;
  readonly inner_steps: number;
  readonly linear_steps: number;
}

/** A choice of another candidate, by what the first hypergradient of a run has counted. */
export interface ReweighedDocument {
  /** Ids of the candidate that counted, and of the one that was to go on. */
  readonly from: string;
  readonly to: string;
  /** By the names of the loops. */
  readonly steps: Reweighed['steps'];
  /** The condition number that these mean. */
  readonly condition?: number;
  /** Of one hypergradient by either, with what was counted. */
  readonly predicted_ms: Reweighed['predicted'];
  /** Why the other one could not go on, and the first one did. */
  readonly failed?: string | undefined;
}

/** A solved problem, or the last good state of one whose solve failed. */
export interface RunDocument extends GradientDocument {
  /** How the outer solver ended. */
  readonly outer_status: Status;
  readonly outer_method: string;
  readonly history: readonly StepDocument[];
  /** By the outer solver, at all points that it tried. */
  readonly spent: SpentDocument;
  /** Absent where the candidate stayed what it was. */
  readonly reweighed?: ReweighedDocument;
  readonly report: Named;
  /** With folds: the inner problem once more, fitted to all that they share out. */
  readonly refit?: { readonly status: Status; readonly inner: InnerDocument; readonly param: Named };
  /** What each `choice` and `int` hyper became: a function's name, or whole numbers; empty where there is none. */
  readonly chosen: Readonly<Record<string, string | Numbers>>;
  /** With such hypers: the inner problem solved again with what they became. `param`, `report` and `refit` are of this solution. */
  readonly whole?: WholeDocument;
  readonly elapsed_ms: number;
}

/** The criterion where choices are made and whole numbers are whole, and how the inner solve ended there. */
export interface WholeDocument {
  readonly status: Status;
  readonly outer: Figure;
  /** With folds one for each of them. */
  readonly inner: InnerDocument | readonly InnerDocument[];
}

/** `bilevel plan --json`. */
export type PlanOutput = (PlanDocument & Reported) | FailureDocument;

/** `bilevel gradient --json`, also with `--verify`. */
export type GradientOutput = (GradientDocument & Reported) | (GradientDocument & VerifyDocument & Reported) | FailureDocument;

/** `bilevel run --json`. A solve that fails on its way shows the last good state. */
export type RunOutput = (RunDocument & Reported) | (RunDocument & Reported & { readonly exit_code: number }) | FailureDocument;

// ---- how they are made ------------------------------------------------------------------------------------------

export function tensorJson({ shape, data }: Tensor): Numbers {
  const build = (axis: number, offset: number): Numbers => {
    const size = shape[axis];
    if (size === undefined) return data[offset] ?? null;
    const stride = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    return Array.from({ length: size }, (_, i) => build(axis + 1, offset + i * stride));
  };
  return build(0, 0);
}

const pointJson = (point: Point): Named => Object.fromEntries(Object.entries(point).map(([name, tensor]) => [name, tensorJson(tensor)]));

const innerJson = ({ loss, gradientNorm, steps, status }: InnerReport): InnerDocument => ({
  loss,
  gradient_norm: gradientNorm,
  steps,
  status,
});

const errorJson = ({ bound, estimate, certified, why }: ErrorReport): ErrorDocument => ({ bound, estimate, certified, why });

/** What computed a result. */
const computedJson = ({ backend, precision, chosen, declined, threads, why, fused, bytes, folds }: ExecutorDescription) => ({
  backend,
  precision,
  precision_why: declined ?? chosen,
  fused,
  threads,
  threads_why: why,
  memory_bytes: bytes,
  folds,
});

export const gradientJson = (problem: string, result: GradientResult): GradientDocument => ({
  problem,
  ...computedJson(result.computedBy),
  strategy: result.strategy,
  solver: result.solver,
  status: result.status,
  outer: result.outer,
  inner: result.inners?.map(innerJson) ?? innerJson(result.inner),
  hyper: pointJson(result.hyper),
  hypergradient: pointJson(result.hypergradient),
  error: errorJson(result.error),
  param: pointJson(result.param),
  ...(result.labels === undefined ? {} : { labels: result.labels }),
});

export const verifyJson = ({ rows, agrees }: VerifyResult): VerifyDocument => ({
  agrees,
  verify: rows.map((row) => ({
    strategy: row.strategy,
    solver: row.solver,
    outer: row.result?.outer,
    hypergradient: row.result === undefined ? undefined : pointJson(row.result.hypergradient),
    error: row.result === undefined ? undefined : errorJson(row.result.error),
    relative_difference: row.relativeDifference,
    allowed: row.allowed,
    agrees: row.agrees,
    because: row.because,
  })),
});

export const stepJson = (step: OuterStep): StepDocument => ({
  start: step.start,
  step: step.step,
  outer: step.outer,
  gradient_norm: step.gradientNorm,
  inner_steps: step.innerSteps,
  hyper: pointJson(step.hyper),
  elapsed_ms: step.elapsedMs,
});

const reweighedJson = ({ predicted, ...found }: NonNullable<RunResult['reweighed']>): ReweighedDocument => ({
  ...found,
  predicted_ms: predicted,
});

const chosenJson = (chosen: Chosen = {}): RunDocument['chosen'] =>
  Object.fromEntries(Object.entries(chosen).map(([name, is]) => [name, typeof is === 'object' ? tensorJson(is) : is]));

const wholeJson = (whole: Whole): WholeDocument => ({
  status: whole.status,
  outer: whole.outer,
  inner: whole.inners?.map(innerJson) ?? innerJson(whole.inner),
});

export const runJson = (problem: string, result: RunResult): RunDocument => ({
  ...gradientJson(problem, result),
  outer_status: result.outerStatus,
  outer_method: result.outerMethod,
  history: result.history.map(stepJson),
  spent: {
    evaluations: result.spent.evaluations,
    inner_steps: result.spent.innerSteps,
    linear_steps: result.spent.linearSteps,
  },
  ...(result.reweighed === undefined ? {} : { reweighed: reweighedJson(result.reweighed) }),
  report: Object.fromEntries(
    Object.entries(result.report).map(([name, value]) => [name, typeof value === 'number' ? value : tensorJson(value)]),
  ),
  ...(result.refit === undefined
    ? {}
    : { refit: { status: result.refit.status, inner: innerJson(result.refit.inner), param: pointJson(result.refit.param) } }),
  chosen: chosenJson(result.chosen),
  ...(result.whole === undefined ? {} : { whole: wholeJson(result.whole) }),
  elapsed_ms: result.elapsedMs,
});
