/** What the runtime takes and gives. Every result is plain data. */
import type { Status } from '../plan/status.ts';
import type { Calibration, ExecutorDescription, Slots, Tensor } from '../plan/types.ts';
import type { Verdict } from '../plan/decide.ts';
import type { Reweighed } from '../plan/reweigh.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { EndsOf, LinkFolds } from './folds/executor.ts';
import type { ReportFolds } from './folds/refit.ts';
import type { SessionParts } from './session.ts';

/**
 * How a drive ended. A failure is a value: `status` says how, `diagnostics` why and what to do, `lastGood` is as much of the result
 * as was computed before (of a run: the last accepted point, with its history), fit to be shown and kept. Warnings of a success are in
 * its `warnings`. `not-started`: the caller's point, the plan or the outer solver's options are wrong, and nothing was computed.
 * `interrupted` has no diagnostics. Nothing here throws but our own bugs (`InternalError`).
 */
export type Outcome<T> = { readonly ok: true; readonly value: T } | (Failure & { readonly lastGood?: T });

export interface Failure {
  readonly ok: false;
  readonly status: Status | 'not-started';
  readonly diagnostics: readonly Diagnostic[];
}

/** One inner problem with its data: slots, and every dim's size. */
export interface Instance {
  readonly slots: Slots;
  readonly sizes: Readonly<Record<string, number>>;
}

/** The inner problems of a cross-validation. Their slots come over those that all share. */
export interface Folds {
  readonly each: readonly Instance[];
  /** All that the folds share out. */
  readonly whole: Instance;
  readonly link: LinkFolds;
  readonly ends: EndsOf;
  readonly report: ReportFolds;
}

/** Data checked against the description: tensors, and every dim's size; of sets that vary over folds the largest. */
export interface BoundProblem extends Instance {
  /** `data:NAME` and `index:SET`, `draw:NAME` of drawn params, and `batch:DIM`; without folds all of them. */
  readonly slots: Slots;
  readonly folds?: Folds;
  readonly labels?: Labels;
}

/** By the names of data that are text: the words that the numbers 0, 1, … stand for. */
export type Labels = Readonly<Record<string, readonly string[]>>;

/** A point θ: one tensor a hyper, each in its own space. */
export type Point = Readonly<Record<string, Tensor>>;

/** How the inner solver ended. */
export interface InnerReport {
  readonly loss: number;
  /** Euclidean, of the inner loss in the params. */
  readonly gradientNorm: number;
  readonly steps: number;
  readonly status: Status;
}

/** How the linear solve of a hypergradient ended. */
export interface LinearReport {
  readonly status: Status;
  readonly steps: number;
  readonly residual: number;
}

/** How far a hypergradient may be from the true one, in the Euclidean norm over all hypers. */
export interface ErrorReport {
  readonly bound?: number;
  readonly estimate?: number;
  /** The bound is proved. */
  readonly certified: boolean;
  /** From what it follows, or why it is not known. */
  readonly why: string;
}

/** A point at which the inner problem has been solved. */
export interface EvaluationResult {
  readonly candidate: string;
  readonly strategy: string;
  readonly solver: string;
  readonly computedBy: ExecutorDescription;
  readonly status: Status;
  readonly outer: number;
  /** With folds of all: the mean loss, the largest gradient norm, all steps, the gravest status. */
  readonly inner: InnerReport;
  /** Of each fold. */
  readonly inners?: readonly InnerReport[];
  readonly hyper: Point;
  readonly param: Readonly<Record<string, Tensor>>;
  readonly labels?: Labels;
  readonly warnings: readonly Diagnostic[];
}

export interface GradientResult extends EvaluationResult {
  readonly hypergradient: Point;
  readonly error: ErrorReport;
}

/** What a run took, at all points that it tried. */
export interface Spent {
  /** Inner problems solved, with their hypergradients; with folds each time all of them. */
  readonly evaluations: number;
  /** Of the inner solver. */
  readonly innerSteps: number;
  /** Of the linear solver behind the hypergradients: a product each, or one for a factor. */
  readonly linearSteps: number;
}

