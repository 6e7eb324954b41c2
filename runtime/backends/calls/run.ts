/**
 * Runs bound lists on a device. Whoever made a value lets go of it: after its last reader, and also when a run is interrupted or fails
 * half-way. Knows no slot and no stage.
 */
import type { RunControl, Tensor } from '../../../plan/types.ts';
import {
  type BoundHost,
  type BoundIterate,
  type BoundList,
  type BoundScan,
  isTurnedRegister,
  type Item,
  turnedRegister,
  typeAt,
} from './bind.ts';
import { CompiledBlocks, stepsOfIterate, stepsOfScan } from './blocks.ts';
import type { Device, SizedType } from './device.ts';
import { Holder, type Held } from './held.ts';
import type { HostPieces } from './host.ts';
import { isStraight, Straight } from './straight.ts';

/** Thrown where the control says stop. */
export class Interrupted extends Error {}

/** Steps between two looks at a test, each time more, where looking means to wait; the last of scans too. */
const blockSizes = [1, 4, 16] as const;
const largestBlock = 16;

export class Runner<T> {
  readonly holder: Holder<T>;
  private readonly device: Device<T>;
  private readonly hostPieces: HostPieces;
  private readonly straight: Straight<T>;
  private readonly compiled: CompiledBlocks<T>;
  private control: RunControl | undefined;
  /** How many loops stand around what is running. */
  private depth = 0;

  constructor(device: Device<T>, hostPieces: HostPieces) {
    this.device = device;
    this.hostPieces = hostPieces;
    this.holder = new Holder(device);
    this.straight = new Straight(device);
    this.compiled = new CompiledBlocks(device);
  }

  /** The inputs stay the caller's; the outputs become so. Throws `Interrupted`. */
  async run(list: BoundList<T>, inputs: readonly Held<T>[], control: RunControl | undefined): Promise<readonly Held<T>[]> {
    this.control = control;
    this.depth = 0;
    return this.list(list, inputs);
  }

  close(): void {
    this.compiled.close();
    this.straight.close();
  }

  // ---- lists ------------------------------------------------------------------------------------------------------------

  private async list(list: BoundList<T>, inputs: readonly Held<T>[]): Promise<readonly Held<T>[]> {
    const { holder } = this;
    const own = new Map<number, Held<T>>();
    const at = (register: number): Held<T> => own.get(register) ?? inputs[register] ?? this.staticHeld(list, register);
    try {
      for (const item of list.items) {
        const made = item.is === 'segment' ? this.segment(list, item, at) : await this.waiting(list, item, item.operands.map(at));
        const registers = item.is === 'segment' ? item.gives : item.results;
        registers.forEach((register, i) => own.set(register, made[i] as Held<T>));
        for (const register of item.frees) {
          holder.free(own.get(register));
          own.delete(register);
        }
      }
      return list.outputs.map((register, i) => {
        const mine = own.get(register);
        return mine !== undefined && list.outputs.indexOf(register) === i ? mine : holder.share(at(register));
      });
    } catch (error) {
      holder.freeAll([...own.values()]);
      throw error;
    }
  }

  private segment(list: BoundList<T>, item: Extract<Item<T>, { is: 'segment' }>, at: (register: number) => Held<T>): readonly Held<T>[] {
    const { holder } = this;
    const inputs = item.reads.map((register) =>
      isTurnedRegister(register) ? holder.turned(at(turnedRegister(register))) : holder.onDevice(at(register)),
    );
    const tensors = this.straight.segment(list, item, inputs);
    return tensors.map((device, i) => ({ type: typeAt(list.types, item.gives[i]), device }));
  }

