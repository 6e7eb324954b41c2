/**
 * Runs bound lists on a device. Whoever made a value lets go of it: after its last reader, and also when a run is interrupted or fails
 * half-way. Knows no slot and no stage.
 */
import type { RunControl, Tensor } from '../../../plan/types.ts';
import { type BoundHost, type BoundIterate, type BoundList, type BoundScan, isStraight, type Item, typeAt } from './bind.ts';
import { CompiledBlocks, itemsOfStretch, type Repeated, stepsOfIterate, stepsOfScan } from './blocks.ts';
import type { Device } from './device.ts';
import { effortOf, runsTogether } from './effort.ts';
import { type Held, Holder } from './held.ts';
import type { HostPieces } from './host.ts';
import type { Registers } from './registers.ts';
import { partsOf, stacksOf, Straight } from './straight.ts';
import { type Stretch, stretchesOf } from './stretches.ts';

/** Thrown where the control says stop. */
export class Interrupted extends Error {}

/** Steps between two looks at a test, each time more, where looking means to wait. */
const blockSizes = [1, 4, 16] as const;
/** Calls between two looks at the most, where nothing is compiled. */
const mostUnlooked = 512;

export class Runner<T> {
  readonly holder: Holder<T>;
  private readonly device: Device<T>;
  private readonly hostPieces: HostPieces;
  private readonly straight: Straight<T>;
  private readonly compiled: CompiledBlocks<T>;
  private readonly stretches = new Map<BoundList<T>, readonly (Stretch<T> | Item<T>)[]>();
  private control: RunControl | undefined;
  /** How many loops stand around what is running. */
  private depth = 0;

  constructor(device: Device<T>, hostPieces: HostPieces) {
    this.device = device;
    this.hostPieces = hostPieces;
    this.holder = new Holder(device);
    this.straight = new Straight(device, this.holder);
    this.compiled = new CompiledBlocks(device, this.holder);
  }

  /** The inputs stay the caller's; the outputs become so. `lasting`: of each input, whether it stays as long as the executor. Throws `Interrupted`. */
  async run(
    list: BoundList<T>,
    inputs: readonly Held<T>[],
    lasting: readonly boolean[],
    control: RunControl | undefined,
  ): Promise<readonly Held<T>[]> {
    this.control = control;
    this.depth = 0;
    return this.list(list, inputs, lasting);
  }

  close(): void {
    this.compiled.close();
    this.straight.close();
  }

  // ---- lists ------------------------------------------------------------------------------------------------------------

  private async list(list: BoundList<T>, inputs: readonly Held<T>[], lasting: readonly boolean[]): Promise<readonly Held<T>[]> {
    const registers = this.straight.registers(list, (register) => inputs[register]);
    try {
      for (const item of this.itemsOf(list)) {
        if (item.is === 'segment') this.straight.segment(list, item, registers);
        else if (item.is === 'stretch') await this.stretch(list, item, registers, lasting);
        else registers.put(item.results, await this.waiting(list, item, registers));
        registers.free(item.frees);
      }
      return registers.give(list.outputs);
    } catch (error) {
      registers.close();
      throw error;
    }
  }

  /** As they are run: where the device compiles, as much together as may be. */
  private itemsOf(list: BoundList<T>): readonly (Stretch<T> | Item<T>)[] {
    const { compile, mostCalls = 0 } = this.device;
    if (compile === undefined) return list.items;
    const items = this.stretches.get(list) ?? stretchesOf(list, mostCalls);
    this.stretches.set(list, items);
    return items;
  }

  private async stretch(list: BoundList<T>, item: Stretch<T>, registers: Registers<T>, lasting: readonly boolean[]): Promise<void> {
    this.straight.allStatics(list, item.items);
    const made = await this.repeated({
      of: item,
      steps: 1,
      run: itemsOfStretch(this.straight, list, item),
      inputs: item.reads.map((register) => registers.at(register)),
      lasting: item.reads.map((register) => lasting[register] === true),
      outputs: item.gives.map((register) => typeAt(list.types, register)),
    });
    registers.put(item.gives, made);
    if (item.items.some(({ is }) => is === 'scan')) await this.turn();
  }

  private async waiting(
    list: BoundList<T>,
    item: BoundHost | BoundScan<T> | BoundIterate<T>,
    registers: Registers<T>,
  ): Promise<readonly Held<T>[]> {
    const operands = item.operands.map((register) => registers.at(register));
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
    const tensors = await this.holder.allOnHost(operands);
    const given = await this.hostPieces.call(code, tensors);
    return results.map((register, i) => ({ type: typeAt(list.types, register), host: given[i] as Tensor }));
  }

  // ---- loops ------------------------------------------------------------------------------------------------------------

  private async scan(list: BoundList<T>, item: BoundScan<T>, operands: readonly Held<T>[]): Promise<readonly Held<T>[]> {
    const { holder } = this;
    const { length, reversed, body } = item;
    const [constants, start, sliced] = partsOf(item, operands);
    const most = this.stepsOf(body, length);
    const rows = body.outputs.slice(start.length).map(() => new Array<Held<T> | undefined>(length));
    let states = holder.shareAll(start);
    try {
      for (let done = 0; done < length;) {
        const steps = Math.min(Math.max(most, 1), length - done);
        const positions = Array.from({ length: steps }, (_, i) => (reversed ? length - 1 - done - i : done + i));
        const after = await this.scanSteps(item, most > 0, constants, states, sliced, positions);
        holder.freeAll(states);
        states = after.slice(0, start.length);
        after.slice(start.length).forEach((row, i) => {
          (rows[Math.floor(i / steps)] as (Held<T> | undefined)[])[positions[i % steps] ?? -1] = row;
        });
        done += steps;
        await this.turn(done);
      }
      return [...states, ...stacksOf(list, item, rows as Held<T>[][])];
    } catch (error) {
      holder.freeAll([...states, ...rows.flat().filter((row) => row !== undefined)]);
      throw error;
    }
  }

