/** Compiled kernels from the text that a module carries: the inverse of `compiler/emit/module/pack.ts`. */
import type { CandidateCode } from '../plan/kernels.ts';

/** What `atob` and the streams of every host do, as far as it is used. */
interface Host {
  readonly DecompressionStream: new (format: 'deflate-raw') => ReadableWritablePair;
}
interface ReadableWritablePair {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}

export async function unpack(text: string): Promise<CandidateCode> {
  const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const { DecompressionStream } = globalThis as unknown as Host;
  const inflated = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const bytes = new Uint8Array(await new Response(inflated).arrayBuffer());
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const table = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))) as Omit<CandidateCode, 'wasm'>;
  return { ...table, wasm: bytes.slice(4 + length) };
}
