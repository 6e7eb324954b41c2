/** The stages of a candidate as calls on a device: slots, and what the host computes for them. What runs is settled in `bind.ts`, how in `run.ts`. */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import type { CandidateCalls } from '../../../plan/calls.ts';
import type { Executor, ExecutorDescription, ProblemModule, RunControl, StageName, Tensor } from '../../../plan/types.ts';
import { bindList, sizedType, type BoundList, type Sizes } from './bind.ts';
import type { Device } from './device.ts';
import type { Held } from './held.ts';
import { misfitsOf, sharedHostPieces, type HostPieces } from './host.ts';
import { Interrupted, Runner } from './run.ts';

/** Links candidates to a device. */
export function callsLink<T>(
  codeOf: (candidate: string) => CandidateCalls | Promise<CandidateCalls>,
  device: Device<T>,
): ProblemModule['link'] {
  const hostPieces = sharedHostPieces();
  return async (candidate, sizes) => {
    const code = await codeOf(candidate);
    const [misfit] = misfitsOf(code.host, sizes);
    if (misfit !== undefined) return { ok: false, diagnostics: [misfit] };
    return { ok: true, executor: new CallsExecutor(code, sizes, device, hostPieces(code.host, sizes)) };
  };
}

/** Put once: what a device compiles may hold on to it. Not so the keys of noise, which may be others at each step (`resampled.ts`). */
const lastingSlots = /^(?:data|index|once|draw|batch):/u;

class CallsExecutor<T> implements Executor {
  private readonly code: CandidateCalls;
  private readonly sizes: Sizes;
  private readonly device: Device<T>;
  private readonly runner: Runner<T>;
  private readonly bound = new Map<StageName, BoundList<T>>();
  private readonly slots = new Map<string, Held<T>>();
  private readonly host: HostPieces;

  constructor(code: CandidateCalls, sizes: Sizes, device: Device<T>, host: HostPieces) {
    this.code = code;
    this.sizes = sizes;
    this.device = device;
    this.host = host;
    this.runner = new Runner(device, host);
  }

  put(slots: Readonly<Record<string, Tensor>>): void {
    for (const [slot, tensor] of Object.entries(slots)) {
      const before = this.slots.get(slot);
      const type = this.typeOf(slot);
      if (type === undefined || before?.host === tensor) continue;
      this.hold(slot, { type, host: tensor });
    }
  }

  async run(name: StageName, control?: RunControl): Promise<'done' | 'interrupted'> {
    const stage = this.code.stages[name];
    if (stage === undefined) return 'done';
    const inputs = stage.inputSlots.map((slot) => this.slot(slot, `the stage ${name}`));
    const lasting = stage.inputSlots.map((slot) => lastingSlots.test(slot));
    const list = this.bound.get(name) ?? bindList(stage, this.sizes, this.device, lasting);
    this.bound.set(name, list);
    try {
      const results = await this.runner.run(list, inputs, lasting, control);
      stage.outputSlots.forEach((slot, i) => this.hold(slot, results[i] as Held<T>));
      return 'done';
    } catch (error) {
      if (error instanceof Interrupted) return 'interrupted';
      throw error;
    } finally {
      this.device.settle?.();
    }
  }

  async read(slot: string): Promise<Tensor> {
    return this.runner.holder.onHost(this.slot(slot, 'who reads'));
  }

  results(stage: StageName): readonly string[] {
    return this.code.stages[stage]?.outputSlots ?? [];
  }

  describe(): ExecutorDescription {
    return { ...this.device.describe(), precision: 'f32', threads: 1 };
  }

  close(): void {
    for (const held of this.slots.values()) this.runner.holder.free(held);
    this.slots.clear();
    this.runner.close();
    this.device.settle?.();
    this.host.close();
  }

  private slot(slot: string, who: string): Held<T> {
    const held = this.slots.get(slot);
    if (held === undefined) throw new InternalError('calls', `${who} needs the slot ${slot}`);
    return held;
  }

  private hold(slot: string, held: Held<T>): void {
    this.runner.holder.free(this.slots.get(slot));
    this.slots.set(slot, held);
  }

  /** As the stages say that take it; undefined: none does. */
  private typeOf(slot: string): Held<T>['type'] | undefined {
    for (const stage of Object.values(this.code.stages)) {
      const type = stage.inputs[stage.inputSlots.indexOf(slot)];
      if (type !== undefined) return sizedType(type, this.sizes);
    }
    return undefined;
  }
}
