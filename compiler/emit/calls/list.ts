/**
 * A graph as a list of calls (`plan/calls.ts`, decision 029). A value that is the same along an axis is held with size 1 there, and one that is
 * the same everywhere as a scalar, until something other than a pointwise op reads it. Knows no library: only which ops it leaves to the host.
 */
import type { Call, CallAttributes, CalledOp, CallList, CallType } from '../../../plan/calls.ts';
import { exprOf } from '../../cost.ts';
import { given } from '../../ir/attributes.ts';
import { isOne, one, type Poly, type Shape, type Sizes } from '../../ir/dims.ts';
import type { Attributes, Graph, Node, Value } from '../../ir/graph.ts';
import { fusionRoles } from '../../transform/fusion-roles.ts';
import { ancestors } from '../../transform/reach.ts';
import { canonicalOf } from '../../transform/views.ts';
import { turnsOf } from './host-pieces.ts';
import { nothingOfHost, type Sides, usedInputs } from './sides.ts';

export interface ListContext {
  readonly fixed: Sizes;
  /** Code of a piece of the host's; the number under which the candidate has it. */
  readonly hostCode: (graph: Graph) => number;
}

/** A value as it is held: rank 0 where it is the same everywhere, otherwise with size 1 along axes where it is the same. */
interface Holding {
  readonly register: number;
  readonly shape: Shape;
}

export function emitList(context: ListContext, graph: Graph, sides: Sides): CallList {
  return new ListMaker(context, graph, sides).list();
}

class ListMaker {
  private readonly context: ListContext;
  private readonly graph: Graph;
  private readonly sides: Sides;
  private readonly canonical: (dim: Poly) => Poly;
  private readonly calls: Call[] = [];
  private readonly held = new Map<Value, Holding>();
  private readonly whole = new Map<Value, number>();
  private registers = 0;

  constructor(context: ListContext, graph: Graph, sides: Sides) {
    this.context = context;
    this.graph = graph;
    this.sides = sides;
    this.canonical = canonicalOf(context.fixed);
  }

  list(): CallList {
    const { graph, sides } = this;
    for (const v of graph.inputs) this.hold(v, this.registers++, this.shapeOf(v));
    for (const turn of turnsOf(graph, sides)) {
      if (turn.on === 'device') this.device(turn.node);
      else this.host(turn.nodes);
    }
    const outputs = graph.outputs.map((v) => this.full(v));
    return { inputs: graph.inputs.map((v) => this.typeOf(v)), calls: this.calls, outputs };
  }

  // ---- values -----------------------------------------------------------------------------------------------------------

  private shapeOf(v: Value): Shape {
    return v.type.shape.map(this.canonical);
  }
  private typeOf(v: Value, shape = this.shapeOf(v)): CallType {
    return { dtype: v.type.dtype, shape: shape.map(exprOf) };
  }
  private hold(v: Value, register: number, shape: Shape): void {
    this.held.set(v, { register, shape });
  }
  private at(v: Value): Holding {
    return given(this.held.get(v), 'the register of a value');
  }
  /** With all its elements. */
  private full(v: Value): number {
    const shape = this.shapeOf(v);
    const { register, shape: own } = this.at(v);
    if (isSame(own, shape)) return register;
    const known = this.whole.get(v);
    if (known !== undefined) return known;
    const axes = own.map((_, axis) => axis);
    const made = this.kernel('broadcast_in_dim', [register], this.typeOf(v), { axes });
    this.whole.set(v, made);
    return made;
  }
  private kernel(op: CalledOp, operands: readonly number[], result: CallType, attributes: CallAttributes = {}): number {
    this.calls.push({ is: 'kernel', op, operands, results: [result], attributes });
    return this.registers++;
  }
  private reshaped(v: Value, register: number, shape: Shape): number {
    return this.kernel('reshape', [register], this.typeOf(v, shape));
  }
  private results(values: readonly Value[]): readonly CallType[] {
    for (const v of values) this.hold(v, this.registers++, this.shapeOf(v));
    return values.map((v) => this.typeOf(v));
  }

  // ---- nodes on the device ------------------------------------------------------------------------------------------------

  private device(node: Node): void {
    switch (node.op) {
      case 'scan':
      case 'iterate':
        return this.loop(node);
      case 'stop_gradient':
        return this.alias(node);
      case 'broadcast_in_dim':
        return this.broadcast(node);
      case 'reshape':
        return this.reshape(node);
      case 'transpose':
        return this.transpose(node);
      default:
        return fusionRoles[node.op] === 'pointwise' ? this.pointwise(node) : this.plain(node);
    }
  }

  private alias({ inputs, outputs }: Node): void {
    const { register, shape } = this.at(given(inputs[0]));
    this.hold(given(outputs[0]), register, shape);
  }

  private plain(node: Node): void {
    const v = given(node.outputs[0]);
    const isNumber = node.op === 'constant' || node.op === 'dim_size';
    const operands = node.inputs.map((x) => this.full(x));
    this.hold(
      v,
      this.kernel(node.op as CalledOp, operands, this.typeOf(v), this.attributes(node.attributes)),
      isNumber ? [] : this.shapeOf(v),
    );
  }

  /** Varies along an axis as soon as one operand does. */
  private pointwise(node: Node): void {
    const v = given(node.outputs[0]);
    const operands = node.inputs.map((x) => this.at(x));
    const isScalar = operands.every(({ shape }) => shape.length === 0);
    const shape = isScalar ? [] : this.shapeOf(v).map((dim, axis) => (operands.every((x) => isOne(x.shape[axis] ?? one)) ? one : dim));
    const registers = operands.map(({ register }) => register);
    this.hold(v, this.kernel(node.op as CalledOp, registers, this.typeOf(v, shape)), shape);
  }

