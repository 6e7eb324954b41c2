/**
 * How the rows of a kernel are cut, from its sizes alone: never from the number of threads, so that sums are added in the same order
 * however many there are. The runtime asks when the sizes are known; the compiler too, where they are fixed by the page.
 */

/** A kernel's expressions (`KernelPlan`) as numbers. */
export interface KernelSizes {
  readonly rows: number;
  readonly width: number;
  readonly leastRows: number;
  readonly accumulated: number;
  /** Operations a row. */
  readonly work: number;
}

export interface Tiling {
  /** Rows that are worked on at once, a multiple of 4. */
  readonly tileRows: number;
  /** Rows of a chunk, a multiple of a tile's. */
  readonly chunkRows: number;
  /** At least 1, also of no rows: there are always accumulators. */
  readonly chunks: number;
  /** Whether there is enough to do for threads to be woken. */
  readonly pays: boolean;
}

/** A first-level cache of 32 KiB. Less would leave room for what is read once, but what lies far comes sooner in longer stretches. */
const tileBytes = 2 ** 15;
const mostTileRows = 1024;
/** Operations below which a chunk costs more in sharing and adding up than it saves: about 0.1 ms. */
const leastChunkWork = 2 ** 18;
const mostChunks = 64;
/** What the accumulators of all chunks may take together: about the last-level cache of a small machine. */
const accumulatorBytes = 2 ** 23;
/** Operations of a kernel that outweigh waking threads and waiting for the last one. */
const leastSharedWork = 2 ** 20;

const upTo4 = (rows: number): number => Math.ceil(rows / 4) * 4;

/** `bytes`: of one element. */
export function tilingOf({ rows, width, leastRows, accumulated, work: workOfRow }: KernelSizes, bytes: number): Tiling {
  const work = workOfRow * rows;
  const byMemory = Math.floor(accumulatorBytes / Math.max(1, accumulated * bytes));
  const wanted = Math.max(1, Math.min(mostChunks, Math.floor(work / leastChunkWork), byMemory));
  const inCache = Math.floor(tileBytes / Math.max(1, width * bytes) / 4) * 4;
  const least = upTo4(Math.max(4, leastRows));
  // Few rows with much work: tiles are made smaller, so that there are as many as chunks are worth.
  const inChunk = upTo4(Math.ceil(rows / wanted));
  const tileRows = Math.min(Math.max(least, Math.min(inCache, inChunk)), mostTileRows, upTo4(Math.max(1, rows)));
  const chunkRows = Math.max(1, Math.ceil(rows / tileRows / wanted)) * tileRows;
  const chunks = Math.max(1, Math.ceil(rows / chunkRows));
  return { tileRows, chunkRows, chunks, pays: work > leastSharedWork && chunks > 1 };
}
