/**
 * Runs of kernels as one: gpu.js records the calls that a function of tensors makes, and makes them again at each call, all in one memory of
 * WebAssembly or in one command encoder. Arrays go in and come out; what lasts is sent once.
 */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import type { Compiled, SizedType } from '../calls/device.ts';
import type { Mode, PipelineShortcut } from './library.ts';
import { elementsIn } from '../calls/affine.ts';
import { elementsOf, empty, inOneRun, release, tensorOf, wholeOf, type GpuTensor } from './tensor.ts';
import { looksLike, steady, type Workshop } from './workshop.ts';

type Run = (inputs: readonly GpuTensor[]) => readonly GpuTensor[];

interface Pipelines {
  /** How many calls one may record. */
  readonly mostCalls: number;
  /** So many calls are made one by one before, as nobody knows how many there will be; one at the least, which makes what is made once and lasts. */
  readonly patience: number;
}

/**
 * Modes that run a recorded pipeline at once; the others would run it kernel by kernel. In `webasm` nearly every call that is recorded becomes a module of its
 * own (0.6 ms, where a call made by itself loses some 10 µs): short ones that are often run pay. In `webgpu` it is an entry of a list, made in less
 * time than the call takes by itself, and every pipeline ends with a readback: long ones pay, from the second call on.
 */
export const pipelines: Readonly<Partial<Record<Mode, Pipelines>>> = {
  webasm: { mostCalls: 160, patience: 12 },
  webgpu: { mostCalls: 8192, patience: 1 },
};

/** How gpu.js says that it runs all of a pipeline at once. */
const fused = ['fused-sync', 'fused-encoder'];

export function compiled(
  shop: Workshop,
  { patience }: Pipelines,
  run: Run,
  fixed: readonly GpuTensor[],
  inputs: readonly SizedType[],
  outputs: readonly SizedType[],
): Compiled<GpuTensor> {
  const inputLengths = inputs.map(({ shape }) => elementsIn(shape));
  const outputLengths = outputs.map(({ shape }) => elementsIn(shape));
  let made: Promise<Recorded | undefined> | undefined;
  let calls = 0;
  return {
    call: async (tensors) => {
      calls += 1;
      if (calls <= patience) return run([...fixed, ...tensors]);
      made ??= record(shop, run, fixed, inputLengths);
      const recorded = await made.catch((error: unknown) => {
        // The next call may try again.
        made = undefined;
        throw error;
      });
      if (recorded === undefined) return run([...fixed, ...tensors]);
      const { pipeline, places } = recorded;
      const sent = await Promise.all(tensors.map(elementsOf));
      const answer = await pipeline(...sent.filter(({ length }) => length > 0).map(steady));
      if (!fused.includes(pipeline.executorKind))
        throw new InternalError('gpujs', `a pipeline runs kernel by kernel: ${pipeline.fallbackReason ?? 'no reason given'}`);
      const arrays = (answer as readonly unknown[]).map(inOneRun) as readonly Float32Array[];
      return outputLengths.map((length, i) => {
        const { array, from } = places[i] ?? nowhere;
        return length === 0 ? empty() : tensorOf(arrays[array]?.subarray(from, from + length), length);
      });
    },
    close: () =>
      void made?.then(
        (recorded) => recorded?.pipeline.destroy(),
        // Whoever called was told that it could not be recorded.
        () => undefined,
      ),
  };
}

/** Of a result: in which of the arrays that come out, and where it begins. */
interface Place {
  readonly array: number;
  readonly from: number;
}

const nowhere: Place = { array: -1, from: 0 };

interface Recorded {
  readonly pipeline: PipelineShortcut;
  /** Of each result, once it has been called. */
  readonly places: readonly Place[];
}

/** Undefined: there is nothing to record. */
async function record(shop: Workshop, run: Run, fixed: readonly GpuTensor[], lengths: readonly number[]): Promise<Recorded | undefined> {
  const { calls, captured } = shop.look(() => run([...fixed, ...lengths.map(looksLike)]).forEach(release));
  if (calls === 0) return undefined;
  // What is on the device is sent from the host.
  for (const tensor of captured) tensor.host = await elementsOf(tensor);
  for (const tensor of fixed.map(wholeOf)) tensor.host ??= await elementsOf(tensor);
  const places: Place[] = [];
  const recorded = (...handles: readonly unknown[]): unknown => {
    let next = 0;
    const inputs = lengths.map((length) => tensorOf(length === 0 ? new Float32Array(0) : handles[next++], length));
    const results = shop.record(() => run([...fixed, ...inputs]));
    results.forEach(release);
    // Parts of one come out together.
    const wholes = [...new Set(results.filter(({ length }) => length > 0).map(wholeOf))];
    places.splice(0, Infinity, ...results.map((result) => ({ array: wholes.indexOf(wholeOf(result)), from: result.part?.from ?? 0 })));
    return wholes.map(({ host, resident }) => (host === undefined ? resident : steady(host)));
  };
  // gpu.js counts the arguments of what it is given.
  Object.defineProperty(recorded, 'length', { value: lengths.filter((length) => length > 0).length });
  return { pipeline: shop.gpu.createPipeline(recorded, { threads: false }), places };
}
