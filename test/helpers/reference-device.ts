/**
 * A device of plain tensors whose kernels are the ops' reference evaluations, and which keeps account of every tensor: what is read after
 * it was let go of, let go of twice, or never, is found.
 */
import { number } from '../../compiler/ir/dims.ts';
import type { Attributes, Node, Tensor, TensorType, Value } from '../../compiler/ir/graph.ts';
import { ops } from '../../compiler/ops/table.ts';
import type { CalledOp } from '../../plan/calls.ts';
import { opNames, type PointwiseOp } from '../../plan/op-names.ts';
import { elementsIn } from '../../runtime/backends/calls/affine.ts';
import type { Fusing, Together } from '../../runtime/backends/calls/fuse.ts';
import { inParts } from '../../runtime/backends/calls/parts.ts';
import type { Program } from '../../runtime/backends/calls/terms.ts';
import { evaluatedProgram } from './reference-program.ts';
import type { Device, Kernel, SizedAttributes, SizedCall, SizedType } from '../../runtime/backends/calls/device.ts';

/** A tensor that is alive until it is let go of. */
export interface Tracked {
  readonly tensor: Tensor;
  isAlive: boolean;
}

export interface ReferenceDevice extends Device<Tracked> {
  /** Tensors that are alive. */
  readonly alive: () => number;
  /** How often each op ran. */
  readonly counts: ReadonlyMap<string, number>;
  /** How often something was read back. */
  readonly reads: () => number;
}

/** `peeks`: looking at a scalar costs nothing, and whatever can be is turned; `waits`: it means to wait; `compiles`: several steps of a loop become one function. */
export type Manner = 'peeks' | 'waits' | 'compiles';

/** `fuses`: several calls become one kernel, whose programs are evaluated; what that costs is told by `costs`. */
export function referenceDevice(manner: Manner, costs?: FusingCosts): ReferenceDevice {
  let alive = 0;
  let reads = 0;
  const counts = new Map<string, number>();
  const make = (tensor: Tensor): Tracked => {
    alive++;
    return { tensor, isAlive: true };
  };
  const look = ({ tensor, isAlive }: Tracked): Tensor => {
    if (!isAlive) throw new Error('read after it was let go of');
    return tensor;
  };
  const kernelOf =
    (op: CalledOp): Kernel<Tracked> =>
    (call) => {
      const run = evaluation(op, call);
      return (...operands) => {
        counts.set(op, (counts.get(op) ?? 0) + 1);
        return make(run(operands.map(look)));
      };
    };
  const sliceOf = ({ shape, data }: Tensor, t: number): Tensor => {
    const rest = shape.slice(1);
    const size = rest.reduce((a, b) => a * b, 1);
    return { shape: rest, data: data.slice(t * size, (t + 1) * size) };
  };
  const compile: NonNullable<Device<Tracked>['compile']> = (run, fixed, types) => ({
    call: (inputs) => {
      if (inputs.length !== types.length) throw new Error(`takes ${types.length} tensors, and was given ${inputs.length}`);
      return Promise.resolve(run([...fixed, ...inputs]));
    },
    close: () => undefined,
  });
  const counted = (name: string) => (program: Program) => {
    const run = evaluatedProgram(program, ofOneShape);
    return (...operands: readonly Tracked[]) => {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      return make({ shape: program.shape, data: run(operands.map((operand) => look(operand).data)) });
    };
  };
  const together = (block: number): Together<Tracked> => ({
    kernel: (programs) => {
      const runs = programs.map((program) => evaluatedProgram(program, ofOneShape));
      return (...operands) => {
        counts.set('together', (counts.get('together') ?? 0) + 1);
        const data = Float64Array.from(runs.flatMap((run) => [...run(operands.map((operand) => look(operand).data))]));
        return make({ shape: [data.length], data });
      };
    },
    part: (from, shape) => (tensor) => make({ shape, data: look(tensor).data.slice(from, from + elementsIn(shape)) }),
    inParts: ({ shape, term }, source) =>
      term.is === 'reduce' && elementsIn(term.sizes) > block ? inParts(shape, term, source, block) : undefined,
  });
  return {
    ...(costs === undefined
      ? {}
      : {
          fusing: {
            kernel: counted('fused'),
            copy: counted('copy'),
            weights: everyWeight,
            ...costs,
            ...(costs.block === undefined ? {} : { together: together(costs.block) }),
          },
        }),
    kernels: Object.fromEntries(opNames.map((op) => [op, kernelOf(op as CalledOp)])) as unknown as Device<Tracked>['kernels'],
    upload: (data, { shape }) => make({ shape, data: data.slice() }),
    download: (tensor) => {
      reads++;
      return Promise.resolve(look(tensor).data.slice());
    },
    ...(manner === 'waits' ? {} : { peek: (tensor: Tracked) => look(tensor).data[0] ?? Number.NaN }),
    ...(manner === 'peeks' ? { prefersTurned: () => true } : {}),
    ...(manner === 'compiles' ? { compile, mostCalls: 64 } : {}),
    share: (tensor) => make(look(tensor)),
    free: (tensor) => {
      look(tensor);
      tensor.isAlive = false;
      alive--;
    },
    row: (tensor, _type, t) => make(sliceOf(look(tensor), t)),
    stack: (rows, { shape }) =>
      make({ shape: [rows.length, ...shape], data: Float64Array.from(rows.flatMap((row) => [...look(row).data])) }),
    describe: () => ({ backend: 'reference calls', why: 'for tests' }),
    alive: () => alive,
    reads: () => reads,
    counts,
  };
}

