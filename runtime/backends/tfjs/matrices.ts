/** Products over pairs of axes as products of matrices: which axes become rows, columns and what is summed over, in which order. */
import type { SizedCall } from '../calls/device.ts';
import { elementsOf, shapesOf } from './library.ts';

export interface Size {
  readonly batches: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

/** How one operand becomes matrices. */
export interface Stored {
  readonly axes: readonly number[];
  /** [depth, rows] on the left, [columns, depth] on the right. */
  readonly isTurned: boolean;
  readonly cost: number;
}

interface Way {
  /** Of the product as it is taken. */
  readonly size: Size;
  readonly left: Stored;
  readonly right: Stored;
  /** The operands have changed sides: of a product that is a row or a column. */
  readonly isSwapped: boolean;
}

const isInOrder = (axes: readonly number[], shape: readonly number[]): boolean =>
  axes.filter((axis) => shape[axis] !== 1).every((axis, i, all) => i === 0 || axis > (all[i - 1] ?? 0));

const product = (shape: readonly number[], axes: readonly number[]): number => elementsOf(axes.map((axis) => shape[axis] ?? 1));

/** Of the two ways that an operand is stored, the cheaper one. */
function stored(shape: readonly number[], plain: readonly number[], turned: readonly number[], flagCost: number): Stored {
  const ways = [
    { axes: plain, isTurned: false, cost: 0 },
    { axes: turned, isTurned: true, cost: flagCost },
  ].map((way) => ({ ...way, cost: way.cost + (isInOrder(way.axes, shape) ? 0 : 2) }));
  return ways.reduce((best, way) => (way.cost < best.cost ? way : best));
}

export function sizeOf({ operands: [a, b], attributes: { contract = [[], []], batch = [[], []] } }: SizedCall): Size {
  const [shapeA, shapeB] = [a?.shape ?? [], b?.shape ?? []];
  const [batches, depth] = [product(shapeA, batch[0]), product(shapeA, contract[0])];
  return { batches, depth, rows: elementsOf(shapeA) / (batches * depth), columns: elementsOf(shapeB) / (batches * depth) };
}

/**
 * The cheapest of: pairs in the order of the left operand's axes or the right one's, sides as they are or changed. `flagCost`: of an operand that is stored
 * the other way round, where a transposition is 2.
 */
export function wayOf(call: SizedCall, flagCost: number): Way {
  const [a = [], b = []] = shapesOf(call);
  const [[contractA, contractB], [batchA, batchB]] = [call.attributes.contract ?? [[], []], call.attributes.batch ?? [[], []]];
  const size = sizeOf(call);
  const { batches, rows, columns, depth } = size;
  const free = (shape: readonly number[], taken: readonly number[]): readonly number[] =>
    shape.map((_, axis) => axis).filter((axis) => !taken.includes(axis));
  const [freeA, freeB] = [free(a, [...contractA, ...batchA]), free(b, [...contractB, ...batchB])];
  const orders = [contractA, contractB].map((side) => side.map((_, i) => i).toSorted((i, j) => (side[i] ?? 0) - (side[j] ?? 0)));
  const ways = orders.flatMap((order): readonly Way[] => {
    const [inA, inB] = [order.map((i) => contractA[i] ?? 0), order.map((i) => contractB[i] ?? 0)];
    const storedAs = (
      shape: readonly number[],
      [batch = [], own = [], summed = []]: readonly (readonly number[])[],
      isLeft: boolean,
    ): Stored => {
      const [ahead, behind] = [
        [...batch, ...own, ...summed],
        [...batch, ...summed, ...own],
      ];
      return isLeft ? stored(shape, ahead, behind, flagCost) : stored(shape, behind, ahead, flagCost);
    };
    const [partsA, partsB] = [
      [batchA, freeA, inA],
      [batchB, freeB, inB],
    ];
    const straight = { size, left: storedAs(a, partsA, true), right: storedAs(b, partsB, false), isSwapped: false };
    const swapped = {
      size: { batches, depth, rows: columns, columns: rows },
      left: storedAs(b, partsB, true),
      right: storedAs(a, partsA, false),
      isSwapped: true,
    };
    return rows === 1 || columns === 1 ? [straight, swapped] : [straight];
  });
  const costOf = ({ left, right }: Way): number => left.cost + right.cost;
  return ways.reduce((best, way) => (costOf(way) < costOf(best) ? way : best));
}
