/**
 * What code by hand in gpu.js needs: kernels that leave their results where they are, and functions of many kernels, which are compiled by
 * `createPipeline` in the modes in which it makes one run of them, and called kernel by kernel in the others. Asserts what ran.
 */
import type { Gpu, GpuLibrary, Mode, Shortcut } from '../../runtime/backends/gpujs/library.ts';
import { isResident } from '../../runtime/backends/gpujs/library.ts';

/** An array, a texture, a buffer, or what stands for one while a pipeline is traced. */
export type Value = unknown;

export type Composed = (...values: readonly (number | Float32Array)[]) => Promise<readonly Float32Array[]>;

/** In these modes a pipeline is one run of its kernels; in the others it would walk through them as is done here. */
const pipelined: readonly string[] = ['webasm', 'webgpu'];

export class Bench {
  private readonly gpu: Gpu;
  private readonly mode: Mode;
  private readonly uploads = new Map<number, (array: Float32Array) => Value>();
  private readonly pipelines: { readonly destroy: () => Promise<void> }[] = [];
  /** What the run that is going on has made, kernel by kernel. */
  private made: Value[] = [];

  private constructor(gpu: Gpu, mode: Mode) {
    this.gpu = gpu;
    this.mode = mode;
  }

  static async open(mode: Mode): Promise<Bench> {
    const module = (await import('gpu.js')) as unknown as { readonly GPU?: GpuLibrary; readonly default?: { readonly GPU: GpuLibrary } };
    const GPU = module.GPU ?? module.default?.GPU;
    if (GPU === undefined) throw new Error('the package gpu.js has no class GPU');
    return new Bench(new GPU({ mode }), mode);
  }

  /** A kernel of `length` results; its body reads the named operands, and `this.thread.x`. */
  kernel(length: number, names: string, body: string): (...operands: readonly Value[]) => Value {
    const shortcut = this.shortcut(length, names, body);
    return (...operands) => {
      const value = shortcut(...operands);
      this.made.push(value);
      return value;
    };
  }

  /** Numbers that every run reads: on the device from now on, where they can be there before a run. */
  lasting(values: ArrayLike<number>): Value {
    const array = Float32Array.from(values);
    if (this.mode !== 'webgl2') return array;
    const upload = this.uploads.get(array.length) ?? this.shortcut(array.length, 'a', 'return a[this.thread.x];');
    this.uploads.set(array.length, upload);
    return upload(array);
  }

  /** Results on the host of a function of many kernels. */
  composed(run: (...values: readonly Value[]) => readonly Value[]): Composed {
    if (pipelined.includes(this.mode)) {
      // It counts the parameters that are written down.
      const written = run.length === 1 ? (a: Value) => [...run(a)] : (a: Value, b: Value) => [...run(a, b)];
      const pipeline = this.gpu.createPipeline(written, { threads: false });
      this.pipelines.push(pipeline);
      return async (...values) => {
        const results = (await pipeline(...values)) as readonly Float32Array[];
        if (pipeline.executorKind === 'generic')
          throw new Error(`the pipeline fell apart: ${pipeline.fallbackReason ?? 'no reason given'}`);
        return results;
      };
    }
    return async (...values) => {
      this.made = [];
      const results = run(...values.map((value) => (typeof value === 'number' ? value : this.lasting(value))));
      const arrays = await Promise.all(
        results.map(async (result) => (await (isResident(result) ? result.toArray() : result)) as Float32Array),
      );
      for (const value of this.made) if (isResident(value)) value.delete();
      return arrays;
    };
  }

  close(): void {
    void Promise.all(this.pipelines.map((pipeline) => pipeline.destroy())).then(() => this.gpu.destroy());
  }

  private shortcut(length: number, names: string, body: string): (...operands: readonly Value[]) => Value {
    const shortcut: Shortcut = this.gpu.createKernel(`function (${names}) {\n${body}\n}`, {
      output: [length],
      pipeline: true,
      immutable: true,
      precision: 'single',
      tactic: 'precision',
      loopMaxIterations: 2 ** 20,
    });
    return (...operands) => {
      const value = shortcut(...operands);
      const { kernel } = shortcut;
      if ((kernel.fallbackReason ?? null) !== null) throw new Error(`a kernel fell back: ${kernel.fallbackReason ?? ''}`);
      return value;
    };
  }
}

/** `Σ term`, over `counter` from 0, into `to`. */
export const summed = (to: string, counter: string, count: number, term: string): string =>
  `let ${to} = 0.0; for (let ${counter} = 0; ${counter} < ${count}; ${counter}++) { ${to} = ${to} + ${term}; }`;
