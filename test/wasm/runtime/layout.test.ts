import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { controlBlock, type BufferPlan, type CandidateCode, type KernelPlan } from '../../../plan/kernels.ts';
import { constantsOf, kernelSizes, layOut, memoryOf } from '../../../runtime/backends/wasm/layout.ts';
import { aligned, place, roomFor } from '../../../runtime/backends/wasm/place.ts';
import { sizesFrom } from '../../../runtime/backends/wasm/sizes.ts';
import { tilingOf, type Tiling } from '../../../plan/tiling.ts';

const kernel = (more: Partial<KernelPlan> = {}): KernelPlan => ({
  rows: 'n',
  width: 10,
  leastRows: 4,
  accumulated: 10,
  tileBuffers: [],
  scratch: [],
  work: 40,
  ...more,
});
const tile = (n: number, more: Partial<KernelPlan> = {}, bytes = 8): Tiling => tilingOf(kernelSizes(kernel(more), sizesFrom({ n })), bytes);

describe('the tiling of a kernel', () => {
  const anyKernel = fc.record({
    n: fc.oneof(fc.nat(100), fc.nat(3_000_000)),
    width: fc.nat(5000),
    leastRows: fc.nat(64),
    accumulated: fc.oneof(fc.nat(100), fc.nat(3_000_000)),
    work: fc.oneof(fc.nat(50), fc.double({ min: 0, max: 1e6, noNaN: true })),
    bytes: fc.constantFrom(4, 8),
  });

  it('keeps its bounds, whatever the sizes', () => {
    fc.assert(
      fc.property(anyKernel, ({ n, bytes, ...plan }) => {
        const { tileRows, chunkRows, chunks, pays } = tile(n, plan, bytes);
        expect(tileRows % 4).toBe(0);
        expect(tileRows).toBeLessThanOrEqual(1024);
        expect(tileRows).toBeLessThanOrEqual(Math.max(4, n + 3));
        if (n >= Math.max(4, plan.leastRows)) expect(tileRows).toBeGreaterThanOrEqual(Math.max(4, plan.leastRows));
        expect(chunkRows % tileRows).toBe(0);
        expect(chunks * chunkRows).toBeGreaterThanOrEqual(n);
        expect((chunks - 1) * chunkRows).toBeLessThan(Math.max(1, n));
        expect(chunks).toBeGreaterThanOrEqual(1);
        expect(chunks).toBeLessThanOrEqual(64);
        if (chunks > 1) expect(chunks * plan.accumulated * bytes).toBeLessThanOrEqual(2 ** 23);
        if (chunks > 1) expect(plan.work * chunkRows).toBeGreaterThanOrEqual(2 ** 18);
        if (pays) expect(chunks).toBeGreaterThan(1);
      }),
      { seed: 20, numRuns: 2000 },
    );
  });

  it('fills a first-level cache, with twice the rows in float32', () => {
    expect(tile(100_000, { width: 32 }).tileRows).toBe(128);
    expect(tile(100_000, { width: 32 }, 4).tileRows).toBe(256);
    expect(tile(100_000, { width: 100_000 }).tileRows).toBe(4);
    expect(tile(100_000, { width: 0 }).tileRows).toBe(1024);
    expect(tile(5).tileRows).toBe(8);
    // Few rows with much work: as many tiles as chunks.
    expect(tile(640, { width: 1, work: 1e6 })).toMatchObject({ tileRows: 12, chunkRows: 12, chunks: 54, pays: true });
  });

  it('makes one chunk of what is small, and shares out what is large', () => {
    expect(tile(1000)).toMatchObject({ chunks: 1, pays: false });
    expect(tile(0)).toMatchObject({ chunks: 1, pays: false });
    expect(tile(1_000_000, { work: 400 })).toMatchObject({ pays: true, chunks: 63 });
    // Accumulators of 8 MB each: adding them up would cost more than it saves.
    expect(tile(1_000_000, { work: 400, accumulated: 1_000_001 })).toMatchObject({ pays: false, chunks: 1 });
  });
});

describe('places', () => {
  it('never overlap for what is alive at once, begin at 16 bytes, large ones at 64, and lie within the total', () => {
    const run = fc.record({ bytes: fc.oneof(fc.nat(40), fc.nat(5000)), from: fc.nat(12), length: fc.nat(6) });
    fc.assert(
      fc.property(fc.array(run, { maxLength: 40 }), (runs) => {
        const all = runs.map(({ bytes, from, length }) => ({ bytes, from, to: from + length }));
        const { offsets, bytes } = place(all);
        for (const [i, a] of all.entries()) {
          const at = offsets[i] ?? -1;
          expect(at % (roomFor(a.bytes) >= 1024 ? 64 : 16)).toBe(0);
          expect(at + a.bytes).toBeLessThanOrEqual(bytes);
          for (const [j, b] of all.entries()) {
            const other = offsets[j] ?? -1;
            if (i === j || a.to < b.from || b.to < a.from || a.bytes === 0 || b.bytes === 0) continue;
            expect(at + a.bytes <= other || other + b.bytes <= at).toBe(true);
          }
        }
      }),
      { seed: 21, numRuns: 500 },
    );
  });

  it('are shared by what does not live at the same time', () => {
    const { offsets, bytes } = place([
      { bytes: 4096, from: 0, to: 1 },
      { bytes: 4096, from: 2, to: 3 },
      { bytes: 64, from: 1, to: 2 },
    ]);
    expect(offsets).toEqual([0, 0, 4096]);
    expect(bytes).toBe(4160);
  });

  it('take the smallest gap that is large enough', () => {
    const { offsets } = place([
      { bytes: 8192, from: 0, to: 9 },
      { bytes: 4096, from: 0, to: 1 },
      { bytes: 2048, from: 0, to: 9 },
      { bytes: 1024, from: 0, to: 1 },
      { bytes: 512, from: 0, to: 9 },
      { bytes: 256, from: 5, to: 9 },
    ]);
    expect(offsets[5]).toBe(8192 + 4096 + 2048);
  });
});

