/**
 * Makes values. Every node goes through `emit`: its shape is checked by the op's row, the rewrite rules may answer with a
 * simpler value, and equal nodes are made once. So a graph is in normal form while it grows, whoever builds it.
 * Mistakes here are ours, never the user's: they throw `InternalError`.
 */
import type { Span } from '../../diagnostics/diagnostic.ts';
import { InternalError } from '../../diagnostics/internal-error.ts';
import type { OpName } from '../../plan/op-names.ts';
import { ops } from '../ops/table.ts';
import { rewrite } from '../transform/simplify.ts';
import type { OpRow } from '../ops/spec.ts';
import { printAttributes } from './attributes.ts';
import { printShape, sameShape, size, type Dim, type Shape, type Sizes } from './dims.ts';
import type { Attributes, Graph, Node, Role, TensorType, Value } from './graph.ts';

export const scalarType: TensorType = { dtype: 'real', shape: [] };

export class Builder {
  /** Dims with a declared value. */
  readonly fixed: Sizes;
  private nextId = 0;
  private readonly known = new Map<string, readonly Value[]>();
  /** The span that new nodes carry; set while an expression is lowered. */
  span: Span | undefined;

  constructor(fixed: Sizes = new Map()) {
    this.fixed = fixed;
  }

  // ---- the one mechanism --------------------------------------------------------------------------------------

  emit(op: OpName, inputs: readonly Value[], attributes: Attributes = {}): readonly Value[] {
    const simpler = rewrite(this, op, inputs, attributes);
    if (simpler !== undefined) return simpler;
    const key = op === 'input' ? undefined : this.keyOf(op, inputs, attributes);
    const made = key === undefined ? undefined : this.known.get(key);
    if (made !== undefined) return made;
    const types = ops[op].shape(
      inputs.map((v) => v.type),
      attributes,
      this.fixed,
    );
    if ('wrong' in types) {
      const operands = inputs.map((v) => `${v.type.dtype}${printShape(v.type.shape)}`).join(', ');
      throw new InternalError('builder', `${op}(${operands}): ${types.wrong}`);
    }
    const outputs: Value[] = [];
    const node: Node = { op, inputs, attributes, outputs, ...(this.span === undefined ? {} : { span: this.span }) };
    for (const [index, type] of types.entries()) outputs.push({ id: this.nextId++, type, node, index });
    if (key !== undefined) this.known.set(key, outputs);
    return outputs;
  }

  /** `emit` of an op with one result. */
  one(op: OpName, inputs: readonly Value[], attributes: Attributes = {}): Value {
    const [value] = this.emit(op, inputs, attributes);
    if (value === undefined) throw new InternalError('builder', `${op} has no result`);
    return value;
  }

  private keyOf(op: OpName, inputs: readonly Value[], attributes: Attributes): string {
    return `${op}(${inputs.map((v) => v.id).join()})${printAttributes(attributes, graphKey)}`;
  }

  /** The facts of an op. */
  row(op: OpName): OpRow {
    return ops[op];
  }

  /** An empty builder for the body of a loop. */
  nested(): Builder {
    return new Builder(this.fixed);
  }

  // ---- leaves -------------------------------------------------------------------------------------------------

  /** A fresh input; two calls make two inputs, also under the same name. */
  input(name: string, role: Role, type: TensorType = scalarType): Value {
    return this.one('input', [], { name, role, shape: type.shape, dtype: type.dtype });
  }
  /** A real scalar. */
  constant(value: number, roundings?: number): Value {
    return this.one('constant', [], { value, dtype: 'real', ...(roundings === undefined ? {} : { roundings }) });
  }
  /** A real scalar that is one number in float64 and another in float32. */
  byPrecision(value: number, single: number): Value {
    return this.one('constant', [], { value, single, dtype: 'real' });
  }
  integer(value: number): Value {
    return this.one('constant', [], { value, dtype: 'int' });
  }
  /** The size of a dim as a real scalar. */
  dimSize(dim: Dim): Value {
    return this.one('dim_size', [], { dim });
  }
  /** `0 … dim − 1` as int `[dim]`. */
  iota(dim: Dim): Value {
    return this.one('iota', [], { dim });
  }
  eye(dim: Dim): Value {
    return this.one('eye', [], { dim });
  }
  /** A constant of any shape. */
  full(shape: Shape, value: number, roundings?: number): Value {
    return this.broadcast(this.constant(value, roundings), shape, []);
  }
  zeros(shape: Shape): Value {
    return this.full(shape, 0);
  }
  /** Zeros, or what is false. */
  zerosOf({ dtype, shape }: TensorType): Value {
    const zero = this.constant(0);
    const scalar = dtype === 'real' ? zero : dtype === 'int' ? this.integer(0) : this.less(zero, zero);
    return this.broadcast(scalar, shape, []);
  }

