/** What the rows of elementwise ops have in common. Operands have one shape; there is no broadcasting here. */
import type { DType } from '../ir/graph.ts';
import { describe, differentShapes, isNumber, joined, wrong } from './rules.ts';
import type { Derivative, OpRow, ShapeAnswer } from './spec.ts';

// ---- shape rules ----------------------------------------------------------------------------------------------------------

export type DTypeRule = (operands: readonly DType[]) => DType | { readonly wrong: string };

export function pointwiseShape(count: number, dtypeOf: DTypeRule): OpRow['shape'] {
  return (inputs, _attributes, fixed): ShapeAnswer => {
    if (inputs.length !== count) return wrong(`takes ${count} operand${count === 1 ? '' : 's'}, got ${inputs.length}`);
    const [first, ...others] = inputs;
    if (first === undefined) return wrong('takes an operand');
    for (const other of others) {
      const different = differentShapes(first, other, fixed);
      if (different !== undefined) return different;
    }
    const dtype = dtypeOf(inputs.map((t) => t.dtype));
    if (typeof dtype !== 'string') return wrong(`${dtype.wrong}, got ${inputs.map(describe).join(', ')}`);
    return [{ dtype, shape: first.shape }];
  };
}

export const toReal: DTypeRule = (ts) => (ts.every(isNumber) ? 'real' : wrong('takes numbers'));
/** Whole numbers stay whole. */
const numeric: DTypeRule = (ts) =>
  ts.reduce<DType | undefined>((a, t) => (a === undefined ? undefined : joined(a, t)), ts[0]) ?? wrong('takes numbers');
export const numbersOnly: DTypeRule = (ts) => (ts.every(isNumber) ? numeric(ts) : wrong('takes numbers'));
export const comparison: DTypeRule = (ts) => (ts.every(isNumber) || ts.every((t) => t === 'bool') ? 'bool' : wrong('compares numbers'));
export const logical: DTypeRule = (ts) => (ts.every((t) => t === 'bool') ? 'bool' : wrong('takes conditions'));

// ---- meaning --------------------------------------------------------------------------------------------------------------

export const map1 =
  (f: (x: number) => number): OpRow['reference'] =>
  (_node, [a]) => {
    if (a === undefined) return [];
    const data = new Float64Array(a.data.length);
    for (let i = 0; i < data.length; i++) data[i] = f(a.data[i] as number);
    return [{ shape: a.shape, data }];
  };

export const map2 =
  (f: (x: number, y: number) => number): OpRow['reference'] =>
  (_node, [a, b]) => {
    if (a === undefined || b === undefined) return [];
    const data = new Float64Array(a.data.length);
    for (let i = 0; i < data.length; i++) data[i] = f(a.data[i] as number, b.data[i] as number);
    return [{ shape: a.shape, data }];
  };

/** A loop of its own for the cheapest ops: a call for each element would cost several times the operation. */
export type Loop2 = (x: Float64Array, y: Float64Array, out: Float64Array) => void;

export const byLoop =
  (loop: Loop2): OpRow['reference'] =>
  (_node, [a, b]) => {
    if (a === undefined || b === undefined) return [];
    const data = new Float64Array(a.data.length);
    loop(a.data, b.data, data);
    return [{ shape: a.shape, data }];
  };

// ---- derivatives ----------------------------------------------------------------------------------------------------------

export const zero = (because: string): Derivative => ({ kind: 'zero', because });
