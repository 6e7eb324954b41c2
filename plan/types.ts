/**
 * What compiler and runtime say to each other: a problem's description, its plan, and the stages that run.
 * Data only, JSON but for `link` and what it gives; nothing here knows how a graph looks or how a backend computes.
 */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Precision } from './kernels.ts';

/** Arithmetic in dims and counts, evaluated by `evaluate.ts`: a number, a name, or an operation. */
export type Expr =
  | number
  | string
  | { readonly op: 'add' | 'mul' | 'max' | 'min'; readonly args: readonly Expr[] }
  | { readonly op: 'div' | 'pow'; readonly args: readonly [Expr, Expr] }
  | { readonly op: 'sqrt' | 'log'; readonly args: readonly [Expr] };

/** Where values live, and in which space a hyper is searched. */
export type Kind = 'real' | 'positive' | 'nonnegative' | 'unit' | 'simplex' | 'int' | 'choice';

/** Where a declaration stands, for diagnostics at run time. */
export interface SourceSpan {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

export type Column = string | number | { readonly from: string | number; readonly to: string | number };

/** Data that a problem is bound to. */
export interface DataDescription {
  readonly name: string;
  /** The `///` lines before its declaration. */
  readonly doc?: string;
  readonly kind: Kind;
  /** One expression a dim; a bare name binds that dim to the data's size. */
  readonly shape: readonly Expr[];
  readonly interval?: readonly [Expr, Expr];
  readonly from?: { readonly file: string; readonly columns?: readonly Column[]; readonly array?: string };
  readonly span: SourceSpan;
}

/** How the folds of a cross-validation are made: so many, one for each value of an int data, or one for each position. */
export type FoldsDescription =
  { readonly by: 'count'; readonly count: number } | { readonly by: 'groups'; readonly data: string } | { readonly by: 'leave-one-out' };

/** How a dim is cut into index sets. */
export interface SplitDescription {
  readonly dim: string;
  /** Those without a share vary over the folds: the first holds all but the fold, the second the fold. */
  readonly parts: readonly { readonly name: string; readonly percent?: number }[];
  readonly folds?: FoldsDescription;
  /** An int data by whose values every part gets its share of each. */
  readonly stratifiedBy?: string;
  readonly seed: number;
  readonly shuffled: boolean;
  readonly span: SourceSpan;
}

/** What the outer problem chooses. */
export interface HyperDescription {
  readonly name: string;
  readonly doc?: string;
  readonly kind: Kind;
  readonly shape: readonly Expr[];
  readonly interval?: readonly [Expr, Expr];
  /** Of a choice: the functions between which it chooses; it is their logits. */
  readonly alternatives?: readonly string[];
  /** Through what it reaches the criterion. */
  readonly acts: readonly ('directly' | 'through the inner loss' | 'through the solver’s steps')[];
  readonly span: SourceSpan;
}

/** What the inner problem chooses. */
export interface ParamDescription {
  readonly name: string;
  readonly doc?: string;
  readonly kind: Kind;
  readonly shape: readonly Expr[];
  /** Drawn by the runtime and given to the stages as `draw:NAME`; otherwise the stage `start` computes it. */
  readonly distribution?: { readonly name: 'normal' | 'uniform' | 'gumbel' | 'logistic'; readonly arguments: readonly number[] };
  readonly span: SourceSpan;
}

/** What is reported at the solution. */
export interface ReportDescription {
  readonly name: string;
  readonly shape: readonly Expr[];
  /** It speaks of positions that all folds hold out, and is evaluated where the params are fitted to all others. */
  readonly atRefit?: true;
  readonly span: SourceSpan;
}

/** A tolerance, and the method whose it is, by its words on the page. */
export interface ToleranceDescription {
  readonly method: string;
  readonly tolerance: number;
  readonly span: SourceSpan;
}

/** A data matrix, the axis of its features, and the param that weighs them. */
export interface FeaturesDescription {
  readonly data: string;
  readonly axis: number;
  readonly param: string;
}

/** A method with the options that the page gives. */
export interface MethodDescription {
  readonly name: string;
  readonly options: Readonly<Record<string, number | boolean | string>>;
}

/** Where the page asks for something. */
interface DemandDescription {
  readonly span: SourceSpan;
  /** The call of the function in whose body it stands. */
  readonly call?: SourceSpan;
}

/** A range of an axis, or of numbers, that is to be within the axis and not empty; without `from`, a size that is to be at least 1. */
export interface SizeDemandDescription extends DemandDescription {
  readonly from?: Expr;
  readonly to: Expr;
  readonly of?: Expr;
}

/** Data that are to be positions of an axis; with `among`, those of them in this index set. */
export interface PositionDemandDescription extends DemandDescription {
  readonly data: string;
  readonly among?: string;
  readonly of: Expr;
  /** Their declared interval, which is checked with their values, says it already. */
  readonly isDeclared?: true;
}

/** A problem as it is declared, and what the compiler found out about it. */
export interface ProblemDescription {
  readonly name: string;
  /** The `///` lines before it. */
  readonly doc?: string;
  /** The declared dims and index sets; `fixed` is their declared value. */
  readonly dims: readonly { readonly name: string; readonly fixed?: number; readonly span: SourceSpan }[];
  readonly data: readonly DataDescription[];
  readonly splits: readonly SplitDescription[];
  /** Drawn by the runtime and given to the stages as `batch:DIM`: for each of the steps so many members of an index set or a dim. */
  readonly batches?: { readonly dim: string; readonly size: number; readonly steps: number; readonly span: SourceSpan };
  readonly hypers: readonly HyperDescription[];
  readonly params: readonly ParamDescription[];
  /** Keyed by the runtime, a stream each, and given to the stages as `noise:NAME`: a key as four numbers of 16 bits. */
  readonly noises?: readonly { readonly name: string; readonly span: SourceSpan }[];
  readonly reports: readonly ReportDescription[];
  /** At a minimiser F(θ) = f(x*(θ), θ); of a recipe F(θ) = f(x_T(θ), θ). */
  readonly meaning: 'minimiser' | 'recipe';
  readonly direction: 'minimize' | 'maximize';
  /** The outer solver and its options as numbers; defaults filled in by the runtime's method. */
  readonly outer: MethodDescription;
  readonly innerSpan: SourceSpan;
  readonly outerSpan: SourceSpan;
  /** Of the strategy that the page names, if it does. */
  readonly strategySpan?: SourceSpan;
  /** What the compiler found out about the inner loss, in words. */
  readonly curvature: { readonly word: 'proved' | 'verified here' | 'unknown'; readonly why: string };
  /** Of inner loss and criterion in the params; null: not a polynomial. */
  readonly degree: { readonly inner: number | null; readonly outer: number | null };
  /** Ops of the inner loss whose derivative in the params jumps somewhere, such as `abs`. */
  readonly kinks: readonly string[];
  /** Penalties and sets of the params that the inner problem is solved with, a phrase each; absent where it is smooth and free. */
  readonly composite?: readonly string[];
  /** Params without a penalty, and how many numbers they are, that only so many rows of data determine: `free` is to be no more. */
  readonly bentByRows?: { readonly params: readonly string[]; readonly free: Expr; readonly rows: Expr };
  /** Tolerances that the page sets, each with the line in which it stands. */
  readonly tolerances?: Readonly<Partial<Record<'inner' | 'linear', ToleranceDescription>>>;
  /** Of a recipe with a convex loss and steps of its own: the stage `report` tells the norm of its first gradient, as `recipe:start`. */
  readonly mayFallShort?: SourceSpan;
  /** Data that meet a param as they are, under one penalty: there the scales of columns matter. */
  readonly features?: readonly FeaturesDescription[];
  /** What sizes and data have to be that are known only when they are bound. */
  readonly demands?: { readonly sizes: readonly SizeDemandDescription[]; readonly positions: readonly PositionDemandDescription[] };
}

// ---- the plan ---------------------------------------------------------------------------------------------------

/** Steps of an inner solve, and of the linear solve behind a hypergradient: as they are assumed, or as a run has counted them. */
export interface StepCounts {
  readonly inner: number;
  readonly linear?: number;
}

/** Holds when `left ≤ right`. */
export interface Condition {
  readonly left: Expr;
  readonly right: Expr;
  readonly because: string;
  /** Both sides are bytes, and the right one is what the page allows: where nothing fits, the least that would do can be told. */
  readonly isMemory?: true;
}

/**
 * What a machine is asked for, in kinds of work: operations of dense products, of factors and solves with them, and of everything else;
 * kernels that are started; and calls of a stage from outside.
 */
export const workKinds = ['products', 'factors', 'elements', 'kernels', 'calls'] as const;
export type WorkKind = (typeof workKinds)[number];

/** Code whose stage `value` takes `x` and `a`, of these shapes, and does so many times what the usual figures are of (`compiler/calibration.ts`). */
export interface ProbeCode<Code> {
  readonly code: Code;
  readonly x: readonly number[];
  readonly a: readonly number[];
  readonly amount: number;
}

/** Of each kind of work. */
export type Probes<Code> = Readonly<Record<WorkKind, ProbeCode<Code>>>;

/** Work of each kind; what is not named is none. */
export type Cost = Readonly<Partial<Record<WorkKind, Expr>>>;

/**
 * A part of the error that a hypergradient is predicted to have, as a share of the hypergradient. It speaks of `κ`, of the unit roundoff `ε`
 * and of tolerances: `τ_inner` and `τ_linear` as they are asked for, `τ_newton` to which Newton’s steps go on by themselves.
 */
export interface ErrorPart {
  readonly from: string;
  /** Absent where nobody knows it before a run. */
  readonly share?: Expr;
}

/** What one unit of each kind of work takes here, in nanoseconds. */
export type Calibration = Readonly<Record<WorkKind, number>>;

export interface Candidate {
  readonly id: string;
  readonly strategy: string;
  /** All that is solved, and how: `cholesky+newton` is a linear solve by a factor behind Newton’s steps. */
  readonly solver: string;
  /** What finds the inner solution. */
  readonly innerSolver: string;
  /** What solves for the adjoint by steps that it counts; absent where nothing does. */
  readonly linearSolver?: string;
  /** Why the strategy accepts the problem. */
  readonly why: string;
  /** False for a strategy that only approximates dF, used when asked for by name. */
  readonly exact: boolean;
  /** Never chosen by itself (finite differences). */
  readonly checkingOnly: boolean;
  /** Never chosen by itself, whatever it costs: why not. */
  readonly byNameOnly?: string;
  readonly conditions: readonly Condition[];
  /**
   * How far its solves go in the end: the page's numbers, or, where one is left out, what the precision allows (`runtime/rounding.ts`).
   * Absent where none of them stops at a tolerance.
   */
  readonly tolerances?: { readonly inner?: number; readonly linear?: number };
  /** Of one hypergradient, inner solve included; absent where there is nothing to choose. */
  readonly cost?: Cost;
  /** `differences`: the runtime differences the stage `value`; otherwise the stage `hypergradient` gives it. */
  readonly drive: 'graph' | 'differences';
}

/** What the graphs of a candidate hold, to the last operation: worked out for who asks. */
export interface CandidateCosts {
  /** Of one hypergradient. */
  readonly flops: Expr;
  readonly bytes: Expr;
  readonly stages: readonly { readonly stage: StageName; readonly flops: Expr; readonly what: string }[];
}

export interface Refusal {
  readonly strategy: string;
  readonly solver?: string;
  readonly code: string;
  readonly because: string;
}

/**
 * How a bound of a hypergradient's error can be proved: the first way whose conditions hold, linked under its id like a candidate, with
 * stages `once` and `error`; or why it cannot.
 */
export type Certifies =
  | { readonly ok: true; readonly ways: readonly { readonly id: string; readonly conditions: readonly Condition[] }[] }
  | { readonly ok: false; readonly because: string };

/** Every candidate, and every strategy that refuses the problem. */
export interface Plan {
  /** In the order of decision: what is taken while not all sizes are known. */
  readonly candidates: readonly Candidate[];
  readonly refusals: readonly Refusal[];
  /** What the page asked for by name. */
  readonly asked: { readonly strategy?: string };
  /**
   * What is not known before a run, as the costs assume it: `κ`, the condition number of the Hessian, and counts such as the steps `T_newton`
   * of a solver, which follow from it. Each may speak of those before it.
   */
  readonly assumptions: Readonly<Record<string, Expr>>;
}

// ---- the stages -------------------------------------------------------------------------------------------------

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export type Slots = Readonly<Record<string, Tensor>>;

/**
 * The stages of one candidate, bound to sizes. Slots are named:
 *   `data:NAME`, `index:SET` (positions of an index set), `draw:NAME` (a param's drawn start), `batch:DIM`, `noise:NAME`, `hyper:NAME`, `once:I`,
 *   `start` (the declared start, all params as one vector), `x` (where the inner solver begins; params as one vector),
 *   `v:start` (where the linear solve begins; zeros at first), `tolerance:inner`, `tolerance:linear` (where these two may stop, relative
 *   to max(1, ‖∇h(x₀)‖) and to ‖∇_x f‖).
 * Stages:
 *   `hypers`         data → `hyper:NAME`: the declared starts
 *   `start`          data, draws, hypers → `start`, `v:start` where it is needed           (minimiser only)
 *   `once`           data → `once:I`: all that depends on data alone
 *   `value`          once, hypers, `start`, `x`, `tolerance:inner` (recipe: draws) → `x`, `outer`, `inner:loss`, `inner:gradient_norm`,
 *                    `inner:steps`, `inner:status`, `inner:relative` (the gradient norm in the measure of `tolerance:inner`)
 *   `hypergradient`  the same, `v:start`, `tolerance:linear` → the same and `hypergradient:NAME`, `linear:residual`, `linear:steps`,
 *                    `linear:status`, `v` (the adjoint; not of a recipe), `outer:corrected` (the criterion without what an inexact `x`
 *                    adds to it, to first order; absent where nothing stops early); of a composite problem `kink:margin`, `kink:position`: how close, as a share, the
 *                    coordinate of `x` that is closest to a change of the support is to it, and which one that is
 *                    (recipe with a start that may lie outside of the sets of its params: `start:distance`, `start:position`, in `value` too)
 *   `error`          once, hypers, the `x` and `v` that `hypergradient` found (recipe: draws) → `error`: an estimate of ‖error‖
 *                    (of the certificate: once, hypers, `x` and `hypergradient:NAME` → `bound`, a proved one of ‖error‖, with what it
 *                    follows from, `bound:modulus` and `bound:radius`: `compiler/strategies/certificate.ts`)
 *   `residual`       once, hypers, `start`, `x`, `v` → `residual:x`, ∇_x h, and `residual:v`, ∇_x f − Hv, with what `hypergradient` says besides
 *                    `x`, `v`, steps and statuses, there and without solving for anything  (of `ID:checked`: `mixed.ts`)
 *   `refine`         once, `kept:I` (what `hypergradient` has made at these hypers), hypers, `x`, `v`, `residual:x`, `residual:v` →
 *                    `correction:x`, `correction:v`, by which `x` is too large and `v` too small, `refine:status` (of `ID:refined`)
 *   `report`         data, hypers, `x` → `report:NAME`, `param:NAME`; (`mayFallShort`) `recipe:start`, ‖∇h‖ where the steps begin
 */
export type StageName = 'hypers' | 'start' | 'once' | 'value' | 'hypergradient' | 'error' | 'residual' | 'refine' | 'report';

/** How a run stays interruptible: who runs asks now and then, and stops if told to. */
export interface RunControl {
  /** Whether a turn is due. Cheap, to be asked often. */
  readonly due: () => boolean;
  /** Gives the event loop a turn if one is due, so that an abort, a key or a redraw comes through; true: stop. */
  readonly turn: () => Promise<boolean>;
  /** Told at a turn how many steps the outermost of the running loops has done, by a backend that can. */
  readonly progress?: (steps: number) => void;
}

/** The floating-point numbers of a result. `mixed`: solved in float32, corrected and judged in float64 (decision 030). */
export type Arithmetic = Precision | 'mixed';

/** What computes, for people and for `--json`. */
export interface ExecutorDescription {
  readonly backend: string;
  readonly precision: Arithmetic;
  /** Why it is that one, where nobody asked for it by name. */
  readonly chosen?: string;
  /** In which other one it was computed in the end, this candidate or the point that was solved last, and why. */
  readonly declined?: string;
  /** What is told as the error of a hypergradient, where another arithmetic tells it. */
  readonly judged?: string;
  readonly threads: number;
  /** Why so many threads. */
  readonly why: string;
  /** Products are added to sums in one rounding instead of two: what differs between machines of one backend. */
  readonly fused?: boolean;
  /** Memory in all; absent where nobody planned it. */
  readonly bytes?: number;
  /** How many instances of the inner problem there are, one a fold. */
  readonly folds?: number;
}

/** The stages of one candidate, bound to sizes, with the slots that they read and write. All state is in the slots. */
export interface Executor {
  /** Puts values into slots; they stay until they are put again. The same tensor object put again is not sent again. Slots that no stage has are ignored. */
  put(slots: Slots): void;
  /**
   * Runs a stage on what its slots hold and leaves its results in theirs. Without a control it runs through.
   * `interrupted`: the control said so half-way; what the stage's results hold is undefined then. One run at a time.
   */
  run(stage: StageName, control?: RunControl): Promise<'done' | 'interrupted'>;
  /** What a slot holds, as float64; a copy. */
  read(slot: string): Promise<Tensor>;
  /** The slots in which a stage leaves its results. */
  results(stage: StageName): readonly string[];
  describe(): ExecutorDescription;
  /** Lets go of memory and threads. */
  close(): void;
}

/** Diagnostics: the sizes are too large for what computes. */
export type Linked =
  { readonly ok: true; readonly executor: Executor } | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export interface ProblemModule {
  readonly description: ProblemDescription;
  readonly plan: Plan;
  /** Binds the stages of a candidate to sizes (all dims and index sets). */
  readonly link: (candidate: string, sizes: Readonly<Record<string, number>>) => Promise<Linked>;
  /** What work usually takes where it is linked, if that is not Wasm. */
  readonly calibration?: Calibration;
  /** Asked for when a proof of the error is; absent where none is carried. */
  readonly certifies?: () => Promise<Certifies>;
}
