/** Pointwise ops, views that are copied, sums, maxima and products of matrices: programs (`program.ts`) of one op. */
import type { PointwiseOp } from '../../../plan/op-names.ts';
import type { SizedCall, SizedType } from '../calls/device.ts';
import { formulas } from './formulas.ts';
import { elementsIn, rowMajor } from './positions.ts';
import { isSame, programRun, type Program, type Read, type Reduction } from './program.ts';
import { hold, type GpuTensor } from './tensor.ts';
import type { Workshop } from './workshop.ts';

export type GpuKernelOf = (call: SizedCall) => (...operands: readonly GpuTensor[]) => GpuTensor;

export const sizeOf = (type: SizedType): number => elementsIn(type.shape);
export const operandAt = (call: SizedCall, i: number): SizedType => call.operands[i] ?? call.result;

/** Strides of an operand whose axes of size 1 are the same everywhere. */
export const stretched = (type: SizedType): readonly number[] => rowMajor(type.shape);

const run = (shop: Workshop, program: Program): ReturnType<GpuKernelOf> => {
  if (isSame(program)) return (tensor) => hold(tensor);
  const made = programRun(shop, program);
  return (...operands) => made(operands);
};

export const pointwise =
  (shop: Workshop, op: PointwiseOp): GpuKernelOf =>
  (call) =>
    run(shop, {
      domain: call.result.shape,
      reduced: [],
      reads: call.operands.map((type, operand) => ({ operand, offset: 0, strides: stretched(type) })),
      steps: [{ op, operands: call.operands.map((_, i) => i) }],
      operands: call.operands.map(sizeOf),
    });

export const everyPointwise = (shop: Workshop): Readonly<Record<PointwiseOp, GpuKernelOf>> =>
  Object.fromEntries(Object.keys(formulas).map((op) => [op, pointwise(shop, op as PointwiseOp)])) as Record<PointwiseOp, GpuKernelOf>;

/** A copy of what a view shows; `where` says how it is read. */
export const view =
  (shop: Workshop, where: (call: SizedCall, operand: SizedType) => Pick<Read, 'offset' | 'strides'>): GpuKernelOf =>
  (call) => {
    const operand = operandAt(call, 0);
    return run(shop, {
      domain: call.result.shape,
      reduced: [],
      reads: [{ operand: 0, ...where(call, operand) }],
      steps: [],
      operands: [sizeOf(operand)],
    });
  };

export const reduction =
  (shop: Workshop, how: Reduction): GpuKernelOf =>
  (call) => {
    const operand = operandAt(call, 0);
    const axes = call.attributes.axes ?? [];
    const kept = operand.shape.map((_, i) => i).filter((i) => !axes.includes(i));
    const strides = rowMajor(operand.shape);
    const pick = (from: readonly number[], which: readonly number[]): readonly number[] => which.map((i) => from[i] ?? 0);
    return run(shop, {
      domain: pick(operand.shape, kept),
      reduced: pick(operand.shape, axes),
      reduction: how,
      reads: [{ operand: 0, offset: 0, strides: [...pick(strides, kept), ...pick(strides, axes)] }],
      steps: [],
      operands: [sizeOf(operand)],
    });
  };

/** Result axes: batch, free of x, free of y; the sum is over pairs of axes. */
export const dotGeneral =
  (shop: Workshop): GpuKernelOf =>
  (call) => {
    const { contract = [[], []], batch = [[], []] } = call.attributes;
    const sides = [0, 1] as const;
    const types = sides.map((side) => operandAt(call, side));
    const free = sides.map((side) =>
      (types[side]?.shape ?? []).map((_, i) => i).filter((i) => !contract[side].includes(i) && !batch[side].includes(i)),
    );
    const reads = sides.map((side): Read => {
      const strides = rowMajor(types[side]?.shape ?? []);
      const along = (axes: readonly number[]): readonly number[] => axes.map((axis) => strides[axis] ?? 0);
      const ofFree = sides.map((other) => (other === side ? along(free[side] ?? []) : (free[other] ?? []).map(() => 0)));
      return { operand: side, offset: 0, strides: [...along(batch[side]), ...ofFree.flat(), ...along(contract[side])] };
    });
    return run(shop, {
      domain: call.result.shape,
      reduced: contract[0].map((axis) => types[0]?.shape[axis] ?? 0),
      reduction: 'sum',
      reads,
      steps: [{ op: 'mul', operands: [0, 1] }],
      operands: types.map(sizeOf),
    });
  };
