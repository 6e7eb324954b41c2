/** Every pointwise op of a backend where numbers are special: not a number, infinite, 0 of either sign, at both ends of float32. */
import { Builder } from '../../compiler/ir/builder.ts';
import { number } from '../../compiler/ir/dims.ts';
import type { Tensor } from '../../compiler/ir/graph.ts';
import { prepare } from '../../compiler/ir/interpret.ts';
import { ops } from '../../compiler/ops/table.ts';
import { opNames, type OpName } from '../../plan/op-names.ts';
import { LAST_PLACES, type Subject } from './agreement.ts';

const special = [
  ...[Number.NaN, Infinity, -Infinity, 0, -0, 1, -1, 2, -2, 3, -3, 0.5, -0.5, 2.5, -2.5],
  ...[1e38, -1e38, 1e-30, -1e-30, 1e-6, -1e-6, 1e-3, 0.7, 1.3, 20, -20, 80, -80, 100, -100, 1e4, -1e4],
].map(Math.fround);

export const pointwiseOps: readonly OpName[] = opNames.filter((op) => ops[op].batch === 'pointwise' && op !== 'stop_gradient');

const conditionsOf = (op: OpName): readonly number[] =>
  op === 'not' ? [0] : op === 'and' || op === 'or' ? [0, 1] : op === 'select' ? [0] : [];

const arity = (op: OpName): number => {
  const arities = [1, 2, 3].filter((count) => typesFit(op, count));
  return arities[0] ?? 0;
};

/** Operands of which the op makes something. */
function typesFit(op: OpName, count: number): boolean {
  const types = Array.from({ length: count }, (_, i) => ({
    dtype: conditionsOf(op).includes(i) ? ('bool' as const) : ('real' as const),
    shape: [],
  }));
  return Array.isArray(ops[op].shape(types, {}, new Map()));
}

/** All tuples of special operands, one behind the other. */
function tuples(op: OpName, largestAngle: number): readonly Float64Array[] {
  const isAngle = op === 'sin' || op === 'cos';
  const reals = isAngle ? special.filter((x) => !(Math.abs(x) > largestAngle && Number.isFinite(x))) : special;
  const columns = Array.from({ length: arity(op) }, (_, i) => (conditionsOf(op).includes(i) ? [0, 1] : reals));
  let all: readonly (readonly number[])[] = [[]];
  for (const column of columns) all = all.flatMap((tuple) => column.map((x) => [...tuple, x]));
  return columns.map((_, i) => Float64Array.from(all, (tuple) => tuple[i] ?? Number.NaN));
}

/** What a backend may do otherwise there. */
export interface SpecialAllowance {
  /** Larger angles are not looked at. */
  readonly largestAngle: number;
  /** Results below are taken for 0: numbers that are not normal are lost on the way. */
  readonly smallest: number;
}

/** `op(x, y) = found, not expected`, for all that is wrong. */
export async function specialDisagreements(op: OpName, subject: Subject, allowed: SpecialAllowance): Promise<readonly string[]> {
  const columns = tuples(op, allowed.largestAngle);
  const count = columns[0]?.length ?? 0;
  const b = new Builder();
  const inputs = columns.map((_, i) =>
    b.input(`x${i}`, 'data', { dtype: conditionsOf(op).includes(i) ? 'bool' : 'real', shape: [number(count)] }),
  );
  const graph = b.graph('special', inputs, b.emit(op, inputs, {}));
  const operands = columns.map((data): Tensor => ({ shape: [count], data }));
  const [expected] = prepare(graph, new Map())(operands);
  const [found] = await subject.compile(graph)(operands, new Map());
  const isRight = (a: number, e: number): boolean => {
    const nearest = Math.fround(e);
    if (Object.is(a, nearest) || a === nearest) return true;
    if (!Number.isFinite(a) || !Number.isFinite(nearest)) return false;
    return Math.abs(a - e) <= 2 * (subject.lastPlaces?.[op] ?? LAST_PLACES) * 2 ** -24 * Math.abs(e) + allowed.smallest;
  };
  return [...(expected?.data ?? [])].flatMap((e, i) => {
    const a = found?.data[i] ?? 0;
    return isRight(a, e) ? [] : [`${op}(${columns.map((column) => column[i]).join(', ')}) = ${a}, not ${Math.fround(e)}`];
  });
}
