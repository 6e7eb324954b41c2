/**
 * What a call computes, as a term: reads through strides, pointwise ops on them, sums and maxima of such. Terms are put into terms, so that one kernel
 * computes what several calls would have (decision 033). Arithmetic alone; knows no library.
 */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import type { CalledOp } from '../../../plan/calls.ts';
import type { PointwiseOp } from '../../../plan/op-names.ts';
import { collapsed, elementsIn, rowMajor, views, type Affine, type ViewOp } from './affine.ts';
import type { SizedCall, SizedType } from './device.ts';

/** At a position of a shape; `source` says what is read: a register of a list, an operand of a kernel. */
export type Term = Read | Apply | Reduce | { readonly is: 'number'; readonly value: number } | Position;

export interface Read {
  readonly is: 'read';
  readonly source: number;
  /** How many elements there are. */
  readonly elements: number;
  readonly at: Affine;
  /** 1 where it is to be read: elsewhere nothing may be there, and anything will do. */
  readonly where?: Term;
  /** What is read stays as long as the executor. */
  readonly isLasting?: boolean;
  /** Four elements are read at once, whose first lies at a multiple of four (`quads.ts`). */
  readonly isInQuads?: boolean;
}

/** The whole number itself. */
export interface Position {
  readonly is: 'position';
  readonly at: Affine;
}

export interface Apply {
  readonly is: 'apply';
  readonly op: PointwiseOp;
  readonly operands: readonly Term[];
}

/** Over axes of these sizes, which come after the shape's for what stands in `of`. In it stands no other. */
export interface Reduce {
  readonly is: 'reduce';
  readonly how: 'sum' | 'max';
  readonly sizes: readonly number[];
  readonly of: Term;
}

/** A term at each position of a shape. */
export interface Lazy {
  readonly shape: readonly number[];
  readonly term: Term;
}

/** What one kernel computes: sources are its operands' numbers. */
export interface Program extends Lazy {
  /** How many elements each operand has. */
  readonly operands: readonly number[];
}

/** Ops that are terms, whatever their operands are. */
export type TermOp = keyof typeof leaves | ViewOp | PointwiseOp | keyof typeof placings | keyof typeof reductions;

const number = (value: number): Term => ({ is: 'number', value });
const position = (...strides: readonly number[]): Term => ({ is: 'position', at: { offset: 0, strides } });
/** Along an axis of size 1 nothing moves. */
const step = (size: number | undefined): number => (size === 1 ? 0 : 1);
const apply = (op: PointwiseOp, ...operands: readonly Term[]): Term => ({ is: 'apply', op, operands });

const leaves = {
  constant: ({ attributes }: SizedCall): Term => number(attributes.value ?? Number.NaN),
  dim_size: ({ attributes }: SizedCall): Term => number(attributes.dim ?? Number.NaN),
  iota: ({ result: { shape } }: SizedCall): Term => position(step(shape[0])),
  eye: ({ result: { shape } }: SizedCall): Term => apply('equal', position(step(shape[0]), 0), position(0, step(shape[1]))),
} as const;

/** Pieces at their places. */
const placings = {
  pad: ({ result, attributes: { axis = 0, start = 0 } }: SizedCall, operands: readonly Lazy[]): Lazy =>
    placed(result.shape, axis, operands, start),
  concat: ({ result, attributes: { axis = 0 } }: SizedCall, operands: readonly Lazy[]): Lazy => placed(result.shape, axis, operands, 0),
} as const;

/** Each with what its operands' terms are in it. */
const reductions = {
  reduce_sum: (call: SizedCall, operands: readonly Lazy[]): Lazy => reduced('sum', call, operands),
  reduce_max: (call: SizedCall, operands: readonly Lazy[]): Lazy => reduced('max', call, operands),
  dot_general: (call: SizedCall, operands: readonly Lazy[]): Lazy => product(call, operands),
  scatter_add: (call: SizedCall, operands: readonly Lazy[]): Lazy => scattered(call, operands),
} as const;

