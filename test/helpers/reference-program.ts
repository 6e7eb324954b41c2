/** What a fused kernel is to compute: its term, each part of it at all positions at once. */
import type { Tensor } from '../../compiler/ir/graph.ts';
import type { PointwiseOp } from '../../plan/op-names.ts';
import { elementsIn, type Affine } from '../../runtime/backends/calls/affine.ts';
import type { Program, Read, Reduce, Term } from '../../runtime/backends/calls/terms.ts';

/** Of tensors of one shape. */
type Evaluation = (op: PointwiseOp, operands: readonly Tensor[]) => Tensor;

export function evaluatedProgram(
  { shape, term, operands }: Program,
  evaluation: Evaluation,
): (data: readonly Float64Array[]) => Float64Array {
  return (data) => {
    data.forEach((elements, i) => {
      if (elements.length !== operands[i]) throw new Error(`operand ${i} has ${elements.length} elements, not ${operands[i]}`);
    });
    const known = new Map<Term, Tensor>();
    const value = (of: Term, over: readonly number[]): Tensor => {
      // A number has no shape of its own.
      const before = of.is === 'number' ? undefined : known.get(of);
      const result = before ?? { shape: over, data: computed(of, over) };
      known.set(of, result);
      return result;
    };
    const computed = (of: Term, over: readonly number[]): Float64Array => {
      switch (of.is) {
        case 'number':
          return new Float64Array(elementsIn(over)).fill(of.value);
        case 'position':
          return placesOf(of.at, over);
        case 'read':
          return elementsAt(of, over);
        case 'apply':
          return evaluation(
            of.op,
            of.operands.map((operand) => value(operand, over)),
          ).data;
        case 'reduce':
          return reduced(of, value(of.of, [...over, ...of.sizes]).data, elementsIn(over));
      }
    };
    const elementsAt = ({ source, at, where }: Read, over: readonly number[]): Float64Array => {
      const isRead = where === undefined ? undefined : value(where, over).data;
      return placesOf(at, over).map((place, i) => {
        const element = isRead?.[i] === 0 ? Number.NaN : data[source]?.[place];
        if (element === undefined) throw new Error(`operand ${source} has nothing at ${place}`);
        return element;
      });
    };
    return value(term, shape).data;
  };
}

function reduced({ how, sizes }: Reduce, terms: Float64Array, results: number): Float64Array {
  const each = elementsIn(sizes);
  return Float64Array.from({ length: results }, (_, i) => {
    const own = terms.subarray(i * each, (i + 1) * each);
    return how === 'sum' ? own.reduce((a, b) => a + b, 0) : own.reduce((a, b) => Math.max(a, b), -Infinity);
  });
}

/** Where each position of a shape is. */
function placesOf({ offset, strides }: Affine, shape: readonly number[]): Float64Array {
  if (strides.length !== shape.length) throw new Error(`${strides.length} strides for ${shape.length} axes`);
  let places = Float64Array.of(offset);
  shape.forEach((size, axis) => {
    const stride = strides[axis] ?? Number.NaN;
    const next = new Float64Array(places.length * size);
    places.forEach((place, i) => {
      for (let k = 0; k < size; k++) next[i * size + k] = place + k * stride;
    });
    places = next;
  });
  return places;
}
