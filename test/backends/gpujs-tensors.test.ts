/** What is held of gpu.js: no kernel leaves a tensor behind, one kernel a text, and what does not come up, or runs elsewhere, is refused. */
import { describe, expect, it } from 'vitest';
import { table } from '../../runtime/backends/gpujs/formulas.ts';
import { gpujsDevice } from '../../runtime/backends/gpujs/device.ts';
import type { Gpu, GpuLibrary } from '../../runtime/backends/gpujs/library.ts';
import { gpujsLibrary } from '../../runtime/backends/gpujs/load.ts';
import gpujs from 'gpu.js';
import { emitCalls } from '../../compiler/emit/calls/candidate.ts';
import { Builder } from '../../compiler/ir/builder.ts';
import type { Graph, Tensor } from '../../compiler/ir/graph.ts';
import { number, symbol } from '../../compiler/ir/dims.ts';
import { prepare } from '../../compiler/ir/interpret.ts';
import { scan } from '../../compiler/ir/loops.ts';
import { openDevice } from '../../runtime/backends/calls/library.ts';
import { lazyOf, whole, type Lazy } from '../../runtime/backends/calls/terms.ts';
import { programRun } from '../../runtime/backends/gpujs/program.ts';
import { beside, elementsOf, inOneRun, release, tensorOf, type GpuTensor } from '../../runtime/backends/gpujs/tensor.ts';
import type { SizedType } from '../../runtime/backends/calls/device.ts';
import { Workshop } from '../../runtime/backends/gpujs/workshop.ts';

const { GPU } = gpujs as unknown as { readonly GPU: GpuLibrary };

/** A texture that is counted, in the place of an array. */
class Counted {
  static alive = 0;
  readonly elements: Float32Array;
  constructor(elements: Float32Array) {
    this.elements = elements;
    Counted.alive += 1;
  }
  toArray(): Float32Array {
    return this.elements;
  }
  delete(): void {
    Counted.alive -= 1;
  }
}

/** Kernels of `cpu` that answer as those of `webgpu` do: by promises of what is to be let go of. Numbers that they are given are float32. */
function answeringLate(gpu: Gpu): Gpu & { kernels: number } {
  const late = {
    Kernel: gpu.Kernel,
    kernels: 0,
    createKernel: (source: string, settings: Readonly<Record<string, unknown>>) => {
      const kernel = gpu.createKernel(source, settings);
      late.kernels += 1;
      const run = async (...values: readonly unknown[]): Promise<Counted> => {
        await Promise.resolve();
        const arrays = values.map((value) =>
          value instanceof Counted ? value.toArray() : typeof value === 'number' ? Math.fround(value) : value,
        );
        return new Counted(kernel(...arrays) as Float32Array);
      };
      return Object.defineProperty(run, 'kernel', { get: () => kernel.kernel }) as unknown as ReturnType<Gpu['createKernel']>;
    },
    createPipeline: gpu.createPipeline,
    destroy: () => gpu.destroy(),
  };
  return late;
}

describe('tensors that are promised', () => {
  it('are let go of when nobody holds them, and not before a call that reads them is made', async () => {
    const gpu = answeringLate(new GPU({ mode: 'cpu' }));
    const device = gpujsDevice(gpu, 'webgl2');
    const type = { dtype: 'real', shape: [1000] } as const;
    const scalar = { dtype: 'real', shape: [] } as const;
    const double = device.kernels.add({ operands: [type, type], result: type, attributes: {} });
    const total = device.kernels.reduce_sum({ operands: [type], result: scalar, attributes: { axes: [0] } });
    const start = device.upload(new Float64Array(1000).fill(1), type);
    let state = device.share(start);
    for (let step = 0; step < 100; step++) {
      const next = double(state, state);
      device.free(state);
      state = double(start, start);
      device.free(next);
    }
    const sum = total(state);
    device.free(state);
    expect([...(await device.download(sum, scalar))]).toEqual([2000]);
    device.free(sum);
    device.free(start);
    await new Promise((resolve) => setTimeout(resolve));
    expect(Counted.alive).toBe(0);
    // The upload, the sum of two, and the two passes of a long sum.
    expect(gpu.kernels).toBe(4);
  });
});

