/**
 * A program as one kernel of a device or two: what reads tensors without elements, what only shares its operand's, and long sums that few
 * threads would add up, which are left in parts by one kernel for another (decision 033).
 */
import { elementsIn, rowMajor, type Affine } from './affine.ts';
import {
  isSame,
  mapsIn,
  mustMove,
  renumbered,
  rewritten,
  sourcesOf,
  startOfRun,
  termsIn,
  whole,
  type Lazy,
  type Program,
  type Read,
  type Reduce,
  type Term,
} from './terms.ts';
import { block, longest } from './text.ts';

export type ProgramRun<T> = (operands: readonly T[]) => T;

/** What makes kernels of programs. */
export interface Maker<T> {
  /** One kernel, of a program with elements that reads such. */
  readonly kernel: (program: Program) => ProgramRun<T>;
  /** Of a shape without elements. */
  readonly empty: (shape: readonly number[]) => T;
  /** The same elements, in this shape. */
  readonly same: (tensor: T, shape: readonly number[]) => T;
  /** Some neighbours among its elements, without a kernel; absent: that takes one. */
  readonly part?: (tensor: T, from: number, shape: readonly number[]) => T;
  readonly free: (tensor: T) => void;
  /** How many tensors one kernel may read. */
  readonly mostOperands: number;
  /** Whether a program's long sums may be kernels of their own. */
  readonly hasParts: (program: Program) => boolean;
}

/** With so many results a device is busy; with fewer, blocks are elements of a kernel of their own. */
const manyResults = 8192;

/** Ready to be run on its operands. */
export function programRun<T>(maker: Maker<T>, program: Program): ProgramRun<T> {
  const { shape, term, operands } = program;
  const count = elementsIn(shape);
  if (count === 0) return () => maker.empty(shape);
  if (isSame(program)) return ([tensor]) => maker.same(tensor as T, shape);
  const { part } = maker;
  const start = startOfRun(program);
  if (start !== undefined && part !== undefined) return ([tensor]) => part(tensor as T, start, shape);
  if (operands.includes(0)) return ofNothing(maker, program);
  const sums = count >= manyResults || !maker.hasParts(program) ? [] : termsIn(term).filter(isLong);
  const [long] = sums;
  if (long === undefined) return maker.kernel(program);
  const isTooMuch = operands.length + sums.length > maker.mostOperands && long !== term;
  return isTooMuch ? byItself(maker, program, long) : summedInParts(maker, program, long);
}

/** Only sums of nothing read an operand without elements. */
function ofNothing<T>(maker: Maker<T>, { shape, term, operands }: Program): ProgramRun<T> {
  const isEmpty = (of: Term): of is Reduce => of.is === 'reduce' && elementsIn(of.sizes) === 0;
  const numbers = rewritten(term, (of) => (isEmpty(of) ? { is: 'number', value: of.how === 'sum' ? 0 : -Infinity } : 'inside')) ?? term;
  const { program, sources } = withItsOperands({ shape, term: numbers, operands });
  const run = programRun(maker, program);
  return (tensors) => run(sources.map((i) => tensors[i] as T));
}

// ---- long sums in two kernels ---------------------------------------------------------------------------------------------

const isLong = (term: Term): term is Reduce => term.is === 'reduce' && elementsIn(term.sizes) > longest;

/** One kernel leaves what the other adds up. */
function summedInParts<T>(maker: Maker<T>, program: Program, long: Reduce): ProgramRun<T> {
  const { partial, total } = inParts(program.shape, long, program.operands.length, block);
  return inTwo(maker, program, long, partial, total);
}

/** A sum is complete before others read it. */
function byItself<T>(maker: Maker<T>, program: Program, long: Reduce): ProgramRun<T> {
  const { shape, operands } = program;
  return inTwo(maker, program, long, { shape, term: long }, whole(operands.length, { dtype: 'real', shape }).term);
}

