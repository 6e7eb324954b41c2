/**
 * Runs bound lists on a device. Registers own their tensors: each is let go of after its last reader, also when a run is interrupted or
 * fails half-way. Knows no slot and no stage.
 */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import type { RunControl, Tensor } from '../../../plan/types.ts';
import type { BoundHost, BoundIterate, BoundList, BoundScan, Segment } from './bind.ts';
import type { Device, SizedType } from './device.ts';

/** A value where it is: on the device, on the host, or both. */
export interface Held<T> {
  readonly type: SizedType;
  device?: T | undefined;
  host?: Tensor | undefined;
}

/** Thrown where the control says stop. */
export class Interrupted extends Error {}

/** What the host computes: the code of that number, on tensors. */
export type HostPieces = (code: number, operands: readonly Tensor[]) => Promise<readonly Tensor[]>;

/** Steps after which a test is looked at, at most, where looking means to wait. */
const mostStepsUnseen = 32;

export class Runner<T> {
  private readonly device: Device<T>;
  private readonly hostPieces: HostPieces;
  /** Of each list, by register: what depends on nothing, made when it is first run. */
  private readonly statics = new Map<BoundList<T>, ReadonlyMap<number, T>>();
  private control: RunControl | undefined;
  /** How many loops stand around what is running. */
  private depth = 0;

  constructor(device: Device<T>, hostPieces: HostPieces) {
    this.device = device;
    this.hostPieces = hostPieces;
  }

  /** The inputs stay the caller's; the outputs become so. Throws `Interrupted`. */
  async run(list: BoundList<T>, inputs: readonly Held<T>[], control: RunControl | undefined): Promise<readonly Held<T>[]> {
    this.control = control;
    this.depth = 0;
    return this.list(list, inputs);
  }

  close(): void {
    for (const made of this.statics.values()) for (const tensor of made.values()) this.device.free(tensor);
    this.statics.clear();
  }

  // ---- lists ------------------------------------------------------------------------------------------------------------

  private async list(list: BoundList<T>, inputs: readonly Held<T>[]): Promise<readonly Held<T>[]> {
    const own = new Map<number, Held<T>>();
    const held = (register: number): Held<T> => own.get(register) ?? inputs[register] ?? this.staticHeld(list, register);
    const keep = (registers: readonly number[], values: readonly Held<T>[]): void =>
      registers.forEach((register, i) => own.set(register, values[i] as Held<T>));
    try {
      for (const item of list.items) {
        if (item.is === 'segment') {
          const gives = this.segment(
            list,
            item,
            item.reads.map((r) => this.onDevice(held(r))),
          );
          keep(
            item.gives,
            gives.map((tensor, i) => ({ type: typeAt(list, item.gives[i]), device: tensor })),
          );
        } else {
          const operands = item.operands.map(held);
          keep(item.results, await this.waiting(list, item, operands));
        }
        for (const register of item.frees) {
          this.free(own.get(register));
          own.delete(register);
        }
      }
      return list.outputs.map((register, i) => {
        const mine = own.get(register);
        if (mine === undefined || list.outputs.indexOf(register) !== i) return this.share(mine ?? held(register));
        return mine;
      });
    } catch (error) {
      for (const value of own.values()) this.free(value);
      throw error;
    }
  }

  private waiting(
    list: BoundList<T>,
    item: BoundHost | BoundScan<T> | BoundIterate<T>,
    operands: readonly Held<T>[],
  ): Promise<readonly Held<T>[]> {
    switch (item.is) {
      case 'host':
        return this.host(list, item, operands);
      case 'scan':
        return this.nested(() => this.scan(list, item, operands));
      case 'iterate':
        return this.nested(() => this.iterate(item, operands));
    }
  }

  private async nested<R>(loop: () => Promise<R>): Promise<R> {
    this.depth++;
    const result = await loop();
    this.depth--;
    return result;
  }

