/**
 * Where everything is in the one memory of a candidate: pure arithmetic on its code and the sizes, done before anything runs.
 * From below: the control block, the slots, the threads' scratch, and the workspace, which stages share, as one runs at a time.
 */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import { controlBlock, type BufferPlan, type CandidateCode, type KernelPlan, type LinkValue } from '../../../plan/kernels.ts';
import { tilingOf, type KernelSizes, type Tiling } from '../../../plan/tiling.ts';
import { aligned, place, roomFor } from './place.ts';
import { isSized, sizesFrom, type SizeReader } from './sizes.ts';

export interface SlotPlace {
  readonly address: number;
  readonly elements: number;
  readonly shape: readonly number[];
}

export interface BufferBytes {
  readonly what: string;
  readonly bytes: number;
}

/** Of a kernel, from the beginning of a thread's scratch. */
export interface ScratchPlace {
  readonly tileBuffer: readonly number[];
  readonly scratch: readonly number[];
}

export interface Layout {
  readonly code: CandidateCode;
  readonly bytes: number;
  readonly elementBytes: 4 | 8;
  readonly control: number;
  readonly slots: ReadonlyMap<string, SlotPlace>;
  /** Of each kernel. */
  readonly tilings: readonly Tiling[];
  readonly scratchPlaces: readonly ScratchPlace[];
  /** Address of each buffer. */
  readonly buffers: readonly number[];
  /** Of the first thread; the others' follow, each so many bytes. */
  readonly scratch: { readonly address: number; readonly bytes: number };
  readonly workspace: { readonly address: number; readonly bytes: number };
  /** The largest first, each name once. */
  readonly largest: readonly BufferBytes[];
  readonly read: SizeReader;
}

/** Nothing is at address 0. */
const controlAddress = 64;
/** Threads write to their scratch all the time: they share no pair of cache lines. */
const threadAlignment = 128;

/** Needs: every size that the code speaks of. */
export function layOut(code: CandidateCode, sizes: Readonly<Record<string, number>>, threads: number): Layout {
  const elementBytes = code.precision === 'f32' ? 4 : 8;
  const read = sizesFrom(sizes);
  const tilings = code.kernels.map((kernel) => tilingOf(kernelSizes(kernel, read), elementBytes));
  const bytes = code.buffers.map((buffer) => bytesOf(buffer, tilings, read) * elementBytes);

  let end = controlAddress + controlBlock.bytes;
  const addresses = code.buffers.map(({ slot }, i): number => {
    if (slot === undefined) return 0;
    const address = aligned(end, bytes[i] ?? 0);
    end = address + roomFor(bytes[i] ?? 0);
    return address;
  });

  const scratchNeed = scratchOf(code, tilings, read, elementBytes);
  const scratch = { address: roundUp(end, threadAlignment), bytes: roundUp(scratchNeed.bytes, threadAlignment) };
  const workspaceAddress = scratch.address + scratch.bytes * Math.max(1, threads);
  const placed = place(code.buffers.map(({ slot, from, to }, i) => ({ bytes: slot === undefined ? (bytes[i] ?? 0) : 0, from, to })));
  const buffers = code.buffers.map(({ slot }, i) =>
    slot === undefined ? workspaceAddress + (placed.offsets[i] ?? 0) : (addresses[i] ?? 0),
  );
  return {
    code,
    bytes: workspaceAddress + placed.bytes,
    elementBytes,
    control: controlAddress,
    slots: slotPlaces(code, buffers, read),
    tilings,
    scratchPlaces: scratchNeed.places,
    buffers,
    scratch,
    workspace: { address: workspaceAddress, bytes: placed.bytes },
    largest: largestOf(code, bytes),
    read,
  };
}

/** A kernel's expressions at the sizes at hand. */
export const kernelSizes = ({ rows, width, leastRows, accumulated, work }: KernelPlan, { size, amount }: SizeReader): KernelSizes => ({
  rows: size(rows),
  width: amount(width),
  leastRows,
  accumulated: size(accumulated),
  work: amount(work),
});

const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

