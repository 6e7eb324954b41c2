/** The kernels of our own on `webgl` and `webgpu` that are no terms: what is found by positions, and running sums. */
import type { Kernel } from '../../calls/device.ts';
import type { Tensor } from '@tensorflow/tfjs-core';
import { around, elementsOf, type Around, type KernelsOf, type Run } from '../library.ts';
import type { Programs } from './programs.ts';
import { Writer } from './writer.ts';

type Read = (i: string, j: string, k: string) => string;

/** An element of [outer, count, inner] at its place (whole numbers), from operands of which the first is [outer, length, inner]. */
type OfPlace = (writer: Writer, place: readonly [string, string, string], read: Read, at: (place: string) => string) => string;

export function positionShaders({ shaders, dialect }: Programs): KernelsOf<'gather' | 'argmax' | 'cumsum'> {
  const placed = (
    { outer, length, inner }: Around,
    count: number,
    shape: readonly number[],
    positions: readonly number[],
    of: OfPlace,
  ): Run => {
    const { shading } = shaders;
    const { lines, names } = dialect.coordinates([outer, count, inner], dialect.thread, '');
    const w = new Writer(shading, 'v');
    const [i = '0', j = '0', k = '0'] = names;
    const read: Read = (a, b, c) => shading.read(0, `(${a} * ${length} + (${b})) * ${inner} + ${c}`);
    const result = w.let(of(w, [i, j, k], read, (place) => shading.read(1, place)));
    return shaders.run({ lines: [...lines, ...w.lines], result, operands: [outer * length * inner, ...positions], shape });
  };

  const gather: Kernel<Tensor> = ({ operands: [operand, positions], result, attributes: { axis = 0 } }) => {
    const size = around(operand?.shape ?? [], axis);
    const count = elementsOf(positions?.shape ?? []);
    return placed(size, count, result.shape, [count], (w, [i, j, k], read, at) => {
      const position = w.let(at(j));
      const value = w.let(w.shading.nan);
      w.when(`${position} >= 0.0 && ${position} < ${size.length}.0`, () => w.assign(value, read(i, w.shading.toWhole(position), k)));
      return value;
    });
  };

  /** Of the largest of each run, its place. */
  const argmax: Kernel<Tensor> = ({ operands: [operand], result, attributes: { axis = 0 } }) => {
    const size = around(operand?.shape ?? [], axis);
    return placed(size, 1, result.shape, [], (w, [i, , k], read) => {
      const best = w.let(read(i, '0', k));
      const place = w.let('0.0');
      w.loop(
        (j) => `${j} < ${size.length}`,
        (j) => {
          const candidate = w.let(read(i, j, k));
          w.when(`${candidate} > ${best}`, () => {
            w.assign(best, candidate);
            w.assign(place, w.shading.toReal(j));
          });
        },
      );
      return place;
    });
  };

  /** Each adds what is 1, 2, 4, … places before it, if there is anything: sums of twice as many terms each time. */
  const cumsum: Kernel<Tensor> = ({ operands: [operand], result, attributes: { axis = 0, reversed = false } }) => {
    const size = around(operand?.shape ?? [], axis);
    const { length } = size;
    const steps: Run[] = [];
    for (let distance = 1; steps.length === 0 || distance < length; distance *= 2) {
      steps.push(
        placed(size, length, result.shape, [], (w, [i, j, k], read) => {
          const total = w.let(read(i, j, k));
          const [holds, place] = reversed
            ? [`${j} + ${distance} < ${length}`, `${j} + ${distance}`]
            : [`${j} >= ${distance}`, `${j} - ${distance}`];
          w.when(holds, () => w.assign(total, `${total} + ${read(i, place, k)}`));
          return total;
        }),
      );
    }
    return (tensor) => steps.reduce((x, step) => step(x), tensor);
  };
  return { gather, argmax, cumsum };
}