  /** Kernels that need no waiting, on tensors of the registers that it reads; gives those that are read later. */
  private segment(list: BoundList<T>, { calls, reads, gives }: Segment<T>, inputs: readonly T[]): readonly T[] {
    const { device } = this;
    const statics = this.staticsOf(list);
    device.enter?.();
    const tensors = new Map<number, T>(reads.map((register, i) => [register, inputs[i] as T]));
    const at = (register: number): T => {
      const tensor = tensors.get(register) ?? statics.get(register);
      if (tensor === undefined) throw new InternalError('calls', `nothing is in register ${register}`);
      return tensor;
    };
    const own = new Set<number>();
    try {
      for (const { kernel, operands, result, frees } of calls) {
        tensors.set(result, kernel(...operands.map(at)));
        own.add(result);
        for (const register of frees) {
          device.free(at(register));
          own.delete(register);
        }
      }
    } catch (error) {
      for (const register of own) device.free(at(register));
      throw error;
    }
    return gives.map(at);
  }

  /** What of a list depends on nothing, made once. */
  private staticsOf(list: BoundList<T>): ReadonlyMap<number, T> {
    const known = this.statics.get(list);
    if (known !== undefined) return known;
    const made = new Map<number, T>();
    this.device.enter?.();
    for (const { kernel, operands, result } of list.statics) made.set(result, kernel(...operands.map((r) => made.get(r) as T)));
    this.statics.set(list, made);
    return made;
  }

  private staticHeld(list: BoundList<T>, register: number): Held<T> {
    const tensor = this.staticsOf(list).get(register);
    if (tensor === undefined) throw new InternalError('calls', `nothing is in register ${register}`);
    return { type: typeAt(list, register), device: tensor };
  }

  private async host(list: BoundList<T>, { code, results }: BoundHost, operands: readonly Held<T>[]): Promise<readonly Held<T>[]> {
    const tensors: Tensor[] = [];
    for (const value of operands) tensors.push(await this.onHost(value));
    const given = await this.hostPieces(code, tensors);
    return results.map((register, i) => ({ type: typeAt(list, register), host: given[i] as Tensor }));
  }

  // ---- loops ------------------------------------------------------------------------------------------------------------

  private async scan(list: BoundList<T>, item: BoundScan<T>, operands: readonly Held<T>[]): Promise<readonly Held<T>[]> {
    const { constants: count, states: states_, length, reversed, body, results } = item;
    const [constants, start, sliced] = parted(operands, count, states_);
    const rows = sliced.map((value) => this.onDevice(value));
    const sliceTypes = body.types.slice(count + states_, body.inputs);
    const stackedTypes = results.slice(states_).map((register) => typeAt(list, register));
    const stacked: Held<T>[][] = stackedTypes.map(() => new Array<Held<T>>(length));
    let states: readonly Held<T>[] = start.map((value) => this.share(value));
    try {
      for (let step = 0; step < length; step++) {
        const t = reversed ? length - 1 - step : step;
        this.device.enter?.();
        const slices = rows.map((tensor, i): Held<T> => ({
          type: sliceTypes[i] as SizedType,
          device: this.device.row(tensor, (sliced[i] as Held<T>).type, t),
        }));
        const after = await this.step(body, [...constants, ...states, ...slices], slices);
        this.freeAll(states);
        states = after.slice(0, states_);
        after.slice(states_).forEach((value, i) => ((stacked[i] as Held<T>[])[t] = value));
        await this.turn(step + 1);
      }
      const stacks = stacked.map((all, i) => this.stack(all, stackedTypes[i] as SizedType));
      return [...states, ...stacks];
    } catch (error) {
      this.freeAll(states);
      throw error;
    } finally {
      for (const all of stacked) this.freeAll(all.filter((value) => value !== undefined));
    }
  }

  private stack(rows: readonly Held<T>[], type: SizedType): Held<T> {
    const of = rows.map((value) => this.onDevice(value));
    this.device.enter?.();
    return { type, device: this.device.stack(of, { dtype: type.dtype, shape: type.shape.slice(1) }) };
  }

