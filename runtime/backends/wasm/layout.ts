/**
 * Where everything is in the one memory of a candidate: pure arithmetic on its stages' code and the sizes, done before anything runs.
 * From below: the control block, the slots, the threads' scratch, and the workspace, which stages share, as one runs at a time.
 */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import { controlBlock, type BufferPlan, type CandidateCode, type LinkValue, type StageCode } from '../../../plan/kernels.ts';
import type { StageName } from '../../../plan/types.ts';
import { aligned, place, roomFor } from './place.ts';
import { isSized, sizesFrom, type SizeReader } from './sizes.ts';
import { tilingOf, type Tiling } from './tiling.ts';

export interface SlotPlace {
  readonly address: number;
  readonly elements: number;
  readonly shape: readonly number[];
}

export interface StageLayout {
  readonly name: StageName;
  /** Among the stages of its candidate. */
  readonly number: number;
  readonly code: StageCode;
  readonly tilings: readonly Tiling[];
  /** Address of each buffer. */
  readonly buffers: readonly number[];
  /** For each kernel, from the beginning of a thread's scratch: its tile buffers and its rooms. */
  readonly scratch: readonly { readonly tileBuffers: readonly number[]; readonly rooms: readonly number[] }[];
}

export interface BufferBytes {
  readonly what: string;
  readonly bytes: number;
}