  /** How many of a scan’s steps are one run; 0: a step is more than one. */
  private stepsOf(body: BoundList<T>, length: number): number {
    if (!isStraight(body)) return 0;
    const { compile, mostCalls = 0 } = this.device;
    if (compile === undefined) return body.items.every(({ is }) => is === 'segment') ? 1 : 0;
    return partOf(length, Math.min(runsTogether(effortOf(body), mostCalls), length));
  }

  private async scanSteps(
    item: BoundScan<T>,
    isOneRun: boolean,
    constants: readonly Held<T>[],
    states: readonly Held<T>[],
    sliced: readonly Held<T>[],
    positions: readonly number[],
  ): Promise<readonly Held<T>[]> {
    const { holder, straight } = this;
    const { body, lasting } = item;
    const steps = positions.length;
    const made: Held<T>[] = [];
    try {
      const rows = sliced.flatMap((value) =>
        positions.map((t) => {
          const lent = value.rows?.[t];
          if (lent !== undefined) return lent;
          const row = holder.row(value, t);
          made.push(row);
          return row;
        }),
      );
      const inputs = [...constants, ...states, ...rows];
      if (!isOneRun) return await this.list(body, inputs, lasting);
      if (this.device.compile === undefined) return straight.list(body, inputs);
      straight.allStatics(body);
      const [ofStates, ofRows] = [body.outputs.slice(0, states.length), body.outputs.slice(states.length)];
      const outputs = [...ofStates, ...ofRows.flatMap((register) => positions.map(() => register))];
      const run = stepsOfScan(holder, straight, item, steps);
      return await this.repeated({
        of: item,
        steps,
        run,
        inputs,
        lasting,
        outputs: outputs.map((register) => typeAt(body.types, register)),
      });
    } finally {
      holder.freeAll(made);
    }
  }

  private async iterate(item: BoundIterate<T>, operands: readonly Held<T>[]): Promise<readonly Held<T>[]> {
    const { holder } = this;
    const { limit, test, body, lasting } = item;
    const [constants, start, [entered]] = partsOf(item, operands);
    const most = item.masked === undefined ? 0 : runsTogether(effortOf(item.masked), this.device.mostCalls ?? mostUnlooked);
    const masked = most === 0 ? undefined : item.masked;
    let states = holder.shareAll(start);
    try {
      const ask = async (): Promise<boolean> => this.answer(await this.list(test, [...constants, ...states], lasting));
      let goesOn = limit > 0 && (entered === undefined ? await ask() : (await holder.onHost(entered)).data[0] !== 0);
      for (let done = 0, looks = 0; goesOn; looks++) {
        const inputs = [...constants, ...states];
        const steps = masked === undefined ? 1 : blockSize(looks, Math.min(most, limit - done));
        const after = masked === undefined ? await this.list(body, inputs, lasting) : await this.iterateSteps(item, masked, steps, inputs);
        holder.freeAll(states);
        states = after.slice(0, states.length);
        done += steps;
        const answers =
          masked !== undefined ? after.slice(states.length) : done < limit ? await this.list(test, [...constants, ...states], lasting) : [];
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
    masked: BoundList<T>,
    steps: number,
    inputs: readonly Held<T>[],
  ): Promise<readonly Held<T>[]> {
    const { straight } = this;
    const { body, test, lasting, constants } = item;
    for (const list of [body, test, masked]) straight.allStatics(list);
    const outputs = [...inputs.slice(constants).map(({ type }) => type), { dtype: 'bool', shape: [] } as const];
    return this.repeated({ of: item, steps, run: stepsOfIterate(this.holder, straight, item, masked, steps), inputs, lasting, outputs });
  }

  /** One function, compiled where the device does that. */
  private async repeated(repeated: Repeated<T>): Promise<readonly Held<T>[]> {
    const compiled = this.compiled.call(repeated);
    if (compiled !== undefined) return compiled;
    return repeated.run(repeated.inputs);
  }

  /** Looks at the answer of a test, and lets go of it; without one it is no. */
  private async answer([answer]: readonly Held<T>[]): Promise<boolean> {
    if (answer === undefined) return false;
    const { peek } = this.device;
    try {
      const value = peek !== undefined && answer.device !== undefined ? peek(answer.device) : (await this.holder.onHost(answer)).data[0];
      return value !== 0;
    } finally {
      this.holder.free(answer);
    }
  }

  /** Between steps: tells how far the outermost loop came, and stops if it is to. */
  private async turn(steps?: number): Promise<void> {
    if (this.control?.due() !== true) return;
    if (this.depth === 1 && steps !== undefined) this.control.progress?.(steps);
    if (await this.control.turn()) throw new Interrupted();
  }
}

/** The size of equal parts, where they need not be much smaller than they may be; each size would be a function of its own. */
function partOf(length: number, most: number): number {
  for (let size = most; size > most / 2; size--) if (length % size === 0) return size;
  return most;
}

/** The largest that has its turn and fits. */
const blockSize = (looks: number, most: number): number => blockSizes.slice(0, looks + 1).findLast((size) => size <= most) ?? 1;