describe('a row of a tensor', () => {
  const rowsOf = (count: number): SizedType => ({ dtype: 'real', shape: [count, 2] });
  const ofRow: SizedType = { dtype: 'real', shape: [2] };
  const late = answeringLate(new GPU({ mode: 'cpu' }));
  const device = gpujsDevice(late, 'webgpu');
  const negated = device.kernels.neg({ operands: [ofRow], result: ofRow, attributes: {} });
  const counting = (count: number): GpuTensor =>
    device.upload(
      Float64Array.from({ length: 2 * count }, (_, i) => i),
      rowsOf(count),
    );

  it('is a part of it, which stays until the row is let go of', async () => {
    const whole = counting(3);
    const row = device.row(whole, rowsOf(3), 1);
    device.free(whole);
    const result = negated(row);
    device.free(row);
    expect([...(await device.download(result, ofRow))]).toEqual([-2, -3]);
    device.free(result);
    await Promise.resolve();
    expect(Counted.alive).toBe(0);
  });

  it('takes no kernel of its own, nor does another array of the same length', async () => {
    const before = late.kernels;
    const [first, second] = [counting(3), counting(3)];
    const rows = [device.row(first, rowsOf(3), 0), device.row(second, rowsOf(3), 2)];
    const found = await Promise.all(rows.map(async (row) => [...(await device.download(negated(row), ofRow))]));
    expect(found).toEqual([
      [-0, -1],
      [-4, -5],
    ]);
    expect(late.kernels).toBe(before);
  });

  it('is read by a kernel that knows how long the whole is', async () => {
    const before = late.kernels;
    const found = await device.download(negated(device.row(counting(4), rowsOf(4), 3)), ofRow);
    expect([...found]).toEqual([-6, -7]);
    expect(late.kernels).toBe(before + 2);
  });
});

describe('what does not come up is refused with its reason', () => {
  /** Asked for WebAssembly, it computes in JavaScript, as gpu.js does where a kernel cannot be had. */
  function Elsewhere(): Gpu {
    const [gpu, { Kernel }] = [new GPU({ mode: 'cpu' }), new GPU({ mode: 'webasm' })];
    return { Kernel, createKernel: gpu.createKernel.bind(gpu), createPipeline: gpu.createPipeline, destroy: () => gpu.destroy() };
  }

  it.each([
    ['webgl2', undefined, /no WebGL 2 here; browsers have it/],
    ['webgl9', undefined, /no mode `webgl9`/],
    ['webasm', { GPU: Elsewhere }, /went over to CPUKernel/],
    ['cpu', { GPU: Date }, /handed in as `GPU` is not the class of gpu\.js/],
  ] as const)('%s', async (variant, own, because) => {
    const opening = await gpujsLibrary.open(variant, own);
    expect(opening).toMatchObject({ ok: false, because: expect.stringMatching(because) as string });
  });
});

it('a kernel of a GPU reads no more than it may, however many long sums it is of', async () => {
  const n = 1001;
  const [type, scalar] = [{ dtype: 'real', shape: [n] } as const, { dtype: 'real', shape: [] } as const];
  const call = { operands: [type], result: scalar, attributes: { axes: [0] } };
  const sums = Array.from({ length: 5 }, (_, i) => lazyOf('reduce_sum', call, [whole(i, type)]) as Lazy);
  const both = { operands: [scalar, scalar], result: scalar, attributes: {} };
  const total = sums.reduce((a, b) => lazyOf('add', both, [a, b]) as Lazy);
  const all = lazyOf('tanh', { operands: [scalar], result: scalar, attributes: {} }, [total]) as Lazy;
  const shop = new Workshop(answeringLate(new GPU({ mode: 'cpu' })), 'webgl2');
  const buffers: number[] = [];
  const make = shop.kernel.bind(shop);
  shop.kernel = (text) => {
    // The result is one, and so is the table of powers.
    buffers.push(text.operands.length + 1 + (text.body.includes(table) ? 1 : 0));
    return make(text);
  };
  const run = programRun(shop, { ...all, operands: sums.map(() => n) });
  expect(Math.max(...buffers)).toBe(8);
  const before = Counted.alive;
  const found = run(sums.map((_, i) => tensorOf(new Float32Array(n).fill((i + 1) / n), n)));
  expect((await elementsOf(found))[0]).toBeCloseTo(Math.tanh(15), 6);
  release(found);
  await Promise.resolve();
  expect(Counted.alive - before).toBe(sums.length);
});

