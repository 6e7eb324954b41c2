/** What the registers of a list hold while it runs. */
import type { Held, Holder } from './held.ts';

/** What is put into them is theirs until it is given away; what they hold besides stays the caller's. */
export class Registers<T> {
  private readonly holder: Holder<T>;
  private readonly besides: (register: number) => Held<T>;
  private readonly own = new Map<number, Held<T>>();

  constructor(holder: Holder<T>, besides: (register: number) => Held<T>) {
    this.holder = holder;
    this.besides = besides;
  }

  at(register: number): Held<T> {
    return this.own.get(register) ?? this.besides(register);
  }

  put(registers: readonly number[], values: readonly Held<T>[]): void {
    registers.forEach((register, i) => this.own.set(register, values[i] as Held<T>));
  }

  free(registers: readonly number[]): void {
    for (const register of registers) {
      this.holder.free(this.own.get(register));
      this.own.delete(register);
    }
  }

  /** The caller's from now on; what is not theirs, or is given twice, is held once more. */
  give(registers: readonly number[]): readonly Held<T>[] {
    const { holder, own } = this;
    const isHandedOver = (register: number, i: number): boolean => own.has(register) && registers.indexOf(register) === i;
    const others = registers.filter((register, i) => !isHandedOver(register, i));
    const shared = [...holder.shareAll(others.map((register) => this.at(register)))];
    const given = registers.map((register, i) => (isHandedOver(register, i) ? this.at(register) : (shared.shift() as Held<T>)));
    own.clear();
    return given;
  }

  close(): void {
    this.holder.freeAll([...this.own.values()]);
    this.own.clear();
  }
}
