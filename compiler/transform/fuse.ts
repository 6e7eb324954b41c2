/**
 * Fusion (decision 009): the values of a graph as a list of steps. A *group* is one loop over rows that computes many values; its
 * *parts* take turns on each tile of rows. What cannot be cut into rows is a step of its own. Knows no backend: which ops are
 * elementwise, reductions or products is the table `fusionRoles`, how they run is a backend's business.
 */
import { given } from '../ir/attributes.ts';
import { add as addPolys, isOne, literal, size, zero as literalZero, type Poly, type Shape, type Sizes } from '../ir/dims.ts';
import type { Graph, Node, Value } from '../ir/graph.ts';
import { cluster, type Unit } from './cluster.ts';
import { fusionRoles, type OpsWith } from './fusion-roles.ts';
import { axesOf, productForm, type ProductForm } from './products.ts';
import type { Element, Memory, Place, Schedule, Step, Whole } from './schedule.ts';
import {
  accessBehind,
  accessOf,
  canonicalOf,
  isAccess,
  isContiguous,
  isZero,
  rowMajor,
  shapeIn,
  type Access,
  type AccessRequest,
} from './views.ts';

/** Makes units of the nodes of a graph, in order. */
class UnitMaker {
  readonly units: Unit[] = [];
  private readonly stored = new Set<Value>();
  private readonly request: AccessRequest;
  private readonly shapeOf: (v: Value) => Shape;

  constructor(graph: Graph, fixed: Sizes) {
    const canonical = canonicalOf(fixed);
    this.request = { canonical, isStored: (v) => this.stored.has(v) };
    this.shapeOf = shapeIn(canonical);
    for (const v of graph.inputs) this.stored.add(v);
    for (const node of graph.nodes) this.make(node);
  }

  private make(node: Node): void {
    switch (fusionRoles[node.op]) {
      case 'input':
      case 'leaf':
      case 'view':
        return;
      case 'pointwise': {
        const value = given(node.outputs[0]);
        this.element({ value, how: 'pointwise', operands: node.inputs.map((v) => this.access(v)), reduced: [] }, this.shapeOf(value));
        return;
      }
      case 'reduction':
        this.reduction(node);
        return;
      case 'product':
        this.product(node);
        return;
      case 'whole':
        this.whole(node, { operands: node.inputs.map((v) => this.inOrder(v)) });
    }
  }

  private add(unit: Unit): void {
    this.units.push(unit);
    for (const value of unit.values) this.stored.add(value);
  }

  private element(element: Element, domain: Shape): void {
    this.add({
      values: [element.value],
      operands: element.operands,
      rowAxes: element.operands.map(() => 0),
      rows: domain[0],
      accumulated: element.reduced.includes(0),
      content: { kind: 'element', element, domain },
    });
  }

  private whole(node: Node, rest: Omit<Whole, 'kind' | 'node'>): void {
    const step: Whole = { kind: 'whole', node, ...rest };
    this.add({ values: node.outputs, operands: step.operands, rowAxes: [], rows: undefined, accumulated: false, content: step });
  }

  /** How a value's elements are had; what must be copied for that is. */
  access(v: Value): Access {
    const access = accessOf(v, this.request);
    if (access.kind === 'memory') this.store(access.base);
    return access;
  }

  /** Makes sure that a value has elements of its own. */
  private store(v: Value): void {
    if (this.stored.has(v) || !isAccess(v)) return;
    const behind = accessBehind(v, this.request);
    if (behind.kind === 'memory') this.store(behind.base);
    this.element({ value: v, how: 'copy', operands: [behind], reduced: [] }, this.shapeOf(v));
  }

  /** A value as its own elements, one behind the other; a slice of what is there will do. */
  inOrder(v: Value): Memory {
    const access = this.access(v);
    if (access.kind === 'memory' && isContiguous(access, this.shapeOf(v))) return access;
    return this.inOwnMemory(v);
  }

  private inOwnMemory(v: Value): Memory {
    this.store(v);
    return { kind: 'memory', base: v, offset: literalZero, strides: rowMajor(this.shapeOf(v)) };
  }