  // ---- pointwise (operands of one shape; scalars are broadcast) -------------------------------------------------

  private pointwise(op: OpName, operands: readonly Value[]): Value {
    const shape = operands.find((v) => v.type.shape.length > 0)?.type.shape ?? [];
    return this.one(
      op,
      operands.map((v) => (v.type.shape.length === 0 ? this.broadcast(v, shape, []) : v)),
    );
  }
  unary(op: OpName, a: Value): Value {
    return this.one(op, [a]);
  }
  add(a: Value, b: Value): Value {
    return this.pointwise('add', [a, b]);
  }
  sub(a: Value, b: Value): Value {
    return this.pointwise('sub', [a, b]);
  }
  mul(a: Value, b: Value): Value {
    return this.pointwise('mul', [a, b]);
  }
  div(a: Value, b: Value): Value {
    return this.pointwise('div', [a, b]);
  }
  pow(a: Value, b: Value): Value {
    return this.pointwise('pow', [a, b]);
  }
  /** a · b, and 0 wherever a is 0, also where b is infinite or NaN. */
  guardedMul(a: Value, b: Value): Value {
    return this.pointwise('guarded_mul', [a, b]);
  }
  neg(a: Value): Value {
    return this.one('neg', [a]);
  }
  sqrt(a: Value): Value {
    return this.one('sqrt', [a]);
  }
  abs(a: Value): Value {
    return this.one('abs', [a]);
  }
  maximum(a: Value, b: Value): Value {
    return this.pointwise('maximum', [a, b]);
  }
  minimum(a: Value, b: Value): Value {
    return this.pointwise('minimum', [a, b]);
  }
  less(a: Value, b: Value): Value {
    return this.pointwise('less', [a, b]);
  }
  lessEqual(a: Value, b: Value): Value {
    return this.pointwise('less_equal', [a, b]);
  }
  equal(a: Value, b: Value): Value {
    return this.pointwise('equal', [a, b]);
  }
  and(a: Value, b: Value): Value {
    return this.pointwise('and', [a, b]);
  }
  or(a: Value, b: Value): Value {
    return this.pointwise('or', [a, b]);
  }
  not(a: Value): Value {
    return this.one('not', [a]);
  }
  isFinite(a: Value): Value {
    return this.one('is_finite', [a]);
  }
  select(condition: Value, then: Value, otherwise: Value): Value {
    return this.pointwise('select', [condition, then, otherwise]);
  }
  /** `a` times a number. */
  scale(a: Value, factor: number): Value {
    return this.mul(this.constant(factor), a);
  }

  // ---- form -----------------------------------------------------------------------------------------------------

  /** Operand axis i becomes axis `axes[i]` of `shape`; operand dims that are 1 stretch. */
  broadcast(a: Value, shape: Shape, axes: readonly number[]): Value {
    return this.one('broadcast_in_dim', [a], { shape, axes });
  }
  reshape(a: Value, shape: Shape): Value {
    return this.one('reshape', [a], { shape });
  }
  /** Axis i of the result is axis `axes[i]` of the operand. */
  transpose(a: Value, axes: readonly number[]): Value {
    return this.one('transpose', [a], { axes });
  }
  slice(a: Value, axis: number, start: Dim, length: Dim): Value {
    return this.one('slice', [a], { axis, start, length });
  }
  concat(parts: readonly Value[], axis: number): Value {
    return this.one('concat', parts, { axis });
  }
  gather(a: Value, indices: Value, axis: number): Value {
    return this.one('gather', [a, indices], { axis });
  }

  // ---- reductions and products ------------------------------------------------------------------------------------

