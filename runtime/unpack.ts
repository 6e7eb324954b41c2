/** Compiled kernels from the text that a module carries: the inverse of `compiler/emit/module/pack.ts`. */
import type { BufferPlan, CandidateCode, LinkValue, SlotPlan } from '../plan/kernels.ts';
import type { CandidateCalls } from '../plan/calls.ts';
import type { PackedCalls, PackedSlot, PackedTable } from '../plan/packed.ts';
import type { Expr } from '../plan/types.ts';

/** What the streams of every host do, as far as it is used. */
interface Host {
  readonly DecompressionStream: new (format: 'deflate-raw') => ReadableWritablePair;
}
interface ReadableWritablePair {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}

/** The calls of a module, from its text. */
export async function unpackCalls(text: string): Promise<CandidateCalls> {
  const { stages, host } = JSON.parse(new TextDecoder().decode(await inflated(bytesOf(text)))) as PackedCalls;
  return { stages, host: await Promise.all(host.map(unpack)) };
}

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

export async function unpack(text: string): Promise<CandidateCode> {
  const packed = bytesOf(text);
  const length = 4 + new DataView(packed.buffer).getUint32(0, true);
  const [table, wasm] = await Promise.all([packed.slice(4, length), packed.slice(length)].map(inflated));
  return { ...unpackTable(JSON.parse(new TextDecoder().decode(table)) as PackedTable), wasm: wasm as Uint8Array };
}

async function inflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const { DecompressionStream } = globalThis as unknown as Host;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function unpackTable({ expressions, multiplyAddsAt, buffers, kernels, link, stages, ...rest }: PackedTable): Omit<CandidateCode, 'wasm'> {
  const at = (number: number | undefined): Expr => expressions[number ?? 0] as Expr;
  const { slot, perChunkOf } = buffers;
  const from = sums(buffers.from);
  const slots = (packed: readonly PackedSlot[]): readonly SlotPlan[] =>
    packed.map(([buffer, shape]) => ({ slot: slot[buffer] ?? '', buffer, shape: shape.map(at) }));
  return {
    ...rest,
    multiplyAddsAt: sums(multiplyAddsAt),
    buffers: slot.map((name, i): BufferPlan => {
      const begin = from[i] ?? 0;
      const life = { elements: at(buffers.elements[i]), from: begin, to: begin + (buffers.life[i] ?? 0) };
      const kernel = perChunkOf[i] ?? 0;
      if (name !== '') return { ...life, what: `slot ${name}`, slot: name };
      return { ...life, what: buffers.what[i] ?? '', ...(kernel > 0 ? { perChunkOf: kernel - 1 } : {}) };
    }),
    kernels: kernels.map(({ rows, width, accumulated, work, tileBuffers, scratch, ...kernel }) => ({
      ...kernel,
      rows: at(rows),
      width: at(width),
      accumulated: at(accumulated),
      work: at(work),
      tileBuffers: tileBuffers.map(at),
      scratch: scratch.map(at),
    })),
    link: link.is.map((kind, i): LinkValue => {
      const is = link.kinds[kind] as LinkValue['is'];
      const number = link.of[i] ?? 0;
      switch (is) {
        case 'size':
        case 'low':
        case 'high':
        case 'units':
          return { is, of: at(number) };
        case 'buffer':
          return { is, buffer: number };
        case 'tileBuffer':
        case 'scratch':
          return { is, kernel: number, index: link.index[i] ?? 0 };
        case 'thread':
        case 'control':
          return { is };
        default:
          return { is, kernel: number };
      }
    }),
    stages: Object.fromEntries(
      Object.entries(stages).map(([name, [inputs, outputs]]) => [name, { inputs: slots(inputs), outputs: slots(outputs) }]),
    ),
  };
}

/** From differences. */
function sums(differences: readonly number[]): readonly number[] {
  let sum = 0;
  return differences.map((difference) => (sum += difference));
}
