/**
 * Derivatives of the losses that people write, to second order: forward and reverse against central differences and against each
 * other, and the assembled Hessian against Hessian products. The table test has single ops; here they are composed.
 */
import { describe, expect, it } from 'vitest';
import { Builder } from '../../compiler/ir/builder.ts';
import { number, symbol, type Dim } from '../../compiler/ir/dims.ts';
import type { Tensor, Value } from '../../compiler/ir/graph.ts';
import { interpret } from '../../compiler/ir/interpret.ts';
import { verify } from '../../compiler/ir/verify.ts';
import { Objective, ParamVector } from '../../compiler/problem.ts';
import { batch } from '../../compiler/transform/batch.ts';
import { jvp } from '../../compiler/transform/jvp.ts';
import { ancestors } from '../../compiler/transform/reach.ts';
import { bindingTimes, onceValues } from '../../compiler/transform/staging.ts';
import { gradient } from '../../compiler/transform/transpose.ts';
import { randomNumbers } from '../helpers/evaluate.ts';

const [n, d, k] = [symbol('n'), symbol('d'), symbol('k')];
const sizes = new Map([
  ['n', 5],
  ['d', 3],
  ['k', 4],
]);

interface Loss {
  readonly b: Builder;
  readonly params: readonly Value[];
  readonly data: readonly Value[];
  readonly value: Value;
  readonly labels?: Value;
}

const real = (b: Builder, name: string, ...shape: readonly Dim[]): Value =>
  b.input(name, name === name.toUpperCase() ? 'data' : 'state', { dtype: 'real', shape });
const mean = (b: Builder, v: Value): Value => b.div(b.sum(v), b.dimSize(n));
const spreadRows = (b: Builder, row: Value, shape: readonly Dim[]): Value => b.broadcast(row, shape, [0]);

/** Σ softplus(−s) of margins s = Y ⊙ (X W Wᵀ…): a logistic loss with a matrix of weights, and a ridge on it. */
function logistic(): Loss {
  const b = new Builder();
  const [w, offset] = [real(b, 'w', d, k), real(b, 'offset', k)];
  const [x, y] = [real(b, 'X', n, d), real(b, 'Y', n, k)];
  const scores = b.add(b.matmul(x, w), b.broadcast(offset, [n, k], [1]));
  const value = b.add(mean(b, b.unary('softplus', b.neg(b.mul(y, scores)))), b.scale(b.inner(w, w), 0.05));
  return { b, params: [w, offset], data: [x, y], value };
}

/** mean(logsumexp(z) − z_y), the largest score held fixed, as the library writes it. */
function crossEntropy(): Loss {
  const b = new Builder();
  const w = real(b, 'w', d, k);
  const x = real(b, 'X', n, d);
  const labels = b.input('labels', 'data', { dtype: 'int', shape: [n] });
  const z = b.matmul(x, w);
  const shift = spreadRows(b, b.unary('stop_gradient', b.max(z, [1])), [n, k]);
  const shifted = b.sub(z, shift);
  const hot = b.select(
    b.equal(b.broadcast(labels, [n, k], [0]), b.broadcast(b.iota(k), [n, k], [1])),
    b.full([n, k], 1),
    b.full([n, k], 0),
  );
  const each = b.sub(b.unary('log', b.sum(b.unary('exp', shifted), [1])), b.sum(b.mul(hot, shifted), [1]));
  return { b, params: [w], data: [x], labels, value: mean(b, each) };
}

function network(): Loss {
  const b = new Builder();
  const [first, second, bias] = [real(b, 'first', d, k), real(b, 'second', k), real(b, 'bias', k)];
  const [x, y] = [real(b, 'X', n, d), real(b, 'Y', n)];
  const hidden = b.unary('tanh', b.add(b.matmul(x, first), b.broadcast(bias, [n, k], [1])));
  const r = b.sub(b.matmul(hidden, second), y);
  return { b, params: [first, second, bias], data: [x, y], value: mean(b, b.mul(r, r)) };
}

/** ½ log det S(w) with S = Σ w_i² X_i X_iᵀ + I, and the quadratic form of its inverse: through a factor and solves. */
function evidence(): Loss {
  const b = new Builder();
  const w = real(b, 'w', d);
  const [x, y] = [real(b, 'X', n, d), real(b, 'Y', n)];
  const scaled = b.mul(x, b.broadcast(w, [n, d], [1]));
  const covariance = b.add(b.dotGeneral(scaled, scaled, [[1], [1]]), b.eye(n));
  const factor = b.cholesky(covariance);
  const white = b.triangularSolve(factor, y, false);
  const diagonal = b.sum(b.mul(b.eye(n), factor), [1]);
  return { b, params: [w], data: [x, y], value: b.add(b.scale(b.inner(white, white), 0.5), b.sum(b.unary('log', diagonal))) };
}

