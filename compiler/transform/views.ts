/**
 * Where the elements of a value are found when it is not copied: views (broadcasts, transposes, slices, …) as affine maps into what
 * they are views of, and leaves as functions of the position. Knows dims and shapes, no kernel.
 */
import { given } from '../ir/attributes.ts';
import {
  add,
  isOne,
  literal,
  multiply,
  number,
  one,
  scale,
  substitute,
  subtract,
  zero,
  type Dim,
  type Poly,
  type Shape,
  type Sizes,
} from '../ir/dims.ts';
import type { Attributes, Value } from '../ir/graph.ts';
import { fusionRoles, type OpsWith } from './fusion-roles.ts';

/** A whole number at a position: `offset + Σ position[i] · strides[i]`. */
export interface Affine {
  readonly offset: Poly;
  readonly strides: readonly Poly[];
}

/** How an element of a value is had from its position. */
export type Access =
  /** From the row-major elements of `base`. */
  | ({ readonly kind: 'memory'; readonly base: Value } & Affine)
  /** The same everywhere: a number, or the size of a dim. */
  | { readonly kind: 'uniform'; readonly value: number | Poly; readonly single?: number }
  /** The whole number itself (`iota`). */
  | ({ readonly kind: 'index' } & Affine)
  /** 1 where row and column agree, 0 elsewhere (`eye`). */
  | { readonly kind: 'diagonal'; readonly row: Affine; readonly column: Affine };

/** Dims in one form, those with a declared value being that value: equal dims have equal keys. */
export type Canonical = (dim: Dim) => Poly;
export const canonicalOf = (fixed: Sizes): Canonical => {
  const known = new Map([...fixed].map(([name, value]) => [name, number(value)]));
  const seen = new Map<string, Poly>();
  return (dim) => {
    const before = seen.get(dim.key);
    if (before !== undefined) return before;
    const canonical = substitute(dim, known);
    seen.set(dim.key, canonical);
    return canonical;
  };
};

const sameKey = (a: Poly, b: Poly): boolean => a.key === b.key;
export const isZero = (p: Poly): boolean => literal(p) === 0;

/** Strides of a row-major tensor; 0 along axes of size 1. */
export function rowMajor(shape: Shape): readonly Poly[] {
  const strides: Poly[] = [];
  let stride = one;
  for (const dim of [...shape].reverse()) {
    strides.unshift(isOne(dim) ? zero : stride);
    stride = multiply(stride, dim);
  }
  return strides;
}

export const contiguous = (base: Value, shape: Shape): Access => ({ kind: 'memory', base, offset: zero, strides: rowMajor(shape) });

/** Whether an access reads a whole base in order, or `count` neighbours of it. */
export function isContiguous(access: Access, shape: Shape): boolean {
  return access.kind === 'memory' && rowMajor(shape).every((s, i) => isOne(given(shape[i])) || sameKey(s, given(access.strides[i])));
}

/** The affine maps of an access, changed; `undefined` when one of them cannot be. */
function mapAffine(access: Access, change: (a: Affine) => Affine | undefined): Access | undefined {
  switch (access.kind) {
    case 'uniform':
      return access;
    case 'diagonal': {
      const [row, column] = [change(access.row), change(access.column)];
      return row === undefined || column === undefined ? undefined : { kind: 'diagonal', row, column };
    }
    default: {
      const changed = change(access);
      return changed === undefined ? undefined : { ...access, offset: changed.offset, strides: changed.strides };
    }
  }
}

interface ViewContext {
  readonly from: Shape;
  readonly to: Shape;
  readonly attributes: Attributes;
  readonly canonical: Canonical;
}

/**
 * What each view does to the affine maps of its operand's access; `undefined` where the result is no affine map (a reshape across a
 * transpose). Shapes are canonical.
 */
const viewRules: Readonly<Record<OpsWith<'view'>, (map: Affine, context: ViewContext) => Affine | undefined>> = {
  broadcast_in_dim: ({ offset, strides }, { from, to, attributes }) => {
    const axes = given(attributes.axes);
    const strideAt = (axis: number): Poly => {
      const i = axes.indexOf(axis);
      return i < 0 || isOne(given(from[i])) ? zero : given(strides[i]);
    };
    return { offset, strides: to.map((_, axis) => strideAt(axis)) };
  },
  transpose: ({ offset, strides }, { attributes }) => ({ offset, strides: given(attributes.axes).map((axis) => given(strides[axis])) }),
  slice: ({ offset, strides }, { attributes, canonical }) => ({
    offset: add(offset, multiply(canonical(given(attributes.start)), given(strides[given(attributes.axis)]))),
    strides,
  }),
  reverse: ({ offset, strides }, { from, attributes }) => {
    const axes = given(attributes.axes);
    const last = axes.map((axis) => multiply(subtract(given(from[axis]), one), given(strides[axis])));
    return { offset: add(offset, ...last), strides: strides.map((s, axis) => (axes.includes(axis) ? scale(s, -1) : s)) };
  },
  reshape: ({ offset, strides }, { from, to }) => {
    const reshaped = reshapeStrides(from, strides, to);
    return reshaped === undefined ? undefined : { offset, strides: reshaped };
  },
  stop_gradient: (map) => map,
};

