/**
 * Makes kernels of texts, each text once, and runs them. What a kernel ran on is looked at: gpu.js goes over to the CPU where it cannot do
 * otherwise, which is refused here.
 */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import { infinity, notANumber, table, tableElements } from './formulas.ts';
import type { Gpu, Mode, Shortcut } from './library.ts';
import { areTold } from '../calls/affine.ts';
import type { QuadCosts } from '../calls/quads.ts';
import { hold, partOf, release, tensorOf, wholeOf, type GpuTensor } from './tensor.ts';

/** A kernel’s body, of which `a0`, `a1`, … are the operands, and `this.thread.x` is the position of the element that it returns. */
export interface KernelText {
  readonly body: string;
  readonly length: number;
  /** Elements of each operand. */
  readonly operands: readonly number[];
  /** Threads stand in rows as wide: `this.thread.x` is the position in the row, `this.thread.y` the row’s. */
  readonly width?: number;
  /** Where more threads are run than there are elements: what those behind them compute is nobody’s. */
  readonly threads?: number;
}

/** Tensors that a kernel may read: a GPU need not have more than eight buffers for it, and one is the result, one the table of powers. */
export const mostOperands = 6;

export type Run = (operands: readonly GpuTensor[]) => GpuTensor;

/** gpu.js cuts loops off at 1000 where it does not know their ends. */
const loopMaxIterations = 2 ** 30;

/** In the place of a result while calls are only looked at. */
const standIn = Symbol('a result');

/** What a function of tensors does, without doing it. */
export interface Looked {
  calls: number;
  /** Tensors from outside that are on the device only. */
  readonly captured: Set<GpuTensor>;
}

export class Workshop {
  readonly gpu: Gpu;
  readonly mode: Mode;
  /** Its kernels take and give arrays. */
  readonly isHost: boolean;
  /** Kernels are plain JavaScript, and so are their variables. */
  readonly isJavaScript: boolean;
  /** What it costs to have sums read four elements at once; absent: its kernels cannot. */
  readonly quads: QuadCosts | undefined;
  private readonly made = new Map<string, Run>();
  /** Kernels that take arrays to the device, by their lengths. */
  private readonly uploads = new Map<number, Shortcut>();
  private looked: Looked | undefined;
  private isRecording = false;

  constructor(gpu: Gpu, mode: Mode, quads?: QuadCosts) {
    this.gpu = gpu;
    this.mode = mode;
    this.quads = quads;
    this.isHost = mode === 'cpu' || mode === 'webasm';
    this.isJavaScript = mode === 'cpu';
  }

  kernel(text: KernelText): Run {
    const key = `${text.length}/${text.width ?? ''}/${text.threads ?? ''}<${text.operands.join()}<${text.body}`;
    const run = this.made.get(key) ?? this.make(text);
    this.made.set(key, run);
    return run;
  }

  /** A run of its elements: where a kernel could not tell its positions from the whole's, copied by one that knows where it begins. */
  run(tensor: GpuTensor, from: number, length: number): GpuTensor {
    if (length === tensor.length) return hold(tensor);
    if (this.isJavaScript || areTold(wholeOf(tensor).length)) return partOf(tensor, from, length);
    if (this.isHost && tensor.host !== undefined) return tensorOf(tensor.host.subarray(from, from + length), length);
    // gpu.js gives kernels numbers as float32; those in their text stay whole.
    return this.kernel({ body: `return a0[this.thread.x + ${from}];`, length, operands: [tensor.length] })([tensor]);
  }

  /** Calls in `run` are not made, only looked at. */
  look(run: () => void): Looked {
    this.looked = { calls: 0, captured: new Set() };
    try {
      run();
      return this.looked;
    } finally {
      this.looked = undefined;
    }
  }

  /** Calls in `run` become steps of the pipeline that gpu.js is recording. */
  record<R>(run: () => R): R {
    this.isRecording = true;
    try {
      return run();
    } finally {
      this.isRecording = false;
    }
  }

  /** As a kernel takes it. */
  private valueOf(tensor: GpuTensor): unknown {
    if (this.isHost && !this.isRecording) return tensor.host;
    const whole = wholeOf(tensor);
    if (this.isRecording) return whole.host === undefined ? whole.resident : steady(whole.host);
    return (whole.resident ??= this.uploaded(whole));
  }