export interface Layout {
  readonly bytes: number;
  readonly elementBytes: 4 | 8;
  readonly control: number;
  readonly slots: ReadonlyMap<string, SlotPlace>;
  readonly stages: readonly StageLayout[];
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

/** Needs: every size that the stages speak of, and one precision in all of them. */
export function layOut(codes: CandidateCode, sizes: Readonly<Record<string, number>>, threads: number): Layout {
  const named = Object.entries(codes) as [StageName, StageCode][];
  const elementBytes = named.some(([, code]) => code.precision === 'f32') ? 4 : 8;
  if (named.some(([, code]) => (code.precision === 'f32' ? 4 : 8) !== elementBytes))
    throw new InternalError('wasm layout', 'stages of one candidate are of two precisions');
  const read = sizesFrom(sizes);
  const sized = named.map(([name, code], number) => {
    const tilings = code.kernels.map((kernel) => tilingOf(kernel, read, elementBytes));
    const bytes = code.buffers.map((buffer) => bytesOf(buffer, tilings, read) * elementBytes);
    return { name, number, code, tilings, bytes, scratch: scratchOf(code, tilings, read, elementBytes) };
  });

  const slotBytes = new Map<string, number>();
  for (const { code, bytes, name } of sized)
    for (const [i, buffer] of code.buffers.entries()) {
      if (buffer.slot === undefined) continue;
      const known = slotBytes.get(buffer.slot);
      if (known !== undefined && known !== bytes[i])
        throw new InternalError(
          'wasm layout',
          `the slot ${buffer.slot} has ${bytes[i]} bytes in the stage ${name} and ${known} in another`,
        );
      slotBytes.set(buffer.slot, bytes[i] ?? 0);
    }
  let end = controlAddress + controlBlock.bytes;
  const slotAddresses = new Map<string, number>();
  for (const [slot, bytes] of slotBytes) {
    const address = aligned(end, bytes);
    slotAddresses.set(slot, address);
    end = address + roomFor(bytes);
  }

  const scratchBytes = roundUp(Math.max(0, ...sized.map((stage) => stage.scratch.bytes)), threadAlignment);
  const scratch = { address: roundUp(end, threadAlignment), bytes: scratchBytes };
  const workspaceAddress = scratch.address + scratch.bytes * Math.max(1, threads);

  const stages: StageLayout[] = [];
  let workspaceBytes = 0;
  for (const { bytes, ...stage } of sized) {
    const { buffers } = stage.code;
    const placed = place(buffers.map(({ slot, from, to }, i) => ({ bytes: slot === undefined ? (bytes[i] ?? 0) : 0, from, to })));
    workspaceBytes = Math.max(workspaceBytes, placed.bytes);
    const addresses = buffers.map(({ slot }, i) =>
      slot === undefined ? workspaceAddress + (placed.offsets[i] ?? 0) : (slotAddresses.get(slot) ?? 0),
    );
    stages.push({ ...stage, buffers: addresses, scratch: stage.scratch.kernels });
  }
  return {
    bytes: workspaceAddress + workspaceBytes,
    elementBytes,
    control: controlAddress,
    slots: slotPlaces(stages, read),
    stages,
    scratch,
    workspace: { address: workspaceAddress, bytes: workspaceBytes },
    largest: largestOf(sized),
    read,
  };
}

const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

function bytesOf({ elements, perChunkOf }: BufferPlan, tilings: readonly Tiling[], read: SizeReader): number {
  return read.size(elements) * (perChunkOf === undefined ? 1 : kernelAt(tilings, perChunkOf).chunks);
}

function kernelAt<T>(kernels: readonly T[], number: number): T {
  const kernel = kernels[number];
  if (kernel === undefined) throw new InternalError('wasm layout', `there is no kernel ${number}`);
  return kernel;
}

interface Scratch {
  readonly bytes: number;
  readonly kernels: StageLayout['scratch'];
}

/** Kernels run one after the other, so all of a stage's use the same scratch; within a kernel nothing is shared. */
function scratchOf({ kernels }: StageCode, tilings: readonly Tiling[], read: SizeReader, elementBytes: number): Scratch {
  let bytes = 0;
  const places = kernels.map((kernel, k) => {
    let end = 0;
    const next = (elements: number): number => {
      const offset = aligned(end, elements * elementBytes);
      end = offset + roomFor(elements * elementBytes);
      return offset;
    };
    const { tileRows } = kernelAt(tilings, k);
    const tileBuffers = kernel.tileBuffers.map((perRow) => next(read.size(perRow) * tileRows));
    const rooms = kernel.scratch.map((elements) => next(read.size(elements)));
    bytes = Math.max(bytes, end);
    return { tileBuffers, rooms };
  });
  return { bytes, kernels: places };
}

function slotPlaces(stages: readonly StageLayout[], read: SizeReader): ReadonlyMap<string, SlotPlace> {
  const places = new Map<string, SlotPlace>();
  for (const { name, code, buffers } of stages)
    for (const { slot, buffer, shape } of [...code.inputs, ...code.outputs]) {
      const plan = code.buffers[buffer];
      const address = buffers[buffer];
      if (plan?.slot !== slot || address === undefined)
        throw new InternalError('wasm layout', `the slot ${slot} of the stage ${name} has no buffer of its own`);
      places.set(slot, { address, elements: read.size(plan.elements), shape: shape.map(read.size) });
    }
  return places;
}

function largestOf(stages: readonly { readonly code: StageCode; readonly bytes: readonly number[] }[]): readonly BufferBytes[] {
  const byName = new Map<string, number>();
  for (const { code, bytes } of stages)
    for (const [i, { what }] of code.buffers.entries()) byName.set(what, Math.max(byName.get(what) ?? 0, bytes[i] ?? 0));
  return [...byName].map(([what, bytes]) => ({ what, bytes })).sort((a, b) => b.bytes - a.bytes);
}

/** The value of each constant that a stage's module imports, on the thread of this number. */
export function constantsOf(stage: StageLayout, layout: Layout, thread: number): readonly number[] {
  return stage.code.link.map((value) => constantOf(value, stage, layout, thread));
}

function constantOf(value: LinkValue, stage: StageLayout, layout: Layout, thread: number): number {
  switch (value.is) {
    case 'size':
      return layout.read.size(value.of);
    case 'units':
      return Math.min(Math.max(1, Math.floor(layout.read.amount(value.of) / 1024)), 2 ** 30);
    case 'buffer':
      return kernelAt(stage.buffers, value.buffer);
    case 'tile-rows':
      return kernelAt(stage.tilings, value.kernel).tileRows;
    case 'chunk-rows':
      return kernelAt(stage.tilings, value.kernel).chunkRows;
    case 'chunks':
      return kernelAt(stage.tilings, value.kernel).chunks;
    case 'pays':
      return kernelAt(stage.tilings, value.kernel).pays ? 1 : 0;
    case 'chunk-work':
      return kernelAt(stage.tilings, value.kernel).chunkWork;
    case 'tile-buffer':
      return kernelAt(kernelAt(stage.scratch, value.kernel).tileBuffers, value.index);
    case 'scratch':
      return kernelAt(kernelAt(stage.scratch, value.kernel).rooms, value.index);
    case 'thread':
      return layout.scratch.address + thread * layout.scratch.bytes;
    case 'control':
      return layout.control;
    case 'stage':
      return stage.number;
  }
}

/** What a candidate needs on one thread, where all its sizes are known: for `bilevel plan`. */
export function memoryOf(
  codes: CandidateCode,
  sizes: Readonly<Record<string, number>>,
): { readonly bytes: number; readonly largest: readonly BufferBytes[] } | undefined {
  if (!Object.values(codes).every((code) => isSized(code, sizes))) return undefined;
  const { bytes, largest } = layOut(codes, sizes, 1);
  return { bytes, largest: largest.slice(0, 3) };
}