function throughView(v: Value, access: Access, shapeOf: (v: Value) => Shape, canonical: Canonical): Access | undefined {
  const { op, attributes, inputs } = v.node;
  const rule = viewRules[op as OpsWith<'view'>];
  const context = { from: shapeOf(given(inputs[0])), to: shapeOf(v), attributes, canonical };
  return mapAffine(access, (map) => rule(map, context));
}

const product = (dims: readonly Dim[]): Poly => multiply(...dims);

/** Whether neighbouring axes can be walked by one stride. */
function isOneWalk(dims: readonly Dim[], strides: readonly Poly[]): boolean {
  return strides.every((s, i) => i === strides.length - 1 || sameKey(s, multiply(given(strides[i + 1]), given(dims[i + 1]))));
}

/** Strides of a reshaped tensor: runs of axes with equally many elements take each other's place. */
function reshapeStrides(from: Shape, strides: readonly Poly[], to: Shape): readonly Poly[] | undefined {
  const axes = from.map((_, i) => i).filter((i) => !isOne(given(from[i])));
  const dims = axes.map((i) => given(from[i]));
  const steps = axes.map((i) => given(strides[i]));
  const targets = to.map((_, i) => i).filter((i) => !isOne(given(to[i])));
  const result: Poly[] = to.map(() => zero);
  let i = 0;
  let j = 0;
  while (i < dims.length || j < targets.length) {
    const run = nextRun(
      dims.slice(i),
      targets.slice(j).map((t) => given(to[t])),
    );
    if (run === undefined) return undefined;
    const [a, b] = run;
    if (!isOneWalk(dims.slice(i, i + a), steps.slice(i, i + a))) return undefined;
    let stride = given(steps[i + a - 1]);
    for (const t of targets.slice(j, j + b).reverse()) {
      result[t] = stride;
      stride = multiply(stride, given(to[t]));
    }
    i += a;
    j += b;
  }
  return result;
}

/** The shortest runs at the beginning of both lists with equally many elements. */
function nextRun(from: readonly Dim[], to: readonly Dim[]): readonly [number, number] | undefined {
  for (let total = 2; total <= from.length + to.length; total++) {
    for (let a = Math.max(1, total - to.length); a <= Math.min(from.length, total - 1); a++)
      if (sameKey(product(from.slice(0, a)), product(to.slice(0, total - a)))) return [a, total - a];
  }
  return undefined;
}

const leafRules: Readonly<Record<OpsWith<'leaf'>, (attributes: Attributes, canonical: Canonical) => Access>> = {
  constant: ({ value, single }) => ({ kind: 'uniform', value: given(value), ...(single === undefined ? {} : { single }) }),
  dim_size: ({ dim }, canonical) => {
    const size = canonical(given(dim));
    return { kind: 'uniform', value: literal(size) ?? size };
  },
  iota: () => ({ kind: 'index', offset: zero, strides: [one] }),
  eye: () => ({ kind: 'diagonal', row: { offset: zero, strides: [one, zero] }, column: { offset: zero, strides: [zero, one] } }),
};

/** Whether a value is a view or a leaf: nothing needs to be computed to have its elements. */
export const isAccess = ({ node: { op } }: Value): boolean => fusionRoles[op] === 'leaf' || fusionRoles[op] === 'view';

export interface AccessRequest {
  readonly canonical: Canonical;
  /** Whether a value has elements of its own in memory. */
  readonly isStored: (v: Value) => boolean;
}

export const shapeIn =
  (canonical: Canonical) =>
  (v: Value): Shape =>
    v.type.shape.map(canonical);

/** How the elements of a value are had. The base may itself be a view that must be copied first, where no affine map leads further. */
export function accessOf(v: Value, request: AccessRequest): Access {
  const { canonical, isStored } = request;
  const own = (): Access => contiguous(v, v.type.shape.map(canonical));
  if (isStored(v) || !isAccess(v)) return own();
  if (fusionRoles[v.node.op] === 'leaf') return leafRules[v.node.op as OpsWith<'leaf'>](v.node.attributes, canonical);
  return throughView(v, accessOf(given(v.node.inputs[0]), request), shapeIn(canonical), canonical) ?? viewOfCopy(v, request);
}

/** A view of its operand's copy: the operand is the base. */
function viewOfCopy(v: Value, { canonical }: AccessRequest): Access {
  const operand = given(v.node.inputs[0]);
  const shapeOf = shapeIn(canonical);
  return given(throughView(v, contiguous(operand, shapeOf(operand)), shapeOf, canonical), 'a view of a row-major tensor');
}

/** The element that a view (or leaf) itself stands for, whatever is stored under its own name. */
export function accessBehind(v: Value, request: AccessRequest): Access {
  return accessOf(v, { ...request, isStored: (u) => u !== v && request.isStored(u) });
}

/** Several axes walked by one stride: how many positions, and how far apart; `undefined` if no one stride walks them. */
export function walk(
  shape: Shape,
  strides: readonly Poly[],
  axes: readonly number[],
): { readonly count: Poly; readonly stride: Poly } | undefined {
  const moving = axes.filter((axis) => !isOne(given(shape[axis])));
  const dims = moving.map((axis) => given(shape[axis]));
  const steps = moving.map((axis) => given(strides[axis]));
  if (!isOneWalk(dims, steps)) return undefined;
  return { count: product(dims), stride: steps.at(-1) ?? one };
}
