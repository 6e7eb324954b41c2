/**
 * The stages of a candidate in one memory: puts and reads slots, runs stages in turns, keeps the helping threads. Where things are is
 * settled in `layout.ts`; what runs is the stages' own code.
 */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import { controlBlock, type StageSlots } from '../../../plan/kernels.ts';
import type { Executor, ExecutorDescription, RunControl, StageName, Tensor } from '../../../plan/types.ts';
import { type Compiler, instantiate, runStage } from './instance.ts';
import { constantsOf, type Layout } from './layout.ts';
import { readTensor, writeTensor } from './memory.ts';
import { dismiss, helperSetup, type ThreadChoice, type ThreadHost } from './threads.ts';
import type { CandidateExports, WasmMemory, WasmModule } from './wasm-api.ts';

/** What was decided about how to run. */
export interface Choice extends ThreadChoice {
  readonly isFused: boolean;
}

export function wasmExecutor(compiler: Compiler, layout: Layout, memory: WasmMemory, choice: Choice, host: ThreadHost): Executor {
  return new WasmExecutor(compiler, layout, memory, choice, host);
}

class WasmExecutor implements Executor {
  private readonly compiler: Compiler;
  private readonly layout: Layout;
  private readonly choice: Choice;
  /** Undefined once it is closed. */
  private memory: WasmMemory | undefined;
  private instantiated: Promise<CandidateExports> | undefined;
  /** Slots that hold something; the tensor where one was put or read that is still what the slot holds. */
  private readonly held = new Map<string, Tensor | undefined>();
  private helpers: (() => void)[] = [];
  /** Why helpers that were started did not come up. */
  private readonly failures: string[] = [];
  private control: RunControl | undefined;

  constructor(compiler: Compiler, layout: Layout, memory: WasmMemory, choice: Choice, host: ThreadHost) {
    this.compiler = compiler;
    this.layout = layout;
    this.memory = memory;
    this.choice = choice;
    this.word('threads', 1);
    if (choice.threads > 1) void this.startHelpers(host);
  }

  put(slots: Readonly<Record<string, Tensor>>): void {
    const memory = this.open();
    for (const [slot, tensor] of Object.entries(slots)) {
      const place = this.layout.slots.get(slot);
      if (place === undefined || this.held.get(slot) === tensor) continue;
      writeTensor(memory, slot, place, this.layout.elementBytes, tensor);
      this.held.set(slot, tensor);
    }
  }

  async run(name: StageName, control?: RunControl): Promise<'done' | 'interrupted'> {
    this.open();
    const stage = this.stage(name);
    // A stage without results has no code.
    if (stage === undefined) return 'done';
    for (const { slot } of stage.inputs)
      if (!this.held.has(slot)) throw new InternalError('wasm executor', `the stage ${name} needs the slot ${slot}`);
    const exports = await this.exports();
    for (const { slot } of stage.outputs) this.held.delete(slot);
    this.control = control;
    this.word('progress', 0);
    let hasEnded = false;
    try {
      while (runStage(exports, name)) {
        control?.progress?.(this.word('progress'));
        if ((await control?.turn()) === true || this.memory === undefined) return 'interrupted';
      }
      hasEnded = true;
    } finally {
      // Also when the control throws, or a kernel traps: the next run is to begin at its beginning.
      if (!hasEnded && this.memory !== undefined) exports.reset();
    }
    for (const { slot } of stage.outputs) this.held.set(slot, undefined);
    return 'done';
  }

  read(slot: string): Promise<Tensor> {
    return new Promise((resolve) => {
      const memory = this.open();
      const place = this.layout.slots.get(slot);
      if (place === undefined || !this.held.has(slot)) throw new InternalError('wasm executor', `nothing is in the slot ${slot}`);
      const tensor = readTensor(memory, place, this.layout.elementBytes);
      this.held.set(slot, tensor);
      resolve(tensor);
    });
  }

  results(stage: StageName): readonly string[] {
    return this.stage(stage)?.outputs.map(({ slot }) => slot) ?? [];
  }

  describe(): ExecutorDescription {
    const { threads, why, isFused } = this.choice;
    const [failure] = this.failures;
    const missing = failure === undefined ? '' : `; ${this.failures.length} could not be started: ${failure}`;
    return {
      backend: 'wasm',
      precision: this.layout.elementBytes === 8 ? 'f64' : 'f32',
      threads: threads - this.failures.length,
      why: why + missing,
      fused: isFused,
      bytes: this.layout.bytes,
    };
  }

  close(): void {
    if (this.helpers.length > 0 && this.memory !== undefined) dismiss(this.memory, this.layout.control);
    for (const stop of this.helpers) stop();
    this.helpers = [];
    this.memory = undefined;
    this.held.clear();
    this.instantiated = undefined;
  }

  private open(): WasmMemory {
    if (this.memory === undefined) throw new InternalError('wasm executor', 'used after it was closed');
    return this.memory;
  }

  /** Reads a word of the control block, or writes it. */
  private word(name: 'progress' | 'threads', value?: number): number {
    const words = new Int32Array(this.open().buffer, this.layout.control, controlBlock.bytes / 4);
    const index = controlBlock[name] / 4;
    return value === undefined ? Atomics.load(words, index) : Atomics.store(words, index, value);
  }

  private stage(name: StageName): StageSlots | undefined {
    return this.layout.code.stages[name];
  }

  private module(): Promise<WasmModule> {
    return this.compiler.module({ isShared: this.choice.threads > 1, isFused: this.choice.isFused });
  }

  private exports(): Promise<CandidateExports> {
    const poll = (): number => (this.control?.due() === true ? 1 : 0);
    const make = async (): Promise<CandidateExports> => instantiate(await this.module(), this.open(), constantsOf(this.layout, 0), poll);
    return (this.instantiated ??= make());
  }

  /** Nobody waits for them: what they would have done before they come up, the first thread does. */
  private async startHelpers(host: ThreadHost): Promise<void> {
    const failed = (why: string): void => void this.failures.push(why);
    try {
      const module = await this.module();
      for (let thread = 1; thread < this.choice.threads && this.memory !== undefined; thread++) {
        const { control } = this.layout;
        this.helpers.push(host.start(helperSetup(this.memory, control, module, constantsOf(this.layout, thread)), failed));
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      while (this.helpers.length + this.failures.length + 1 < this.choice.threads) failed(why);
    }
  }
}
