/** The stages of a candidate as calls on a device: slots, and what the host computes for them. What runs is settled in `bind.ts`, how in `run.ts`. */
import { beyondFloat32 } from '../../../diagnostics/backend.ts';
import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { InternalError } from '../../../diagnostics/internal-error.ts';
import type { CallList, CallType, CandidateCalls, StageCalls } from '../../../plan/calls.ts';
import type { Executor, ExecutorDescription, ProblemModule, RunControl, StageName, Tensor } from '../../../plan/types.ts';
import { areTold, elementsIn, mostPositions, UntoldPositions } from './affine.ts';
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
    const executor = new CallsExecutor(code, sizes, device, hostPieces(code.host, sizes));
    const untold = executor.untold();
    if (untold === undefined) return { ok: true, executor };
    executor.close();
    return { ok: false, diagnostics: [untold] };
  };
}

/** Whether no array of a list has more elements than float32 counts. */
const areAllTold = ({ inputs, calls }: CallList, sizes: Sizes): boolean =>
  [...inputs, ...calls.flatMap(({ results }) => results)].every((type) => areTold(elementsIn(sizedType(type, sizes).shape))) &&
  calls.every((call) => !('body' in call) || areAllTold(call.body, sizes));

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
    const { list, lasting } = this.bind(name, stage);
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

  /** Why the device cannot compute at these sizes. Looks closely only where they are so large. */
  untold(): Diagnostic | undefined {
    const stages = Object.entries(this.code.stages) as [StageName, StageCalls][];
    if (stages.every(([, stage]) => areAllTold(stage, this.sizes))) return undefined;
    try {
      for (const [name, stage] of stages) this.bind(name, stage);
      return undefined;
    } catch (error) {
      if (!(error instanceof UntoldPositions)) throw error;
      const { count } = error;
      const given = stages.flatMap(([, { inputSlots, inputs }]) =>
        inputSlots.filter((_, i) => elementsIn(sizedType(inputs[i] as CallType, this.sizes).shape) === count),
      );
      const data = given.find((slot) => slot.startsWith('data:'))?.slice('data:'.length);
      const what = data === undefined ? 'this computes an array, whose elements are' : `the elements of \`${data}\` are`;
      return beyondFloat32({}, { what, value: count, limit: mostPositions, backend: this.device.describe().backend });
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

  private bind(name: StageName, stage: StageCalls): { readonly list: BoundList<T>; readonly lasting: readonly boolean[] } {
    const lasting = stage.inputSlots.map((slot) => lastingSlots.test(slot));
    const list = this.bound.get(name) ?? bindList(stage, this.sizes, this.device, lasting);
    this.bound.set(name, list);
    return { list, lasting };
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
