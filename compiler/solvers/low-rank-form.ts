/**
 * Hessians of the form H = R + UᵀDU with R and D diagonal: h(x) = ℓ(u) + r(x), where u = Ux + c are the values in which params meet (a
 * prediction for each row of data) and neither ℓ nor r mixes positions. Here they are found, by what the loss is and not by how it is written;
 * `low-rank.ts` solves with them.
 */
import { declaredFacts, factsIn, factsOf } from '../facts.ts';
import { given, isConstant } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import { add, size, zero, type Dim } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import type { ParamVector, Problem } from '../problem.ts';
import { jvp } from '../transform/jvp.ts';
import { reach } from '../transform/reach.ts';
import { replace, replaceOne } from '../transform/replace.ts';
import { followed, separableAlong } from '../transform/separable.ts';
import { gradient } from '../transform/transpose.ts';
import type { Split } from './blocks.ts';

/** A diagonal of a tensor's shape. */
interface Diagonal {
  readonly entries: Value;
  /** Along which axes its entries differ, as far as is known. */
  readonly varies: readonly boolean[];
}

/** A param, or a part of u: what ℓ or r is at x = 0 by its slope and diagonal in it, and the axis along which H splits. */
export interface Part {
  readonly value: Value;
  readonly axis: number | undefined;
  readonly slope: Value;
  readonly diagonal: Diagonal;
}

export type Tensor = Omit<Part, 'diagonal'>;

/** R + UᵀDU, or as many blocks of this form. */
export interface LowRank {
  /** u, with D ≥ 0. */
  readonly rows: readonly Part[];
  /** The params with R > 0, and those with R = 0, which are eliminated first. */
  readonly penalised: readonly Part[];
  readonly free: readonly Tensor[];
  readonly split: Pick<Split, 'count' | 'varies'> | undefined;
  /** Of one block: how long u is, how many params are free, and how many there are. */
  readonly rank: Dim;
  readonly freeSize: Dim;
  readonly size: Dim;
}

/** The form of h, seen block by block where it splits; `undefined` where it is not seen, or where R > 0 or D ≥ 0 is not known. */
export function lowRankOf(problem: Problem, split: Split | undefined): LowRank | undefined {
  const { b, params, inner } = problem;
  const met = meetings(b, inner.value, params.values);
  const diagonals = diagonalHessian(b, inner.value, params.values, met);
  if (diagonals === undefined) return undefined;
  const bent = met.flatMap((value, i) => {
    const diagonal = diagonals[params.values.length + i];
    return diagonal === undefined ? [] : [{ value, diagonal }];
  });
  const values = bent.map(({ value }) => value);
  const axes = split === undefined ? undefined : axesOf(b, params, values, split.axes);
  const slopes = slopesAtOrigin(b, inner.value, params, values);
  const tensors = params.values.map((value, i) => ({
    value,
    axis: axes && split?.axes[i],
    slope: given(slopes[i]),
    diagonal: diagonals[i],
  }));
  const rows = bent.map((part, i) => ({ ...part, axis: axes?.rows[i], slope: given(slopes[tensors.length + i]) }));
  const penalised = tensors.flatMap(({ diagonal, ...part }) => (diagonal === undefined ? [] : [{ ...part, diagonal }]));
  const free = tensors.filter(({ diagonal }) => diagonal === undefined);
  if (rows.length === 0 || penalised.length === 0 || !isPositive(problem, penalised) || !isAtLeastZero(problem, rows, 'nonnegative'))
    return undefined;
  const along = [...rows, ...penalised].some(({ axis, diagonal }) => axis !== undefined && diagonal.varies[axis] === true);
  return {
    rows,
    penalised,
    free,
    split: split === undefined || axes === undefined ? undefined : { count: split.count, varies: axes.varies || along },
    rank: blockSize(rows),
    freeSize: blockSize(free),
    size: blockSize(tensors),
  };
}

/** The slopes at x = 0 in params and in some values of theirs, each with the others held. */
function slopesAtOrigin(b: Builder, loss: Value, params: ParamVector, values: readonly Value[]): readonly Value[] {
  const stand = values.map((v) => b.input('met', 'state', v.type));
  const apart = replaceOne(b, loss, new Map(values.map((v, i) => [v, given(stand[i])])));
  const origin = params.point(b.zeros([params.dimension]));
  const there = replace(b, values, origin);
  return replace(
    b,
    gradient(b, apart, [...params.values, ...stand]),
    new Map([...origin, ...stand.map((v, i): [Value, Value] => [v, given(there[i])])]),
  );
}

const blockSize = (parts: readonly Pick<Part, 'value' | 'axis'>[]): Dim =>
  add(zero, ...parts.map(({ value, axis }) => size(value.type.shape.filter((_, a) => a !== axis))));

/**
 * The values, affine in the params, that the loss is made of; but for params themselves. What only rescales or shifts each position of one is
 * left to the loss, so that two ways of writing a square meet in the same value.
 */
