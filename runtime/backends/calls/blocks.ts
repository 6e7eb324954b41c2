/**
 * Several steps of a loop, or items of a list, as one function: for devices where looking at a test means to wait, or that compile such
 * functions. Every step of an `iterate` but the first is masked by the test, so that steps after the last one change nothing.
 */
import type { BoundIterate, BoundList, BoundScan } from './bind.ts';
import type { Compiled, Device, SizedType } from './device.ts';
import { allOrNone, type Held, type Holder } from './held.ts';
import type { Straight } from './straight.ts';
import type { Stretch } from './stretches.ts';

/** Of what is held on a device; the inputs stay the caller's, the outputs become so. */
export type Run<T> = (inputs: readonly Held<T>[]) => readonly Held<T>[];

/** Steps and the test after them: from constants and states to states and the test's answer. */
export function stepsOfIterate<T>(
  holder: Holder<T>,
  straight: Straight<T>,
  { test, body, constants: count }: BoundIterate<T>,
  masked: BoundList<T>,
  steps: number,
): Run<T> {
  return (inputs) => {
    const constants = inputs.slice(0, count);
    let states = straight.list(body, inputs);
    for (let step = 1; step < steps; step++) {
      const before = states;
      try {
        states = straight.list(masked, [...constants, ...before]);
      } finally {
        holder.freeAll(before);
      }
    }
    try {
      return [...states, ...straight.list(test, [...constants, ...states])];
    } catch (error) {
      holder.freeAll(states);
      throw error;
    }
  };
}

/** From constants, states, and the rows of each slice, to states and the rows of each stacked result; rows in the order of the steps. */
export function stepsOfScan<T>(holder: Holder<T>, straight: Straight<T>, scan: BoundScan<T>, steps: number): Run<T> {
  const sliced = scan.constants + scan.states;
  return (inputs) => {
    const given = inputs.slice(sliced);
    const count = given.length / steps;
    const slices = (step: number): readonly Held<T>[] =>
      holder.shareAll(Array.from({ length: count }, (_, slice) => given[slice * steps + step] as Held<T>));
    const after = straight.steps(scan, steps, inputs.slice(0, scan.constants), inputs.slice(scan.constants, sliced), slices);
    return [...after.states, ...after.rows.flat()];
  };
}

export const itemsOfStretch =
  <T>(straight: Straight<T>, list: BoundList<T>, { items, reads, gives }: Stretch<T>): Run<T> =>
  (inputs) =>
    straight.items(list, items, (register) => inputs[reads.indexOf(register)], gives);

/** A function made ready, with the tensors that it was made ready for. */
interface Ready<T> {
  readonly fixed: readonly T[];
  readonly compiled: Compiled<T>;
}

/** What is called again and again. */
export interface Repeated<T> {
  /** A loop, or a stretch of a list. */
  readonly of: object;
  /** Of a loop. */
  readonly steps: number;
  readonly run: Run<T>;
  readonly inputs: readonly Held<T>[];
  /** Of each input, whether it lasts as long as the executor. */
  readonly lasting: readonly boolean[];
  readonly outputs: readonly SizedType[];
}

/** Functions that a device has compiled, each for the inputs that last; anew where those are others. */
export class CompiledBlocks<T> {
  private readonly device: Device<T>;
  private readonly holder: Holder<T>;
  private readonly ready = new Map<object, Map<number, Ready<T>>>();

  constructor(device: Device<T>, holder: Holder<T>) {
    this.device = device;
    this.holder = holder;
  }

  /** Undefined: the device compiles nothing. */
  call(repeated: Repeated<T>): Promise<readonly Held<T>[]> | undefined {
    const { compile } = this.device;
    if (compile === undefined) return undefined;
    const { of, steps, inputs, lasting, outputs } = repeated;
    const tensors = inputs.map((value) => this.holder.onDevice(value));
    const fixed = tensors.filter((_, i) => lasting[i] === true);
    const varying = tensors.filter((_, i) => lasting[i] !== true);
    const own = this.ready.get(of) ?? new Map<number, Ready<T>>();
    this.ready.set(of, own);
    let known = own.get(steps);
    if (known !== undefined && known.fixed.some((tensor, i) => tensor !== fixed[i])) {
      known.compiled.close();
      own.delete(steps);
      known = undefined;
    }
    if (known === undefined) {
      const types = inputs.filter((_, i) => lasting[i] !== true).map(({ type }) => type);
      known = { fixed, compiled: compile(this.ofTensors(repeated), fixed, types, outputs) };
      own.set(steps, known);
    }
    return known.compiled.call(varying).then((made) => made.map((device, i) => ({ type: outputs[i] as SizedType, device })));
  }

  /** From those that last, and then the others. What lasts stays one thing, as it may have been turned. */
  private ofTensors({ run, inputs, lasting }: Repeated<T>): (tensors: readonly T[]) => readonly T[] {
    const { device, holder } = this;
    const order = [true, false].flatMap((lasts) => inputs.flatMap((_, i) => ((lasting[i] === true) === lasts ? [i] : [])));
    const places = inputs.map((_, i) => order.indexOf(i));
    return (tensors) => {
      const given = inputs.map((value, i) => (lasting[i] === true ? value : { type: value.type, device: tensors[places[i] ?? -1] }));
      const made = run(given);
      try {
        return allOrNone(
          made,
          (value) => holder.taken(value),
          (tensor) => device.free(tensor),
        );
      } finally {
        holder.freeAll(made);
      }
    };
  }

  close(): void {
    for (const own of this.ready.values()) for (const { compiled } of own.values()) compiled.close();
    this.ready.clear();
  }
}
