/** What an emitted module carries, takes and gives: the types of the public interface, and nothing that runs. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Verdict } from '../plan/choose.ts';
import type { CandidateCode, Precision } from '../plan/kernels.ts';
import type { Status } from '../plan/status.ts';
import type { ExecutorDescription, Plan, ProblemDescription } from '../plan/types.ts';
import type { ErrorReport, InnerReport, OuterStep } from './types.ts';

// ---- values ---------------------------------------------------------------------------------------------------------------

type ShapeOf<Rank extends number> = Rank extends 1
  ? readonly [number]
  : Rank extends 2
    ? readonly [number, number]
    : Rank extends 3
      ? readonly [number, number, number]
      : readonly number[];

/** An array as results hold it: row-major float64 with its shape. */
export interface Tensor<Rank extends number = number> {
  readonly shape: ShapeOf<Rank>;
  readonly data: Float64Array;
}

/** Anything with a shape and its elements in row-major order: a tensor of this or of another library. */
export interface Shaped {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** One axis: an array, a typed array, or something shaped. */
export type Vector = ArrayLike<number> | Shaped;
/** Two axes: rows, or something shaped. */
export type Matrix = readonly ArrayLike<number>[] | Shaped;

/** Values for some of the named things: numbers where results hold numbers, arrays of any form where they hold tensors. */
export type Some<Named> = {
  readonly [Name in keyof Named]?: Named[Name] extends number ? number : ArrayOr<Named[Name]>;
};

/** Any array; a number too where the result may be one. */
type ArrayOr<Result> = Vector | Matrix | Shaped | (number extends Result ? number : never);

// ---- what a module carries --------------------------------------------------------------------------------------------------

/** The page that a module was compiled from. */
export interface SourceText {
  readonly file: string;
  readonly sha256: string;
  /** Where its lines begin: offsets in UTF-16. */
  readonly lines: readonly number[];
}

/** Plain data, made by `bilevel compile`. */
export interface ModuleCode {
  /** The version of the compiler. */
  readonly compiler: string;
  readonly source: SourceText;
  readonly description: ProblemDescription;
  readonly plan: Plan;
  /** Of each candidate that was compiled, by precision; unpacked when it is first asked for. */
  readonly code: Readonly<Record<string, Readonly<Partial<Record<Precision, () => CandidateCode | Promise<CandidateCode>>>>>>;
}

/** What a module is, as data. */
export interface ModuleDescription extends ProblemDescription, Pick<ModuleCode, 'compiler' | 'plan'> {
  readonly source: Omit<SourceText, 'lines'>;
}

// ---- options and results ------------------------------------------------------------------------------------------------------

export interface BindOptions {
  /** Keyed by the run's seed and the declaration's name: draws of params, several starts. Default 0. */
  readonly seed?: number;
  /** What computes. Default, and all that this version has: `wasm`. */
  readonly backend?: string;
  /** Default `f64`. */
  readonly precision?: Precision;
  /** Default `auto`: as many as there are cores, where a kernel is worth it. */
  readonly threads?: number | 'auto';
  /** Products and the sums that they are added to are rounded at once; last bits then differ between machines. */
  readonly fused?: boolean;
  /** A strategy's name, or a candidate's id. Default: what the plan chooses at the data's sizes. */
  readonly strategy?: string;
}

export interface CallOptions {
  /** Raised: the call rejects with status `interrupted`. */
  readonly signal?: AbortSignal;
  /** Steps done of the inner solve that is running, told now and then. */
  readonly onInnerSteps?: (steps: number) => void;
}

export interface SolveOptions<Hyper> extends CallOptions {
  /** Where to begin; default: the declared starts. */
  readonly hyper?: Some<Hyper>;
  readonly onStep?: (step: Step<Hyper>, total: number | undefined) => void | Promise<void>;
  /** What a solve may take: what was reached by then is the result, with `outerStatus` `interrupted` or `step-limit`. */
  readonly budget?: { readonly milliseconds?: number; readonly steps?: number };
}

/** One outer step. */
export interface Step<Hyper> extends Omit<OuterStep, 'hyper'> {
  readonly hyper: Hyper;
}

/** The criterion at a point, and what was found there. */
export interface Evaluation<Hyper, Param, Report> {
  /** The criterion F. */
  readonly outer: number;
  readonly hyper: Hyper;
  readonly param: Param;
  readonly report: Report;
  readonly inner: InnerReport;
  readonly status: Status;
  readonly strategy: string;
  readonly solver: string;
  readonly computedBy: ExecutorDescription;
  readonly warnings: readonly Diagnostic[];
}

export interface Hypergradient<Hyper, Param, Report> extends Evaluation<Hyper, Param, Report> {
  /** dF/dθ, each hyper in its own space. */
  readonly hypergradient: Hyper;
  readonly error: ErrorReport;
}

export interface Solution<Hyper, Param, Report> extends Hypergradient<Hyper, Param, Report> {
  /** How the outer solver ended. */
  readonly outerStatus: Status;
  readonly outerMethod: string;
  /** With `int` hypers, which are rounded at the end: the criterion at the relaxed optimum. */
  readonly relaxed?: { readonly outer: number; readonly hyper: Hyper };
  readonly history: readonly Step<Hyper>[];
  /** Milliseconds. */
  readonly elapsedMs: number;
}

export interface VerificationRow<Hyper> {
  readonly strategy: string;
  readonly solver: string;
  readonly hypergradient?: Hyper;
  /** ‖this − chosen‖ / ‖chosen‖ over the whole hypergradient. */
  readonly relativeDifference?: number;
  readonly agrees?: boolean;
  readonly because?: string;
}

export interface Verification<Hyper> {
  readonly agrees: boolean;
  readonly rows: readonly VerificationRow<Hyper>[];
}

/**
 * A problem bound to data, which were copied. Whatever depends on data alone is computed once, at the first call, and kept until `close`.
 * Calls wait for each other.
 */
export interface Bound<Hyper, Param, Report> {
  readonly sizes: Readonly<Record<string, number>>;
  /**
   * dF/dθ at the declared starts with `hyper` over them, each of its hyper's shape, from a cold start of the params.
   * Fails: rejects with `ProblemError`, also where the inner solve ends in a status that leaves no gradient.
   */
  readonly hypergradient: (hyper?: Some<Hyper>, options?: CallOptions) => Promise<Hypergradient<Hyper, Param, Report>>;
  /** The same without derivatives. Fails as `hypergradient` does. */
  readonly evaluate: (hyper?: Some<Hyper>, options?: CallOptions) => Promise<Evaluation<Hyper, Param, Report>>;
  /**
   * The outer loop, from the declared starts or `options.hyper`. Not reaching the tolerance is `outerStatus` and a warning.
   * Fails: rejects with `ProblemError`, whose `lastGood` is the `Solution` as far as it came, if there is one.
   */
  readonly solve: (options?: SolveOptions<Hyper>) => Promise<Solution<Hyper, Param, Report>>;
  /** Every strategy that the module carries against the chosen one, at the declared starts. */
  readonly verify: (options?: CallOptions) => Promise<Verification<Hyper>>;
  /** Lets go of memory and threads. */
  readonly close: () => void;
}

export interface Problem<Data, Hyper, Param, Report> {
  readonly describe: ModuleDescription;
  /** The choice at these sizes, with the verdict on every candidate. Source: `plan/choose.ts`. */
  readonly plan: (sizes?: Readonly<Record<string, number>>) => {
    readonly chosen: string | undefined;
    readonly verdicts: readonly Verdict[];
  };
  /** Checks and copies the data. Rejects with `ProblemError`. */
  readonly bind: (data: Data, options?: BindOptions) => Promise<Bound<Hyper, Param, Report>>;
  readonly solve: (data: Data, options?: BindOptions & SolveOptions<Hyper>) => Promise<Solution<Hyper, Param, Report>>;
  readonly hypergradient: (
    data: Data,
    hyper?: Some<Hyper>,
    options?: BindOptions & CallOptions,
  ) => Promise<Hypergradient<Hyper, Param, Report>>;
  readonly evaluate: (data: Data, hyper?: Some<Hyper>, options?: BindOptions & CallOptions) => Promise<Evaluation<Hyper, Param, Report>>;
  readonly verify: (data: Data, options?: BindOptions & CallOptions) => Promise<Verification<Hyper>>;
}