  private reduction(node: Node): void {
    const [operand] = node.inputs;
    const [value] = node.outputs;
    if (operand === undefined || value === undefined) return;
    const reduced = given(node.attributes.axes);
    const how = given(reduced.length === 0 ? 'copy' : reductions[node.op as OpsWith<'reduction'>]);
    const access = this.access(operand);
    const domain = this.shapeOf(operand);
    // A transposed operand is summed in the order in which it lies, if what is kept stays in its order.
    const order = access.kind === 'memory' ? memoryOrder(access, this.shapeOf(access.base)) : undefined;
    const kept = order?.filter((axis) => !reduced.includes(axis)) ?? [];
    if (order === undefined || kept.some((axis, i) => i > 0 && axis < given(kept[i - 1]))) {
      this.element({ value, how, operands: [access], reduced }, domain);
      return;
    }
    const across = spreadOver(
      access,
      domain.map((_, axis) => order.indexOf(axis)),
      domain.length,
    );
    this.element(
      { value, how, operands: [across], reduced: reduced.map((axis) => order.indexOf(axis)) },
      order.map((axis) => given(domain[axis])),
    );
  }

  private product(node: Node): void {
    const [left, right] = node.inputs;
    const [value] = node.outputs;
    if (left === undefined || right === undefined || value === undefined) return;
    const shapes = [this.shapeOf(left), this.shapeOf(right)] as const;
    const read = (v: Value): Access => {
      const access = this.access(v);
      return access.kind === 'memory' ? access : this.inOwnMemory(v);
    };
    const formOf = (): readonly [ProductForm, readonly [Access, Access]] => {
      const operands = [read(left), read(right)] as const;
      return [
        productForm(node.attributes, [
          { access: operands[0], shape: shapes[0] },
          { access: operands[1], shape: shapes[1] },
        ]),
        operands,
      ];
    };
    let [form, operands] = formOf();
    // Kernels of vectors read neighbours; an operand that is spread out is copied first.
    for (const side of badlyLaid(form)) {
      this.inOwnMemory(given(node.inputs[side]));
      [form, operands] = formOf();
    }
    if (badlyLaid(form).length > 0) form = { form: 'general' };
    switch (form.form) {
      case 'row':
        this.add({
          values: [value],
          operands,
          // The other operand is read whole by every tile.
          rowAxes: form.rows === 0 ? [form.rowAxis, undefined] : [undefined, form.rowAxis],
          rows: given(this.shapeOf(value)[0]),
          accumulated: false,
          content: { kind: 'product', value, operands, form, symmetric: false },
        });
        return;
      case 'sum':
        this.add({
          values: [value],
          operands,
          rowAxes: form.rowAxes,
          rows: given(shapes[0][form.rowAxes[0]]),
          accumulated: true,
          content: { kind: 'product', value, operands, form, symmetric: sameRows(operands, form) },
        });
        return;
      case 'matrix':
        this.whole(node, { operands, form });
        return;
      default:
        this.loopNest(node, value, shapes);
    }
  }

  /** Any product as elementwise products and a sum, over batch, free and contracted axes. */
  private loopNest(node: Node, value: Value, shapes: readonly [Shape, Shape]): void {
    const { batch, contract, free } = axesOf(node.attributes, shapes[0], shapes[1]);
    const domain = [
      ...batch[0].map((axis) => given(shapes[0][axis])),
      ...free[0].map((axis) => given(shapes[0][axis])),
      ...free[1].map((axis) => given(shapes[1][axis])),
      ...contract[0].map((axis) => given(shapes[0][axis])),
    ];
    const [b, l, r] = [batch[0].length, free[0].length, free[1].length];
    /** Where each axis of an operand is in the domain. */
    const positions = (side: 0 | 1): readonly number[] => {
      const at = new Map<number, number>();
      batch[side].forEach((axis, i) => at.set(axis, i));
      free[side].forEach((axis, i) => at.set(axis, b + (side === 0 ? 0 : l) + i));
      contract[side].forEach((axis, i) => at.set(axis, b + l + r + i));
      return shapes[side].map((_, axis) => given(at.get(axis)));
    };
    const operands = node.inputs.map((v, side) => spreadOver(this.access(v), positions(side as 0 | 1), domain.length));
    const reduced = contract[0].map((_, i) => b + l + r + i);
    this.element({ value, how: reduced.length === 0 ? 'copy' : 'sum', operands, reduced }, domain);
  }
}

const reductions: Readonly<Record<OpsWith<'reduction'>, 'sum' | 'max'>> = { reduce_sum: 'sum', reduce_max: 'max' };

/** Whether a sum over rows multiplies a matrix by itself. */
function sameRows([a, b]: readonly [Access, Access], { left, right, rowStrides }: Extract<ProductForm, { form: 'sum' }>): boolean {
  if (left === undefined || right === undefined || a.kind !== 'memory' || b.kind !== 'memory') return false;
  const pairs: readonly (readonly [Poly, Poly])[] = [
    rowStrides,
    [left.stride, right.stride],
    [left.count, right.count],
    [a.offset, b.offset],
  ];
  return a.base === b.base && pairs.every(([x, y]) => x.key === y.key);
}

