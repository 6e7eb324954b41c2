/** What an emitted module carries, takes and gives: the types of the public interface, and nothing that runs. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Verdict, Weigh } from '../plan/decide.ts';
import type { CandidateCode, Precision } from '../plan/kernels.ts';
import type { Status } from '../plan/status.ts';
import type { Arithmetic, Certifies, ExecutorDescription, Plan, ProblemDescription } from '../plan/types.ts';
import type { OwnLibrary } from './backends/calls/library.ts';
import type { BindingParts } from './bind.ts';
import type { OtherLink } from './other-link.ts';
import type { OuterMethod } from './outer/method.ts';
import type { SessionParts } from './session.ts';
import type { ShortOfMemory } from './short-of-memory.ts';
import type { ErrorReport, InnerReport, Labels, OuterStep, Spent, Whole } from './types.ts';

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
  /** Of its text; where it imports others, of all their texts. */
  readonly sha256: string;
  /** Where its lines begin: offsets in UTF-16. */
  readonly lines: readonly number[];
}

/** Made by `bilevel compile`: plain data, and the parts of the runtime that the problem names. */
export interface ModuleCode extends BindingParts, SessionParts {
  /** The version of the compiler. */
  readonly compiler: string;
  readonly source: SourceText;
  readonly description: ProblemDescription;
  readonly plan: Plan;
  /** Where it was compiled to prove errors. */
  readonly certifies?: Certifies;
  /** Of each candidate that was compiled, and of the certificate, by precision; unpacked when it is first asked for. */
  readonly code: Readonly<Record<string, Readonly<Partial<Record<Precision, () => CandidateCode | Promise<CandidateCode>>>>>>;
  /** Where it was compiled for libraries of kernels, or for float32 that is corrected in float64 (`other-link.ts`). */
  readonly otherLink?: OtherLink;
  /** What it computes in by itself, where it carries float64 to judge alone. */
  readonly usual?: Precision;
  /** The outer methods at hand: of a module, the one that its page names. */
  readonly outerMethods: readonly OuterMethod[];
  /** Where there is more than one candidate to choose from (`plan/predict.ts`). */
  readonly weigh?: Weigh;
  /** Where the page limits the bytes of a strategy (`short-of-memory.ts`). */
  readonly shortOfMemory?: ShortOfMemory;
}

/** What a module is, as data. */
export interface ModuleDescription extends ProblemDescription, Pick<ModuleCode, 'compiler' | 'plan'> {
  readonly source: SourceText;
}

// ---- options and results ------------------------------------------------------------------------------------------------------

/** How a problem is bound to its data: all that is fixed until it is closed. */
export interface BindOptions {
  /** Of all that is drawn: starts of params, several starts of the outer solver. A whole number, 0 or more; default 0. */
  readonly seed?: number;
  /**
   * What computes: `wasm` (default), or a backend of a library for which the module was compiled, such as `tfjs-webgl` or `gpujs-webgpu`.
   * One that does not come up is an error that says why: none steps in for it. `auto`: what is predicted to be quickest of what comes up, `wasm`
   * and GPUs, by what work usually takes on each; `computedBy` says why it is that.
   */
  readonly backend?: string;
  /** The application's own copy of the library of the backend, `{ tf }` or `{ GPU }`. Default: the package, imported then. */
  readonly library?: OwnLibrary;
  /**
   * Of the numbers that are computed with; a module has those that it was compiled with. `mixed`: solved in float32 and corrected in float64.
   * Default: `f64`, or what it has in its place; on a library's backend `auto`, which is `mixed` where a solve can be corrected, and else `f32`.
   */
  readonly precision?: Arithmetic | 'auto';
  /** The same bits on any number of them. Default `auto`: as many as there are cores, where a kernel is worth it. */
  readonly threads?: number | 'auto';
  /** Products and the sums that they are added to are rounded at once; last bits then differ between machines. */
  readonly fused?: boolean;
  /** A strategy's name, or a candidate's id. Default: what the plan chooses at the data's sizes. */
  readonly strategy?: string;
}

/** Options of every call that computes. */
export interface CallOptions {
  /** Aborted: the call rejects with status `interrupted`, the signal’s reason as its cause. */
  readonly signal?: AbortSignal;
  /** Steps done of the inner solve that is running, told now and then. */
  readonly onInnerSteps?: (steps: number) => void;
}

