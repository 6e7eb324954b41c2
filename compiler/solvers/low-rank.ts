/**
 * A factor as large as there are rows of data solves with a Hessian H = R + UᵀDU (`low-rank-form.ts`); nothing of size d × d is made. With
 * fewer rows than params it is the dual of a ridge.
 * Source: Woodbury (1950); Hastie & Tibshirani (2004), "Efficient quadratic regularization for expression arrays".
 */
import { statusCode } from '../../plan/status.ts';
import { given } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import { multiply, one, size, zero } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import type { Pieces } from '../pieces.ts';
import { ParamVector, type Problem } from '../problem.ts';
import { replaceOne } from '../transform/replace.ts';
import { scalarFactor } from '../transform/rules/rule.ts';
import { vjp } from '../transform/transpose.ts';
import { denseProducts, factorOf, passes, refinedSolves, sideBySide, sum, times, type Work } from '../work.ts';
import { definiteness, refined, shifted } from './assembled.ts';
import { Rows, strip } from './blocks.ts';
import type { FactoredQuadratic } from './closed-form.ts';
import { hasStatus } from './linear-solver.ts';
import { isUniform, type LowRank, type Part, type Tensor } from './low-rank-form.ts';

/**
 * With B = D^½U, K = I + B₁R⁻¹B₁ᵀ of the penalised params and S = B₂ᵀK⁻¹B₂ of the free ones, Hx = Bᵀq + g is solved by
 *   S x₂ = B₂ᵀK⁻¹w + g₂,  K t = w − B₂x₂,  x₁ = R⁻¹(B₁ᵀt + g₁),  where w = q − B₁R⁻¹g₁:
 * Woodbury's formula and a Schur complement in which nothing cancels. The slope of h at 0 is of that form, so that the minimiser has no part
 * that rounding put beside the rows. Where R and D are single numbers, K is a multiple of a matrix of data alone, plus the identity.
 * Shapes: right-hand sides `[d]`; q `[m]`, K `[m, m]`, S `[k, k]`, once for all blocks or for each.
 * Needs: R > 0, D ≥ 0, and no direction of the free params that u does not see; otherwise the status says `not-positive-definite`.
 */
export function factoredLowRank({ b, params, inner }: Problem, form: LowRank): FactoredQuadratic {
  const products = new Stacks(b);
  const { penalised, free } = matricesOf(b, params, form);
  const root = ofRows(b, form, (part) => inBlocks(b, part, form.split, (v) => b.sqrt(v)));
  const grams = penalised.map(({ matrix, inverse }) => products.gram(products.acrossColumns(inverse, matrix), matrix));
  const gram = grams.reduce((sum, g) => b.add(sum, g));
  const kernel = shifted(b, products.acrossRows(root, products.acrossColumns(root, gram)), b.constant(1));
  const lower = b.cholesky(kernel);
  const inKernel = refined(
    b,
    (v) => products.times(kernel, v),
    (v) => products.solve(lower, v),
  );
  const schur = free && schurOf(b, products, lower, inKernel, products.acrossRows(root, free.matrix));
  const solve = (g: readonly Value[], q?: Value): Value => {
    const of = ({ rows, values }: Side): Value => rows.of(values.map((v) => given(g[params.values.indexOf(v)])));
    const seen = penalised.map((part) => products.times(part.matrix, products.beside(part.inverse, of(part))));
    const a = products.beside(
      root,
      seen.reduce((p, r) => b.add(p, r)),
    );
    const w = q === undefined ? b.neg(a) : b.sub(q, a);
    const eliminated = free && schur && { side: free, x: schur.solve(w, of(free)), times: schur.times };
    const t = products.beside(root, inKernel(eliminated === undefined ? w : b.sub(w, eliminated.times(eliminated.x))));
    const solved = new Map<Value, Value>();
    const put = ({ rows, values }: Side, x: Value): void => rows.back(x).forEach((v, i) => solved.set(given(values[i]), v));
    for (const part of penalised) put(part, products.beside(part.inverse, b.add(products.transposedTimes(part.matrix, t), of(part))));
    if (eliminated !== undefined) put(eliminated.side, eliminated.x);
    return params.pack(params.values.map((v) => given(solved.get(v))));
  };
  const origin = b.zeros([params.dimension]);
  const product = (v: Value): Value => inner.hessianProduct(origin, v);
  return {
    product,
    solve: refined(b, product, (rhs) => solve(params.unpack(rhs))),
    status: statusOf(b, [definiteness(b, kernel, lower), ...(schur === undefined ? [] : [schur.status])], form),
    minimiser: minimiserBy(b, params, form, solve),
  };
}

/**
 * Of the factor, and of two solves with it: each reads U twice, and again for its refinement by the true product. Where R and D are single
 * numbers the products of rows are data alone.
 */