  sum(a: Value, axes: readonly number[] = a.type.shape.map((_, i) => i)): Value {
    return this.one('reduce_sum', [a], { axes });
  }
  max(a: Value, axes: readonly number[] = a.type.shape.map((_, i) => i)): Value {
    return this.one('reduce_max', [a], { axes });
  }
  dotGeneral(
    a: Value,
    b: Value,
    contract: readonly [readonly number[], readonly number[]],
    batch: readonly [readonly number[], readonly number[]] = [[], []],
  ): Value {
    return this.one('dot_general', [a, b], { contract, batch });
  }
  /** `A @ B` of vectors and matrices. */
  matmul(a: Value, b: Value): Value {
    return this.dotGeneral(a, b, [[a.type.shape.length - 1], [0]]);
  }
  /** Σ a·b over all positions. */
  inner(a: Value, b: Value): Value {
    const axes = a.type.shape.map((_, i) => i);
    return this.dotGeneral(a, b, [axes, axes]);
  }
  norm(a: Value): Value {
    return this.sqrt(this.inner(a, a));
  }
  cholesky(a: Value): Value {
    return this.one('cholesky', [a]);
  }
  /** x with L x = b, or Lᵀ x = b. */
  triangularSolve(lower: Value, rhs: Value, transposed: boolean): Value {
    return this.one('triangular_solve', [lower, rhs], { transposed });
  }
  /** x with L Lᵀ x = b. */
  choleskySolve(factor: Value, rhs: Value): Value {
    return this.triangularSolve(factor, this.triangularSolve(factor, rhs, false), true);
  }
  /** A vector of all elements, `[size]`. */
  flatten(a: Value): Value {
    return this.reshape(a, [size(a.type.shape)]);
  }

  // ---- closing and calling ----------------------------------------------------------------------------------------

  /** Closes the piece between `inputs` and `outputs`; an output that needs another input is our mistake. */
  graph(name: string, inputs: readonly Value[], outputs: readonly Value[], outputNames: readonly string[] = []): Graph {
    const nodes = new Set<Node>();
    const allowed = new Set(inputs);
    const visit = (start: Value): void => {
      const stack = [start];
      for (let v = stack.pop(); v !== undefined; v = stack.pop()) {
        if (nodes.has(v.node) || allowed.has(v)) continue;
        if (v.node.op === 'input')
          throw new InternalError('graph', `${name} needs input '${v.node.attributes.name}' (%${v.id}), which it was not given`);
        nodes.add(v.node);
        stack.push(...v.node.inputs);
      }
    };
    outputs.forEach(visit);
    const ordered = [...nodes].sort((a, b) => (a.outputs[0]?.id ?? 0) - (b.outputs[0]?.id ?? 0));
    return { name, inputs, nodes: ordered, outputs, outputNames };
  }

  /**
   * Emits a closed graph's nodes again, here, on other operands, and gives its outputs, or the values in it that are asked for.
   */
  call(graph: Graph, args: readonly Value[], asked: readonly Value[] = graph.outputs): readonly Value[] {
    if (args.length !== graph.inputs.length)
      throw new InternalError('call', `${graph.name} takes ${graph.inputs.length} operands, got ${args.length}`);
    const map = new Map<Value, Value>();
    graph.inputs.forEach((input, i) => map.set(input, args[i] as Value));
    const at = (v: Value): Value => {
      const found = map.get(v);
      if (found === undefined) throw new InternalError('call', `%${v.id} of ${graph.name} is used before it is made`);
      return found;
    };
    for (const node of graph.nodes) {
      const results = this.emit(node.op, node.inputs.map(at), node.attributes);
      node.outputs.forEach((o, i) => map.set(o, results[i] as Value));
    }
    return asked.map(at);
  }

  /** Whether two shapes are the same to this page (see `sameDim`). */
  sameShape(a: Shape, b: Shape): boolean {
    return sameShape(a, b, this.fixed);
  }
}

const graphKeys = new WeakMap<Graph, string>();

/** A graph's text with values numbered in order, so that two graphs that do the same in the same order have the same key. */
function graphKey(graph: Graph): string {
  const known = graphKeys.get(graph);
  if (known !== undefined) return known;
  const names = new Map<Value, number>();
  const name = (v: Value): number => {
    const number = names.get(v) ?? names.size;
    names.set(v, number);
    return number;
  };
  const type = (v: Value): string => `${name(v)}:${v.type.dtype}${printShape(v.type.shape)}`;
  const lines = [
    graph.inputs.map(type).join(),
    ...graph.nodes.map(
      (n) => `${n.op}(${n.inputs.map(name).join()})${printAttributes(n.attributes, graphKey)}=${n.outputs.map(name).join()}`,
    ),
    graph.outputs.map(name).join(),
  ];
  const key = `{${lines.join(';')}}`;
  graphKeys.set(graph, key);
  return key;
}

export { constantOf, isConstant, printAttributes } from './attributes.ts';
