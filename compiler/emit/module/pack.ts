/**
 * Compiled kernels as text: their table as JSON and the module's bytes, each deflated, in base64. The inverse is `runtime/unpack.ts`.
 * Deflated by a library in JavaScript, so that the text is the same on every machine.
 */
import { deflateSync } from 'fflate';
import type { CandidateCalls } from '../../../plan/calls.ts';
import type { CandidateCode, LinkValue, SlotPlan, StageSlots } from '../../../plan/kernels.ts';
import type { PackedCalls, PackedSlot, PackedTable } from '../../../plan/packed.ts';
import type { Expr } from '../../../plan/types.ts';

const deflated = (bytes: Uint8Array): Uint8Array => deflateSync(bytes, { level: 9 });
const deflatedJson = (value: unknown): Uint8Array => deflated(new TextEncoder().encode(JSON.stringify(value)));

/** Calls as text: JSON, deflated, with the host's code packed in it. */
export const packCalls = ({ stages, host }: CandidateCalls): string =>
  base64(deflatedJson({ stages, host: host.map(pack) } satisfies PackedCalls));

export function pack(code: CandidateCode): string {
  const table = deflatedJson(packTable(code));
  const kernels = deflated(code.wasm);
  const bytes = new Uint8Array(4 + table.length + kernels.length);
  new DataView(bytes.buffer).setUint32(0, table.length, true);
  bytes.set(table, 4);
  bytes.set(kernels, 4 + table.length);
  return base64(bytes);
}

function packTable({ precision, memoryFlagsAt, multiplyAddsAt, buffers, kernels, link, stages }: CandidateCode): PackedTable {
  const expressions: Expr[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (expr: Expr): number => {
    const key = JSON.stringify(expr);
    const number = numbers.get(key) ?? expressions.push(expr) - 1;
    numbers.set(key, number);
    return number;
  };
  const ofLink = (value: LinkValue): number =>
    'of' in value ? numberOf(value.of) : 'buffer' in value ? value.buffer : 'kernel' in value ? value.kernel : 0;
  const slots = (plans: readonly SlotPlan[]): readonly PackedSlot[] => plans.map(({ buffer, shape }) => [buffer, shape.map(numberOf)]);
  const kinds = [...new Set(link.map((value) => value.is))];
  return {
    precision,
    memoryFlagsAt,
    expressions,
    multiplyAddsAt: differences(multiplyAddsAt),
    buffers: {
      elements: buffers.map((b) => numberOf(b.elements)),
      perChunkOf: buffers.map((b) => (b.perChunkOf === undefined ? 0 : b.perChunkOf + 1)),
      slot: buffers.map((b) => b.slot ?? ''),
      from: differences(buffers.map((b) => b.from)),
      life: buffers.map((b) => b.to - b.from),
      what: buffers.map((b) => (b.slot === undefined ? b.what : '')),
    },
    kernels: kernels.map(({ rows, width, accumulated, work, tileBuffers, scratch, ...rest }) => ({
      ...rest,
      rows: numberOf(rows),
      width: numberOf(width),
      accumulated: numberOf(accumulated),
      work: numberOf(work),
      tileBuffers: tileBuffers.map(numberOf),
      scratch: scratch.map(numberOf),
    })),
    link: {
      kinds,
      is: link.map((value) => kinds.indexOf(value.is)),
      of: link.map(ofLink),
      index: link.map((value) => ('index' in value ? value.index : 0)),
    },
    stages: Object.fromEntries(
      Object.entries(stages).map(([name, { inputs, outputs }]: [string, StageSlots]) => [name, [slots(inputs), slots(outputs)]]),
    ),
  };
}

const differences = (values: readonly number[]): readonly number[] => values.map((value, i) => value - (values[i - 1] ?? 0));

/** As RFC 4648 has it, with padding. */
function base64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 4096) binary += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return btoa(binary);
}