describe('of more elements than a float32 can count', () => {
  const width = 2 ** 23 + 1;
  const type = { dtype: 'real', shape: [3, width] } as const;
  const few = { dtype: 'real', shape: [3, 2] } as const;
  const one = { dtype: 'real', shape: [3] } as const;
  const part = { operands: [type], result: few, attributes: { axis: 1, start: width - 2, length: 2 } };
  const sum = { operands: [type], result: one, attributes: { axes: [1] } };
  const rows = { operands: [type, one], result: type, attributes: { axis: 0 } };
  const told = /25165827 elements are more than the 16777216/u;

  it('places that would be reckoned in float32 are refused', () => {
    const { kernels } = gpujsDevice(new GPU({ mode: 'webasm' }), 'webasm');
    expect(() => kernels.slice(part)).toThrow(told);
    expect(() => kernels.reduce_sum(sum)).toThrow(told);
    expect(() => kernels.gather(rows)).toThrow(told);
    expect(() => kernels.neg({ operands: [type], result: type, attributes: {} })).not.toThrow();
  });

  it('a sum in one loop of a GPU is not', () => {
    const { kernels } = gpujsDevice(answeringLate(new GPU({ mode: 'cpu' })), 'webgl2');
    expect(() => kernels.reduce_sum(sum)).not.toThrow();
    expect(() => kernels.slice(part)).toThrow(told);
  });

  it('others are found', () => {
    const { kernels } = gpujsDevice(new GPU({ mode: 'cpu' }), 'cpu');
    const host = new Float32Array(3 * width);
    host.set([1, 2], 2 * width - 2);
    host.set([4, 8], 3 * width - 2);
    const tensor = { host, resident: undefined, length: host.length, holders: 1 };
    expect(kernels.slice(part)(tensor).host).toEqual(Float32Array.of(0, 0, 1, 2, 4, 8));
    expect(kernels.reduce_sum(sum)(tensor).host).toEqual(Float32Array.of(0, 3, 12));
  });
});

describe('rows further away than a float32 can count', () => {
  const count = 5_592_408;
  const t = count - 1;
  const [type, row] = [{ dtype: 'real', shape: [count, 3] } as const, { dtype: 'real', shape: [3] } as const];
  const call = { operands: [row], result: row, attributes: {} };
  const host = new Float32Array(3 * count);
  host.set([1, 2, 3], 3 * t);
  const whole = tensorOf(host, host.length);

  it('are found by a kernel', async () => {
    const device = gpujsDevice(answeringLate(new GPU({ mode: 'cpu' })), 'webgpu');
    expect([...(await elementsOf(device.kernels.neg(call)(device.row(whole, type, t))))]).toEqual([-1, -2, -3]);
  });

  it('are found by a pipeline of WebAssembly', async () => {
    const device = gpujsDevice(new GPU({ mode: 'webasm' }), 'webasm');
    const negated = device.kernels.neg(call);
    const run = (tensors: readonly GpuTensor[]): readonly GpuTensor[] => tensors.map((tensor) => negated(device.row(tensor, type, t)));
    const compiled = device.compile?.(run, [whole], [type], [row, row]);
    for (let time = 0; time < 13; time++) {
      const found = await compiled?.call([whole]);
      for (const tensor of found ?? []) expect([...(await elementsOf(tensor))]).toEqual([-1, -2, -3]);
    }
    compiled?.close();
  });
});