/** All elements of what lies in row-major order. */
export const whole = (source: number, { shape }: SizedType, isLasting = false): Lazy => ({
  shape,
  term: {
    is: 'read',
    source,
    elements: elementsIn(shape),
    at: { offset: 0, strides: rowMajor(shape) },
    ...(isLasting ? { isLasting } : {}),
  },
});

const has = (table: object, op: string): boolean => Object.hasOwn(table, op);

export const isLeaf = (op: string): op is keyof typeof leaves => has(leaves, op);
export const isView = (op: string): op is ViewOp => has(views, op);
export const isPlacing = (op: string): op is keyof typeof placings => has(placings, op);
export const isReduction = (op: string): op is keyof typeof reductions => has(reductions, op);

/** The value of a call whose operands are these. Undefined: a view that is no affine map of what stands behind its operand. */
export function lazyOf(op: TermOp, call: SizedCall, operands: readonly Lazy[]): Lazy | undefined {
  const { shape } = call.result;
  if (isLeaf(op)) return { shape, term: leaves[op](call) };
  if (isReduction(op)) return reductions[op](call, operands);
  if (isPlacing(op)) return placings[op](call, operands);
  if (isView(op)) return viewed(op, call, operands);
  return { shape, term: apply(op, ...operands.map((operand) => stretched(operand, shape))) };
}

/** One call by itself. */
export function programOf(op: CalledOp, call: SizedCall): Program {
  const operands = call.operands.map((type, i) => whole(i, type, call.lasting?.[i]));
  const lazy = lazyOf(op as TermOp, call, operands);
  if (lazy === undefined) throw new InternalError('calls', `${op} is no term of its operands`);
  return { ...lazy, operands: call.operands.map(({ shape }) => elementsIn(shape)) };
}

/** Whether it is what one operand holds, in the same order. */
export const isSame = (program: Program): boolean =>
  startOfRun(program) === 0 && program.operands.length === 1 && program.operands[0] === elementsIn(program.shape);

/** Where it begins, if it is some neighbours of an operand, in the same order. */
export function startOfRun({ shape, term }: Lazy): number | undefined {
  if (term.is !== 'read' || term.where !== undefined) return undefined;
  const axes = collapsed(shape.map((size, i) => ({ size, strides: [term.at.strides[i] ?? 0] })));
  return axes.every(({ strides }, i) => i === 0 && strides[0] === 1) ? term.at.offset : undefined;
}

// ---- terms in other terms -------------------------------------------------------------------------------------------------

/** What stands in the place of a term, or that what is in it is to be asked; `inner`: sizes of the axes that come after those of the shape. */
type Change = (of: Term, inner: readonly number[]) => Term | 'inside' | undefined;

/** Undefined as soon as something has no change. What is there twice stays one thing. */
export function rewritten(term: Term, change: Change): Term | undefined {
  const done = new Map<Term, Term | undefined>();
  const walk = (of: Term, inner: readonly number[]): Term | undefined => {
    if (done.has(of)) return done.get(of);
    const own = change(of, inner);
    const result = own === 'inside' ? within(of, inner) : own;
    done.set(of, result);
    return result;
  };
  const within = (of: Term, inner: readonly number[]): Term | undefined => {
    if (of.is === 'reduce') {
      const inside = walk(of.of, of.sizes);
      return inside === undefined ? undefined : { ...of, of: inside };
    }
    if (of.is === 'read' && of.where !== undefined) {
      const where = walk(of.where, inner);
      return where === undefined ? undefined : { ...of, where };
    }
    if (of.is !== 'apply') return of;
    const operands = of.operands.map((operand) => walk(operand, inner));
    return operands.every((operand) => operand !== undefined) ? { ...of, operands } : undefined;
  };
  return walk(term, []);
}