const code = (buffers: readonly BufferPlan[], more: Partial<CandidateCode> = {}): CandidateCode => ({
  wasm: new Uint8Array(),
  memoryFlagsAt: 0,
  multiplyAddsAt: [],
  precision: 'f64',
  buffers,
  kernels: [],
  link: [],
  stages: {},
  ...more,
});
const buffer = (elements: number | string, from: number, to: number, more: Partial<BufferPlan> = {}): BufferPlan => ({
  elements,
  from,
  to,
  what: 'a buffer',
  ...more,
});
const xSlot = (number: number) => ({ slot: 'x', buffer: number, shape: ['d'] });

describe('the layout', () => {
  const both = code(
    [
      buffer('n', 0, 3, { what: 'residuals' }),
      buffer('d', 0, 3, { slot: 'x', what: 'x' }),
      buffer(2, 4, 5, { perChunkOf: 0, what: 'sums' }),
      buffer(7, 5, 5),
    ],
    {
      stages: { once: { inputs: [], outputs: [xSlot(1)] }, value: { inputs: [xSlot(1)], outputs: [] } },
      kernels: [kernel({ work: 400, tileBuffers: [1, 2], scratch: [5] }), kernel({ rows: 'd', tileBuffers: ['d'], scratch: [] })],
      link: [
        { is: 'size', of: { op: 'mul', args: [8, 'n'] } },
        { is: 'buffer', buffer: 2 },
        { is: 'tileRows', kernel: 0 },
        { is: 'chunkRows', kernel: 0 },
        { is: 'chunks', kernel: 0 },
        { is: 'pays', kernel: 0 },
        { is: 'tileBuffer', kernel: 0, index: 1 },
        { is: 'scratch', kernel: 0, index: 0 },
        { is: 'thread' },
        { is: 'control' },
      ],
    },
  );
  const sizes = { n: 1_000_000, d: 50 };
  const layout = layOut(both, sizes, 3);

  it('gives a slot a place of its own, outside of what stages share', () => {
    const x = layout.slots.get('x');
    expect(x).toMatchObject({ elements: 50, shape: [50] });
    expect(layout.buffers[1]).toBe(x?.address);
    expect((x?.address ?? 0) + 400).toBeLessThanOrEqual(layout.scratch.address);
    expect(x?.address).toBeGreaterThanOrEqual(layout.control + controlBlock.bytes);
  });

  it('lets stages share the workspace, behind the scratch of every thread', () => {
    expect(layout.buffers[0]).toBe(layout.workspace.address);
    expect(layout.buffers[2]).toBe(layout.workspace.address);
    expect(layout.workspace.address).toBe(layout.scratch.address + 3 * layout.scratch.bytes);
    expect(layout.workspace.bytes).toBe(8e6);
    expect(layout.bytes).toBe(layout.workspace.address + 8e6);
  });

  it('links every constant of a thread', () => {
    const { tileRows, chunkRows, chunks } = layout.tilings[0] as Tiling;
    const pairs = aligned(8 * tileRows, 16 * tileRows);
    const room = aligned(pairs + 16 * tileRows, 40);
    const first = constantsOf(layout, 0);
    const { scratch, control, buffers } = layout;
    expect(first).toEqual([8e6, buffers[2], tileRows, chunkRows, chunks, 1, pairs, room, scratch.address, control]);
    const third = constantsOf(layout, 2);
    expect(third.with(8, 0)).toEqual(first.with(8, 0));
    expect(third[8]).toBe(scratch.address + 2 * scratch.bytes);
    expect(chunks).toBe(63);
  });

  it('cuts rows the same for any number of threads', () => {
    expect(layOut(both, sizes, 1).tilings).toEqual(layout.tilings);
  });

  it('knows what it needs and what of it is large, before anything runs, where sizes are known', () => {
    expect(memoryOf(both, { d: 50 })).toBeUndefined();
    const memory = memoryOf(both, sizes);
    expect(memory?.largest.map((b) => [b.what, b.bytes])).toEqual([
      ['residuals', 8e6],
      ['sums', 63 * 2 * 8],
      ['x', 400],
    ]);
    expect(memory?.bytes).toBeLessThan(layout.bytes);
  });

  it('finds code that does not agree with itself', () => {
    const stages = { once: { inputs: [xSlot(0)], outputs: [] } };
    expect(() => layOut(code([buffer('d', 0, 0)], { stages }), sizes, 1)).toThrow(/no buffer of its own/u);
    expect(() => layOut(code([buffer('m', 0, 0)]), sizes, 1)).toThrow(/size m is not known/u);
  });
});