function bytesOf({ elements, perChunkOf }: BufferPlan, tilings: readonly Tiling[], read: SizeReader): number {
  return read.size(elements) * (perChunkOf === undefined ? 1 : at(tilings, perChunkOf).chunks);
}

function at<T>(things: readonly T[], number: number): T {
  const thing = things[number];
  if (thing === undefined) throw new InternalError('wasm layout', `there is no number ${number}`);
  return thing;
}

/** Kernels run one after the other, so all of them use the same scratch; within a kernel nothing is shared. */
function scratchOf(
  { kernels }: CandidateCode,
  tilings: readonly Tiling[],
  read: SizeReader,
  elementBytes: number,
): { readonly bytes: number; readonly places: readonly ScratchPlace[] } {
  let bytes = 0;
  const places = kernels.map((kernel, k): ScratchPlace => {
    let end = 0;
    const next = (elements: number): number => {
      const offset = aligned(end, elements * elementBytes);
      end = offset + roomFor(elements * elementBytes);
      return offset;
    };
    const { tileRows } = at(tilings, k);
    const tileBuffer = kernel.tileBuffers.map((perRow) => next(read.size(perRow) * tileRows));
    const scratch = kernel.scratch.map((elements) => next(read.size(elements)));
    bytes = Math.max(bytes, end);
    return { tileBuffer, scratch };
  });
  return { bytes, places };
}

function slotPlaces({ buffers: plans, stages }: CandidateCode, buffers: readonly number[], read: SizeReader): Layout['slots'] {
  const places = new Map<string, SlotPlace>();
  for (const [name, { inputs, outputs }] of Object.entries(stages))
    for (const { slot, buffer, shape } of [...inputs, ...outputs]) {
      const plan = at(plans, buffer);
      if (plan.slot !== slot) throw new InternalError('wasm layout', `the slot ${slot} of the stage ${name} has no buffer of its own`);
      places.set(slot, { address: at(buffers, buffer), elements: read.size(plan.elements), shape: shape.map(read.size) });
    }
  return places;
}

function largestOf({ buffers }: CandidateCode, bytes: readonly number[]): readonly BufferBytes[] {
  const byName = new Map<string, number>();
  for (const [i, { what }] of buffers.entries()) byName.set(what, Math.max(byName.get(what) ?? 0, bytes[i] ?? 0));
  return [...byName].map(([what, size]) => ({ what, bytes: size })).sort((a, b) => b.bytes - a.bytes);
}

/** The value of each constant that the module imports, on the thread of this number. */
export function constantsOf(layout: Layout, thread: number): readonly number[] {
  return layout.code.link.map((value) => constantOf(value, layout, thread));
}

/** What is imported as 32 bits would otherwise be taken modulo 2^32. */
function within32Bits(size: number): number {
  if (size < -(2 ** 31) || size >= 2 ** 32) throw new InternalError('wasm link', `a count of ${size} has more than 32 bits`);
  return size;
}

function constantOf(value: LinkValue, layout: Layout, thread: number): number {
  switch (value.is) {
    case 'size':
      return within32Bits(layout.read.size(value.of));
    case 'low':
      return layout.read.size(value.of) % 2 ** 32;
    case 'high':
      return Math.floor(layout.read.size(value.of) / 2 ** 32);
    case 'units':
      return Math.min(Math.max(1, Math.floor(layout.read.amount(value.of) / 1024)), 2 ** 30);
    case 'buffer':
      return at(layout.buffers, value.buffer);
    case 'tileBuffer':
    case 'scratch':
      return at(at(layout.scratchPlaces, value.kernel)[value.is], value.index);
    case 'thread':
      return layout.scratch.address + thread * layout.scratch.bytes;
    case 'control':
      return layout.control;
    default:
      return Number(at(layout.tilings, value.kernel)[value.is]);
  }
}

/** What a candidate needs on one thread, where all its sizes are known: for `bilevel plan`. */
export function memoryOf(
  code: CandidateCode,
  sizes: Readonly<Record<string, number>>,
): { readonly bytes: number; readonly largest: readonly BufferBytes[] } | undefined {
  if (!isSized(code, sizes)) return undefined;
  const { bytes, largest } = layOut(code, sizes, 1);
  return { bytes, largest: largest.slice(0, 3) };
}
