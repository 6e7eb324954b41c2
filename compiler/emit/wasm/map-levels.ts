/** The loop nest of a map: which axes become one loop, and by what strides operands and results move along it. Emits nothing. */
import { given } from '../../ir/attributes.ts';
import { isOne, multiply, one, zero, type Poly, type Shape } from '../../ir/dims.ts';
import type { Element } from '../../transform/schedule.ts';
import { rowMajor, type Access, type Affine } from '../../transform/views.ts';

/** An axis of the loop nest: one of the domain, or neighbours that every access walks by one stride. */
export interface Level {
  /** How many positions; the rows of the tile come in besides if `hasRows`. */
  readonly count: Poly;
  readonly hasRows: boolean;
  /** The domain's axis whose strides are the level's. */
  readonly axis: number;
  /** All axes of the domain that it covers. */
  readonly axes: readonly number[];
}

export const keyOf = ({ base, offset, strides }: Extract<Access, { kind: 'memory' }>): string =>
  `${base.id} ${offset.key} ${strides.map((s) => s.key).join()}`;

/** Whole numbers and elements: what moves along the nest by strides. */
export const affineOf = (access: Access): readonly Affine[] => {
  switch (access.kind) {
    case 'uniform':
      return [];
    case 'diagonal':
      return [access.row, access.column];
    default:
      return [access];
  }
};

/** Strides of an element's result over the domain: 0 along what is summed. */
export function outputStrides({ reduced }: Element, domain: Shape): readonly Poly[] {
  const kept = domain.map((_, axis) => axis).filter((axis) => !reduced.includes(axis));
  const strides = rowMajor(kept.map((axis) => given(domain[axis])));
  return domain.map((_, axis) => (kept.includes(axis) ? given(strides[kept.indexOf(axis)]) : zero));
}

/** The nest of a domain: axes of one position dropped, neighbours joined where every access walks them by one stride. */
export function levelsOf(domain: Shape, hasRows: boolean, maps: readonly (readonly Poly[])[]): readonly Level[] {
  const levels: Level[] = [];
  for (const [axis, dim] of domain.entries()) {
    const isRows = axis === 0 && hasRows;
    if (!isRows && isOne(dim)) continue;
    const before = levels.at(-1);
    const joins =
      before !== undefined && maps.every((strides) => given(strides[before.axis]).key === multiply(given(strides[axis]), dim).key);
    if (before !== undefined && joins) {
      levels[levels.length - 1] = { count: multiply(before.count, dim), hasRows: before.hasRows, axis, axes: [...before.axes, axis] };
    } else levels.push({ count: isRows ? one : dim, hasRows: isRows, axis, axes: [axis] });
  }
  return levels;
}
