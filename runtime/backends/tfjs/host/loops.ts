/**
 * Sums, maxima, and what picks and places by position, as loops over elements, where the host sees them without waiting (`cpu`, `wasm`): the library
 * has no kernel for some of them there, and sums it takes, in its Wasm, in one naive run of float32. All is computed in float64 and rounded once.
 */
import type { Around } from '../library.ts';
import type { OwnKernels } from './own.ts';
import type { Memory } from './memory.ts';

export type Loops = Pick<OwnKernels, 'sum' | 'max' | 'argmax' | 'cumsum' | 'gather' | 'scatterAdd'>;

/** Of a run of neighbours: four sums at once, which do not wait for each other. */
function sumOf(x: Float32Array, from: number, length: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = from;
  const end = from + length;
  for (; i + 4 <= end; i += 4) {
    a += x[i] as number;
    b += x[i + 1] as number;
    c += x[i + 2] as number;
    d += x[i + 3] as number;
  }
  for (; i < end; i++) a += x[i] as number;
  return a + b + (c + d);
}

/** Along the axis: the place of what wins over all before it. */
function chosen(x: Float32Array, start: number, { length, inner }: Around, isNaNMost: boolean): number {
  let place = start;
  let best = x[start] as number;
  for (let k = 1, at = start + inner; k < length; k++, at += inner) {
    const candidate = x[at] as number;
    if (!(candidate > best || (isNaNMost && Number.isNaN(candidate)))) continue;
    place = at;
    best = candidate;
  }
  return place;
}

export function loops({ made }: Memory): Loops {
  const sum: Loops['sum'] = (size, shape) => {
    const { outer, length, inner } = size;
    if (inner === 1)
      return (operand) =>
        made(shape, [operand], (out, [x]) => {
          for (let o = 0; o < outer; o++) out[o] = sumOf(x, o * length, length);
        });
    const totals = new Float64Array(outer * inner);
    return (operand) =>
      made(shape, [operand], (out, [x]) => {
        totals.fill(0);
        for (let o = 0, from = 0; o < outer; o++)
          for (let k = 0; k < length; k++)
            for (let j = o * inner; j < (o + 1) * inner; j++, from++) totals[j] = (totals[j] as number) + (x[from] as number);
        out.set(totals);
      });
  };

  /** `found`: of the place, an element of the result. */
  const along =
    (
      size: Around,
      shape: readonly number[],
      isNaNMost: boolean,
      found: (x: Float32Array, place: number) => number,
    ): ReturnType<Loops['max']> =>
    (operand) =>
      made(shape, [operand], (out, [x]) => {
        const { outer, length, inner } = size;
        for (let o = 0, to = 0; o < outer; o++)
          for (let j = 0; j < inner; j++, to++) out[to] = found(x, chosen(x, o * length * inner + j, size, isNaNMost));
      });

  const max: Loops['max'] = (size, shape) => along(size, shape, true, (x, place) => x[place] as number);

  const argmax: Loops['argmax'] = (size, shape) => along(size, shape, false, (_, place) => Math.floor(place / size.inner) % size.length);

  const cumsum: Loops['cumsum'] = ({ outer, length, inner }, isReversed, shape) => {
    const totals = new Float64Array(inner);
    return (operand) =>
      made(shape, [operand], (out, [x]) => {
        for (let o = 0; o < outer; o++) {
          totals.fill(0);
          for (let k = 0; k < length; k++) {
            const row = (o * length + (isReversed ? length - 1 - k : k)) * inner;
            for (let j = 0; j < inner; j++) out[row + j] = totals[j] = (totals[j] as number) + (x[row + j] as number);
          }
        }
      });
  };

  const gather: Loops['gather'] =
    ({ outer, length, inner }, count, shape) =>
    (...operands) =>
      made(shape, operands, (out, [x, positions]) => {
        for (let o = 0, to = 0; o < outer; o++)
          for (let k = 0; k < count; k++, to += inner) {
            const position = positions[k] as number;
            const from = (o * length + position) * inner;
            if (position >= 0 && position < length) out.set(x.subarray(from, from + inner), to);
            else out.fill(Number.NaN, to, to + inner);
          }
      });

  const scatterAdd: Loops['scatterAdd'] = ({ outer, length, inner }, count, shape) => {
    const totals = new Float64Array(outer * length * inner);
    return (...operands) =>
      made(shape, operands, (out, [x, positions]) => {
        totals.fill(0);
        for (let o = 0, from = 0; o < outer; o++)
          for (let k = 0; k < count; k++, from += inner) {
            const position = positions[k] as number;
            if (!(position >= 0 && position < length)) continue;
            const to = (o * length + position) * inner;
            for (let j = 0; j < inner; j++) totals[to + j] = (totals[to + j] as number) + (x[from + j] as number);
          }
        out.set(totals);
      });
  };

  return { sum, max, argmax, cumsum, gather, scatterAdd };
}
