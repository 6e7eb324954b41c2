/** What the program asks of the engine that runs it, which a library may not do: the process is its own. */
import { setFlagsFromString } from 'node:v8';

/** Node 20 has fused multiply-add behind a flag; later ones have it anyway. */
export function allowFusedMultiplyAdd(): void {
  if (process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd');
}
