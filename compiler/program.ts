/**
 * A checked problem: what the declarations mean, every expression lowered to values of one builder. What analysis,
 * strategies and solvers start from; made by `lower/`.
 */
import type { Span } from '../diagnostics/diagnostic.ts';
import type { Column, FoldsDescription, Kind } from '../plan/types.ts';
import type { Builder } from './ir/builder.ts';
import type { Dim, Shape } from './ir/dims.ts';
import type { TensorType, Value } from './ir/graph.ts';

export interface DimInfo {
  readonly name: string;
  readonly fixed?: number;
  readonly span: Span;
}

interface Declared {
  readonly name: string;
  readonly kind: Kind;
  readonly shape: Shape;
  /** Bounds are numbers or arithmetic in dims. */
  readonly interval?: readonly [Dim, Dim];
  readonly span: Span;
  readonly doc?: string;
  /** The input that stands for it. */
  readonly value: Value;
}

export interface DataInfo extends Declared {
  readonly from?: { readonly file: string; readonly columns?: readonly Column[]; readonly array?: string };
}

export interface IndexSetInfo {
  readonly name: string;
  /** Absent: it varies over the folds. */
  readonly percent?: number;
  /** int `[name]`: its positions in `dim`. */
  readonly value: Value;
}

export interface SplitInfo {
  readonly dim: string;
  readonly parts: readonly IndexSetInfo[];
  readonly folds?: FoldsDescription;
  readonly stratifiedBy?: string;
  readonly seed: number;
  readonly shuffled: boolean;
  readonly span: Span;
}

export interface HyperInfo extends Declared {
  /** Of a choice, whose `value` is the logits of these functions. */
  readonly alternatives?: readonly string[];
  /** The declared or default start, of the hyper's shape. */
  readonly init: Value;
}

export interface ParamInfo extends Declared {
  /** What its name means: `value`, which solvers move, or of an open kind a function of it. */
  readonly declared: Value;
  /** Where its kind stands. */
  readonly kindSpan?: Span | undefined;
  /** The declared or default start of `value`, of the param's shape; for a drawn one an input (role `data`, named `draw:NAME`). */
  readonly init: Value;
  readonly distribution?: { readonly name: DistributionName; readonly arguments: readonly number[] };
}

export type DistributionName = 'normal' | 'uniform' | 'gumbel' | 'logistic';

export interface LetInfo {
  readonly name: string;
  readonly span: Span;
  readonly value: Value;
}

/** What an expression is, or a name that stands for one; in a function's body as it is on its own. */
export interface ExpressionType {
  readonly span: Span;
  readonly type: TensorType;
}

/** Noise, declared or asked for by something that is. */
export interface NoiseInfo {
  readonly name: string;
  readonly span: Span;
  /** int `[4]`, an input (role `noise`, named `noise:NAME`): the key of its stream in limbs of 16 bits. */
  readonly key: Value;
}

/**
 * An argument of a solver or strategy: a word, a flag, or a value (which may depend on hypers and on `step`): a scalar, or a number for
 * each coordinate of all params, `[d]`.
 */
export type MethodOption = { readonly span: Span } & (
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'flag'; readonly flag: boolean }
  /** `dim`: the whole number that the page gives, by its name. */
  | { readonly kind: 'value'; readonly value: Value; readonly dim?: Dim | undefined }
);

export interface MethodInfo {
  readonly name: string;
  readonly span: Span;
  readonly options: ReadonlyMap<string, MethodOption>;
}

/** Random parts of a set, one a step. */
export interface MiniBatches {
  /** The set's dim. */
  readonly dim: string;
  readonly size: number;
  readonly steps: number;
  /** The inner loss on the batch of the step `step`: a scalar. Its members are an input (role `data`, named `batch:DIM`), int `[steps, size]`. */
  readonly value: Value;
  readonly span: Span;
}

interface Demand {
  readonly span: Span;
  /** The call of the function in whose body it stands. */
  readonly call?: Span;
}

/** A range of an axis, or of numbers, that is to be within the axis and not empty; without `from`, a size that is to be at least 1. */
export interface SizeDemand extends Demand {
  readonly from?: Dim;
  readonly to: Dim;
  readonly of?: Dim;
}

/** Data that are positions of an axis, or those of them in an index set. */
export interface PositionDemand extends Demand {
  readonly data: string;
  readonly among?: string | undefined;
  readonly of: Dim;
  /** Their declared interval says it already. */
  readonly isDeclared?: boolean;
}

/** What the page asks of sizes and data that are not known before it is bound. */
export interface Demands {
  readonly sizes: SizeDemand[];
  readonly positions: PositionDemand[];
}

export interface Program {
  readonly name: string;
  readonly doc?: string;
  readonly span: Span;
  readonly builder: Builder;
  readonly dims: readonly DimInfo[];
  readonly data: readonly DataInfo[];
  readonly splits: readonly SplitInfo[];
  readonly hypers: readonly HyperInfo[];
  readonly params: readonly ParamInfo[];
  readonly noises: readonly NoiseInfo[];
  /** Noise is drawn anew at each outer step. */
  readonly resamples: boolean;
  /** h(x, θ): a scalar of data, params, hypers (and `step`). */
  readonly inner: { readonly value: Value; readonly span: Span };
  /** f(x, θ): a scalar, as written; `maximize` is a matter of the outer solver. */
  readonly outer: { readonly value: Value; readonly direction: 'minimize' | 'maximize'; readonly span: Span };
  /** `atRefit`: on positions that all folds hold out. */
  readonly reports: readonly { readonly name: string; readonly value: Value; readonly span: Span; readonly atRefit: boolean }[];
  readonly innerMethod?: MethodInfo;
  readonly outerMethod?: MethodInfo;
  readonly strategy?: MethodInfo;
  /** What the steps of a recipe see instead of the inner loss. */
  readonly batches?: MiniBatches;
  /** The number of the step, in a recipe's inner loss and solver arguments; an int scalar input of role `state`. */
  readonly step: Value;
  readonly demands: Demands;
  /** What the problem itself names by `let`, as the inner loss sees it. */
  readonly lets: readonly LetInfo[];
}