/** `made` is a kernel ahead, of which the program reads `read` in the place of a sum. */
function inTwo<T>(maker: Maker<T>, { shape, term, operands }: Program, long: Reduce, made: Lazy, read: Term): ProgramRun<T> {
  const source = operands.length;
  const rest = rewritten(term, (of) => (of === long ? read : 'inside')) ?? term;
  const first = withItsOperands({ ...made, operands });
  const second = withItsOperands({ shape, term: rest, operands: [...operands, elementsIn(made.shape)] });
  const [runFirst, runSecond] = [programRun(maker, first.program), programRun(maker, second.program)];
  return (tensors) => {
    const ahead = runFirst(first.sources.map((i) => tensors[i] as T));
    try {
      return runSecond(second.sources.map((i) => (i === source ? ahead : (tensors[i] as T))));
    } finally {
      maker.free(ahead);
    }
  };
}

function withItsOperands({ shape, term, operands }: Program): { readonly program: Program; readonly sources: readonly number[] } {
  const sources = sourcesOf(term);
  return { program: { shape, term: renumbered(term, sources), operands: sources.map((i) => operands[i] ?? 0) }, sources };
}

/** `total` reads what a kernel leaves that computes `partial`. */
export interface InParts {
  readonly partial: Lazy;
  readonly total: Term;
}

/** Of a sum that is too long for one kernel; `source` stands for what the kernel ahead of it leaves. */
export const longSumInParts = ({ shape, term }: Lazy, source: number): InParts | undefined =>
  term.is !== 'reduce' || !isLong(term) || elementsIn(shape) >= manyResults ? undefined : inParts(shape, term, source, block);

/**
 * A sum over parts of the longest of its axes, of about `most` terms each, which `source` stands for; what is left over of that axis `total` adds
 * by itself.
 */
export function inParts(shape: readonly number[], { how, sizes, of }: Reduce, source: number, most: number): InParts {
  const rank = shape.length;
  const at = sizes.reduce((best, size, i) => (size > (sizes[best] ?? 0) ? i : best), 0);
  const size = sizes[at] ?? 1;
  const parts = Math.ceil(size / Math.min(size, Math.max(1, Math.ceil(most / (elementsIn(sizes) / size)))));
  const rows = Math.floor(size / parts);
  const maps = mapsIn(of);
  const reach = (axis: number): number => maps.reduce((sum, { strides }) => sum + Math.abs(strides[axis] ?? 0), 0);
  // Neighbouring threads read neighbours: parts are the last axis where the reduced axis is the closer one, and then each takes every so manyth.
  const isInterleaved = rank === 0 || reach(rank + at) < reach(rank - 1);
  const [outer, inner] = isInterleaved ? [1, parts] : [rows, 1];
  const moved = (change: (at: Affine) => Affine): Term => mustMove(of, change);
  const partialShape = isInterleaved ? [...shape, parts] : [parts, ...shape];
  const partial = moved(({ offset, strides }) => {
    const along = strides[rank + at] ?? 0;
    const own = strides.slice(0, rank);
    const reduced = strides.slice(rank).map((stride, i) => (i === at ? along * inner : stride));
    return { offset, strides: [...(isInterleaved ? [...own, along * outer] : [along * outer, ...own]), ...reduced] };
  });
  const partStrides = rowMajor(partialShape);
  const ofParts = isInterleaved ? partStrides : [...partStrides.slice(1), partStrides[0] ?? 0];
  const read: Read = { is: 'read', source, elements: elementsIn(partialShape), at: { offset: 0, strides: ofParts } };
  const total: Term = { is: 'reduce', how, sizes: [parts], of: read };
  const left = size - parts * rows;
  const leftOver: Term = {
    is: 'reduce',
    how,
    sizes: sizes.map((own, i) => (i === at ? left : own)),
    of: moved(({ offset, strides }) => ({ offset: offset + parts * rows * (strides[rank + at] ?? 0), strides })),
  };
  return {
    partial: {
      shape: partialShape,
      term: { is: 'reduce', how, sizes: sizes.map((own, i) => (i === at ? rows : own)), of: partial },
    },
    total: left === 0 ? total : { is: 'apply', op: how === 'sum' ? 'add' : 'maximum', operands: [total, leftOver] },
  };
}
