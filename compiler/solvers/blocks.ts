/**
 * Block-diagonal Hessians: where all params share an axis along which no op mixes positions, each position has a block of its own, and
 * where no coefficient varies along it, one block is all of them.
 */
import { given } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import { add, literal, one, size, zero, type Dim, type Shape } from '../ir/dims.ts';
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
export function choices({ values }: ParamVector): readonly (readonly number[])[] {
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

/** Between tensors and a row for each block, `[count, q]`; where nothing splits, one vector of them all, `[q]`. */
export class Rows {
  private readonly b: Builder;
  private readonly tensors: ParamVector;
  private readonly split: Pick<Split, 'axes' | 'count'> | undefined;

  constructor(b: Builder, tensors: ParamVector, split: Pick<Split, 'axes' | 'count'> | undefined) {
    this.b = b;
    this.tensors = tensors;
    this.split = split;
  }
  of(tensors: readonly Value[]): Value {
    const { b, split } = this;
    if (split === undefined) return this.tensors.pack(tensors);
    const parts = tensors.map((v, i) => {
      const axis = given(split.axes[i]);
      const order = [axis, ...without([...v.type.shape.keys()], axis)];
      return b.reshape(b.transpose(v, order), [split.count, size(without(v.type.shape, axis))]);
    });
    return b.concat(parts, 1);
  }
  back(rows: Value): readonly Value[] {
    const { b, split, tensors } = this;
    if (split === undefined) return tensors.unpack(rows);
    let offset = zero;
    return tensors.values.map((v, i) => {
      const axis = given(split.axes[i]);
      const rest = without(v.type.shape, axis);
      const part = b.slice(rows, 1, offset, size(rest));
      offset = add(offset, size(rest));
      const order = [...v.type.shape.keys()].map((a) => (a === axis ? 0 : a < axis ? a + 1 : a));
      return b.transpose(b.reshape(part, [split.count, ...rest]), order);
    });
  }
}

/** ∇²_xx of an objective at x, `[d]`: by its blocks where it splits. */
export const assembledAt = (b: Builder, params: ParamVector, objective: Objective, split: Split | undefined, x: Value): Assembled =>
  split === undefined ? dense(b, objective.hessianAt(x)) : blocksAt(b, params, objective, split, x);

/** By its blocks: the same unit vector in all blocks at once, as many as one block has params. */
function blocksAt(b: Builder, params: ParamVector, objective: Objective, split: Split, x: Value): Assembled {
  const rows = new Rows(b, params, split);
  const of = (v: Value): Value => rows.of(params.unpack(v));
  const back = (v: Value): Value => params.pack(rows.back(v));
  const strips = params.values.map((value, i) => {
    const unit = b.input('unit', 'state', value.type);
    const tangents = jvp(b, objective.gradientBlocks, new Map([[value, unit]]));
    const images = params.values.map(({ type }, j) => ({ shape: type.shape, axis: split.axes[j], value: tangents[j] }));
    return b.concat(strip(b, unit, split.axes[i], images, split), split.varies ? 2 : 1);
  });
  const entries = replaceOne(b, b.concat(strips, split.varies ? 1 : 0), params.point(x));
  if (split.varies)
    return {
      entries,
      product: (v) => back(b.dotGeneral(entries, of(v), [[2], [1]], [[0], [0]])),
      solve: (factor, rhs) => back(b.choleskySolve(factor, of(rhs))),
    };
  const turned = (v: Value): Value => b.transpose(v, [1, 0]);
  return {
    entries,
    product: (v) => back(b.matmul(of(v), entries)),
    solve: (factor, rhs) => back(turned(b.choleskySolve(factor, turned(of(rhs))))),
  };
}

/** What a linear map makes of a unit, with the axis along which it mixes no positions; `undefined`: zero. */
interface Image {
  readonly shape: Shape;
  readonly axis: number | undefined;
  readonly value: Value | undefined;
}

/**
 * A linear map from one tensor, `unit`, to others, as a matrix for each: `[count, own, other]`, or `[own, other]` of the first block where
 * no block differs, or of all where nothing splits.
 */
export function strip(
  b: Builder,
  unit: Value,
  axis: number | undefined,
  images: readonly Image[],
  split: Pick<Split, 'count' | 'varies'> | undefined,
): readonly Value[] {
  const { shape } = unit.type;
  const others = [...shape.keys()].filter((a) => a !== axis);
  const rest = others.map((a) => given(shape[a]));
  const own = size(rest);
  const units = b.broadcast(b.reshape(b.eye(own), [own, ...rest]), [own, ...shape], [0, ...others.map((a) => a + 1)]);
  return images.map((image) => {
    const width = size(image.shape.filter((_, a) => a !== image.axis));
    const blocks = split?.varies === true ? [split.count] : [];
    if (image.value === undefined) return b.zeros([...blocks, own, width]);
    const [wide] = batch(b, [image.value], new Map([[unit, units]]), own);
    const all = given(wide);
    if (split === undefined) return b.reshape(all, [own, width]);
    const place = given(image.axis) + 1;
    if (!split.varies) return b.reshape(b.slice(all, place, zero, one), [own, width]);
    const order = [place, ...without([...all.type.shape.keys()], place)];
    return b.reshape(b.transpose(all, order), [split.count, own, width]);
  });
}
