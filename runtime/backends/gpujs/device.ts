/** gpu.js as a device (decision 029): its kernels, its tensors, and runs of kernels made into one. */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import type { Device, SizedCall, SizedType } from '../calls/device.ts';
import type { Together } from '../calls/fuse.ts';
import type { Gpu, Mode } from './library.ts';
import { sideBySide } from './moves.ts';
import { compiled, pipelines } from './pipeline.ts';
import { elementsIn } from '../calls/affine.ts';
import { weights } from '../calls/text.ts';
import { dialectOf, partsOf, programRun, sideBySideRun } from './program.ts';
import { kernelTable } from './table.ts';
import { elementsOf, empty, hold, release, tensorOf, type GpuTensor } from './tensor.ts';
import { mostOperands, Workshop } from './workshop.ts';

/**
 * Seen: a call of a kernel is a microsecond where the host runs it, and some tens on a GPU, which computes the more meanwhile; an element costs the loop
 * around it, and being written and read.
 */
const ofHost = { mostOperands: 12, dispatch: 1000, element: 5, longest: Infinity } as const;
/** A long sum reads one more. */
const ofGpu = { mostOperands: mostOperands - 1, dispatch: 100_000, element: 2, longest: 4096 } as const;

/**
 * Textures of four numbers a place, of which a kernel of WebGL 2 may read sixteen. gpu.js’ WebGPU takes no arrays of such; and what is kept beside a
 * tensor (`beside`) must not be what stands for one while a pipeline is recorded.
 */
const ofTextures = { ...ofGpu, mostOperands: 12 } as const;

/** `named`: what the mode runs on, where gpu.js does not know. */
export function gpujsDevice(gpu: Gpu, mode: Mode, named = 'WebGPU'): Device<GpuTensor> {
  const pipeline = pipelines[mode];
  const shop = new Workshop(gpu, mode, mode === 'webgl2' && pipeline === undefined ? ofTextures : undefined);
  const { isHost } = shop;
  const upload = (elements: Float64Array): GpuTensor => tensorOf(Float32Array.from(elements), elements.length);
  const row = (tensor: GpuTensor, type: SizedType, t: number): GpuTensor => {
    const size = elementsIn(type.shape.slice(1));
    return size === 0 ? empty() : shop.run(tensor, t * size, size);
  };
  const stack = (rows: readonly GpuTensor[], type: SizedType): GpuTensor => {
    const size = elementsIn(type.shape);
    const values = rows.map(({ host }) => host);
    if (!values.every((value) => value !== undefined))
      return sideBySide(
        shop,
        1,
        size,
        rows.map(() => 1),
      )(rows);
    const whole = new Float32Array(rows.length * size);
    values.forEach((value, t) => whole.set(value, t * size));
    return tensorOf(whole, whole.length);
  };
  return {
    kernels: kernelTable(shop, upload),
    fusing: {
      kernel: (program) => {
        const run = programRun(shop, program);
        return (...operands) => run(operands);
      },
      copy: (program) => {
        const run = sideBySideRun(shop, [program]);
        return (...operands) => run(operands);
      },
      weights: weights(dialectOf(mode)),
      ...(isHost ? ofHost : ofGpu),
      // Of calls that are recorded one more costs little.
      ...(isHost || pipeline !== undefined ? {} : { together: together(shop) }),
    },
    upload,
    download: async (tensor) => Float64Array.from(await elementsOf(tensor)),
    ...(isHost ? { peek: firstElement, prefersTurned: summedFirst } : {}),
    share: hold,
    free: release,
    row,
    stack,
    ...(pipeline === undefined
      ? {}
      : {
          compile: (run, fixed, inputs, outputs) => compiled(shop, pipeline, run, fixed, inputs, outputs),
          mostCalls: pipeline.mostCalls,
        }),
    describe: () => ({ backend: `gpujs-${mode}`, why: machineOf(gpu, mode, named) }),
  };
}

const together = (shop: Workshop): Together<GpuTensor> => ({
  kernel: (programs) => {
    const run = sideBySideRun(shop, programs);
    return (...operands) => run(operands);
  },
  part: (from, shape) => (tensor) => shop.run(tensor, from, elementsIn(shape)),
  inParts: partsOf,
});

/** A loop of the host reads neighbours where the axis that it sums over is the last one. */
function summedFirst({ operands, attributes }: SizedCall, operand: number): boolean {
  const isVector = operands[1 - operand]?.shape.length === 1;
  return isVector && attributes.contract?.[operand as 0 | 1][0] === 0;
}

function firstElement({ host }: GpuTensor): number {
  if (host?.[0] !== undefined) return host[0];
  throw new InternalError('gpujs', 'a tensor on the host has an element');
}

/** What the mode runs on, by its own name where it tells one. */
function machineOf({ context }: Gpu, mode: Mode, named: string): string {
  if (mode === 'cpu') return 'plain JavaScript';
  if (mode === 'webasm') return 'WebAssembly';
  if (mode === 'webgpu') return named;
  const gl = context as RenderingContext;
  const unmasked = gl.getExtension('WEBGL_debug_renderer_info');
  return String(gl.getParameter(unmasked?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER));
}

interface RenderingContext {
  readonly RENDERER: number;
  readonly getParameter: (name: number) => unknown;
  readonly getExtension: (name: string) => { readonly UNMASKED_RENDERER_WEBGL: number } | null;
}