const losses = {
  'a logistic loss with a matrix': logistic,
  'softmax cross-entropy': crossEntropy,
  'a network of two layers': network,
  'a Gaussian evidence': evidence,
};

function draw(values: readonly Value[], seed: number): readonly Tensor[] {
  const next = randomNumbers(seed);
  return values.map((v) => {
    const shape = v.type.shape.map((dim) => sizes.get(dim.key) ?? 1);
    return { shape, data: Float64Array.from({ length: shape.reduce((a, x) => a * x, 1) }, next) };
  });
}

const labelsOf = ({ labels }: Loss): readonly [Value, Tensor][] =>
  labels === undefined ? [] : [[labels, { shape: [5], data: Float64Array.of(0, 3, 1, 1, 2) }]];

function run(loss: Loss, outputs: readonly Value[], given: readonly (readonly [Value, Tensor])[]): readonly Tensor[] {
  const all = [...given, ...labelsOf(loss)];
  const graph = loss.b.graph(
    'test',
    all.map(([v]) => v),
    outputs,
  );
  expect(verify(graph)).toEqual([]);
  return interpret(
    graph,
    all.map(([, t]) => t),
    sizes,
  );
}

const pairs = (values: readonly Value[], tensors: readonly Tensor[]): readonly (readonly [Value, Tensor])[] =>
  values.map((v, i) => [v, tensors[i] ?? { shape: [], data: new Float64Array(0) }]);
const along = (x: readonly Tensor[], v: readonly Tensor[], t: number): readonly Tensor[] =>
  x.map((a, i) => ({ shape: a.shape, data: a.data.map((value, j) => value + t * (v[i]?.data[j] ?? 0)) }));
const dotted = (x: readonly Tensor[], y: readonly Tensor[]): number =>
  x.reduce((s, a, i) => s + a.data.reduce((t, value, j) => t + value * (y[i]?.data[j] ?? 0), 0), 0);
const step = 2e-5;
const relative = (a: number, b: number): number => Math.abs(a - b) / Math.max(1, Math.abs(b));