/** Where reads and positions are, changed. */
type Move = (at: Affine, inner: readonly number[]) => Affine | undefined;

const moved = (term: Term, move: Move): Term | undefined =>
  rewritten(term, (of, inner) => {
    if (of.is !== 'read' && of.is !== 'position') return 'inside';
    const at = move(of.at, inner);
    if (at === undefined) return undefined;
    if (of.is === 'position' || of.where === undefined) return { ...of, at };
    const where = moved(of.where, (own) => move(own, inner));
    return where === undefined ? undefined : { ...of, at, where };
  });

/** Sources by their places among these. */
export function renumbered(term: Term, sources: readonly number[]): Term {
  const result = rewritten(term, (of) => (of.is === 'read' ? { ...of, source: sources.indexOf(of.source) } : 'inside'));
  if (result === undefined) throw new InternalError('calls', 'a term without its sources');
  return result;
}

/** Every term in a term, itself too, each once, operands first. */
export function termsIn(term: Term): readonly Term[] {
  const seen = new Set<Term>();
  const walk = (of: Term): void => {
    if (seen.has(of)) return;
    if (of.is === 'apply') of.operands.forEach(walk);
    if (of.is === 'reduce') walk(of.of);
    if (of.is === 'read' && of.where !== undefined) walk(of.where);
    seen.add(of);
  };
  walk(term);
  return [...seen];
}

export const sourcesOf = (term: Term): readonly number[] => [
  ...new Set(termsIn(term).flatMap((of) => (of.is === 'read' ? [of.source] : []))),
];

/** Where it reads, and positions that it is made of. */
export const mapsIn = (term: Term): readonly Affine[] =>
  termsIn(term).flatMap((of) => (of.is === 'read' || of.is === 'position' ? [of.at] : []));

export const hasReduction = (term: Term): boolean => termsIn(term).some(({ is }) => is === 'reduce');

export const mustMove = (term: Term, move: Move): Term => {
  const result = moved(term, move);
  if (result === undefined) throw new InternalError('calls', 'a term that cannot be moved');
  return result;
};

/** To a shape which has more where this has size 1, or rank 0. */
function stretched({ shape, term }: Lazy, to: readonly number[]): Term {
  if (shape.length === to.length) return term;
  // Axes of size 1 have no stride, and what has no axis has none at all.
  return mustMove(term, ({ offset, strides }) => ({ offset, strides: [...to.map(() => 0), ...strides.slice(shape.length)] }));
}

function viewed(op: ViewOp, call: SizedCall, [operand]: readonly Lazy[]): Lazy | undefined {
  if (operand === undefined) throw new InternalError('calls', `${op} has no operand`);
  const { shape } = call.result;
  const rank = operand.shape.length;
  const term = moved(operand.term, ({ offset, strides }) => {
    const view: (of: Affine, call: SizedCall) => Affine | undefined = views[op];
    const own = view({ offset, strides: strides.slice(0, rank) }, call);
    if (own === undefined) return undefined;
    const fixed = own.strides.map((stride, axis) => (shape[axis] === 1 ? 0 : stride));
    return { offset: own.offset, strides: [...fixed, ...strides.slice(rank)] };
  });
  return term === undefined ? undefined : { shape, term };
}

/** One behind the other along an axis, from `start` on; 0 where there is none. */
function placed(shape: readonly number[], axis: number, operands: readonly Lazy[], start: number): Lazy {
  const here = position(...shape.map((size, i) => (i === axis ? step(size) : 0)));
  let term = number(0);
  let from = start;
  for (const operand of operands) {
    const length = operand.shape[axis] ?? 1;
    const first = from;
    from += length;
    if (elementsIn(operand.shape) === 0) continue;
    const isBefore = apply('less', here, number(from));
    const isInside = first === 0 ? isBefore : apply('and', apply('less_equal', number(first), here), isBefore);
    term =
      first === 0 && length === shape[axis] ? operand.term : apply('select', isInside, shifted(operand.term, axis, first, isInside), term);
  }
  return { shape, term };
}

