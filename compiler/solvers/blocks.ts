/**
 * Block-diagonal Hessians: where all params share an axis along which no op mixes positions, each position has a block of its own, and
 * where no coefficient varies along it, one block is all of them.
 */
import { given } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import { add, literal, one, size, zero, type Dim } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import type { Objective, ParamVector } from '../problem.ts';
import { batch } from '../transform/batch.ts';
import { jvp } from '../transform/jvp.ts';
import { replaceOne } from '../transform/replace.ts';
import { separableAlong } from '../transform/separable.ts';
import { dense, type Assembled } from './assembled.ts';

/** An axis of all params along which a Hessian mixes no positions. */
export interface Split {
  /** Which axis of each param. */
  readonly axes: readonly number[];
  /** How many blocks, and how many params each of them has: q. */
  readonly count: Dim;
  readonly size: Dim;
  /** Whether the blocks differ; otherwise one factor serves all. */
  readonly varies: boolean;
}

const without = <T>(list: readonly T[], index: number): T[] => list.filter((_, i) => i !== index);

/** Square params have several; more are not tried. */
const MOST_CHOICES = 64;

/** Choices of one axis for each param, all of the same dim. */
function choices({ values }: ParamVector): readonly (readonly number[])[] {
  const [first] = values;
  return (first?.type.shape ?? []).flatMap((dim) => {
    if (literal(dim) === 1) return [];
    const axes = values.map((v) => v.type.shape.flatMap((d, a) => (d.key === dim.key ? [a] : [])));
    return axes.reduce<number[][]>((all, own) => all.flatMap((chosen) => own.map((a) => [...chosen, a])).slice(0, MOST_CHOICES), [[]]);
  });
}

/** A Hessian as a linear map, in the params' own inputs: from a direction of each param to the tangent of each gradient. */
interface LinearMap {
  readonly directions: readonly Value[];
  readonly tangents: readonly (Value | undefined)[];
}

function hessianMap(b: Builder, { values }: ParamVector, objective: Objective): LinearMap {
  const directions = values.map((v) => b.input('direction', 'state', v.type));
  return { directions, tangents: jvp(b, objective.gradientBlocks, new Map(values.map((v, i) => [v, given(directions[i])]))) };
}

/** How the Hessian of an objective splits, at any x; `undefined` where no axis is seen along which it does. */
export function splitOf(b: Builder, params: ParamVector, objective: Objective): Split | undefined {
  const { directions, tangents } = hessianMap(b, params, objective);
  const found = choices(params).flatMap((axes) => {
    const verdict = separableAlong(b, directions, tangents, axes);
    return verdict === undefined ? [] : [{ axes, ...verdict }];
  });
  const best = found.find((s) => !s.varies) ?? found[0];
  if (best === undefined) return undefined;
  const count = given(params.values[0]?.type.shape[best.axes[0] ?? 0]);
  return { ...best, count, size: add(zero, ...params.values.map((v, i) => size(without(v.type.shape, best.axes[i] ?? 0)))) };
}

/** The same axes for another objective; `undefined` where it mixes positions along them. */
export function splitAs(b: Builder, params: ParamVector, objective: Objective, split: Split): Split | undefined {
  const { directions, tangents } = hessianMap(b, params, objective);
  const verdict = separableAlong(b, directions, tangents, split.axes);
  return verdict === undefined ? undefined : { ...split, ...verdict };
}

/** Between a vector of all params, `[d]`, and a row for each block, `[count, q]`. */
class Rows {
  private readonly b: Builder;
  private readonly params: ParamVector;
  private readonly split: Split;

  constructor(b: Builder, params: ParamVector, split: Split) {
    this.b = b;
    this.params = params;
    this.split = split;
  }
  of(x: Value): Value {
    const { b, split } = this;
    const parts = this.params.unpack(x).map((v, i) => {
      const axis = given(split.axes[i]);
      const order = [axis, ...without([...v.type.shape.keys()], axis)];
      return b.reshape(b.transpose(v, order), [split.count, size(without(v.type.shape, axis))]);
    });
    return b.concat(parts, 1);
  }
  back(rows: Value): Value {
    const { b, split, params } = this;
    let offset = zero;
    const parts = params.values.map((v, i) => {
      const axis = given(split.axes[i]);
      const rest = without(v.type.shape, axis);
      const part = b.slice(rows, 1, offset, size(rest));
      offset = add(offset, size(rest));
      const order = [...v.type.shape.keys()].map((a) => (a === axis ? 0 : a < axis ? a + 1 : a));
      return b.transpose(b.reshape(part, [split.count, ...rest]), order);
    });
    return params.pack(parts);
  }
}

/** ∇²_xx of an objective at x, `[d]`: by its blocks where it splits. */
export const assembledAt = (b: Builder, params: ParamVector, objective: Objective, split: Split | undefined, x: Value): Assembled =>
  split === undefined ? dense(b, objective.hessianAt(x)) : blocksAt(b, params, objective, split, x);

/** By its blocks: the same unit vector in all blocks at once, as many as one block has params. */
function blocksAt(b: Builder, params: ParamVector, objective: Objective, split: Split, x: Value): Assembled {
  const rows = new Rows(b, params, split);
  const strips = params.values.map((value, i) =>
    b.concat(strip(b, params, objective, split, value, given(split.axes[i])), split.varies ? 2 : 1),
  );
  const entries = replaceOne(b, b.concat(strips, split.varies ? 1 : 0), params.point(x));
  if (split.varies)
    return {
      entries,
      product: (v) => rows.back(b.dotGeneral(entries, rows.of(v), [[2], [1]], [[0], [0]])),
      solve: (factor, rhs) => rows.back(b.choleskySolve(factor, rows.of(rhs))),
    };
  const turned = (v: Value): Value => b.transpose(v, [1, 0]);
  return {
    entries,
    product: (v) => rows.back(b.matmul(rows.of(v), entries)),
    solve: (factor, rhs) => rows.back(turned(b.choleskySolve(factor, turned(rows.of(rhs))))),
  };
}

/** The rows of the blocks that belong to one param, a piece for each param: `[count, own, other]`, or `[own, other]` of the first block. */
function strip(b: Builder, params: ParamVector, objective: Objective, split: Split, value: Value, axis: number): readonly Value[] {
  const { shape } = value.type;
  const rest = without(shape, axis);
  const own = size(rest);
  const unit = b.input('unit', 'state', value.type);
  const units = b.broadcast(
    b.reshape(b.eye(own), [own, ...rest]),
    [own, ...shape],
    [0, ...without([...shape.keys()], axis).map((a) => a + 1)],
  );
  const tangents = jvp(b, objective.gradientBlocks, new Map([[value, unit]]));
  return params.values.map((other, j) => {
    const otherAxis = given(split.axes[j]);
    const width = size(without(other.type.shape, otherAxis));
    const tangent = tangents[j];
    if (tangent === undefined) return b.zeros(split.varies ? [split.count, own, width] : [own, width]);
    const [wide] = batch(b, [tangent], new Map([[unit, units]]), own);
    const all = given(wide);
    if (!split.varies) return b.reshape(b.slice(all, otherAxis + 1, zero, one), [own, width]);
    const order = [otherAxis + 1, ...without([...all.type.shape.keys()], otherAxis + 1)];
    return b.reshape(b.transpose(all, order), [split.count, own, width]);
  });
}
