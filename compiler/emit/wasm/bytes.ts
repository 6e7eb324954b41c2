/** Numbers and pieces of code as WebAssembly encodes them. Source: WebAssembly Core Specification 2.0, §5.2 and §5.3. */

export type WasmType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';

/**
 * Code as it is put together: bytes and pieces of code, flattened once at the end. A piece that is a function is asked for only then:
 * indices that are not settled before.
 */
export type Rope = readonly (number | Uint8Array | Rope | (() => Rope) | MarkedCode)[];

/** Code whose place in the module is told (`EncodedModule.markedAt`), for a host to put other code of the same length there. */
export interface MarkedCode {
  readonly marked: Rope;
}

const typeCodes: Readonly<Record<WasmType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };
export const typeCode = (type: WasmType): number => typeCodes[type];

/** Small numbers are wanted again and again: indices of locals, lengths, opcodes. */
const smallNumbers: readonly (readonly number[])[] = Array.from({ length: 1024 }, (_, value) => leb128(value));

/** An unsigned LEB128 number. */
export const unsigned = (value: number): readonly number[] => smallNumbers[value] ?? leb128(value);

function leb128(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return bytes;
}

/** A signed LEB128 number of up to 64 bits. */
export function signed(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const byte = Number(BigInt.asUintN(7, rest));
    rest >>= 7n;
    const isLast = (rest === 0n && (byte & 0x40) === 0) || (rest === -1n && (byte & 0x40) !== 0);
    if (isLast) {
      bytes.push(byte);
      return bytes;
    }
    bytes.push(byte | 0x80);
  }
}

const scratch = new DataView(new ArrayBuffer(8));

/** The eight bytes of a float64, the four of a float32, little-endian. */
export function floatBytes(type: 'f32' | 'f64', value: number): readonly number[] {
  if (type === 'f64') scratch.setFloat64(0, value, true);
  else scratch.setFloat32(0, value, true);
  return Array.from({ length: type === 'f64' ? 8 : 4 }, (_, i) => scratch.getUint8(i));
}

/** Code as bytes. */
export const flatten = (rope: Rope): Uint8Array => flattenMarked(rope).bytes;

/** Code as bytes, and where its marked pieces begin. */
export function flattenMarked(rope: Rope): { readonly bytes: Uint8Array; readonly marks: readonly number[] } {
  const writer = new ByteWriter();
  writer.write(rope);
  return { bytes: writer.bytes(), marks: writer.marks };
}

/** Visits every byte of a module: plain loops over fields. */
class ByteWriter {
  readonly marks: number[] = [];
  private buffer = new Uint8Array(1 << 10);
  private length = 0;

  write(pieces: Rope): void {
    for (let i = 0; i < pieces.length; i++) {
      const piece = pieces[i];
      if (typeof piece === 'number') {
        if (this.length === this.buffer.length) this.grow(1);
        this.buffer[this.length++] = piece;
      } else if (Array.isArray(piece)) this.write(piece as Rope);
      else if (piece instanceof Uint8Array) {
        if (this.length + piece.length > this.buffer.length) this.grow(piece.length);
        this.buffer.set(piece, this.length);
        this.length += piece.length;
      } else if (typeof piece === 'function') this.write(piece());
      else if (piece !== undefined) {
        this.marks.push(this.length);
        this.write((piece as MarkedCode).marked);
      }
    }
  }
  bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }
  private grow(more: number): void {
    const grown = new Uint8Array(2 * (this.length + more));
    grown.set(this.buffer);
    this.buffer = grown;
  }
}
