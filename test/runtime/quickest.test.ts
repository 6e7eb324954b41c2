/** Which backend is taken where that is left to be chosen: by predicted times, and by what comes up. */
import { describe, expect, it } from 'vitest';
import { carriedCode } from '../../compiler/emit/module/request.ts';
import { compile } from '../../compiler/pipeline.ts';
import type { CandidateCalls } from '../../plan/calls.ts';
import { weigh } from '../../plan/predict.ts';
import type { Linked } from '../../plan/types.ts';
import type { DeviceLibrary } from '../../runtime/backends/calls/library.ts';
import type { ModuleCode } from '../../runtime/module.ts';
import { otherBackends } from '../../runtime/other-backends.ts';
import { quickest } from '../../runtime/quickest.ts';

describe('the quickest', () => {
  it.each([
    [undefined, {}, 'wasm', 'what a hypergradient takes elsewhere cannot be predicted'],
    [12.345, {}, 'wasm', 'predicted to take 12.3 ms a hypergradient, for which no GPU is started'],
    [400, {}, 'wasm', 'predicted for a hypergradient: wasm 400 ms'],
    [
      400,
      { 'tfjs-webgl': 900, 'tfjs-webgpu': 'does not come up' },
      'wasm',
      'predicted for a hypergradient: wasm 400 ms, tfjs-webgpu does not come up, tfjs-webgl 900 ms',
    ],
    [
      400,
      { 'tfjs-webgpu': 50, 'gpujs-webgpu': 30.06 },
      'gpujs-webgpu',
      'predicted for a hypergradient: wasm 400 ms, tfjs-webgpu 50 ms, gpujs-webgpu 30.1 ms',
    ],
  ] as const)('of %s ms on Wasm and %o', async (onWasm, there, backend, chosen) => {
    const found = await quickest(onWasm, (gpu) => Promise.resolve((there as Readonly<Record<string, number | string>>)[gpu]));
    expect(found).toEqual({ backend, chosen });
  });
});

describe('a module whose backend is left to be chosen', () => {
  const [problem] = compile(
    'problem p {\n  dim n, d\n  data X: [n, d]\n  hyper a: positive\n  param w: [d]\n' +
      '  inner minimize mean((X @ w - 1)^2) + a * sum(w^2)\n  outer minimize mean((X @ w - 2)^2)\n' +
      '  solve inner with gd(rate = 0.1, steps = 500)\n}\n',
    'p.bilevel',
  ).value;
  const carried = problem && carriedCode(problem, { precisions: ['f64'], libraries: ['tfjs', 'gpujs'], sizes: {} });
  if (carried === undefined) throw new Error('nothing is carried');
  const code = { ...carried, code: {}, weigh } as unknown as ModuleCode;
  const linkedBy = (backend: string): Linked =>
    ({
      ok: true,
      executor: { results: () => [], close: () => undefined, describe: () => ({ backend, precision: 'f32', threads: 1, why: '' }) },
    }) as unknown as Linked;
  /** `asked`: what was opened, and with whose copy. */
  const libraryOf = (library: 'tfjs' | 'gpujs', asked: string[], why: string): DeviceLibrary => ({
    library,
    open: (variant, own) => {
      asked.push(`${library}-${variant}${own === undefined ? '' : ` ${Object.keys(own).join()}`}`);
      if (variant !== 'webgpu') return Promise.resolve({ ok: false, because: 'not here' });
      const backend = `${library}-${variant}`;
      return Promise.resolve({ ok: true, describe: () => ({ backend, why }), link: () => () => Promise.resolve(linkedBy(backend)) });
    },
  });
  const calls = Object.fromEntries(carried.candidates.map((id) => [id, (): CandidateCalls => ({ stages: {}, host: [] })]));
  const taken = async (rows: number, options: { why?: string; precision?: 'auto' | 'f64'; library?: object } = {}) => {
    const { why = 'NVIDIA H200', precision = 'auto', library } = options;
    const asked: string[] = [];
    const parts = (['tfjs', 'gpujs'] as const).map((name) => ({ part: libraryOf(name, asked, why), calls }));
    const own = () => () => Promise.resolve(linkedBy('wasm'));
    const request = { code, backend: 'auto', precision, usual: 'f64', library, threads: 'auto', own, sizes: { n: rows, d: 100 } } as const;
    const found = await otherBackends(parts)(request);
    if (found === undefined || !('link' in found)) throw new Error('no link');
    const linked = await found.link(carried.candidates[0] ?? '', request.sizes);
    return { asked, by: linked.ok ? linked.executor.describe() : undefined };
  };

  it('starts no GPU for little', async () => {
    expect(await taken(10)).toMatchObject({
      asked: [],
      by: { backend: 'wasm', chosen: expect.stringContaining('no GPU is started') as string },
    });
  });

  it('takes a GPU for much, and says by which times', async () => {
    const { asked, by } = await taken(200_000);
    expect(asked).toEqual(['tfjs-webgpu', 'tfjs-webgl', 'gpujs-webgpu', 'gpujs-webgl2', 'gpujs-webgpu']);
    expect(by?.backend).toBe('gpujs-webgpu');
    expect(by?.chosen).toMatch(
      /^predicted for a hypergradient: wasm \d+ ms, tfjs-webgpu \d+ ms, tfjs-webgl does not come up, gpujs-webgpu \d+ ms, gpujs-webgl2 does not come up; not corrected in float64: a recipe means its steps/u,
    );
  });

  it('takes none that a processor plays', async () => {
    expect((await taken(200_000, { why: 'Google, SwiftShader' })).by?.backend).toBe('wasm');
  });

  it('asks the library alone whose copy is handed in', async () => {
    const { asked, by } = await taken(200_000, { library: { tf: {} } });
    expect([asked, by?.backend]).toEqual([['tfjs-webgpu tf', 'tfjs-webgl tf', 'tfjs-webgpu tf'], 'tfjs-webgpu']);
  });

  it('is Wasm in float64', async () => {
    expect(await taken(200_000, { precision: 'f64' })).toMatchObject({
      asked: [],
      by: { backend: 'wasm', chosen: 'all else computes in float32' },
    });
  });
});
