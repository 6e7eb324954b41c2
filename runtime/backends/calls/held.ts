/** Values where they are: on the device, on the host, or on both, sent and read back when they are asked for. */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import type { Tensor } from '../../../plan/types.ts';
import type { Device, SizedType } from './device.ts';

export interface Held<T> {
  readonly type: SizedType;
  device?: T | undefined;
  host?: Tensor | undefined;
  /** A matrix with its axes the other way round, beside it. */
  turned?: T | undefined;
}

export const turnedType = ({ dtype, shape }: SizedType): SizedType => ({ dtype, shape: shape.toReversed() });

/** Whoever holds a value lets go of it, once. */
export class Holder<T> {
  private readonly device: Device<T>;

  constructor(device: Device<T>) {
    this.device = device;
  }

  onDevice(value: Held<T>): T {
    if (value.device !== undefined) return value.device;
    if (value.host === undefined) throw new InternalError('calls', 'a value that is nowhere');
    this.device.enter?.();
    return (value.device = this.device.upload(value.host.data, value.type));
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
    if (value.device === undefined) throw new InternalError('calls', 'a value that is nowhere');
    const data = await this.device.download(value.device, value.type);
    return (value.host = { shape: value.type.shape, data });
  }

  /** The same value, held once more. */
  share({ type, device, host }: Held<T>): Held<T> {
    return { type, host, device: device === undefined ? undefined : this.device.share(device) };
  }

  free(value: Held<T> | undefined): void {
    if (value === undefined) return;
    if (value.device !== undefined) this.device.free(value.device);
    if (value.turned !== undefined) this.device.free(value.turned);
    value.device = value.host = value.turned = undefined;
  }

  freeAll(values: readonly Held<T>[]): void {
    for (const value of values) this.free(value);
  }
}
