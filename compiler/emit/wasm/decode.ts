/**
 * Instructions of a function's body, read back from its bytes: where each stands, which local it names, where control goes from it.
 * Source: WebAssembly Core Specification 2.0, §5.4 (and the threads proposal for the atomic ones).
 */
import { InternalError } from '../../../diagnostics/internal-error.ts';

export interface Instruction {
  readonly opcode: number;
  /** Its bytes are `from ≤ i < to`. */
  readonly from: number;
  readonly to: number;
  /** Of `local.get`, `local.set`, `local.tee`. */
  readonly local: number | undefined;
  /** Instructions that may follow, by number; beyond the last is the end of the function. */
  readonly next: readonly number[];
}

export const localGet = 0x20;
export const localSet = 0x21;
export const localTee = 0x22;

const [unreachable, block, loop, branchIf, elseBranch, end] = [0x00, 0x02, 0x03, 0x04, 0x05, 0x0b];
const [jump, jumpIf, jumpTable, leave] = [0x0c, 0x0d, 0x0e, 0x0f];

export function decode(bytes: Uint8Array): readonly Instruction[] {
  const reader = new Reader(bytes);
  const found: { opcode: number; from: number; to: number; local: number | undefined; next: readonly number[] }[] = [];
  /** What is open, outermost first, with the branches that wait for where it ends. */
  const open: { readonly opener: number; readonly isLoop: boolean; readonly waiting: number[][] }[] = [];
  while (reader.at < bytes.length) {
    const [i, from, opcode] = [found.length, reader.at, reader.byte()];
    const next: number[] = [];
    let local: number | undefined;
    const branchTo = (depth: number): void => {
      const target = open.at(-1 - depth);
      if (target === undefined) next.push(Infinity);
      else if (target.isLoop) next.push(target.opener);
      else target.waiting.push(next);
    };
    if (opcode === jumpTable) reader.list().forEach(branchTo);
    else if (opcode === jump || opcode === jumpIf) branchTo(reader.number());
    else if (opcode === localGet || opcode === localSet || opcode === localTee) local = reader.number();
    else reader.skipImmediates(opcode);
    if (opcode === block || opcode === loop) open.push({ opener: i, isLoop: opcode === loop, waiting: [] });
    else if (opcode === branchIf) open.push({ opener: i, isLoop: false, waiting: [next] });
    else if (opcode === elseBranch) {
      // The `if` goes here when its condition does not hold, and what came before goes on at the end.
      open
        .at(-1)
        ?.waiting.shift()
        ?.push(i + 1);
      open.at(-1)?.waiting.push(next);
    } else if (opcode === end) for (const branch of open.pop()?.waiting ?? []) branch.push(i);
    if (opcode !== unreachable && opcode !== leave && opcode !== jump && opcode !== jumpTable && opcode !== elseBranch) next.push(i + 1);
    found.push({ opcode, from, to: reader.at, local, next });
  }
  return found;
}

class Reader {
  at = 0;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  byte(): number {
    return this.bytes[this.at++] ?? 0;
  }
  /** An unsigned LEB128 number. */
  number(): number {
    let [value, shift] = [0, 0];
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
      shift += 7;
    }
  }
  list(): readonly number[] {
    return Array.from({ length: this.number() + 1 }, () => this.number());
  }
  skipImmediates(opcode: number): void {
    if (opcode === 0xfc) this.skipMisc();
    else if (opcode === 0xfd) this.skipSimd();
    else if (opcode === 0xfe) this.skipAtomic();
    else if (opcode === 0x44) this.at += 8;
    else if (opcode === 0x43) this.at += 4;
    // Loads and stores: alignment and offset.
    else if (opcode >= 0x28 && opcode <= 0x3e) this.numbers(2);
    // Types of blocks, indices of functions and globals, whole numbers: one number each, signed or not.
    else if ([block, loop, branchIf, 0x10, 0x23, 0x24, 0x3f, 0x40, 0x41, 0x42].includes(opcode)) this.numbers(1);
    else if (!(
      opcode <= 0x01 ||
      opcode === elseBranch ||
      opcode === end ||
      opcode === leave ||
      opcode === 0x1a ||
      opcode === 0x1b ||
      opcode >= 0x45
    ))
      throw new InternalError('wasm decoder', `the instruction 0x${opcode.toString(16)} is not known`);
  }
  private numbers(count: number): void {
    for (let i = 0; i < count; i++) this.number();
  }
  private skipMisc(): void {
    const opcode = this.number();
    if (opcode <= 7) return;
    if (opcode === 10) this.numbers(2);
    else if (opcode === 11) this.numbers(1);
    else throw new InternalError('wasm decoder', `the instruction 0xfc ${opcode} is not known`);
  }
  private skipSimd(): void {
    const opcode = this.number();
    if (opcode <= 11 || opcode === 92 || opcode === 93) this.numbers(2);
    else if (opcode === 12 || opcode === 13) this.at += 16;
    else if (opcode >= 21 && opcode <= 34) this.at += 1;
    else if (opcode >= 84 && opcode <= 91) {
      this.numbers(2);
      this.at += 1;
    }
  }
  private skipAtomic(): void {
    if (this.number() === 3) this.at += 1;
    else this.numbers(2);
  }
}