it('refuses arrays of more elements than float32 counts, where places are reckoned in it', async () => {
  const b = new Builder();
  const [n, d] = [symbol('n'), symbol('d')];
  const X = b.input('X', 'data', { dtype: 'real', shape: [n, d] });
  const sums = b.graph('sums', [X], [b.sum(b.unary('tanh', X), [1])], ['y']);
  const code = emitCalls({ value: { graph: sums, inputSlots: ['data:X'], fixed: new Map() } }, 'gpujs');
  const linkedOn = async (mode: 'cpu' | 'webasm', rows: number) => {
    const linked = await openDevice(gpujsDevice(new GPU({ mode }), mode)).link(() => code)('sums', { n: rows, d: 4 });
    if (linked.ok) linked.executor.close();
    return linked.ok ? [] : linked.diagnostics.map(({ code: own, message }) => `${own} ${message}`);
  };
  expect(await linkedOn('webasm', 2 ** 22)).toEqual([]);
  expect(await linkedOn('webasm', 2 ** 22 + 1)).toEqual([
    'BL7004 the elements of `X` are 16777220, and float32, in which `gpujs-webasm` counts elements, cannot count beyond 16777216',
  ]);
  expect(await linkedOn('cpu', 2 ** 22 + 1)).toEqual([]);
});

it('what did not come up is asked again', async () => {
  let asked = 0;
  const Later = Object.assign(
    function later(settings: { readonly mode: 'cpu' }): Gpu {
      if (asked++ === 0) throw new Error('not yet');
      return new GPU(settings);
    },
    { isWebGPUAvailable: () => Promise.resolve(false) },
  );
  expect(await gpujsLibrary.open('cpu', { GPU: Later })).toMatchObject({ ok: false, because: 'not yet' });
  expect(await gpujsLibrary.open('cpu', { GPU: Later })).toMatchObject({ ok: true });
});

/** Run so many times on WebAssembly: what it gives in the end, and the pipelines that were recorded. */
async function repeated(graph: Graph, slots: readonly string[], operands: readonly Tensor[], times: number) {
  const { gpu, pipelines } = watched(new GPU({ mode: 'webasm' }));
  const opened = openDevice(gpujsDevice(gpu, 'webasm'));
  const named = { ...graph, outputNames: graph.outputs.map((_, i) => `y${i}`) };
  const code = emitCalls({ value: { graph: named, inputSlots: slots, fixed: new Map() } }, 'gpujs');
  const linked = await opened.link(() => code)('steps', {});
  if (!linked.ok) throw new Error('not linked');
  const { executor } = linked;
  executor.put(Object.fromEntries(slots.map((slot, i) => [slot, operands[i] as Tensor])));
  for (let time = 0; time < times; time++) await executor.run('value');
  const found = await Promise.all(graph.outputs.map((_, i) => executor.read(`y${i}`)));
  executor.close();
  return { found, kinds: pipelines.map(({ executorKind }) => executorKind) };
}

const furthest = (found: Tensor, expected: Tensor | undefined): number =>
  Math.max(...found.data.map((x, i) => Math.abs(x - (expected?.data[i] ?? Number.NaN))));

