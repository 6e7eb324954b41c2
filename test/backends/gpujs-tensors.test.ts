/** What is held of gpu.js: no kernel leaves a tensor behind, one kernel a text, and what does not come up, or runs elsewhere, is refused. */
import { describe, expect, it } from 'vitest';
import { gpujsDevice } from '../../runtime/backends/gpujs/device.ts';
import type { Gpu, GpuLibrary } from '../../runtime/backends/gpujs/library.ts';
import { gpujsLibrary } from '../../runtime/backends/gpujs/load.ts';
import gpujs from 'gpu.js';

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

/** Kernels of `cpu` that answer as those of `webgpu` do: by promises of what is to be let go of. */
function answeringLate(gpu: Gpu): Gpu & { kernels: number } {
  const late = {
    Kernel: gpu.Kernel,
    kernels: 0,
    createKernel: (source: string, settings: Readonly<Record<string, unknown>>) => {
      const kernel = gpu.createKernel(source, settings);
      late.kernels += 1;
      const run = async (...values: readonly unknown[]): Promise<Counted> => {
        await Promise.resolve();
        const arrays = values.map((value) => (value instanceof Counted ? value.toArray() : value));
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

describe('what does not come up is refused with its reason', () => {
  /** Asked for WebAssembly, it computes in JavaScript, as gpu.js does where a kernel cannot be had. */
  function Elsewhere(): Gpu {
    const [gpu, { Kernel }] = [new GPU({ mode: 'cpu' }), new GPU({ mode: 'webasm' })];
    return { Kernel, createKernel: gpu.createKernel.bind(gpu), createPipeline: gpu.createPipeline, destroy: () => gpu.destroy() };
  }

  it.each([
    ['webgl2', undefined, /could not start it/],
    ['webgl9', undefined, /no mode `webgl9`/],
    ['webasm', { GPU: Elsewhere }, /went over to CPUKernel/],
  ] as const)('%s', async (variant, own, because) => {
    const opening = await gpujsLibrary.open(variant, own);
    expect(opening).toMatchObject({ ok: false, because: expect.stringMatching(because) as string });
  });
});
