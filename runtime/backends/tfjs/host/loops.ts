/**
 * Kernels as loops over elements, where the host sees them without waiting (`cpu`, `wasm`): ops for which the library has no kernel there,
 * or one that is not right, and sums, which its Wasm takes in one naive run of float32. All is computed in float64 and rounded once.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { elementsOf, made as madeBy, type Around, type Run, type Tfjs } from '../library.ts';
import type { OwnKernels, Spread } from '../own.ts';
import type { Scalar } from './functions.ts';

/** Where each element of the result finds its own in an operand of a shape; nothing where it is the same place. */
function placesIn(shape: readonly number[], result: readonly number[]): Int32Array | undefined {
  if (elementsOf(shape) === elementsOf(result)) return undefined;
  let places = Int32Array.of(0);
  let stride = elementsOf(shape);
  for (const [axis, length] of result.entries()) {
    const own = shape[axis] ?? 1;
    stride /= own;
    const [before, step] = [places, own === 1 ? 0 : stride];
    places = new Int32Array(before.length * length);
    before.forEach((from, i) => {
      for (let k = 0; k < length; k++) places[i * length + k] = from + k * step;
    });
  }
  return places;
}

export type Loops = Omit<OwnKernels, 'pointwise'> & { readonly pointwise: (f: Scalar) => (spread: Spread) => Run };

export function loops(tfjs: Tfjs): Loops {
  const read = (tensor: Tensor | undefined): Float32Array => tensor?.dataSync<'float32'>() ?? new Float32Array();
  const made = (elements: Float32Array, shape: readonly number[]): Tensor => madeBy(tfjs, elements, shape);

  const pointwise =
    (f: Scalar) =>
    ({ operands, result }: Spread): Run => {
      const size = elementsOf(result);
      const [p, q, r] = operands.map((shape) => placesIn(shape, result));
      const at = (elements: Float32Array, places: Int32Array | undefined, i: number): number =>
        elements[places === undefined ? i : (places[i] as number)] as number;
      return (...tensors) => {
        const [x, y, z] = [read(tensors[0]), read(tensors[1]), read(tensors[2])];
        const out = new Float32Array(size);
        for (let i = 0; i < size; i++) out[i] = f(at(x, p, i), at(y, q, i), at(z, r, i));
        return made(out, result);
      };
    };

  const sum =
    ({ outer, length, inner }: Around): Run =>
    (operand) => {
      const [x, totals] = [read(operand), new Float64Array(outer * inner)];
      for (let o = 0, from = 0; o < outer; o++)
        for (let k = 0; k < length; k++)
          for (let j = o * inner; j < (o + 1) * inner; j++, from++) totals[j] = (totals[j] as number) + (x[from] as number);
      return made(Float32Array.from(totals), [outer, 1, inner]);
    };

  /** What becomes of each run of elements along the axis: the place of the chosen one. */
  const chosen = (x: Float32Array, { outer, length, inner }: Around, wins: (candidate: number, best: number) => boolean): Int32Array => {
    const best = new Int32Array(outer * inner);
    for (let o = 0; o < outer; o++)
      for (let j = 0; j < inner; j++) {
        const start = o * length * inner + j;
        let place = start;
        for (let k = 1; k < length; k++) if (wins(x[start + k * inner] as number, x[place] as number)) place = start + k * inner;
        best[o * inner + j] = place;
      }
    return best;
  };

  const max =
    (size: Around): Run =>
    (operand) => {
      const x = read(operand);
      const places = chosen(x, size, (candidate, best) => candidate > best || Number.isNaN(candidate));
      return made(
        Float32Array.from(places, (place) => x[place] as number),
        [size.outer, 1, size.inner],
      );
    };

  const argmax =
    (size: Around): Run =>
    (operand) => {
      const places = chosen(read(operand), size, (candidate, best) => candidate > best);
      return made(
        Float32Array.from(places, (place) => Math.floor(place / size.inner) % size.length),
        [size.outer, 1, size.inner],
      );
    };

  const cumsum =
    ({ outer, length, inner }: Around, isReversed: boolean): Run =>
    (operand) => {
      const x = read(operand);
      const out = new Float32Array(x.length);
      const totals = new Float64Array(inner);
      for (let o = 0; o < outer; o++) {
        totals.fill(0);
        for (let k = 0; k < length; k++) {
          const row = (o * length + (isReversed ? length - 1 - k : k)) * inner;
          for (let j = 0; j < inner; j++) out[row + j] = totals[j] = (totals[j] as number) + (x[row + j] as number);
        }
      }
      return made(out, [outer, length, inner]);
    };

  const gather =
    ({ outer, length, inner }: Around, count: number): Run =>
    (...operands) => {
      const [x, positions] = [read(operands[0]), read(operands[1])];
      const out = new Float32Array(outer * count * inner);
      for (let o = 0, to = 0; o < outer; o++)
        for (let k = 0; k < count; k++, to += inner) {
          const position = positions[k] as number;
          const from = (o * length + position) * inner;
          if (position >= 0 && position < length) out.set(x.subarray(from, from + inner), to);
          else out.fill(Number.NaN, to, to + inner);
        }
      return made(out, [outer, count, inner]);
    };

  const scatterAdd =
    ({ outer, length, inner }: Around, count: number): Run =>
    (...operands) => {
      const [x, positions] = [read(operands[0]), read(operands[1])];
      const totals = new Float64Array(outer * length * inner);
      for (let o = 0, from = 0; o < outer; o++)
        for (let k = 0; k < count; k++, from += inner) {
          const position = positions[k] as number;
          if (!(position >= 0 && position < length)) continue;
          const to = (o * length + position) * inner;
          for (let j = 0; j < inner; j++) totals[to + j] = (totals[to + j] as number) + (x[from + j] as number);
        }
      return made(Float32Array.from(totals), [outer, length, inner]);
    };

  return { pointwise, repeated: pointwise((x) => x), sum, max, argmax, cumsum, gather, scatterAdd };
}