/** The axes of a domain in the order in which an access walks them through memory, if that is a permutation of its base's. */
function memoryOrder(access: Access, base: Shape): readonly number[] | undefined {
  if (access.kind !== 'memory' || base.length !== access.strides.length) return undefined;
  const order = rowMajor(base).map((s) => access.strides.findIndex((t) => t.key === s.key));
  return new Set(order).size === order.length && !order.includes(-1) ? order : undefined;
}

/** Operands of a product that its kernel could not read as they lie. */
function badlyLaid(form: ProductForm): readonly (0 | 1)[] {
  const near = (stride: Poly, count?: Poly): boolean => literal(stride) === 1 || (count !== undefined && isOne(count));
  if (form.form === 'row' && form.columns === undefined) {
    const [own, other] = form.strides;
    return [...(near(own, form.depth) ? [] : [form.rows]), ...(near(other, form.depth) ? [] : [(1 - form.rows) as 0 | 1])];
  }
  if (form.form === 'sum') {
    const { left, right, rowStrides } = form;
    if (left === undefined || right === undefined) {
      const bad = ([0, 1] as const).filter((side) => {
        const free = side === 0 ? left : right;
        return free === undefined ? !near(rowStrides[side]) : !near(free.stride, free.count);
      });
      return bad;
    }
  }
  return [];
}

/** An access over the axes of a larger domain. */
function spreadOver(access: Access, positions: readonly number[], rank: number): Access {
  const spread = (strides: readonly Poly[]): readonly Poly[] =>
    Array.from({ length: rank }, (_, i) => strides[positions.indexOf(i)] ?? literalZero);
  switch (access.kind) {
    case 'uniform':
      return access;
    case 'diagonal':
      return {
        kind: 'diagonal',
        row: { offset: access.row.offset, strides: spread(access.row.strides) },
        column: { offset: access.column.offset, strides: spread(access.column.strides) },
      };
    default:
      return { ...access, strides: spread(access.strides) };
  }
}

/** The steps of a graph. */
export function schedule(graph: Graph, fixed: Sizes): Schedule {
  const maker = new UnitMaker(graph, fixed);
  const outputs = graph.outputs.map((v) => maker.inOrder(v));
  const canonical = canonicalOf(fixed);
  const { steps, places } = cluster(maker.units, shapeIn(canonical));
  return { steps, places, outputs, readers: readersOf(steps, places, outputs), homes: homesOf(steps, places, canonical) };
}

function readersOf(steps: readonly Step[], places: ReadonlyMap<Value, Place>, outputs: readonly Memory[]): Schedule['readers'] {
  const readers = new Map<Value, { outside: boolean; parts: Set<number> }>();
  const read = (access: Access, step: number, part: number): void => {
    if (access.kind !== 'memory') return;
    const known = readers.get(access.base) ?? { outside: false, parts: new Set<number>() };
    readers.set(access.base, known);
    if (places.get(access.base)?.step === step) known.parts.add(part);
    else known.outside = true;
  };
  steps.forEach((step, s) => {
    if (step.kind === 'whole') for (const a of step.operands) read(a, s, -1);
    else
      step.parts.forEach((part, p) => {
        for (const a of part.kind === 'map' ? part.elements.flatMap((e) => e.operands) : part.operands) read(a, s, p);
      });
  });
  for (const a of outputs) read(a, steps.length, -1);
  return readers;
}

/** Operands of a `concat` along its outermost axis that some step computes: they are computed in their place. */
function homesOf(steps: readonly Step[], places: ReadonlyMap<Value, Place>, canonical: (d: Poly) => Poly): Schedule['homes'] {
  const homes = new Map<Value, { into: Value; offset: Poly }>();
  for (const step of steps) {
    if (step.kind !== 'whole' || joins[step.node.op] !== true) continue;
    const [into] = step.node.outputs;
    const axis = given(step.node.attributes.axis);
    if (into === undefined || !into.type.shape.slice(0, axis).every((d) => isOne(canonical(d)))) continue;
    let offset = literalZero;
    for (const [i, access] of step.operands.entries()) {
      const length = size(given(step.node.inputs[i]).type.shape.map(canonical));
      if (access.kind === 'memory' && places.has(access.base) && !homes.has(access.base)) {
        const own = size(access.base.type.shape.map(canonical));
        if (isZero(access.offset) && own.key === length.key && access.base !== into) homes.set(access.base, { into, offset });
      }
      offset = addPolys(offset, length);
    }
  }
  return homes;
}

const joins: Readonly<Partial<Record<Node['op'], true>>> = { concat: true };
