/**
 * Compiled kernels as text: the table as JSON and the module's bytes, deflated together, in base64. The inverse is `runtime/unpack.ts`.
 * Deflated by a library in JavaScript, so that the text is the same on every machine.
 */
import { deflateSync } from 'fflate';
import type { CandidateCode } from '../../../plan/kernels.ts';

export function pack({ wasm, ...table }: CandidateCode): string {
  const json = new TextEncoder().encode(JSON.stringify(table));
  const bytes = new Uint8Array(4 + json.length + wasm.length);
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  bytes.set(json, 4);
  bytes.set(wasm, 4 + json.length);
  return base64(deflateSync(bytes, { level: 9 }));
}

/** As RFC 4648 has it, with padding. */
function base64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 4096) binary += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return btoa(binary);
}