export interface FusingCosts extends Pick<Fusing<Tracked>, 'mostOperands' | 'dispatch' | 'element' | 'longest'> {
  /** Kernels are put side by side, and a sum of more terms than this is taken in parts of so many. */
  readonly block?: number;
}

/** Every pointwise op costs as much as an addition. */
const everyWeight = Object.fromEntries(
  opNames.filter((op) => ops[op].batch === 'pointwise' && op !== 'stop_gradient').map((op) => [op, 1]),
) as unknown as Fusing<Tracked>['weights'];

const ofOneShape = (op: PointwiseOp, operands: readonly Tensor[]): Tensor => {
  const types = operands.map(({ shape }): SizedType => ({ dtype: 'real', shape }));
  return evaluation(op, { operands: types, result: types[0] ?? { dtype: 'real', shape: [] }, attributes: {} })(operands);
};

/** An op at its sizes, by its row. */
function evaluation(op: CalledOp, { operands, result, attributes }: SizedCall): (operands: readonly Tensor[]) => Tensor {
  // The row of a pointwise op knows operands of one shape only.
  const isPointwise = ops[op].batch === 'pointwise' && operands.length > 0;
  const inputs = operands.map((type) => value(typeOf(isPointwise ? { ...type, shape: result.shape } : type)));
  const node: Node = { op, inputs, attributes: attributesOf(attributes, result), outputs: [] };
  const whole: Node = { ...node, outputs: [{ id: 1, type: typeOf(result), node, index: 0 }] };
  return (tensors) => {
    const full = isPointwise ? tensors.map((tensor) => spread(tensor, result.shape)) : tensors;
    const context = { sizes: new Map<string, number>(), size: sizeOf, run: () => [] };
    const [made] = ops[op].reference(whole, full, context);
    if (made === undefined || made.shape.join() !== result.shape.join())
      throw new Error(`${op} gave ${String(made?.shape)} for ${String(result.shape)}`);
    return made;
  };
}

const sizeOf = (dim: ReturnType<typeof number>): number => dim.terms[0]?.coefficient ?? 0;
const typeOf = ({ dtype, shape }: SizedType): TensorType => ({ dtype, shape: shape.map(number) });

function value(type: TensorType): Value {
  const node: Node = { op: 'input', inputs: [], attributes: {}, outputs: [] };
  return { id: 0, type, node, index: 0 };
}

function attributesOf({ dim, start, length, ...rest }: SizedAttributes, { shape }: SizedType): Attributes {
  return {
    ...rest,
    shape: shape.map(number),
    ...(dim === undefined ? {} : { dim: number(dim) }),
    ...(start === undefined ? {} : { start: number(start) }),
    ...(length === undefined ? {} : { length: number(length) }),
  };
}

function spread(tensor: Tensor, shape: readonly number[]): Tensor {
  if (tensor.shape.join() === shape.join()) return tensor;
  const size = shape.reduce((a, b) => a * b, 1);
  const data = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    let [rest, from, stride] = [i, 0, 1];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const position = rest % (shape[axis] as number);
      rest = Math.floor(rest / (shape[axis] as number));
      const own = tensor.shape.length === 0 ? 1 : (tensor.shape[axis] as number);
      from += own === 1 ? 0 : position * stride;
      stride *= own;
    }
    data[i] = tensor.data[from] as number;
  }
  return { shape, data };
}
