/** The library as a device for calls (decision 029): its kernels, and its tensors. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { InternalError } from '../../../diagnostics/internal-error.ts';
import type { Device } from '../calls/device.ts';
import type { Fusing } from '../calls/fuse.ts';
import { weights } from '../calls/text.ts';
import { hostKernels, prefersTurned } from './host/kernels.ts';
import { memoryOf } from './host/memory.ts';
import { hostTensors } from './host/moves.ts';
import { gpuKernels, tfjsKernels } from './kernels.ts';
import { elementsOf, made, reshaped, type Tfjs } from './library.ts';
import { isLarge } from './products.ts';
import { programsOf, type Programs } from './shaders/programs.ts';
import { webglShaders } from './shaders/webgl.ts';
import { webgpuShaders } from './shaders/webgpu.ts';

export interface Machine {
  /** What the backend says of the machine that it runs on. */
  readonly why: string;
  /** What went wrong there, if anything has. */
  readonly failure: () => string | undefined;
}

export function tfjsDevice(tfjs: Tfjs, { why, failure }: Machine): Device<Tensor> {
  const { tf, variant } = tfjs;
  const programs =
    variant === 'webgl' ? programsOf(tfjs, webglShaders(tfjs)) : variant === 'webgpu' ? programsOf(tfjs, webgpuShaders(tfjs)) : undefined;
  // Its backends take turns; one that has come up is there at once.
  const enter = (): void => void (tf.getBackend() === variant || tf.setBackend(variant));
  return {
    enter,
    ...(programs === undefined ? onHost(tfjs) : onGpu(tfjs, programs, failure)),
    prefersTurned: (call, operand) => prefersTurned(tfjs, call, operand),
    share: (tensor) => {
      enter();
      return tensor.clone();
    },
    describe: () => ({ backend: `tfjs-${variant}`, why }),
  };
}

type Side = Pick<Device<Tensor>, 'kernels' | 'fusing' | 'upload' | 'download' | 'peek' | 'row' | 'stack' | 'free' | 'settle'>;

function onHost(tfjs: Tfjs): Side {
  const memory = memoryOf(tfjs);
  return { kernels: tfjsKernels(tfjs, hostKernels(tfjs, memory)), ...hostTensors(memory) };
}

const onGpu = (tfjs: Tfjs, programs: Programs, failure: Machine['failure']): Side => ({
  kernels: tfjsKernels(tfjs, gpuKernels(tfjs, programs)),
  fusing: fusingOf(tfjs, programs),
  free: (tensor) => void tensor.dispose(),
  ...gpuTensors(tfjs, failure),
});

/** Seen: a shader is some tens of microseconds, in which a GPU computes more. A long sum reads one tensor more. */
const fusingOf = (tfjs: Tfjs, { run, dialect, shaders }: Programs): Fusing<Tensor> => ({
  kernel: run,
  isApart: (op, call) => isLarge(tfjs, op, call),
  mostOperands: shaders.mostOperands - 1,
  weights: weights(dialect),
  dispatch: 100_000,
  element: 2,
  longest: 4096,
});

/** Looking at an element would mean to wait for it. */
function gpuTensors(tfjs: Tfjs, failure: Machine['failure']): Pick<Device<Tensor>, 'upload' | 'download' | 'row' | 'stack'> {
  const { tf, variant } = tfjs;
  const empty = (shape: readonly number[]): Tensor => made(tfjs, new Float32Array(), shape);
  return {
    upload: (elements, { shape }) => made(tfjs, new Float32Array(elements), shape),
    download: async (tensor) => {
      const elements = new Float64Array(await tensor.data());
      const failed = failure();
      if (failed !== undefined) throw new InternalError(`tfjs ${variant}`, failed);
      return elements;
    },
    row: (tensor, { shape }, t) => {
      const [, ...rest] = shape;
      return elementsOf(rest) === 0 ? empty(rest) : tf.tidy(() => reshaped(tfjs, tf.slice(tensor, [t], [1]), rest));
    },
    stack: (rows, { shape }) => {
      const whole = [rows.length, ...shape];
      // Of vectors alone no kernel of the library packs its textures.
      const size = elementsOf(shape);
      if (rows.length * size === 0) return empty(whole);
      return tf.tidy(() => reshaped(tfjs, tf.concat(rows.map((row) => reshaped(tfjs, row, [size]))), whole));
    },
  };
}