export function lowRankWork({ rows, penalised, rank, size, split }: LowRank, { product }: Pieces): Work {
  const count = split?.count ?? one;
  const factors = split === undefined || split.varies ? count : one;
  const isOnce = [...rows, ...penalised].every(({ diagonal }) => isUniform(diagonal));
  const gram = denseProducts(rank, multiply(rank, size));
  const solve = sum(denseProducts(rank, size, 2), refinedSolves(rank, 1), passes(size, 6));
  return sum(
    isOnce ? passes(multiply(rank, rank), 4) : times(factors, gram),
    times(factors, factorOf(rank)),
    sideBySide(count, times(4, solve)),
    times(4, product),
  );
}

/** The minimiser, from the slope of h at 0: Uᵀb + ρ with b = D^½q; what b is where D is 0 belongs to ρ. */
function minimiserBy(b: Builder, params: ParamVector, form: LowRank, solve: (g: readonly Value[], q: Value) => Value): Value {
  const { rows, split } = form;
  const slopes = rows.map(({ slope, diagonal: { entries } }) => {
    const [none, ones] = [b.zeros(slope.type.shape), b.full(slope.type.shape, 1)];
    const there = b.less(none, entries);
    return { q: b.div(b.select(there, slope, none), b.sqrt(b.select(there, entries, ones))), beside: b.select(there, none, slope) };
  });
  const q = ofRows(b, form, (part, i) => sideOf(b, [part], split).rows.of([given(slopes[i]).q]));
  const beside = vjp(
    b,
    rows.map(({ value }) => value),
    slopes.map((s) => s.beside),
    params.values,
  );
  const tensors = [...form.penalised, ...form.free];
  const g = params.values.map((value, i) => {
    const { slope } = given(tensors.find((t) => t.value === value));
    const more = beside[i];
    return b.neg(more === undefined ? slope : b.add(slope, replaceOne(b, more, params.point(b.zeros([params.dimension])))));
  });
  return solve(g, b.neg(q));
}

/** One piece for each part of u, put side by side. */
const ofRows = (b: Builder, { rows }: LowRank, make: (part: Part, index: number) => Value): Value => {
  const parts = rows.map(make);
  return b.concat(parts, given(parts[0]).type.shape.length - 1);
};

/** What a status says that all have to say; `not-positive-definite` too where R is not positive. */
function statusOf(b: Builder, statuses: readonly Value[], { penalised }: LowRank): Value {
  const positive = penalised.map(({ diagonal: { entries } }) => b.less(b.constant(0), b.neg(b.max(b.neg(entries)))));
  const all = [...positive, ...statuses.map((s) => hasStatus(b, s, 'converged'))].reduce((p, q) => b.and(p, q));
  return b.select(all, b.constant(statusCode('converged')), b.constant(statusCode('not-positive-definite')));
}

interface Schur {
  readonly solve: (w: Value, g2: Value) => Value;
  /** B₂x₂. */
  readonly times: (x2: Value) => Value;
  readonly status: Value;
}

function schurOf(b: Builder, products: Stacks, lower: Value, inKernel: (v: Value) => Value, matrix: Value): Schur {
  const half = b.triangularSolve(lower, matrix, false);
  const entries = products.gramOfColumns(half);
  const factor = b.cholesky(entries);
  return {
    solve: (w, g2) => products.solve(factor, b.add(products.transposedTimes(matrix, inKernel(w)), g2)),
    times: (x2) => products.times(matrix, x2),
    status: definiteness(b, entries, factor),
  };
}

/** U of the free params as one matrix, and of each of the others with 1/R: scalars stay outside of what is data alone. */
function matricesOf(b: Builder, params: ParamVector, form: LowRank): Matrices {
  const { split } = form;
  const axis = split?.varies === true ? 1 : 0;
  const all = [...form.penalised, ...form.free];
  const strips = form.rows.map((row) => {
    const unit = b.input('unit', 'state', row.value.type);
    const values = vjp(
      b,
      [row.value],
      [unit],
      all.map(({ value }) => value),
    );
    const images = all.map(({ value, axis: along }, i) => ({ shape: value.type.shape, axis: along, value: values[i] }));
    return strip(b, unit, row.axis, images, split);
  });
  const origin = params.point(b.zeros([params.dimension]));
  const matrix = (i: number): Value =>
    replaceOne(
      b,
      b.concat(
        strips.map((s) => given(s[i])),
        axis,
      ),
      origin,
    );
  const penalised = form.penalised.map((part, i) => ({
    ...sideOf(b, [part], split),
    matrix: matrix(i),
    inverse: inBlocks(b, part, split, (v) => reciprocal(b, v)),
  }));
  if (form.free.length === 0) return { penalised };
  const pieces = form.free.map((_, i) => matrix(form.penalised.length + i));
  return { penalised, free: { ...sideOf(b, form.free, split), matrix: b.concat(pieces, axis + 1) } };
}

