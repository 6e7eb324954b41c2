/** Mistakes of the backend `wasm` that a review found: each was a wrong result, or no end. */
import { afterAll, describe, expect, it } from 'vitest';
import { Builder } from '../../compiler/ir/builder.ts';
import { multiply, number, symbol } from '../../compiler/ir/dims.ts';
import { prepare } from '../../compiler/ir/interpret.ts';
import { scan } from '../../compiler/ir/loops.ts';
import { given } from '../../compiler/ir/attributes.ts';
import { Folder, gradient, verify } from '../helpers/cli.ts';
import { compileGraph } from '../helpers/wasm.ts';

const folder = new Folder();
afterAll(() => folder.remove());

describe('states that are rotated into one buffer', () => {
  it.each([2, 3, 4, 5])('%i of them', async (count) => {
    const b = new Builder();
    const inputs = Array.from({ length: count }, (_, i) => b.input(`s${i}`, 'state', { dtype: 'real', shape: [number(2)] }));
    const states = inputs.map((v, i) => b.add(v, b.constant(i)));
    const rotated = scan(b, { name: 'rotate', length: number(4), states, body: (x) => ({ states: [...x.slice(1), given(x[0])] }) });
    const graph = b.graph('rotated', inputs, [b.concat(rotated.states, 0)], ['o']);
    const values = inputs.map((_, i) => ({ shape: [2], data: Float64Array.of(10 * i, 10 * i + 1) }));
    const [actual] = await compileGraph(graph, 'f64')(values, new Map());
    expect(actual?.data).toEqual(prepare(graph, new Map())(values)[0]?.data);
  });

  it('of a seasonal model, whose adjoints rotate into the gradient', async () => {
    const y = folder.csv(
      'season.csv',
      Array.from({ length: 12 }, (_, t) => Math.sin(t)),
    );
    const page = folder.page(`
      dim n
      data y: [n]
      hyper a: positive = 1.0
      param p: []
      param q: []
      param r: []
      param s: []
      let seq = scan (e, f, g, h) = (p, q, r, s) over t in n { (f, g, h, e) }
      inner minimize mean((seq - a * y)^2) + 0.1 * (p^2 + q^2 + r^2 + s^2)
      outer minimize mean((seq - y)^2)`);
    expect((await verify(page, '--data', `y=${y}`)).agrees).toBe(true);
  });
});

it('a size beyond 2^31 that is only divided by is that size', async () => {
  const b = new Builder();
  const v = b.input('v', 'data');
  const [n, m] = [symbol('n'), symbol('m')];
  const graph = b.graph('mean', [v], [b.div(v, b.dimSize(multiply(n, m)))], ['o']);
  const run = compileGraph(graph, 'f64');
  const one = [{ shape: [], data: Float64Array.of(1) }];
  for (const [rows, columns] of [
    [40_000, 50_000],
    [50_000, 50_000],
    [50_000, 90_000],
    [2 ** 20, 2 ** 30],
  ] as const) {
    const sizes = new Map([
      ['n', rows],
      ['m', columns],
    ]);
    expect((await run(one, sizes))[0]?.data[0]).toBe(1 / (rows * columns));
  }
});

it('a limit of steps beyond 2^32 is a limit', async () => {
  const page = folder.page(`
    hyper a: positive = 1.0
    param w: []
    inner minimize (w - a)^4 + (w - a)^2
    outer minimize (w - 2)^2
    solve inner with gd(rate = 0.1, steps = 4294967296, tolerance = 1e-8)`);
  const { inner } = await gradient(page);
  expect(inner.steps).toBeGreaterThan(10);
});