  private uploaded({ host, length }: GpuTensor): unknown {
    const upload = this.uploads.get(length) ?? this.shortcut({ body: 'return a0[this.thread.x];', length, operands: [length] });
    this.uploads.set(length, upload);
    return upload(host);
  }

  /** `parts`: operands that are parts of others; where each begins is a number `o0`, `o1`, … that the kernel is given. */
  private shortcut({ body: own, length, operands, width, threads = length }: KernelText, parts: readonly number[] = []): Shortcut {
    const body = parts.reduce((text, i) => text.replaceAll(`a${i}[`, `a${i}[o${i} + `), own);
    const names = [...operands.map((_, i) => `a${i}`), ...parts.map((i) => `o${i}`), ...specialsIn(body)];
    return this.gpu.createKernel(`function (${names.join(', ')}) {\n${body}\n}`, {
      output: width === undefined ? [threads] : [width, length / width],
      pipeline: true,
      immutable: true,
      precision: 'single',
      tactic: 'precision',
      strictIntegers: parts.length > 0,
      fixIntegerDivisionAccuracy: false,
      loopMaxIterations,
      ...(body.includes(table) ? { constants: { [table]: tableElements } } : {}),
    });
  }

  private make(text: KernelText): Run {
    const { gpu } = this;
    const { length } = text;
    const constants = specialsIn(text.body).map((name) => (name === infinity ? Infinity : Number.NaN));
    const shortcuts = new Map<string, Shortcut>();
    /** gpu.js writes into a kernel how many elements its operands have. */
    const shortcutFor = (operands: readonly GpuTensor[], parts: readonly number[]): Shortcut => {
      const key = parts.map((i) => `${i}:${operands[i]?.part?.of.length ?? 0}`).join();
      const shortcut = shortcuts.get(key) ?? this.shortcut(text, parts);
      shortcuts.set(key, shortcut);
      return shortcut;
    };
    /** Operands are held until the call has been made. */
    const finished = async (answer: Promise<unknown>, operands: readonly GpuTensor[], shortcut: Shortcut): Promise<unknown> => {
      operands.forEach(hold);
      try {
        const value = await answer;
        assertItRan(gpu, shortcut);
        return value;
      } finally {
        operands.forEach(release);
      }
    };
    return (operands) => {
      if (this.looked !== undefined) return lookedAt(this.looked, operands, length);
      const values = operands.map((tensor) => this.valueOf(tensor));
      const parts = this.isHost && !this.isRecording ? [] : operands.flatMap(({ part }, i) => (part === undefined ? [] : [i]));
      const shortcut = shortcutFor(operands, parts);
      const numbers = [...parts.map((i) => operands[i]?.part?.from ?? 0), ...constants];
      const isPending = values.some((value) => value instanceof Promise);
      const value = isPending ? Promise.all(values).then((ready) => shortcut(...ready, ...numbers)) : shortcut(...values, ...numbers);
      if (value instanceof Promise) return tensorOf(finished(value, operands, shortcut), length);
      assertItRan(gpu, shortcut);
      return tensorOf(value, length);
    };
  }
}

const specialsIn = (body: string): readonly string[] => [infinity, notANumber].filter((name) => body.includes(name));

function lookedAt(looked: Looked, operands: readonly GpuTensor[], length: number): GpuTensor {
  looked.calls += 1;
  for (const tensor of operands.map(wholeOf)) if (tensor.host === undefined && tensor.resident !== standIn) looked.captured.add(tensor);
  return tensorOf(standIn, length);
}

export const looksLike = (length: number): GpuTensor => tensorOf(standIn, length);

/** An array of which gpu.js makes no copy to be sure that it stays as it is, and which is the same array wherever it is met. */
class Steady extends Float32Array {
  override slice(): Float32Array<ArrayBuffer> {
    return this;
  }
}

const steadies = new WeakMap<Float32Array, Steady>();

export function steady(array: Float32Array): Float32Array {
  if (array instanceof Steady) return array;
  const known = steadies.get(array) ?? new Steady(array.buffer as ArrayBuffer, array.byteOffset, array.length);
  steadies.set(array, known);
  return known;
}

function assertItRan(gpu: Gpu, { kernel }: Shortcut): void {
  if (kernel.constructor === gpu.Kernel && (kernel.fallbackReason ?? null) === null) return;
  throw new InternalError('gpujs', `a kernel went over to ${kernel.constructor.name}: ${kernel.fallbackReason ?? 'no reason given'}`);
}