export function meetings(b: Builder, loss: Value, params: readonly Value[]): readonly Value[] {
  const facts = factsOf(b, loss, params, new Map());
  const { nodes, depends } = reach([loss], params);
  const isAffine = (v: Value): boolean => facts(v).degree <= 1;
  const source = (v: Value): Value => {
    const [from, ...more] = v.node.inputs.filter(depends);
    return from === undefined || more.length > 0 || b.row(v.node.op).batch !== 'pointwise' ? v : source(from);
  };
  const bent = nodes.filter(({ outputs }) => !outputs.every(isAffine));
  const found = new Set(bent.flatMap(({ inputs }) => inputs.filter((v) => depends(v) && isAffine(v)).map(source)));
  return [...found].filter((v) => !params.includes(v));
}

/** What a slope becomes along a direction of its own variable. */
export interface OwnTangent {
  readonly direction: Value;
  readonly tangent: Value;
}

/**
 * The second derivative of ℓ(u) + r(x) in each param and each of the values u, with the others held, as a linear map in the inputs of params
 * and `met`; `undefined` for one that is zero, and for all where two of them mix.
 */
export function ownTangents(
  b: Builder,
  loss: Value,
  params: readonly Value[],
  values: readonly Value[],
): { readonly met: readonly Value[]; readonly tangents: readonly (OwnTangent | undefined)[] } | undefined {
  const met = values.map((v) => b.input('met', 'state', v.type));
  const apart = replaceOne(b, loss, new Map(values.map((v, i) => [v, given(met[i])])));
  const variables = [...params, ...met];
  const slopes = gradient(b, apart, variables);
  const isZero = (v: Value | undefined): boolean => v === undefined || isConstant(v, 0);
  const found: (OwnTangent | undefined)[] = [];
  for (const [i, v] of variables.entries()) {
    const direction = b.input('direction', 'state', v.type);
    const tangents = jvp(b, slopes, new Map([[v, direction]]));
    if (tangents.some((t, j) => j !== i && !isZero(t))) return undefined;
    const tangent = tangents[i];
    found.push(tangent === undefined || isZero(tangent) ? undefined : { direction, tangent });
  }
  return { met, tangents: found };
}

/** The second derivatives at the origin where each is diagonal, `undefined` for one that is zero. */
function diagonalHessian(
  b: Builder,
  loss: Value,
  params: readonly Value[],
  values: readonly Value[],
): readonly (Diagonal | undefined)[] | undefined {
  const own = ownTangents(b, loss, params, values);
  if (own === undefined) return undefined;
  const origin = [...params, ...own.met].map((v): [Value, Value] => [v, b.zeros(v.type.shape)]);
  const found: (Diagonal | undefined)[] = [];
  for (const each of own.tangents) {
    if (each === undefined) {
      found.push(undefined);
      continue;
    }
    const { direction, tangent } = each;
    const { shape } = direction.type;
    const along = shape.map((_, axis) => separableAlong(b, [direction], [tangent], [axis]));
    const varies = along.flatMap((verdict) => (verdict === undefined ? [] : [verdict.varies]));
    if (varies.length < along.length) return undefined;
    found.push({ entries: replaceOne(b, tangent, new Map([...origin, [direction, b.full(shape, 1)]])), varies });
  }
  return found;
}

/** Where the axis of a split lies in u, and whether U differs along it; `undefined` where rows of u belong to no one block. */
export function axesOf(
  b: Builder,
  params: ParamVector,
  values: readonly Value[],
  axesOfParams: readonly number[],
): { readonly rows: readonly number[]; readonly varies: boolean } | undefined {
  const directions = params.values.map((v) => b.input('direction', 'state', v.type));
  const tangents = jvp(b, values, new Map(params.values.map((v, i) => [v, given(directions[i])])));
  const found = followed(b, directions, tangents, axesOfParams);
  const axes = (found?.axes ?? []).filter((a) => a !== undefined);
  return found === undefined || axes.length < values.length ? undefined : { rows: axes, varies: found.varies };
}

/** All entries are the same. */
export const isUniform = ({ varies }: Diagonal): boolean => !varies.includes(true);

/**
 * Whether R > 0 wherever H is positive definite. One number for all penalised params may be declared to be zero: with fewer rows than
 * params H is singular then. Among several, each must be kept from it: no square of what may be zero will do.
 */
function isPositive(problem: Problem, penalised: readonly Part[]): boolean {
  if (penalised.length === 1 && penalised.every(({ diagonal }) => isUniform(diagonal)))
    return isAtLeastZero(problem, penalised, 'nonnegative');
  const { b, program } = problem;
  const known = declaredFacts(program, 'positive');
  const unsure = [...program.data, ...program.hypers]
    .map(({ value }) => value)
    .filter((v) => v.type.dtype === 'real' && known.get(v)?.sign !== 'nonnegative');
  const none = new Map(unsure.map((v) => [v, b.zeros(v.type.shape)]));
  const vanishes = ({ diagonal: { entries } }: Part): boolean => isConstant(replaceOne(b, entries, none), 0);
  return isAtLeastZero(problem, penalised, 'positive') && !penalised.some(vanishes);
}

/** Whether diagonals have no sign but that of kinds that are nonnegative, or positive: then they are so too. */
const isAtLeastZero = ({ b, program }: Problem, parts: readonly Part[], least: 'nonnegative' | 'positive'): boolean =>
  parts.every(({ diagonal }) => factsIn(b, diagonal.entries, [], declaredFacts(program, least)).sign === 'nonnegative');
