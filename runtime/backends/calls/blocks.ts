/**
 * Several steps of a loop as one function of tensors: for devices where looking at a test means to wait, or that compile such functions.
 * Every step but the first is masked by the test, so that steps after the last one change nothing.
 */
import type { BoundIterate, BoundScan } from './bind.ts';
import type { Compiled, Device, SizedType } from './device.ts';
import type { Straight } from './straight.ts';

/** Steps and the test after them: from constants and states to states and the test's answer. */
export function stepsOfIterate<T>(
  device: Device<T>,
  straight: Straight<T>,
  { test, body, masks, constants: count }: BoundIterate<T>,
  steps: number,
): (inputs: readonly T[]) => readonly T[] {
  return (inputs) => {
    const constants = inputs.slice(0, count);
    let states: readonly T[] = inputs.slice(count);
    for (let step = 0; step < steps; step++) {
      const before = states;
      const after = straight.run(body, [...constants, ...before]);
      if (step === 0) states = after;
      else {
        const [goes] = straight.run(test, [...constants, ...before]) as readonly [T];
        states = before.map((old, i) => (masks[i] as (typeof masks)[number])(goes, after[i] as T, old));
        for (const tensor of [goes, ...after, ...before]) device.free(tensor);
      }
    }
    return [...states, ...straight.run(test, [...constants, ...states])];
  };
}

/** From constants, states, and the rows of each slice, to states and the rows of each stacked result; rows in the order of the steps. */
export function stepsOfScan<T>(
  device: Device<T>,
  straight: Straight<T>,
  { body, constants: count, states: stateCount }: BoundScan<T>,
  steps: number,
): (inputs: readonly T[]) => readonly T[] {
  return (inputs) => {
    const constants = inputs.slice(0, count);
    const rows = inputs.slice(count + stateCount);
    const slices = rows.length / steps;
    const stacked: T[][] = [];
    let states: readonly T[] = inputs.slice(count, count + stateCount);
    for (let step = 0; step < steps; step++) {
      const own = Array.from({ length: slices }, (_, i) => rows[i * steps + step] as T);
      const after = straight.run(body, [...constants, ...states, ...own]);
      if (step > 0) for (const tensor of states) device.free(tensor);
      states = after.slice(0, stateCount);
      after.slice(stateCount).forEach((tensor, i) => (stacked[i] ??= []).push(tensor));
    }
    return [...states, ...stacked.flat()];
  };
}

/** A function of tensors made ready, with the tensors that it was made ready for. */
interface Ready<T> {
  readonly fixed: readonly T[];
  readonly compiled: Compiled<T>;
}

/** Functions that a device has compiled, each for the constants that last; anew where those are others. */
export class CompiledBlocks<T> {
  private readonly device: Device<T>;
  private readonly ready = new Map<object, Map<number, Ready<T>>>();

  constructor(device: Device<T>) {
    this.device = device;
  }

  /**
   * `run` takes constants and then `rest`; of the constants those that are `lasting` are fixed. Undefined: the device compiles nothing.
   */
  async call(
    loop: BoundIterate<T> | BoundScan<T>,
    steps: number,
    run: (inputs: readonly T[]) => readonly T[],
    constants: readonly T[],
    rest: readonly T[],
    types: { readonly inputs: readonly SizedType[]; readonly outputs: readonly SizedType[] },
  ): Promise<readonly T[] | undefined> {
    const { compile } = this.device;
    if (compile === undefined) return undefined;
    const { lasting } = loop;
    const fixed = constants.filter((_, i) => lasting[i] === true);
    const varying = constants.filter((_, i) => lasting[i] !== true);
    const own = this.ready.get(loop) ?? new Map<number, Ready<T>>();
    this.ready.set(loop, own);
    let known = own.get(steps);
    if (known !== undefined && known.fixed.some((tensor, i) => tensor !== fixed[i])) {
      known.compiled.close();
      known = undefined;
    }
    if (known === undefined) {
      const inOrder = (inputs: readonly T[]): readonly T[] => {
        const [of, others] = [inputs.slice(0, fixed.length), inputs.slice(fixed.length)];
        let [f, v] = [0, 0];
        const merged = lasting.map((lasts) => (lasts ? of[f++] : others[v++]) as T);
        return run([...merged, ...others.slice(v)]);
      };
      const inputs = types.inputs.filter((_, i) => lasting[i] !== true);
      known = { fixed, compiled: compile(inOrder, fixed, inputs, types.outputs) };
      own.set(steps, known);
    }
    return known.compiled.call([...varying, ...rest]);
  }

  close(): void {
    for (const own of this.ready.values()) for (const { compiled } of own.values()) compiled.close();
    this.ready.clear();
  }
}
