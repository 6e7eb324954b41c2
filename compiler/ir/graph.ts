/**
 * The one representation of everything that runs: values in single-assignment form, made by `Builder`, closed into a `Graph`.
 * A node's operands always exist before it; nothing is ever mutated after it was made.
 */
import type { Span } from '../../diagnostics/diagnostic.ts';
import type { OpName } from '../../plan/op-names.ts';
import type { Dim, Shape } from './dims.ts';

/** `real` float64 (or float32 on a backend), `int` labels and positions, `bool` conditions (0 or 1). */
export type DType = 'real' | 'int' | 'bool';

export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Where an input comes from; it alone decides when what depends on it must run (binding times). */
export type Role = 'data' | 'hyper' | 'noise' | 'state';

/**
 * Attributes of a node, by op; only what the op's row names is present. Axes count from 0.
 */
export interface Attributes {
  /** `input`: its name and role. */
  readonly name?: string;
  readonly role?: Role;
  /** `constant`: its value (always a scalar; `broadcast_in_dim` makes more of it). */
  readonly value?: number;
  /** `constant`: its value where the graph is computed in float32, if that is another one (a tolerance, a unit of rounding). */
  readonly single?: number;
  /** `constant`: how many units of rounding it may be off, where that is not what `roundingsOf` says of others. */
  readonly roundings?: number;
  /** `dim_size`: the dim whose size it is. `iota`, `eye`, `scan`: the length. */
  readonly dim?: Dim;
  /** `broadcast_in_dim`, `reshape`, `input`: the result's shape. `broadcast_in_dim`: `axes[i]` is where operand axis i goes. */
  readonly shape?: Shape;
  /** `broadcast_in_dim`, `transpose` (the permutation: result axis i is operand axis `axes[i]`), `reduce_*`, `reverse`. */
  readonly axes?: readonly number[];
  /** `slice`, `pad`, `concat`, `gather`, `scatter_add`, `argmax`, `argsort`, `cumsum`. */
  readonly axis?: number;
  /** `slice`: first position. `pad`: zeros before. */
  readonly start?: Dim;
  /** `slice`: length. `pad`: the result's length. `scatter_add`: the length of the result along `axis`. */
  readonly length?: Dim;
  readonly dtype?: DType;
  /** `dot_general`: contracted axes of either operand, in pairs; then batch axes, in pairs. Result: batch, left free, right free. */
  readonly contract?: readonly [readonly number[], readonly number[]];
  readonly batch?: readonly [readonly number[], readonly number[]];
  /** `triangular_solve`, `solve`: A x = b, or Aᵀ x = b. */
  readonly transposed?: boolean;
  /** `stop_gradient`: what it is a part of is the same whatever number it is. */
  readonly shift?: boolean;
  /** `cumsum`, `scan`: from the end. */
  readonly reversed?: boolean;
  /** `scan`, `iterate`: the step; `iterate`: the test. */
  readonly body?: Graph;
  readonly test?: Graph;
  /** `scan`, `iterate`: operands are `constants` constants, then `states` states, then (scan) slices along axis 0. */
  readonly constants?: number;
  readonly states?: number;
  /** `iterate`: at most so many steps. */
  readonly limit?: number;
}

export interface Node {
  readonly op: OpName;
  readonly inputs: readonly Value[];
  readonly attributes: Attributes;
  readonly outputs: readonly Value[];
  readonly span?: Span;
}

export interface Value {
  /** Unique in its builder, in order of making: operands have smaller ids than results. */
  readonly id: number;
  readonly type: TensorType;
  readonly node: Node;
  /** Which output of its node it is. */
  readonly index: number;
}

/** A closed piece: inputs in order, every node that the outputs need in order of ids, outputs in order. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly Value[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly Value[];
  /** One name an output; what a stage's results are called. */
  readonly outputNames: readonly string[];
}

/** A tensor at run time, row-major; `int` and `bool` are whole numbers in a Float64Array. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}