/** Options of `hypergradient`. */
export interface HypergradientOptions extends CallOptions {
  /** Whether its error is estimated, for which data are read once more and a linear system is solved. Default `true`. */
  readonly error?: boolean;
}

/** Options of `verify`. */
export interface VerifyOptions extends CallOptions {
  /**
   * Dims of the data that are larger are cut to so many positions, evenly spread, so that differences take moments and not hours.
   * Default 64; `Infinity`: the data as they are.
   */
  readonly largest?: number;
}

/** Options of `solve`. */
export interface SolveOptions<Hyper> extends CallOptions {
  /** Where to begin; default: the declared starts. */
  readonly hyper?: Some<Hyper>;
  /** Told after each outer step, and waited for; `total` is the limit of steps, where there is one. */
  readonly onStep?: (step: Step<Hyper>, total: number | undefined) => void | Promise<void>;
  /**
   * How accurate inner and linear solves are on the way: `adaptive` (default), only as much as the outer solver needs, or `fixed`, always
   * as much as at the end. The solution is as accurate either way.
   */
  readonly accuracy?: 'adaptive' | 'fixed';
  /** Of a problem with folds: whether it is fitted once more at the end, to all that they share out. Default `true`. */
  readonly refit?: boolean;
  /** What a solve may take, in milliseconds or outer steps: what was reached by then is the result, with `outerStatus` `interrupted` or `step-limit`. */
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
  /** The point θ at which it was evaluated, each hyper in its own space and shape. */
  readonly hyper: Hyper;
  /** The params x that the inner problem chose there. */
  readonly param: Param;
  readonly report: Report;
  /** How the inner solver ended. With folds of all: the mean loss, the largest gradient norm, all steps, the gravest status. */
  readonly inner: InnerReport;
  /** Of each fold. */
  readonly inners?: readonly InnerReport[];
  /** `converged`, or what kept inner or linear solver from it. */
  readonly status: Status;
  /** What gave the hypergradient: a strategy, and its inner solver. */
  readonly strategy: string;
  readonly solver: string;
  readonly computedBy: ExecutorDescription;
  /** Where data that `readData` gave were text. */
  readonly labels?: Labels;
  /** What is doubtful about the result: a limit of steps that was reached, say. */
  readonly warnings: readonly Diagnostic[];
}

/** The criterion with its derivative in the hypers. */
export interface Hypergradient<Hyper, Param, Report> extends Evaluation<Hyper, Param, Report> {
  /** dF/dθ, each hyper in its own space and shape. */
  readonly hypergradient: Hyper;
  /** How far it may be from the true one. */
  readonly error: ErrorReport;
}

/**
 * Where the outer solver ended, and how it came there. `Refit`: the params of a single fit, of a problem with folds. `Chosen`: what `choice`
 * and `int` hypers became.
 */
export interface Solution<Hyper, Param, Report, Refit = never, Chosen = never> extends Hypergradient<Hyper, Param, Report> {
  /** How the outer solver ended. */
  readonly outerStatus: Status;
  readonly outerMethod: string;
  /**
   * With `choice` and `int` hypers, which are real numbers while they are searched: what they became, a function's name or whole numbers,
   * and the inner problem solved again with that. `param`, `report` and `refit` are of this solution; all else is of the one before.
   */
  readonly chosen?: Chosen;
  readonly whole?: Whole;
  /** Every outer step, of all starts. */
  readonly history: readonly Step<Hyper>[];
  /** What the outer solver took, at all points that it tried. */
  readonly spent: Spent;
  /** With folds: the params fitted once more, to all positions that the folds share out, and how that solve ended. */
  readonly refit?: { readonly param: Refit; readonly inner: InnerReport; readonly status: Status };
  /** Of the whole solve. */
  readonly elapsedMs: number;
}

/** One strategy against the chosen one, which is the first row. */
export interface VerificationRow<Hyper> {
  readonly strategy: string;
  readonly solver: string;
  readonly hypergradient?: Hyper;
  /** ‖this − chosen‖ / ‖chosen‖ over the whole hypergradient. */
  readonly relativeDifference?: number;
  /** Whether the difference is within what the errors of both and rounding allow. */
  readonly agrees?: boolean;
  /** Why there is nothing to compare. */
  readonly because?: string;
}

/** The strategies of a module against each other, and against finite differences. */
export interface Verification<Hyper> {
  /** No row disagrees. */
  readonly agrees: boolean;
  readonly rows: readonly VerificationRow<Hyper>[];
  /** Of the instance on which they were compared. */
  readonly sizes: Readonly<Record<string, number>>;
}