  private async iterate(item: BoundIterate<T>, operands: readonly Held<T>[]): Promise<readonly Held<T>[]> {
    const { constants: count, states: states_, limit, test, body } = item;
    const [constants, start] = parted(operands, count, states_);
    // What waits in any case may as well look at its test.
    const isBlind = this.device.peek === undefined && body.isStraight && test.isStraight;
    let states: readonly Held<T>[] = start.map((value) => this.share(value));
    let unseen = 1;
    try {
      for (let done = 0; done < limit && (await this.goesOn(test, [...constants, ...states]));) {
        const block = isBlind ? Math.min(unseen, limit - done) : 1;
        for (let i = 0; i < block; i++) {
          const after = i === 0 ? await this.step(body, [...constants, ...states]) : await this.maskedStep(item, constants, states);
          this.freeAll(states);
          states = after;
        }
        done += block;
        unseen = Math.min(2 * unseen, mostStepsUnseen);
        await this.turn(done);
      }
      return states;
    } catch (error) {
      this.freeAll(states);
      throw error;
    }
  }

  /** Lets go of `slices` whatever happens. */
  private async step(body: BoundList<T>, inputs: readonly Held<T>[], slices: readonly Held<T>[] = []): Promise<readonly Held<T>[]> {
    try {
      return await this.list(body, inputs);
    } finally {
      this.freeAll(slices);
    }
  }

  /** A step that changes nothing where the test has failed. */
  private async maskedStep(
    { test, body, masks }: BoundIterate<T>,
    constants: readonly Held<T>[],
    states: readonly Held<T>[],
  ): Promise<readonly Held<T>[]> {
    const inputs = [...constants, ...states];
    const goes = await this.list(test, inputs);
    try {
      const after = await this.list(body, inputs);
      try {
        const [condition] = goes.map((value) => this.onDevice(value)) as [T];
        return states.map((before, i): Held<T> => {
          const mask = masks[i] as (typeof masks)[number];
          return { type: before.type, device: mask(condition, this.onDevice(after[i] as Held<T>), this.onDevice(before)) };
        });
      } finally {
        this.freeAll(after);
      }
    } finally {
      this.freeAll(goes);
    }
  }

  private async goesOn(test: BoundList<T>, inputs: readonly Held<T>[]): Promise<boolean> {
    const [answer] = await this.list(test, inputs);
    if (answer === undefined) throw new InternalError('calls', 'a test without an answer');
    const { peek } = this.device;
    const value = peek !== undefined && answer.device !== undefined ? peek(answer.device) : (await this.onHost(answer)).data[0];
    this.free(answer);
    return value !== 0;
  }

  /** Between steps: tells how far the outermost loop came, and stops if it is to. */
  private async turn(steps: number): Promise<void> {
    if (this.control?.due() !== true) return;
    if (this.depth === 1) this.control.progress?.(steps);
    if (await this.control.turn()) throw new Interrupted();
  }

  // ---- values -----------------------------------------------------------------------------------------------------------

  onDevice(value: Held<T>): T {
    if (value.device !== undefined) return value.device;
    if (value.host === undefined) throw new InternalError('calls', 'a value that is nowhere');
    this.device.enter?.();
    return (value.device = this.device.upload(value.host.data, value.type));
  }

  async onHost(value: Held<T>): Promise<Tensor> {
    if (value.host !== undefined) return value.host;
    if (value.device === undefined) throw new InternalError('calls', 'a value that is nowhere');
    const data = await this.device.download(value.device, value.type);
    return (value.host = { shape: value.type.shape, data });
  }

  free(value: Held<T> | undefined): void {
    if (value?.device !== undefined) this.device.free(value.device);
    if (value !== undefined) value.device = value.host = undefined;
  }

  private freeAll(values: readonly Held<T>[]): void {
    for (const value of values) this.free(value);
  }

  private share({ type, device, host }: Held<T>): Held<T> {
    return { type, host, device: device === undefined ? undefined : this.device.share(device) };
  }
}

function typeAt<T>(list: BoundList<T>, register: number | undefined): SizedType {
  const type = list.types[register ?? -1];
  if (type === undefined) throw new InternalError('calls', `no register ${String(register)}`);
  return type;
}

function parted<T>(all: readonly T[], first: number, second: number): readonly [readonly T[], readonly T[], readonly T[]] {
  return [all.slice(0, first), all.slice(first, first + second), all.slice(first + second)];
}