function sideOf(b: Builder, parts: readonly Tensor[], split: LowRank['split']): Side {
  const values = parts.map(({ value }) => value);
  const axes = parts.flatMap((part) => part.axis ?? []);
  return { values, rows: new Rows(b, new ParamVector(b, values), split === undefined ? undefined : { axes, count: split.count }) };
}

/** Some params, and how they lie in rows. */
interface Side {
  readonly values: readonly Value[];
  readonly rows: Rows;
}

interface Matrices {
  readonly penalised: readonly (Side & { readonly matrix: Value; readonly inverse: Value })[];
  readonly free?: Side & { readonly matrix: Value };
}

/** A function of each entry of a diagonal, for all blocks, `[q]`, or for each, `[count, q]`. */
function inBlocks(b: Builder, { value, axis, diagonal }: Part, split: LowRank['split'], f: (v: Value) => Value): Value {
  const width = size(value.type.shape.filter((_, a) => a !== axis));
  const shape = split?.varies === true ? [split.count, width] : [width];
  if (isUniform(diagonal)) {
    const first = value.type.shape.reduce((v, _, a) => b.slice(v, a, zero, one), diagonal.entries);
    return b.broadcast(f(b.reshape(first, [])), shape, []);
  }
  const entries = f(diagonal.entries);
  if (split === undefined || axis === undefined) return b.reshape(entries, shape);
  const rows = new Rows(b, new ParamVector(b, [value]), { axes: [axis], count: split.count }).of([entries]);
  return split.varies ? rows : b.reshape(b.slice(rows, 0, zero, one), shape);
}

/** 1/v, of s·w as 1/s · 1/w. */
function reciprocal(b: Builder, v: Value): Value {
  const product = scalarFactor(v);
  return product === undefined
    ? b.div(b.full(v.type.shape, 1), v)
    : b.mul(b.div(b.constant(1), product.scalar), reciprocal(b, product.rest));
}

/** Products with matrices that all blocks share, `[m, q]`, or that each has of its own, `[count, m, q]`; vectors `[q]` or `[count, q]`. */
class Stacks {
  private readonly b: Builder;

  constructor(b: Builder) {
    this.b = b;
  }
  /** M v. */
  times(matrix: Value, v: Value): Value {
    return this.isOwn(matrix)
      ? this.b.dotGeneral(matrix, v, [[2], [1]], [[0], [0]])
      : this.b.dotGeneral(v, matrix, [[v.type.shape.length - 1], [1]]);
  }
  /** Mᵀ v. */
  transposedTimes(matrix: Value, v: Value): Value {
    return this.isOwn(matrix)
      ? this.b.dotGeneral(matrix, v, [[1], [1]], [[0], [0]])
      : this.b.dotGeneral(v, matrix, [[v.type.shape.length - 1], [0]]);
  }
  /** L Nᵀ. */
  gram(left: Value, right: Value): Value {
    return this.isOwn(left) ? this.b.dotGeneral(left, right, [[2], [2]], [[0], [0]]) : this.b.dotGeneral(left, right, [[1], [1]]);
  }
  /** MᵀM. */
  gramOfColumns(matrix: Value): Value {
    return this.isOwn(matrix) ? this.b.dotGeneral(matrix, matrix, [[1], [1]], [[0], [0]]) : this.b.dotGeneral(matrix, matrix, [[0], [0]]);
  }
  /** By a Cholesky factor. */
  solve(lower: Value, v: Value): Value {
    const { b } = this;
    if (this.isOwn(lower) || v.type.shape.length === 1) return b.choleskySolve(lower, v);
    return b.transpose(b.choleskySolve(lower, b.transpose(v, [1, 0])), [1, 0]);
  }
  /** A diagonal times a vector, from the left times a matrix, from the right times a matrix. */
  beside(diagonal: Value, v: Value): Value {
    return this.spread(diagonal, v, v.type.shape.length - 1);
  }
  acrossRows(diagonal: Value, matrix: Value): Value {
    return this.spread(diagonal, matrix, matrix.type.shape.length - 2);
  }
  acrossColumns(diagonal: Value, matrix: Value): Value {
    return this.spread(diagonal, matrix, matrix.type.shape.length - 1);
  }
  private isOwn(matrix: Value): boolean {
    return matrix.type.shape.length === 3;
  }
  private spread(diagonal: Value, v: Value, axis: number): Value {
    const { b } = this;
    const product = scalarFactor(diagonal);
    if (product !== undefined) return b.mul(product.scalar, this.spread(product.rest, v, axis));
    const leading = [...diagonal.type.shape.keys()].slice(1).map((_, i) => i);
    return b.mul(b.broadcast(diagonal, v.type.shape, [...leading, axis]), v);
  }
}