describe.each(Object.entries(losses))('%s', (_name, make) => {
  const loss = make();
  const { b, params, data, value } = loss;
  const [point, numbers, v, u] = [draw(params, 3), draw(data, 5), draw(params, 7), draw(params, 9)];
  const at = (
    outputs: readonly Value[],
    where: readonly Tensor[] = point,
    more: readonly (readonly [Value, Tensor])[] = [],
  ): readonly Tensor[] => run(loss, outputs, [...pairs(params, where), ...pairs(data, numbers), ...more]);
  const scalarAt = (where: readonly Tensor[]): number => at([value], where)[0]?.data[0] ?? Number.NaN;
  const gradients = gradient(b, value, params);
  const direction = params.map((p) => b.input('direction', 'state', p.type));
  const given = pairs(direction, v);

  it('has a gradient that differences confirm, and the forward derivative that goes with it', () => {
    const difference = (scalarAt(along(point, v, step)) - scalarAt(along(point, v, -step))) / (2 * step);
    const forward = jvp(b, [value], new Map(params.map((p, i) => [p, direction[i] ?? p])))[0] ?? b.constant(Number.NaN);
    expect(relative(dotted(at(gradients), v), difference)).toBeLessThan(1e-8);
    expect(relative(at([forward], point, given)[0]?.data[0] ?? Number.NaN, dotted(at(gradients), v))).toBeLessThan(1e-13);
  });

  it('has Hessian products that differences confirm, the same by forward and by reverse mode, and symmetric', () => {
    const ahead = at(gradients, along(point, v, step));
    const behind = at(gradients, along(point, v, -step));
    const difference = ahead.map((t, i) => ({ shape: t.shape, data: t.data.map((x, j) => (x - (behind[i]?.data[j] ?? 0)) / (2 * step)) }));
    const forward = jvp(b, gradients, new Map(params.map((p, i) => [p, direction[i] ?? p]))).map(
      (t, i) => t ?? b.zeros(params[i]?.type.shape ?? []),
    );
    const weighted = gradients.map((g, i) => b.inner(g, direction[i] ?? g)).reduce((s, t) => b.add(s, t));
    const reverse = gradient(b, weighted, params);
    const products = at(forward, point, given);
    products.forEach((t, i) => t.data.forEach((x, j) => expect(relative(x, difference[i]?.data[j] ?? Number.NaN)).toBeLessThan(1e-8)));
    at(reverse, point, given).forEach((t, i) =>
      t.data.forEach((x, j) => expect(relative(x, products[i]?.data[j] ?? Number.NaN)).toBeLessThan(1e-12)),
    );
    const other = at(forward, point, pairs(direction, u));
    expect(relative(dotted(u, products), dotted(v, other))).toBeLessThan(1e-12);
  });

  it('has a Hessian whose columns are its products', () => {
    const vector = new ParamVector(b, params);
    const objective = new Objective(b, vector, value);
    const x = b.input('x', 'state', { dtype: 'real', shape: [vector.dimension] });
    const tangent = b.input('v', 'state', x.type);
    const flat = (tensors: readonly Tensor[]): Tensor => {
      const all = tensors.flatMap((t) => [...t.data]);
      return { shape: [all.length], data: Float64Array.from(all) };
    };
    const inputs = [[x, flat(point)], [tangent, flat(v)], ...pairs(data, numbers)] as const;
    const [hessian, product, slope] = run(
      loss,
      [objective.hessianAt(x), objective.hessianProduct(x, tangent), objective.gradientAt(x)],
      inputs,
    );
    const size = flat(point).data.length;
    expect(hessian?.shape).toEqual([size, size]);
    const direct = flat(at(gradients)).data;
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let j = 0; j < size; j++) {
        sum += (hessian?.data[i * size + j] ?? Number.NaN) * (flat(v).data[j] ?? 0);
        expect(relative(hessian?.data[i * size + j] ?? Number.NaN, hessian?.data[j * size + i] ?? Number.NaN)).toBeLessThan(1e-12);
      }
      expect(relative(sum, product?.data[i] ?? Number.NaN)).toBeLessThan(1e-12);
      expect(relative(slope?.data[i] ?? Number.NaN, direct[i] ?? Number.NaN)).toBeLessThan(1e-13);
    }
  });

  it('is batched over a param like single evaluations, with its gradient', () => {
    const [first] = params;
    if (first === undefined) return expect.fail('no param');
    const width = number(3);
    const wide = b.input('wide', 'state', { dtype: 'real', shape: [width, ...first.type.shape] });
    const several = [1, 0.5, -1].map((t) => along(point.slice(0, 1), v.slice(0, 1), t)[0] ?? { shape: [], data: new Float64Array(0) });
    const stacked: Tensor = { shape: [3, ...(several[0]?.shape ?? [])], data: Float64Array.from(several.flatMap((t) => [...t.data])) };
    const results = run(loss, batch(b, [value, ...gradients], new Map([[first, wide]]), width), [
      [wide, stacked],
      ...pairs(params, point).slice(1),
      ...pairs(data, numbers),
    ]);
    several.forEach((t, i) => {
      const alone = at([value, ...gradients], [t, ...point.slice(1)]);
      alone.forEach((expected, output) => {
        const length = expected.data.length;
        expected.data.forEach((e, j) => expect(relative(results[output]?.data[i * length + j] ?? Number.NaN, e)).toBeLessThan(1e-13));
      });
    });
  });
});

describe('½‖Xw − y‖²', () => {
  const b = new Builder();
  const w = real(b, 'w', d);
  const [x, y] = [real(b, 'X', n, d), real(b, 'Y', n)];
  const residual = b.sub(b.matmul(x, w), y);
  const vector = new ParamVector(b, [w]);
  const objective = new Objective(b, vector, b.scale(b.inner(residual, residual), 0.5));
  const at = b.input('x', 'state', { dtype: 'real', shape: [d] });
  const hessian = objective.hessianAt(at);

  it('has a Hessian with one product in it, X with itself', () => {
    const products = ancestors([hessian]).filter((node) => node.op === 'dot_general');
    expect(products).toHaveLength(1);
    expect(products[0]?.inputs.every((v) => [v, ...v.node.inputs].includes(x))).toBe(true);
  });

  it('that depends on data alone, so that it is computed once', () => {
    expect(bindingTimes([hessian])(hessian)).toBe('data');
    expect(onceValues([b.matmul(hessian, at)])).toContain(hessian);
    expect(b.graph('once', [x], [hessian]).inputs).toEqual([x]);
  });

  it('and is XᵀX', () => {
    const [tensor] = draw([x], 2);
    if (tensor === undefined) return expect.fail('no X');
    const [result] = interpret(b.graph('once', [x], [hessian]), [tensor], sizes);
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        let sum = 0;
        for (let row = 0; row < 5; row++) sum += (tensor.data[row * 3 + i] ?? 0) * (tensor.data[row * 3 + j] ?? 0);
        expect(result?.data[i * 3 + j]).toBeCloseTo(sum, 14);
      }
    }
  });
});
