/** What the program asks of the engine that runs it, before it compiles anything. The only thing that a library may not do for its host. */
import { setFlagsFromString } from 'node:v8';

/** Node 20 has fused multiply-add behind a flag; later ones have it anyway. */
export function allowFusedMultiplyAdd(): void {
  if (process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd');
}
