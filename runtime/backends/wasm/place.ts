/** Places for runs of bytes with lives: those that are alive at once do not overlap, the others share. Knows nothing of stages. */

export interface Living {
  readonly bytes: number;
  /** The first and the last step at which it is in use. */
  readonly from: number;
  readonly to: number;
}

/** From here on a buffer begins on a cache line of its own. */
const large = 1024;

/** Vectors are loaded whole: every run begins and ends at a multiple of 16 bytes. */
export const roomFor = (bytes: number): number => Math.ceil(bytes / 16) * 16;
export const aligned = (address: number, bytes: number): number => {
  const alignment = bytes >= large ? 64 : 16;
  return Math.ceil(address / alignment) * alignment;
};

export interface Placed {
  /** From the beginning of the region. */
  readonly offsets: readonly number[];
  readonly bytes: number;
}

/**
 * The largest first, each into the smallest gap between those that live at the same time, or behind them.
 * Source: Pisarchyk & Lee (2020), "Efficient memory management for deep neural net inference", greedy by size.
 */
export function place(all: readonly Living[]): Placed {
  const offsets = all.map(() => 0);
  const bySize = all
    .map((run, index) => ({ ...run, index, room: roomFor(run.bytes) }))
    .sort((a, b) => b.room - a.room || a.index - b.index);
  // In the order of their offsets.
  const placed: { readonly offset: number; readonly end: number; readonly from: number; readonly to: number }[] = [];
  let bytes = 0;
  for (const { index, room, from, to } of bySize) {
    if (room === 0) continue;
    let best: number | undefined;
    let bestGap = Number.POSITIVE_INFINITY;
    let behind = 0;
    for (const other of placed) {
      if (other.to < from || to < other.from) continue;
      const offset = aligned(behind, room);
      const gap = other.offset - behind;
      if (offset + room <= other.offset && gap < bestGap) [best, bestGap] = [offset, gap];
      behind = Math.max(behind, other.end);
    }
    const offset = best ?? aligned(behind, room);
    offsets[index] = offset;
    bytes = Math.max(bytes, offset + room);
    const at = placed.findIndex((other) => other.offset > offset);
    placed.splice(at === -1 ? placed.length : at, 0, { offset, end: offset + room, from, to });
  }
  return { offsets, bytes };
}