describe('a loop', () => {
  const matrix: Tensor = { shape: [3, 3], data: Float64Array.of(2, 1, 0, 1, 3, 1, 0, 1, 4) };
  const start: Tensor = { shape: [3], data: Float64Array.of(1, 2, 3) };

  it('is one pipeline for parts of it where it is long, recorded once, with what lasts sent once', async () => {
    const b = new Builder();
    const A = b.input('A', 'data', { dtype: 'real', shape: [number(3), number(3)] });
    const x0 = b.input('x', 'state', { dtype: 'real', shape: [number(3)] });
    const { states } = scan(b, {
      length: number(2000),
      states: [x0],
      body: ([x = x0]) => ({ states: [b.sub(x, b.scale(b.sub(b.unary('tanh', b.matmul(A, x)), b.unary('cos', x)), 0.05))] }),
    });
    const graph = b.graph('steps', [A, x0], states);
    const { found, kinds } = await repeated(graph, ['data:A', 'x'], [matrix, start], 1);
    expect(furthest(found[0] as Tensor, prepare(graph, new Map())([matrix, start])[0])).toBeLessThan(1e-5);
    expect(kinds).toEqual(['fused-sync']);
  });

  it('is one pipeline with all that stands around it where it is short, its trail inside', async () => {
    const b = new Builder();
    const A = b.input('A', 'data', { dtype: 'real', shape: [number(3), number(3)] });
    const x0 = b.input('x', 'state', { dtype: 'real', shape: [number(3)] });
    const there = scan(b, {
      length: number(5),
      states: [x0],
      body: ([x = x0]) => {
        const slope = b.unary('tanh', b.matmul(A, x));
        return { states: [b.sub(x, b.scale(slope, 0.05))], stacked: [slope] };
      },
    });
    const [end = x0, slopes = x0] = [...there.states, ...there.stacked];
    const back = scan(b, {
      length: number(5),
      reversed: true,
      states: [end],
      slices: [slopes],
      body: ([v = x0], [slope = x0]) => ({ states: [b.sub(v, b.scale(b.matmul(A, b.mul(v, slope)), 0.05))] }),
    });
    const graph = b.graph('there and back', [A, x0], [...back.states, b.max(slopes)]);
    const { found, kinds } = await repeated(graph, ['data:A', 'x'], [matrix, start], 14);
    const expected = prepare(graph, new Map())([matrix, start]);
    found.forEach((tensor, i) => expect(furthest(tensor, expected[i])).toBeLessThan(1e-5));
    expect(kinds).toEqual(['fused-sync']);
  });
});

/** Tells which pipelines were made. */
function watched(gpu: Gpu): { readonly gpu: Gpu; readonly pipelines: readonly { readonly executorKind: string }[] } {
  const pipelines: { executorKind: string }[] = [];
  const createPipeline: Gpu['createPipeline'] = (run, settings) => {
    const pipeline = gpu.createPipeline(run, settings);
    const seen = { executorKind: '' };
    pipelines.push(seen);
    const call = async (...values: readonly unknown[]): Promise<unknown> => {
      const answer = await pipeline(...values);
      seen.executorKind = pipeline.executorKind;
      return answer;
    };
    return Object.defineProperties(call, Object.getOwnPropertyDescriptors(pipeline)) as unknown as typeof pipeline;
  };
  const { Kernel } = gpu;
  return { gpu: { Kernel, createKernel: gpu.createKernel.bind(gpu), createPipeline, destroy: () => gpu.destroy() }, pipelines };
}

describe('what is made of a tensor', () => {
  it('is made once, and goes with it', () => {
    const before = Counted.alive;
    const tensor = tensorOf(new Counted(Float32Array.of(1, 2)), 2);
    const make = (): GpuTensor => tensorOf(new Counted(Float32Array.of(1, 2, 0, 0)), 4);
    const [first, again] = [beside(tensor, 'quads', make), beside(tensor, 'quads', make)];
    expect(again).toBe(first);
    expect(Counted.alive).toBe(before + 2);
    [first, again].forEach(release);
    expect(Counted.alive).toBe(before + 2);
    release(tensor);
    expect(Counted.alive).toBe(before);
  });

  it('is what its rows hold, one behind the other, or is refused', () => {
    const run = Float32Array.of(1, 2, 3, 4, 5, 6);
    expect(inOneRun([run.subarray(0, 3), run.subarray(3)])).toEqual(run);
    expect(inOneRun(run)).toBe(run);
    expect(() => inOneRun([run.subarray(0, 2), run.subarray(4)])).toThrow('rows came back');
    expect(() => inOneRun([Float32Array.of(1), Float32Array.of(2)])).toThrow('rows came back');
  });
});
