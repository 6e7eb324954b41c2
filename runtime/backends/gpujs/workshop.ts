/**
 * Makes kernels of texts, each text once, and runs them. What a kernel ran on is looked at: gpu.js goes over to the CPU where it cannot do
 * otherwise, which is refused here.
 */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import { infinity, notANumber } from './formulas.ts';
import type { Gpu, Shortcut } from './library.ts';
import { hold, release, tensorOf, type GpuTensor } from './tensor.ts';

/** A kernel’s body, of which `a0`, `a1`, … are the operands, and `this.thread.x` is the position of the element that it returns. */
export interface KernelText {
  readonly body: string;
  readonly length: number;
  /** Of each operand. */
  readonly operands: readonly number[];
  /** It has a whole number besides, `at`. */
  readonly hasNumber?: boolean;
}

export type Run = (operands: readonly GpuTensor[], at?: number) => GpuTensor;

export interface Workshop {
  readonly kernel: (text: KernelText) => Run;
  readonly gpu: Gpu;
  readonly isHost: boolean;
}

/** gpu.js cuts loops off at 1000 where it does not know their ends. */
const loopMaxIterations = 2 ** 30;

export function workshop(gpu: Gpu, isHost: boolean): Workshop {
  const made = new Map<string, Run>();
  return {
    gpu,
    isHost,
    kernel: (text) => {
      const key = `${text.length}<${text.operands.join()}<${text.body}`;
      const before = made.get(key);
      if (before !== undefined) return before;
      const run = make(gpu, text);
      made.set(key, run);
      return run;
    },
  };
}

function make(gpu: Gpu, { body, length, operands, hasNumber = false }: KernelText): Run {
  const specials = [infinity, notANumber].filter((name) => body.includes(name));
  const names = [...operands.map((_, i) => `a${i}`), ...(hasNumber ? ['at'] : []), ...specials];
  const shortcut = gpu.createKernel(`function (${names.join(', ')}) {\n${body}\n}`, {
    output: [length],
    pipeline: true,
    immutable: true,
    precision: 'single',
    tactic: 'precision',
    strictIntegers: hasNumber,
    fixIntegerDivisionAccuracy: false,
    loopMaxIterations,
  });
  const constants = specials.map((name) => (name === infinity ? Infinity : Number.NaN));
  const call = (values: readonly unknown[], at: number | undefined): unknown =>
    shortcut(...values, ...(at === undefined ? [] : [at]), ...constants);
  return (tensors, at) => {
    const values = tensors.map((t) => t.value);
    if (!values.some((value) => value instanceof Promise)) {
      const value = call(values, at);
      if (!(value instanceof Promise)) {
        assertItRan(gpu, shortcut);
        return tensorOf(value, length);
      }
      return tensorOf(finished(gpu, shortcut, value, tensors), length);
    }
    return tensorOf(
      finished(
        gpu,
        shortcut,
        Promise.all(values).then((ready) => call(ready, at)),
        tensors,
      ),
      length,
    );
  };
}

/** Operands are held until the call has been made. */
async function finished(gpu: Gpu, shortcut: Shortcut, answer: Promise<unknown>, operands: readonly GpuTensor[]): Promise<unknown> {
  operands.forEach(hold);
  try {
    const value = await answer;
    assertItRan(gpu, shortcut);
    return value;
  } finally {
    operands.forEach(release);
  }
}

function assertItRan(gpu: Gpu, { kernel }: Shortcut): void {
  if (kernel.constructor === gpu.Kernel && (kernel.fallbackReason ?? null) === null) return;
  throw new InternalError('gpujs', `a kernel went over to ${kernel.constructor.name}: ${kernel.fallbackReason ?? 'no reason given'}`);
}
