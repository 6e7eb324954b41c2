/**
 * How the rows of a kernel are cut, from its sizes alone: never from the number of threads, so that sums are added in the same order
 * however many there are. The runtime asks when the sizes are known; the compiler too, where they are fixed by the page.
 */

/** A kernel's expressions (`KernelPlan`) as numbers. */
export interface KernelSizes {
  readonly rows: number;
  readonly width: number;
  readonly leastRows: number;
  readonly streamed: readonly number[];
  readonly accumulated: number;
  /** Operations a row. */
  readonly work: number;
}

export interface Tiling {
  /** Rows that are worked on at once, a multiple of 4. */
  readonly tileRows: number;
  /** Rows of a chunk, a multiple of a tile's. */
  readonly chunkRows: number;
  /** Of each matrix, whether it comes from beyond the near caches: then it is brought there tile by tile, in the order in which it lies. */
  readonly far: readonly boolean[];
  /** At least 1, also of no rows: there are always accumulators. */
  readonly chunks: number;
  /** Whether there is enough to do for threads to be woken. */
  readonly pays: boolean;
}

/** Half of a first-level cache of 32 KiB: the other half is for what is read once. */
const tileBytes = 2 ** 14;
/** What comes from afar is fetched at longer stretches, of which more is on its way at once: a whole first-level cache. */
const farTileBytes = 2 ** 15;
/** What a second-level cache has room for. */
const nearBytes = 2 ** 20;
/** Four rows that are shorter are read as if they were one: what fetches memory ahead keeps up. */
const longRowBytes = 384;
export const isLongRow = (elements: number, bytes: number): boolean => elements * bytes >= longRowBytes;
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
export function tilingOf({ rows, width, leastRows, streamed, accumulated, work: workOfRow }: KernelSizes, bytes: number): Tiling {
  const work = workOfRow * rows;
  const byMemory = Math.floor(accumulatorBytes / Math.max(1, accumulated * bytes));
  const wanted = Math.max(1, Math.min(mostChunks, Math.floor(work / leastChunkWork), byMemory));
  const long = streamed.map((elements) => (isLongRow(elements, bytes) ? elements : 0));
  const isFar = rows * bytes * long.reduce((a, b) => a + b, 0) > nearBytes;
  const inCache = Math.floor((isFar ? farTileBytes : tileBytes) / Math.max(1, width * bytes) / 4) * 4;
  const least = upTo4(Math.max(4, leastRows));
  // Few rows with much work: tiles are made smaller, so that there are as many as chunks are worth.
  const inChunk = upTo4(Math.ceil(rows / wanted));
  const tileRows = Math.min(Math.max(least, Math.min(inCache, inChunk)), mostTileRows, upTo4(Math.max(1, rows)));
  const chunkRows = Math.max(1, Math.ceil(rows / tileRows / wanted)) * tileRows;
  const chunks = Math.max(1, Math.ceil(rows / chunkRows));
  return { tileRows, far: long.map((elements) => isFar && elements > 0), chunkRows, chunks, pays: work > leastSharedWork && chunks > 1 };
}
