/** Values where they are: on the device, on the host, or on both, sent and read back when they are asked for. Who owns what is settled here. */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import type { Tensor } from '../../../plan/types.ts';
import type { Device, SizedType } from './device.ts';

export interface Held<T> {
  readonly type: SizedType;
  device?: T | undefined;
  host?: Tensor | undefined;
  /** A matrix with its axes the other way round, beside it. */
  turned?: T | undefined;
  /** What a scan has stacked: its positions along the first axis, each as it was made. They are put together when the whole is asked for. */
  rows?: readonly Held<T>[] | undefined;
}

export const turnedType = ({ dtype, shape }: SizedType): SizedType => ({ dtype, shape: shape.toReversed() });

const rowType = ({ dtype, shape }: SizedType): SizedType => ({ dtype, shape: shape.slice(1) });

/** What is made of each; nothing is left of it where one fails. */
export function allOrNone<V, R>(values: readonly V[], make: (value: V, i: number) => R, free: (made: R) => void): readonly R[] {
  const made: R[] = [];
  try {
    for (const [i, value] of values.entries()) made.push(make(value, i));
    return made;
  } catch (error) {
    made.forEach(free);
    throw error;
  }
}

/** Whoever holds a value lets go of it, once. */
export class Holder<T> {
  private readonly device: Device<T>;

  constructor(device: Device<T>) {
    this.device = device;
  }

  onDevice(value: Held<T>): T {
    return (value.device ??= this.brought(value));
  }

  private brought({ type, host, rows }: Held<T>): T {
    const { device } = this;
    if (rows !== undefined) {
      const tensors = rows.map((row) => this.onDevice(row));
      device.enter?.();
      return device.stack(tensors, rowType(type));
    }
    if (host === undefined) throw new InternalError('calls', 'a value that is nowhere');
    device.enter?.();
    return device.upload(host.data, type);
  }

  turned(value: Held<T>): T {
    if (value.turned !== undefined) return value.turned;
    const [tensor, { type }] = [this.onDevice(value), value];
    this.device.enter?.();
    const turn = this.device.kernels.transpose({ operands: [type], result: turnedType(type), attributes: { axes: [1, 0] } });
    return (value.turned = turn(tensor));
  }

  async onHost(value: Held<T>): Promise<Tensor> {
    if (value.host !== undefined) return value.host;
    const data = await this.device.download(this.onDevice(value), value.type);
    return (value.host = { shape: value.type.shape, data });
  }

  /** Asked for at once, so that the device is waited for once. */
  async allOnHost(values: readonly Held<T>[]): Promise<readonly Tensor[]> {
    const answers = await Promise.allSettled([...new Set(values)].map((value) => this.onHost(value)));
    for (const answer of answers) if (answer.status === 'rejected') throw answer.reason;
    return Promise.all(values.map((value) => this.onHost(value)));
  }

  /** Position t along the first axis, held on its own. */
  row(value: Held<T>, t: number): Held<T> {
    const { rows, type } = value;
    if (rows !== undefined) return this.share(rows[t] as Held<T>);
    const whole = this.onDevice(value);
    this.device.enter?.();
    return { type: rowType(type), device: this.device.row(whole, type, t) };
  }

  /** The same value, held once more. */
  share({ type, device, host, rows }: Held<T>): Held<T> {
    if (device !== undefined) return { type, host, device: this.device.share(device) };
    return { type, host, rows: rows === undefined ? undefined : this.shareAll(rows) };
  }

  shareAll(values: readonly Held<T>[]): readonly Held<T>[] {
    return allOrNone(
      values,
      (value) => this.share(value),
      (value) => this.free(value),
    );
  }

  /** The tensor of a value that is let go of. */
  taken(value: Held<T>): T {
    const tensor = this.onDevice(value);
    value.device = undefined;
    this.free(value);
    return tensor;
  }

  free(value: Held<T> | undefined): void {
    if (value === undefined) return;
    if (value.device !== undefined) this.device.free(value.device);
    if (value.turned !== undefined) this.device.free(value.turned);
    if (value.rows !== undefined) this.freeAll(value.rows);
    value.device = value.host = value.turned = value.rows = undefined;
  }

  freeAll(values: readonly Held<T>[]): void {
    for (const value of values) this.free(value);
  }
}
