/** Lists that never wait, as functions of what is held on a device; and what of a list depends on nothing, made once. */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import {
  type BoundList,
  type BoundScan,
  isStraightItem,
  isTurnedRegister,
  type Item,
  type StraightItem,
  turnedRegister,
  typeAt,
} from './bind.ts';
import type { Device } from './device.ts';
import { allOrNone, type Held, type Holder } from './held.ts';
import { Registers } from './registers.ts';
import { runSegment, type Segment } from './segment.ts';

/** What some steps of a scan leave: states, and of each stacked result a row a step. */
export interface Stepped<T> {
  readonly states: readonly Held<T>[];
  readonly rows: readonly (readonly Held<T>[])[];
}

/** What a list computes once: as calls take it, and as it is held. */
interface Statics<T> {
  readonly tensors: readonly T[];
  readonly held: readonly Held<T>[];
}

export class Straight<T> {
  private readonly device: Device<T>;
  private readonly holder: Holder<T>;
  private readonly made = new Map<BoundList<T>, Statics<T>>();

  constructor(device: Device<T>, holder: Holder<T>) {
    this.device = device;
    this.holder = holder;
  }

  /** Of a list, in the order of its statics. */
  private statics(list: BoundList<T>): Statics<T> {
    const known = this.made.get(list);
    if (known !== undefined) return known;
    const { device } = this;
    device.enter?.();
    const before: T[] = [];
    const places = new Map(list.statics.map(({ result }, i) => [result, i]));
    const tensors = allOrNone(
      list.statics,
      ({ kernel, operands }, i) => (before[i] = kernel(...operands.map((register) => before[places.get(register) ?? -1] as T))),
      (tensor) => device.free(tensor),
    );
    const held = list.statics.map(({ result, number }, i): Held<T> => {
      const host = number === undefined ? undefined : { shape: [], data: Float64Array.of(number) };
      return { type: typeAt(list.types, result), device: tensors[i], host };
    });
    const made = { tensors, held };
    this.made.set(list, made);
    return made;
  }

  /** Makes those of a list, and of the scans among some of its items. */
  allStatics(list: BoundList<T>, items: readonly Item<T>[] = list.items): void {
    this.statics(list);
    for (const item of items) if (item.is === 'scan') this.allStatics(item.body);
  }

  /** Of a run of the list that has been given these. */
  registers(list: BoundList<T>, given: (register: number) => Held<T> | undefined): Registers<T> {
    return new Registers(this.holder, (register) => given(register) ?? this.static(list, register));
  }

  private static(list: BoundList<T>, register: number): Held<T> {
    const value = this.statics(list).held[list.statics.findIndex(({ result }) => result === register)];
    if (value === undefined) throw new InternalError('calls', `nothing is in register ${register}`);
    return value;
  }

  /** A straight list. The inputs stay the caller's; the outputs become so. */
  list(list: BoundList<T>, inputs: readonly Held<T>[]): readonly Held<T>[] {
    return this.items(list, list.items, (register) => inputs[register], list.outputs);
  }

  /** Some items of a list, which are straight, and of what is then in its registers these. */
  items(
    list: BoundList<T>,
    items: readonly Item<T>[],
    given: (register: number) => Held<T> | undefined,
    gives: readonly number[],
  ): readonly Held<T>[] {
    const registers = this.registers(list, given);
    try {
      for (const item of items) {
        if (!isStraightItem(item)) throw new InternalError('calls', 'a list that waits is not straight');
        this.item(list, item, registers);
        registers.free(item.frees);
      }
      return registers.give(gives);
    } catch (error) {
      registers.close();
      throw error;
    }
  }

  private item(list: BoundList<T>, item: StraightItem<T>, registers: Registers<T>): void {
    if (item.is === 'segment') this.segment(list, item, registers);
    else {
      const operands = item.operands.map((register) => registers.at(register));
      registers.put(item.results, this.scan(list, item, operands));
    }
  }

  segment(list: BoundList<T>, segment: Segment<T>, registers: Registers<T>): void {
    const { holder } = this;
    const inputs = segment.reads.map((register) =>
      isTurnedRegister(register) ? holder.turned(registers.at(turnedRegister(register))) : holder.onDevice(registers.at(register)),
    );
    const { tensors: statics } = this.statics(list);
    this.device.enter?.();
    const tensors = runSegment(this.device, segment, inputs, statics);
    registers.put(
      segment.gives,
      tensors.map((device, i) => ({ type: typeAt(list.types, segment.gives[i]), device })),
    );
  }

  private scan(list: BoundList<T>, item: BoundScan<T>, operands: readonly Held<T>[]): readonly Held<T>[] {
    const { holder } = this;
    const { length, reversed } = item;
    const [constants, start, sliced] = partsOf(item, operands);
    const { states, rows } = this.steps(item, length, constants, start, (step) =>
      rowsAt(holder, sliced, reversed ? length - 1 - step : step),
    );
    return [...states, ...stacksOf(list, item, reversed ? rows.map((all) => all.toReversed()) : rows)];
  }

  /** Steps of a scan: `slices` are held for the step. */
  steps(
    { body, states: count }: BoundScan<T>,
    steps: number,
    constants: readonly Held<T>[],
    start: readonly Held<T>[],
    slices: (step: number) => readonly Held<T>[],
  ): Stepped<T> {
    const { holder } = this;
    const rows = body.outputs.slice(count).map((): Held<T>[] => []);
    let states = holder.shareAll(start);
    try {
      for (let step = 0; step < steps; step++) {
        const own = slices(step);
        try {
          const after = this.list(body, [...constants, ...states, ...own]);
          holder.freeAll(states);
          states = after.slice(0, count);
          after.slice(count).forEach((row, i) => rows[i]?.push(row));
        } finally {
          holder.freeAll(own);
        }
      }
      return { states, rows };
    } catch (error) {
      holder.freeAll([...states, ...rows.flat()]);
      throw error;
    }
  }

  close(): void {
    for (const { held } of this.made.values()) this.holder.freeAll(held);
    this.made.clear();
  }
}

/** Constants, states, slices. */
export function partsOf<V>(
  { constants, states }: { readonly constants: number; readonly states: number },
  all: readonly V[],
): readonly [readonly V[], readonly V[], readonly V[]] {
  return [all.slice(0, constants), all.slice(constants, constants + states), all.slice(constants + states)];
}

/** Of each, its row t, held. */
export const rowsAt = <T>(holder: Holder<T>, sliced: readonly Held<T>[], t: number): readonly Held<T>[] =>
  allOrNone(
    sliced,
    (value) => holder.row(value, t),
    (row) => holder.free(row),
  );

/** The stacked results of a scan, of their rows by position. */
export const stacksOf = <T>(
  list: BoundList<T>,
  { results, states }: BoundScan<T>,
  rows: readonly (readonly Held<T>[])[],
): readonly Held<T>[] => rows.map((all, i) => ({ type: typeAt(list.types, results[states + i]), rows: all }));
