/** Long sums by two kernels: the first leaves sums of parts, which the second adds up. Arithmetic alone. */
import { elementsIn, rowMajor, type Affine } from './affine.ts';
import { mapsIn, mustMove, type Lazy, type Read, type Reduce, type Term } from './terms.ts';

/** `total` reads what a kernel leaves that computes `partial`. */
export interface InParts {
  readonly partial: Lazy;
  readonly total: Term;
}

/**
 * A sum over parts of the longest of its axes, of about `block` terms each, which `source` stands for; what is left over of that axis `total` adds
 * by itself.
 */
export function inParts(shape: readonly number[], { how, sizes, of }: Reduce, source: number, block: number): InParts {
  const rank = shape.length;
  const at = sizes.reduce((best, size, i) => (size > (sizes[best] ?? 0) ? i : best), 0);
  const size = sizes[at] ?? 1;
  const parts = Math.ceil(size / Math.min(size, Math.max(1, Math.ceil(block / (elementsIn(sizes) / size)))));
  const rows = Math.floor(size / parts);
  const maps = mapsIn(of);
  const reach = (axis: number): number => maps.reduce((sum, { strides }) => sum + Math.abs(strides[axis] ?? 0), 0);
  // Neighbouring threads read neighbours: parts are the last axis where the reduced axis is the closer one, and then each takes every so manyth.
  const isInterleaved = rank === 0 || reach(rank + at) < reach(rank - 1);
  const [outer, inner] = isInterleaved ? [1, parts] : [rows, 1];
  const moved = (change: (at: Affine) => Affine): Term => mustMove(of, change);
  const partialShape = isInterleaved ? [...shape, parts] : [parts, ...shape];
  const partial = moved(({ offset, strides }) => {
    const along = strides[rank + at] ?? 0;
    const own = strides.slice(0, rank);
    const reduced = strides.slice(rank).map((stride, i) => (i === at ? along * inner : stride));
    return { offset, strides: [...(isInterleaved ? [...own, along * outer] : [along * outer, ...own]), ...reduced] };
  });
  const partStrides = rowMajor(partialShape);
  const ofParts = isInterleaved ? partStrides : [...partStrides.slice(1), partStrides[0] ?? 0];
  const read: Read = { is: 'read', source, elements: elementsIn(partialShape), at: { offset: 0, strides: ofParts } };
  const total: Term = { is: 'reduce', how, sizes: [parts], of: read };
  const left = size - parts * rows;
  const leftOver: Term = {
    is: 'reduce',
    how,
    sizes: sizes.map((own, i) => (i === at ? left : own)),
    of: moved(({ offset, strides }) => ({ offset: offset + parts * rows * (strides[rank + at] ?? 0), strides })),
  };
  return {
    partial: {
      shape: partialShape,
      term: { is: 'reduce', how, sizes: sizes.map((own, i) => (i === at ? rows : own)), of: partial },
    },
    total: left === 0 ? total : { is: 'apply', op: how === 'sum' ? 'add' : 'maximum', operands: [total, leftOver] },
  };
}
