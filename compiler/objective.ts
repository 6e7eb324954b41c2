/**
 * All params as one vector x of R^d, and a scalar function of it with its derivatives at any x, as values.
 *
 * Notation (../docs, mathematics): H = ∇²_xx h, J = ∇²_xθ h.
 */
import type { Builder } from './ir/builder.ts';
import { add, size, zero, type Dim, type Shape } from './ir/dims.ts';
import type { Value } from './ir/graph.ts';
import { batch } from './transform/batch.ts';
import { jvp } from './transform/jvp.ts';
import { replace, replaceOne } from './transform/replace.ts';
import { gradient, vjp } from './transform/transpose.ts';

interface Block {
  readonly value: Value;
  readonly offset: Dim;
  readonly size: Dim;
}

/**
 * A scalar function of x and θ, and what it is differentiated into. Everything is written in the params' inputs first, and moved to
 * an x by replacing them (`at`, `gradientAt`, …), so that two points share what does not depend on x.
 */
export class Objective {
  private readonly params: ParamVector;
  private readonly b: Builder;
  /** As written, in the params' inputs. */
  readonly value: Value;
  /** Its gradient in each param, in the params' inputs. */
  private readonly gradients: readonly Value[];

  constructor(b: Builder, params: ParamVector, value: Value) {
    this.b = b;
    this.params = params;
    this.value = value;
    this.gradients = gradient(b, value, params.values);
  }

  /** The value at x: a scalar. */
  at(x: Value): Value {
    return replaceOne(this.b, this.value, this.params.point(x));
  }
  /** ∇ in x, at x: `[d]`. */
  gradientAt(x: Value): Value {
    return this.params.pack(replace(this.b, this.gradients, this.params.point(x)));
  }
  /** Value and gradient, sharing what they have in common. */
  bothAt(x: Value): { readonly value: Value; readonly gradient: Value } {
    return { value: this.at(x), gradient: this.gradientAt(x) };
  }
  /** ∇²_xx · v at x: `[d]`. */
  hessianProduct(x: Value, v: Value): Value {
    const tangents = jvp(this.b, this.gradients, this.params.point(v));
    const explicit = tangents.map((t, i) => t ?? this.b.zeros(this.gradients[i]?.type.shape ?? []));
    return this.params.pack(replace(this.b, explicit, this.params.point(x)));
  }
  /** ∇²_xx at x: `[d, d]`, assembled block by block from unit vectors; products with them simplify, so that `XᵀX` appears. */
  hessianAt(x: Value): Value {
    const { b, params } = this;
    const rows = params.blocks.map((block) => {
      const unit = b.input('unit', 'state', block.value.type);
      const units = b.reshape(b.eye(block.size), [block.size, ...block.value.type.shape]);
      const tangents = jvp(b, this.gradients, new Map([[block.value, unit]]));
      const columns = params.blocks.map((column, j) => {
        const t = tangents[j];
        const shape: Shape = [block.size, column.size];
        if (t === undefined) return b.zeros(shape);
        const [rows] = batch(b, [t], new Map([[unit, units]]), block.size);
        return b.reshape(rows ?? b.zeros(shape), shape);
      });
      return b.concat(columns, 1);
    });
    return replaceOne(b, b.concat(rows, 0), params.point(x));
  }
  /** ∇_θ at x, one tensor a hyper; `undefined` where it is identically zero. */
  hyperGradientAt(x: Value, hypers: readonly Value[]): readonly (Value | undefined)[] {
    return this.optionalAt(x, vjp(this.b, [this.value], [this.b.constant(1)], hypers));
  }
  /** Jᵀv = ∇_θ ⟨∇_x h(x, θ), v⟩ at x, one tensor a hyper; `undefined` where it is identically zero. */
  crossProduct(x: Value, v: Value, hypers: readonly Value[]): readonly (Value | undefined)[] {
    return this.optionalAt(x, vjp(this.b, this.gradients, this.params.unpack(v), hypers));
  }
  /** The gradient in each param, in the params' inputs: what a hyper must reach to act through the inner loss. */
  get gradientBlocks(): readonly Value[] {
    return this.gradients;
  }

  private optionalAt(x: Value, values: readonly (Value | undefined)[]): readonly (Value | undefined)[] {
    const live = values.filter((v) => v !== undefined);
    const replaced = replace(this.b, live, this.params.point(x));
    let next = 0;
    return values.map((v) => (v === undefined ? undefined : replaced[next++]));
  }
}

/** Tensors, one a param, as one vector: `[d]`. */
export const pack = (b: Builder, tensors: readonly Value[]): Value =>
  b.concat(
    tensors.map((t) => b.flatten(t)),
    0,
  );

/** The params as one vector: a block table, and the way there and back. */
export class ParamVector {
  private readonly b: Builder;
  readonly values: readonly Value[];
  readonly blocks: readonly Block[];
  /** d, the number of params. */
  readonly dimension: Dim;

  constructor(b: Builder, values: readonly Value[]) {
    this.b = b;
    this.values = values;
    const blocks: Block[] = [];
    let offset = zero;
    for (const value of values) {
      const block = { value, offset, size: size(value.type.shape) };
      blocks.push(block);
      offset = add(offset, block.size);
    }
    this.blocks = blocks;
    this.dimension = offset;
  }

  pack(tensors: readonly Value[]): Value {
    return pack(this.b, tensors);
  }
  unpack(x: Value): readonly Value[] {
    return this.blocks.map((block) => this.b.reshape(this.b.slice(x, 0, block.offset, block.size), block.value.type.shape));
  }
  /** Where each param is, at x. */
  point(x: Value): ReadonlyMap<Value, Value> {
    const tensors = this.unpack(x);
    return new Map(this.values.map((v, i) => [v, tensors[i] ?? v]));
  }
}