/**
 * A problem bound to data, which were copied. Whatever depends on data alone is computed once, at the first call, and kept until `close`;
 * `verify` alone computes it for each strategy. Calls wait for each other.
 */
export interface Bound<Hyper, Param, Report, Refit = never, Chosen = never> {
  /** Of every dim and index set, as the data fix them. */
  readonly sizes: Readonly<Record<string, number>>;
  /**
   * dF/dθ at the declared starts with `hyper` over them, each of its hyper's shape, from a cold start of the params.
   * Fails: rejects with `ProblemError`, also where the inner solve ends in a status that leaves no gradient.
   */
  readonly hypergradient: (hyper?: Some<Hyper>, options?: HypergradientOptions) => Promise<Hypergradient<Hyper, Param, Report>>;
  /** The same without the hypergradient and its error. Fails as `hypergradient` does. */
  readonly evaluate: (hyper?: Some<Hyper>, options?: CallOptions) => Promise<Evaluation<Hyper, Param, Report>>;
  /**
   * The outer loop, from the declared starts or `options.hyper`. Not reaching the tolerance is `outerStatus` and a warning.
   * Fails: rejects with `ProblemError`, whose `lastGood` is the `Solution` as far as it came, if there is one.
   */
  readonly solve: (options?: SolveOptions<Hyper>) => Promise<Solution<Hyper, Param, Report, Refit, Chosen>>;
  /**
   * Every strategy that the module carries against the chosen one, and finite differences, at the declared starts, on a few positions of
   * each dim of the data (`options.largest`).
   * Fails: as `hypergradient` does; where another strategy fails, its row says why.
   */
  readonly verify: (options?: VerifyOptions) => Promise<Verification<Hyper>>;
  /** Lets go of memory and threads when the calls before have ended; calls after it are refused. */
  readonly close: () => void;
}

/**
 * What a compiled module exports, by name and all together by default. `Data`, `Hyper`, `Param` and `Report` are its interfaces of the
 * names that the page declares; with folds `Param` holds those of all folds, and `Refit` those of a single fit; `Chosen` is what `choice` and
 * `int` hypers become. Calls other than those of `bind` take data of their own, bind them, and let go of them.
 */
export interface Problem<Data, Hyper, Param, Report, Refit = never, Chosen = never> {
  /** The problem as data: declarations with kinds and shapes, the plan, the page’s digest, the compiler’s version. */
  readonly describe: ModuleDescription;
  /**
   * The candidate that is chosen at these sizes, such as `{ n: 442 }`, by its id, with the verdict on every one that the module carries;
   * undefined where none is valid. Sizes that the page declares need not be given.
   * Fails: throws a `ProblemError` for sizes of no dim, and such as no dim can have.
   */
  readonly plan: (sizes?: Readonly<Record<string, number>>) => {
    readonly chosen: string | undefined;
    readonly verdicts: readonly Verdict[];
  };
  /**
   * Checks kinds, shapes and values of the data, and copies them: what depends on them alone is computed once, for all
   * gradients of the result.
   * Fails: rejects with `ProblemError`, status `not-started`, all that is wrong at once.
   */
  readonly bind: (data: Data, options?: BindOptions) => Promise<Bound<Hyper, Param, Report, Refit, Chosen>>;
  /** The outer loop, as `Bound.solve`. */
  readonly solve: (data: Data, options?: BindOptions & SolveOptions<Hyper>) => Promise<Solution<Hyper, Param, Report, Refit, Chosen>>;
  /** Criterion and hypergradient at the declared starts, or at `hyper` over them, as `Bound.hypergradient`. */
  readonly hypergradient: (
    data: Data,
    hyper?: Some<Hyper>,
    options?: BindOptions & HypergradientOptions,
  ) => Promise<Hypergradient<Hyper, Param, Report>>;
  /** The criterion, params and reports there, as `Bound.evaluate`. */
  readonly evaluate: (data: Data, hyper?: Some<Hyper>, options?: BindOptions & CallOptions) => Promise<Evaluation<Hyper, Param, Report>>;
  /** Every strategy that the module carries against the chosen one, as `Bound.verify`. */
  readonly verify: (data: Data, options?: BindOptions & VerifyOptions) => Promise<Verification<Hyper>>;
}