/** One outer step, as it is shown while it runs and kept in the history. */
export interface OuterStep {
  /** With several starts, which one (from 0). */
  readonly start: number;
  readonly step: number;
  readonly outer: number;
  /** Euclidean norm of the hypergradient after removing what points out of a bound, in the searched coordinates. */
  readonly gradientNorm: number;
  /** Of all inner solves since the step before. */
  readonly innerSteps: number;
  readonly hyper: Point;
  readonly elapsedMs: number;
}

export interface RunResult extends GradientResult {
  /** How the outer solver ended. */
  readonly outerStatus: Status;
  readonly outerMethod: string;
  /** With `choice` and `int` hypers: what they became, and the inner problem solved again with that. `param` and `report` are of it. */
  readonly chosen?: Chosen;
  readonly whole?: Whole;
  readonly history: readonly OuterStep[];
  /** By the outer solver, without what the results at its end take (an error, a refit). */
  readonly spent: Spent;
  /** Where the counts of the first hypergradient made another candidate the choice; `failed`: why that did not come to one, and the run stayed. */
  readonly reweighed?: Reweighed & { readonly failed?: string };
  readonly report: Readonly<Record<string, number | Tensor>>;
  readonly refit?: Refit;
  readonly elapsedMs: number;
}

/** What relaxed hypers became: of a choice the name of a function, of an `int` a whole number, or all of its numbers. */
export type Chosen = Readonly<Record<string, string | number | Tensor>>;

/** The criterion where choices are made and whole numbers are whole, and how the inner solve ended there. */
export type Whole = Pick<EvaluationResult, 'status' | 'outer' | 'inner' | 'inners'>;

/** The inner problem of a cross-validation once more, fitted to all that the folds share out. */
export interface Refit {
  readonly status: Status;
  readonly inner: InnerReport;
  readonly param: Readonly<Record<string, Tensor>>;
}

/** One row of `gradient --verify`. */
export interface VerifyRow {
  readonly strategy: string;
  readonly solver: string;
  /**
   * Absent when the strategy does not accept the problem or could not finish; then `because` says why. Absent too for differences of many
   * hypers, which are taken along random directions: then the difference is an estimate from these, and `allowed.why` says so.
   */
  readonly result?: GradientResult;
  readonly because?: string;
  /** ‖this − chosen‖ / ‖chosen‖ over the whole hypergradient. */
  readonly relativeDifference?: number;
  /** What the difference was allowed to be, and from what it follows. */
  readonly allowed?: { readonly relative: number; readonly why: string };
  readonly agrees?: boolean;
}

export interface VerifyResult {
  readonly chosen: GradientResult;
  readonly rows: readonly VerifyRow[];
  readonly agrees: boolean;
}

export interface DriveOptions extends SessionParts {
  /** Keyed by the run's seed and the declaration's name: draws of params, several starts. */
  readonly seed?: number;
  /** A candidate's id, or a strategy's name; default: the plan's choice. */
  readonly candidate?: string;
  /** What work takes on this machine, for the plan's choice; default: what it usually takes. */
  readonly calibration?: Calibration | undefined;
  readonly signal?: AbortSignal;
  readonly onStep?: (step: OuterStep, total: number | undefined) => void | Promise<void>;
  /** Steps done of the inner solve that is running, told at turns by a backend that can. */
  readonly onInnerSteps?: (steps: number) => void;
  /** Where to begin; default: the declared starts. */
  readonly hyper?: Partial<Point>;
  /** `adaptive` (default): solves on the way are only as accurate as the outer solver needs; the last ones always go to the end. */
  readonly accuracy?: 'adaptive' | 'fixed';
  /** Default: a problem with folds is fitted once more at the end, to all that they share out. */
  readonly refit?: boolean;
}

export type { Verdict };
