/** Fused multiply-add: whether this host has it, and the code that uses it. Source: the relaxed SIMD proposal of WebAssembly. */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import { wasmApi } from './wasm-api.ts';

const simd = 0xfd;
const localGet = 0x20;
const nop = 0x01;

/** By the second byte of the multiplication: `f64x2.mul` and `f64x2.relaxed_madd`, `f32x4.mul` and `f32x4.relaxed_madd`. */
const fusedOf: Readonly<Record<number, readonly number[]>> = { 0xf2: [simd, 0x87, 0x02], 0xe6: [simd, 0x85, 0x02] };

/** A function of three vectors that multiplies and adds. */
const probe = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 8, 1, 0x60, 3, 0x7b, 0x7b, 0x7b, 1, 0x7b],
  ...[3, 2, 1, 0],
  ...[10, 13, 1, 11, 0, localGet, 0, localGet, 1, localGet, 2, simd, 0x87, 0x02, 0x0b],
);

/** Whether this host knows the instruction. Where the processor lacks it, the host multiplies and adds. */
export const hasFusedMultiplyAdd = (): boolean => wasmApi.validate(probe);

/**
 * Writes over each `mul`, `local.get n`, `add` at these places the `local.get n`, fused multiply-add of the same length. The operands of
 * the product are on the stack before, the third is the local: both read the same.
 */
export function fuse(wasm: Uint8Array, places: readonly number[]): void {
  for (const at of places) {
    const fused = fusedOf[wasm[at + 1] ?? 0];
    if (wasm[at] !== simd || fused === undefined || wasm[at + 3] !== localGet)
      throw new InternalError('wasm link', `there is no product to fuse at ${at}`);
    let end = at + 4;
    while (((wasm[end] ?? 0) & 0x80) !== 0) end += 1;
    const get = wasm.slice(at + 3, end + 1);
    wasm.set([...get, ...fused, nop, nop, nop], at);
  }
}
