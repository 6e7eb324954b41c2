/**
 * What a row of the op table says. One row holds every fact of an op; jvp, transpose and batching all follow from it, and
 * nothing outside the tables asks for an op by name, except a named rewrite rule.
 */
import type { Builder } from '../ir/builder.ts';
import type { Attributes, Graph, Node, Tensor, TensorType, Value } from '../ir/graph.ts';
import type { Poly, Sizes } from '../ir/dims.ts';
import type { RadiusRule } from './radius.ts';

/** The shape rule is total: it answers with types or with what is wrong, and never throws. */
export type ShapeAnswer = readonly TensorType[] | { readonly wrong: string };

/** A tangent or cotangent; `undefined` is a symbolic zero. */
export type Tangent = Value | undefined;

export type Derivative =
  /** Elementwise: `partials[i]` is ∂output/∂inputs[i] at each position; `undefined` where it is zero. `singular`: partials may be
   *  infinite on the domain's edge, so that products with them are guarded (0 · ∞ = 0 for a branch not taken). */
  | {
      readonly kind: 'pointwise';
      readonly singular?: boolean;
      readonly partials: (b: Builder, node: Node) => readonly Tangent[];
    }
  /** Jointly linear in all operands: its jvp is itself. `transpose` gives the cotangent of every operand. */
  | { readonly kind: 'linear'; readonly transpose: (b: Builder, node: Node, cotangent: Value) => readonly Tangent[] }
  /** Linear in each operand of `in` on its own, the others fixed. A product with a `masked` cotangent (see `OpRow.masks`) is guarded. */
  | {
      readonly kind: 'multilinear';
      readonly in: readonly number[];
      readonly transpose: (b: Builder, node: Node, operand: number, cotangent: Value, masked: boolean) => Value;
    }
  /** Its own jvp; a transpose only if it can stand in a linear piece (loops, triangular_solve). */
  | {
      readonly kind: 'custom';
      readonly jvp: (b: Builder, node: Node, tangents: readonly Tangent[]) => readonly Tangent[];
      readonly transpose?: (b: Builder, node: Node, isLinear: (v: Value) => boolean, cotangents: readonly Tangent[]) => readonly Tangent[];
    }
  | { readonly kind: 'zero'; readonly because: string };

/** Batching over a new leading axis of size `size`: operands with `batched[i]` carry it, the results all must. `pointwise` is derived. */
export type Batching =
  'pointwise' | ((b: Builder, node: Node, operands: readonly Value[], batched: readonly boolean[], size: Poly) => readonly Value[]);

/** Polynomial degree in the variable: 0, 1, 2, or Infinity. Curvature and sign in the sense of disciplined convex programming. */
export type Curvature = 'constant' | 'affine' | 'convex' | 'concave' | 'unknown';
export type Sign = 'zero' | 'nonnegative' | 'nonpositive' | 'unknown';

export interface Facts {
  readonly degree: number;
  readonly curvature: Curvature;
  readonly sign: Sign;
  /** Of a value v ≥ 0 that is more than convex: the least p known for which v^p still is, 0 where log v is. Sums of squares have ½. */
  readonly power?: number;
  readonly matrix?: MatrixFacts | undefined;
}

/**
 * Of a matrix K that is symmetric: whether ⟨u, K u⟩ ≥ 0; or so, or never above 0, for every u that sums to 0. `differences`: aᵢ − aⱼ, whose
 * squares are distances, the most useful of the latter.
 */
export type Definite = 'positive' | 'conditionally positive' | 'conditionally negative' | 'differences';

/** K u, for a positive matrix K that does not vary. */
export interface Image {
  readonly of: Value;
  /** Axis i of the value stands where axis `axes[i]` of u did. */
  readonly axes: readonly number[];
  /** Axes of u along which K mixes elements, and along which it only weights them. */
  readonly mixed: readonly number[];
  readonly weighted: readonly number[];
}

export interface MatrixFacts {
  /** Along two axes, whatever the others are. */
  readonly form?: { readonly is: Definite; readonly axes: readonly [number, number] };
  /** Zero off the diagonal. */
  readonly isDiagonal?: true;
  /** Rows or columns of a form, which with the same of its other axis are one again. */
  readonly picked?: { readonly is: Definite; readonly axes: readonly [number, number]; readonly axis: number; readonly positions: Value };
  readonly image?: Image;
  /** Facts of its diagonal, where they say more than its own. */
  readonly diagonal?: Facts;
}

export interface InterpretContext {
  readonly sizes: Sizes;
  /** The number a dim has in this run. */
  readonly size: (dim: Poly) => number;
  /** Runs the body of a loop, made ready once. */
  readonly run: (graph: Graph, inputs: readonly Tensor[]) => readonly Tensor[];
}

export interface Cost {
  readonly flops: Poly;
  /** Numbers read and written. */
  readonly moved: Poly;
  /** What the operations are: sums of products, or those of factors and of solves with them; all others are done one by one. */
  readonly kind?: 'product' | 'factor';
}

export interface OpRow {
  readonly shape: (inputs: readonly TensorType[], attributes: Attributes, fixed: Sizes) => ShapeAnswer;
  readonly derivative: Derivative;
  readonly batch: Batching;
  /**
   * Where an axis of an operand lies in the result, if no positions along it meet; `undefined` where they do. Without a rule they do,
   * but for pointwise ops, whose rule is derived.
   */
  readonly follow?: (node: Node, operand: number, axis: number) => number | undefined;
  /** Facts of the result from the facts of the operands. The variable's own facts are degree 1, affine. */
  readonly facts: (node: Node, operands: readonly Facts[]) => Facts;
  readonly cost: (node: Node) => Cost;
  /** How far its computed result may be from the true one. Absent where no bound is known: what needs the op cannot be certified. */
  readonly radius?: RadiusRule;
  /** The meaning, in float64; the oracle of every backend. */
  readonly reference: (node: Node, operands: readonly Tensor[], context: InterpretContext) => readonly Tensor[];
  /**
   * Operands whose cotangent is exactly 0 wherever another operand says that they do not count (a branch not taken). What they are
   * made of may be infinite there, so that all that the cotangent meets on its way back must be guarded: 0 · ∞ = 0.
   */
  readonly masks?: readonly number[];
  /**
   * What it does with the members of a set along whose dim an operand or its result runs: the same to each, whatever the others are, or a
   * sum over them. Pointwise ops do the former; an op without an answer mixes members.
   */
  readonly ofMembers?: (node: Node, isMember: (dim: Poly) => boolean) => 'each' | 'sum' | undefined;
  /**
   * Its result at some positions along an axis, each as it is in the whole: of ops whose results run along a set that their operands do not
   * know, so that each member has what is its own.
   */
  readonly pick?: (b: Builder, node: Node, positions: Value, axis: number) => Value;
  /** Its result costs far more to make again than to keep: a loop's way back reads it instead. */
  readonly costly?: true;
  /** Its derivative jumps somewhere: a minimiser may sit there, where no gradient vanishes. */
  readonly kinked?: true | 'by its condition';
  /** Where tests may sample each operand of a pointwise op: an open interval on which it is smooth. Default (-2, 2). */
  readonly domain?: readonly (readonly [number, number])[];
}