  private broadcast(node: Node): void {
    const v = given(node.outputs[0]);
    const axes = given(node.attributes.axes);
    const operand = this.at(given(node.inputs[0]));
    if (!axes.every((axis, i) => i === 0 || axis > given(axes[i - 1]))) return this.plainBroadcast(node);
    const spread = this.shapeOf(v).map((_, axis) => operand.shape[axes.indexOf(axis)] ?? one);
    const shape = spread.every(isOne) ? [] : spread;
    this.hold(v, isSame(shape, operand.shape) ? operand.register : this.reshaped(v, operand.register, shape), shape);
  }

  private plainBroadcast(node: Node): void {
    const v = given(node.outputs[0]);
    const register = this.kernel('broadcast_in_dim', [this.full(given(node.inputs[0]))], this.typeOf(v), this.attributes(node.attributes));
    this.hold(v, register, this.shapeOf(v));
  }

  private reshape(node: Node): void {
    const [operand] = node.inputs as readonly [Value];
    const v = given(node.outputs[0]);
    const shape = this.shapeOf(v);
    if (this.at(operand).shape.length === 0 || isSame(this.shapeOf(operand), shape)) this.alias(node);
    else this.hold(v, this.reshaped(v, this.full(operand), shape), shape);
  }

  private transpose(node: Node): void {
    const { register, shape } = this.at(given(node.inputs[0]));
    const v = given(node.outputs[0]);
    const axes = given(node.attributes.axes);
    if (shape.length === 0) return this.alias(node);
    const permuted = axes.map((axis) => given(shape[axis]));
    this.hold(v, this.kernel('transpose', [register], this.typeOf(v, permuted), { axes }), permuted);
  }

  private loop(node: Node): void {
    const { op, inputs, outputs, attributes } = node;
    const { context, sides } = this;
    const { constants = 0, states = 0, limit = 0, reversed = false } = attributes;
    const body = given(attributes.body, 'the body of a loop');
    const operands = [...inputs.map((v) => this.full(v)), ...(sides.entered.has(node) ? [this.isEntered(node)] : [])];
    const shared = sides.loops.get(node);
    const own = { operands, name: body.name, constants, states, body: emitList(context, body, shared?.body ?? nothingOfHost(body)) };
    const results = this.results(outputs);
    if (op === 'scan') {
      const length = exprOf(this.canonical(given(attributes.dim, 'the length of a scan')));
      this.calls.push({ is: 'scan', ...own, results, length, reversed });
      return;
    }
    const asked = given(attributes.test, 'the test of a loop');
    const test = emitList(context, asked, shared?.test ?? nothingOfHost(asked));
    this.calls.push({ is: 'iterate', ...own, results, limit, test });
  }

  private attributes({ value, single, dim, axes, axis, start, length, contract, batch, transposed, reversed }: Attributes): CallAttributes {
    const exact = single ?? value;
    const size = (of: Poly) => exprOf(this.canonical(of));
    return {
      ...(exact === undefined ? {} : { value: exact }),
      ...(dim === undefined ? {} : { dim: size(dim) }),
      ...(axes === undefined ? {} : { axes }),
      ...(axis === undefined ? {} : { axis }),
      ...(start === undefined ? {} : { start: size(start) }),
      ...(length === undefined ? {} : { length: size(length) }),
      ...(contract === undefined ? {} : { contract }),
      ...(batch === undefined ? {} : { batch }),
      ...(transposed === undefined ? {} : { transposed }),
      ...(reversed === undefined ? {} : { reversed }),
    };
  }

  // ---- nodes on the host --------------------------------------------------------------------------------------------------

  /** The answer of a loop's test at its start. */
  private isEntered({ inputs, attributes }: Node): number {
    const test = given(attributes.test, 'the test of a loop');
    const used = usedInputs(test);
    return given(
      this.piece(
        used.map((i) => given(test.inputs[i])),
        test.outputs,
        used.map((i) => given(inputs[i])),
      )[0],
    );
  }

  private host(nodes: readonly Node[]): void {
    const own = new Set(nodes);
    const made = new Set(nodes.flatMap((node) => node.outputs));
    const { statics } = this.sides;
    const inputs = [...new Set(nodes.flatMap((node) => node.inputs))].filter((v) => !made.has(v) && !statics.has(v));
    const outside = new Set([...this.graph.nodes.filter((node) => !own.has(node)).flatMap((node) => node.inputs), ...this.graph.outputs]);
    const outputs = [...made].filter((v) => outside.has(v));
    this.piece(inputs, outputs, inputs).forEach((register, i) => {
      const v = given(outputs[i]);
      this.hold(v, register, this.shapeOf(v));
    });
  }

  /** Registers of its outputs; `of` are values of the list where its inputs are those of another graph. */
  private piece(inputs: readonly Value[], outputs: readonly Value[], of: readonly Value[]): readonly number[] {
    const nodes = ancestors(outputs, new Set(inputs));
    const code = this.context.hostCode({ name: 'host', inputs, nodes, outputs, outputNames: outputs.map((_, i) => `r${i}`) });
    this.calls.push({
      is: 'host',
      ops: [...new Set(nodes.map(({ op }) => op).filter((op) => fusionRoles[op] !== 'leaf'))],
      code,
      operands: of.map((v) => this.full(v)),
      results: outputs.map((v) => this.typeOf(v)),
      waits: !of.every(this.sides.isNear),
    });
    return outputs.map(() => this.registers++);
  }
}

const isSame = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((dim, i) => dim.key === given(b[i]).key);
