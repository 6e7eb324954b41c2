/** Lists that never wait, as functions of tensors; and what of a list depends on nothing, made once. */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import type { BoundList } from './bind.ts';
import type { Device } from './device.ts';
import { runSegment, type Segment } from './segment.ts';

/** One segment, or none: all results are inputs. */
export const isStraight = <T>({ items }: BoundList<T>): boolean => items.every(({ is }) => is === 'segment');

export class Straight<T> {
  private readonly device: Device<T>;
  private readonly made = new Map<BoundList<T>, readonly T[]>();

  constructor(device: Device<T>) {
    this.device = device;
  }

  /** Of a list, in the order of its statics. */
  statics(list: BoundList<T>): readonly T[] {
    const known = this.made.get(list);
    if (known !== undefined) return known;
    const { device } = this;
    device.enter?.();
    const made: T[] = [];
    const places = new Map(list.statics.map(({ result }, i) => [result, i]));
    for (const { kernel, operands } of list.statics) made.push(kernel(...operands.map((r) => made[places.get(r) ?? -1] as T)));
    this.made.set(list, made);
    return made;
  }

  /** The tensor of a register that is static. */
  staticAt(list: BoundList<T>, register: number): T {
    const place = list.statics.findIndex(({ result }) => result === register);
    const tensor = this.statics(list)[place];
    if (tensor === undefined) throw new InternalError('calls', `nothing is in register ${register}`);
    return tensor;
  }

  segment(list: BoundList<T>, segment: Segment<T>, inputs: readonly T[]): readonly T[] {
    const statics = this.statics(list);
    this.device.enter?.();
    return runSegment(this.device, segment, inputs, statics);
  }

  /** A straight list. The inputs stay the caller's; the outputs become so. */
  run(list: BoundList<T>, inputs: readonly T[]): readonly T[] {
    const own = new Map<number, T>();
    for (const item of list.items) {
      if (item.is !== 'segment') throw new InternalError('calls', 'a list that waits is not straight');
      const reads = item.reads.map((register) => inputs[register] as T);
      this.segment(list, item, reads).forEach((tensor, i) => own.set(item.gives[i] ?? -1, tensor));
    }
    return list.outputs.map((register, i) => {
      const mine = own.get(register);
      if (mine !== undefined && list.outputs.indexOf(register) === i) return mine;
      return this.device.share(mine ?? inputs[register] ?? this.staticAt(list, register));
    });
  }

  close(): void {
    for (const tensor of [...this.made.values()].flat()) this.device.free(tensor);
    this.made.clear();
  }
}