/** From `first` on along an axis, and read only where `isInside`. */
function shifted(term: Term, axis: number, first: number, isInside: Term): Term {
  const later = mustMove(term, ({ offset, strides }) => ({ offset: offset - first * (strides[axis] ?? 0), strides }));
  const result = rewritten(later, (of, inner) => {
    if (of.is !== 'read') return 'inside';
    const own = mustMove(isInside, ({ offset, strides }) => ({ offset, strides: [...strides, ...inner.map(() => 0)] }));
    return { ...of, where: of.where === undefined ? own : apply('and', of.where, own) };
  });
  if (result === undefined) throw new InternalError('calls', 'a term that cannot be shifted');
  return result;
}

/** What is kept comes first, what is added up behind. */
function reduced(how: Reduce['how'], call: SizedCall, [operand]: readonly Lazy[]): Lazy {
  if (operand === undefined) throw new InternalError('calls', 'a sum of nothing');
  const axes = call.attributes.axes ?? [];
  if (axes.length === 0) return operand;
  const order = [...operand.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis)), ...axes];
  const of = mustMove(operand.term, ({ offset, strides }) => ({ offset, strides: order.map((axis) => strides[axis] ?? 0) }));
  return { shape: call.result.shape, term: { is: 'reduce', how, sizes: axes.map((axis) => operand.shape[axis] ?? 1), of } };
}

/** Result axes: batch, free of x, free of y; the sum is over pairs of axes. */
function product({ result, attributes }: SizedCall, operands: readonly Lazy[]): Lazy {
  const { contract = [[], []], batch = [[], []] } = attributes;
  const sides = [0, 1] as const;
  const free = sides.map((side) =>
    (operands[side]?.shape ?? []).map((_, axis) => axis).filter((axis) => ![...contract[side], ...batch[side]].includes(axis)),
  );
  const terms = sides.map((side): Term => {
    const operand = operands[side];
    if (operand === undefined) throw new InternalError('calls', 'a product of one');
    return mustMove(operand.term, ({ offset, strides }) => {
      const along = (axes: readonly number[] | undefined): readonly number[] => (axes ?? []).map((axis) => strides[axis] ?? 0);
      const ofFree = sides.flatMap((other) => (other === side ? along(free[side]) : (free[other] ?? []).map(() => 0)));
      return { offset, strides: [...along(batch[side]), ...ofFree, ...along(contract[side])] };
    });
  });
  const sizes = contract[0].map((axis) => operands[0]?.shape[axis] ?? 1);
  const of = apply('mul', ...terms);
  return { shape: result.shape, term: sizes.length === 0 ? of : { is: 'reduce', how: 'sum', sizes, of } };
}

/**
 * Each place asks every position whether it is meant: no two threads write to one place. A position outside is nobody's. In the place of the result's axis
 * the operand has those of the positions.
 */
function scattered({ result: { shape }, attributes: { axis = 0 } }: SizedCall, [operand, positions]: readonly Lazy[]): Lazy {
  if (operand === undefined || positions === undefined) throw new InternalError('calls', 'a scatter without positions');
  const sizes = positions.shape;
  const valueAt = ({ offset, strides }: Affine): Affine => {
    const behind = strides.slice(axis + sizes.length);
    return { offset, strides: [...strides.slice(0, axis), 0, ...behind, ...strides.slice(axis, axis + sizes.length)] };
  };
  const value = mustMove(operand.term, valueAt);
  const where = mustMove(positions.term, ({ offset, strides }) => ({ offset, strides: [...shape.map(() => 0), ...strides] }));
  const here = position(...shape.map((size, i) => (i === axis ? step(size) : 0)), ...sizes.map(() => 0));
  return { shape, term: { is: 'reduce', how: 'sum', sizes, of: apply('select', apply('equal', where, here), value, number(0)) } };
}