  private staticHeld(list: BoundList<T>, register: number): Held<T> {
    return { type: typeAt(list.types, register), device: this.straight.staticAt(list, register) };
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

  private async host(list: BoundList<T>, { code, results }: BoundHost, operands: readonly Held<T>[]): Promise<readonly Held<T>[]> {
    const tensors: Tensor[] = [];
    for (const value of operands) tensors.push(await this.holder.onHost(value));
    const given = await this.hostPieces.call(code, tensors);
    return results.map((register, i) => ({ type: typeAt(list.types, register), host: given[i] as Tensor }));
  }

  // ---- loops ------------------------------------------------------------------------------------------------------------

  private async scan(list: BoundList<T>, item: BoundScan<T>, operands: readonly Held<T>[]): Promise<readonly Held<T>[]> {
    const { holder, device } = this;
    const { length, reversed, body, results } = item;
    const [constants, start, sliced] = partsOf(item, operands);
    const rowTypes = body.types.slice(constants.length + start.length, body.inputs);
    const stackedTypes = results.slice(start.length).map((register) => typeAt(list.types, register));
    const stacked = stackedTypes.map(() => new Array<Held<T> | undefined>(length));
    const blockSize = device.compile !== undefined && isStraight(body) ? largestBlock : 1;
    let states: readonly Held<T>[] = start.map((value) => holder.share(value));
    try {
      for (let done = 0; done < length;) {
        const steps = Math.min(blockSize, length - done);
        const positions = Array.from({ length: steps }, (_, i) => (reversed ? length - 1 - done - i : done + i));
        const rows = sliced.flatMap((value, i) => {
          const whole = holder.onDevice(value);
          device.enter?.();
          return positions.map((t): Held<T> => ({ type: rowTypes[i] as SizedType, device: device.row(whole, value.type, t) }));
        });
        const after = await this.scanSteps(item, steps, constants, [...states, ...rows]).finally(() => holder.freeAll(rows));
        holder.freeAll(states);
        states = after.slice(0, start.length);
        after.slice(start.length).forEach((value, i) => {
          (stacked[Math.floor(i / steps)] as (Held<T> | undefined)[])[positions[i % steps] ?? 0] = value;
        });
        done += steps;
        await this.turn(done);
      }
      const stacks = stacked.map((all, i) => this.stack(all as Held<T>[], stackedTypes[i] as SizedType));
      return [...states, ...stacks];
    } catch (error) {
      holder.freeAll(states);
      throw error;
    } finally {
      for (const all of stacked) holder.freeAll(all.filter((value) => value !== undefined));
    }
  }

  private async scanSteps(
    item: BoundScan<T>,
    steps: number,
    constants: readonly Held<T>[],
    rest: readonly Held<T>[],
  ): Promise<readonly Held<T>[]> {
    const { body, states } = item;
    const inputs = [...constants, ...rest];
    if (steps === 1 && this.device.compile === undefined) return this.list(body, inputs);
    if (!isStraight(body)) return this.list(body, inputs);
    const stateTypes = body.types.slice(constants.length, constants.length + states);
    const stackedTypes = body.outputs.slice(states).map((register) => typeAt(body.types, register));
    const outputs = [...stateTypes, ...stackedTypes.flatMap((type) => Array.from({ length: steps }, () => type))];
    this.straight.statics(body);
    return this.block(item, steps, stepsOfScan(this.device, this.straight, item, steps), constants, rest, outputs);
  }

  private stack(rows: readonly Held<T>[], type: SizedType): Held<T> {
    const tensors = rows.map((value) => this.holder.onDevice(value));
    this.device.enter?.();
    return { type, device: this.device.stack(tensors, { dtype: type.dtype, shape: type.shape.slice(1) }) };
  }

  private async iterate(item: BoundIterate<T>, operands: readonly Held<T>[]): Promise<readonly Held<T>[]> {
    const { holder } = this;
    const { limit, test, body } = item;
    const [constants, start] = partsOf(item, operands);
    // What waits in any case may as well look at its test.
    const isBlind = (this.device.peek === undefined || this.device.compile !== undefined) && isStraight(body) && isStraight(test);
    let states: readonly Held<T>[] = start.map((value) => holder.share(value));
    try {
      let goesOn = limit > 0 && (await this.answer(await this.list(test, [...constants, ...states])));
      for (let done = 0, looks = 0; goesOn; looks++) {
        const steps = isBlind ? blockSize(looks, limit - done) : 1;
        const after = isBlind ? await this.iterateSteps(item, steps, constants, states) : await this.list(body, [...constants, ...states]);
        holder.freeAll(states);
        states = after.slice(0, states.length);
        done += steps;
        const answers = isBlind ? after.slice(states.length) : done < limit ? await this.list(test, [...constants, ...states]) : [];
        goesOn = (await this.answer(answers)) && done < limit;
        await this.turn(done);
      }
      return states;
    } catch (error) {
      holder.freeAll(states);
      throw error;
    }
  }

  private iterateSteps(
    item: BoundIterate<T>,
    steps: number,
    constants: readonly Held<T>[],
    states: readonly Held<T>[],
  ): Promise<readonly Held<T>[]> {
    const { body, test } = item;
    const types = [...states.map(({ type }) => type), { dtype: 'bool', shape: [] } as const];
    this.straight.statics(body);
    this.straight.statics(test);
    return this.block(item, steps, stepsOfIterate(this.device, this.straight, item, steps), constants, states, types);
  }

  /** Several steps as one function, compiled where the device does that. */
  private async block(
    item: BoundIterate<T> | BoundScan<T>,
    steps: number,
    run: (inputs: readonly T[]) => readonly T[],
    constants: readonly Held<T>[],
    rest: readonly Held<T>[],
    outputs: readonly SizedType[],
  ): Promise<readonly Held<T>[]> {
    const [fixed, others] = [constants, rest].map((values) => values.map((value) => this.holder.onDevice(value))) as [T[], T[]];
    this.device.enter?.();
    const types = { inputs: [...constants, ...rest].map(({ type }) => type), outputs };
    const tensors = (await this.compiled.call(item, steps, run, fixed, others, types)) ?? run([...fixed, ...others]);
    return tensors.map((device, i) => ({ type: outputs[i] as SizedType, device }));
  }

  /** Looks at the answer of a test, and lets go of it; without one it is no. */
  private async answer([answer]: readonly Held<T>[]): Promise<boolean> {
    if (answer === undefined) return false;
    const { peek } = this.device;
    const value = peek !== undefined && answer.device !== undefined ? peek(answer.device) : (await this.holder.onHost(answer)).data[0];
    this.holder.free(answer);
    return value !== 0;
  }

  /** Between steps: tells how far the outermost loop came, and stops if it is to. */
  private async turn(steps: number): Promise<void> {
    if (this.control?.due() !== true) return;
    if (this.depth === 1) this.control.progress?.(steps);
    if (await this.control.turn()) throw new Interrupted();
  }
}

/** The largest that has its turn and fits. */
function blockSize(looks: number, left: number): number {
  const sizes = blockSizes.slice(0, looks + 1).filter((size) => size <= left);
  return sizes.at(-1) ?? 1;
}

/** Constants, states, slices. */
function partsOf<V>(
  { constants, states }: { readonly constants: number; readonly states: number },
  all: readonly V[],
): readonly [readonly V[], readonly V[], readonly V[]] {
  return [all.slice(0, constants), all.slice(constants, constants + states), all.slice(constants + states)];
}
