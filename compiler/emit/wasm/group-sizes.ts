/** The sizes of a kernel as expressions: what a tile touches, what a chunk sums, how much work a row is. Emits nothing. */
import { tilingOf, type Tiling } from '../../../plan/tiling.ts';
import { given } from '../../ir/attributes.ts';
import { add, literal, multiply, number, scale, size, zero, type Poly, type Shape } from '../../ir/dims.ts';
import type { Value } from '../../ir/graph.ts';
import type { Group, Part, ProductPart } from '../../transform/schedule.ts';
import type { Access } from '../../transform/views.ts';
import type { Lanes } from './lanes.ts';
import { weightOf } from './map.ts';

/** Rows of a tile below which a product of matrices does not pay: its packed operands are read again for each tile. */
const LEAST_ROWS = { plain: 4, rowProduct: 32, sumProduct: 256 } as const;

/** Where the values of a kernel are while it runs. */
export type Keeping =
  | { readonly is: 'register' }
  /** A buffer of one tile. */
  | { readonly is: 'tile' }
  /** All rows, in memory. */
  | { readonly is: 'rows' }
  /** Cells that each chunk sums into; those of the first are the result. */
  | { readonly is: 'cells'; readonly how: 'sum' | 'max' };

/** What `KernelPlan` says of a kernel. */
export interface KernelPolys {
  readonly rows: Poly;
  readonly width: Poly;
  readonly leastRows: number;
  readonly accumulated: Poly;
  readonly work: Poly;
}

export function kernelSizes(
  { parts }: Group,
  rows: Poly,
  keeping: ReadonlyMap<Value, Keeping>,
  shapeOf: (value: Value) => Shape,
): KernelPolys {
  const cells = [...keeping].filter(([, k]) => k.is === 'cells').map(([value]) => size(shapeOf(value)));
  return {
    rows,
    width: widthOf(parts, keeping, (value) => size(shapeOf(value).slice(1))),
    leastRows: Math.max(...parts.map(leastRows)),
    accumulated: add(zero, ...cells),
    work: add(zero, ...parts.map(workOf)),
  };
}

/** The tiling, where the page fixes all sizes and the rows are one tile. */
export function tilingIfOne({ leastRows: least, ...polys }: KernelPolys, lanes: Lanes): Tiling | undefined {
  const [rows, width, accumulated, work] = [polys.rows, polys.width, polys.accumulated, polys.work].map(literal);
  if (rows === undefined || width === undefined || accumulated === undefined || work === undefined) return undefined;
  const tiling = tilingOf({ rows, width, leastRows: least, accumulated, work }, lanes.bytes);
  return rows > 0 && rows <= tiling.tileRows ? tiling : undefined;
}

/** Operations a row. */
function workOf(part: Part): Poly {
  if (part.kind === 'map') return scale(size(part.domain.slice(1)), weightOf(part));
  const { form } = part;
  if (form.form === 'row') return scale(multiply(form.depth, form.columns?.count ?? number(1)), 2);
  return scale(multiply(form.left?.count ?? number(1), form.right?.count ?? number(1)), 2);
}

/** Elements of one row that the parts touch. */
function widthOf(parts: readonly Part[], keeping: ReadonlyMap<Value, Keeping>, rowElements: (value: Value) => Poly): Poly {
  const seen = new Set<string>();
  let total = zero;
  const count = (key: string, elements: Poly): void => {
    if (seen.has(key)) return;
    seen.add(key);
    total = add(total, elements);
  };
  const touch = (access: Access, stride: Poly | undefined, elements: Poly): void => {
    if (access.kind === 'memory' && stride !== undefined && stride.terms.length > 0) count(`${access.base.id}`, elements);
  };
  for (const part of parts) {
    if (part.kind === 'map') {
      const domain = size(part.domain.slice(1));
      for (const a of part.elements.flatMap((e) => e.operands))
        if (a.kind === 'memory') touch(a, a.strides[0], keeping.has(a.base) ? rowElements(a.base) : domain);
    } else if (part.form.form === 'row') touch(given(part.operands[part.form.rows]), part.form.rowStride, part.form.depth);
    else {
      touch(part.operands[0], part.form.rowStrides[0], part.form.left?.count ?? number(1));
      touch(part.operands[1], part.form.rowStrides[1], part.form.right?.count ?? number(1));
    }
  }
  for (const [value, { is }] of keeping) if (is === 'rows' || is === 'tile') count(`${value.id}`, rowElements(value));
  return total;
}

export const isMatrixProduct = ({ form }: ProductPart): boolean =>
  form.form === 'row' ? form.columns !== undefined : form.left !== undefined && form.right !== undefined;

/** Columns of the operand that a sum over rows packs for each tile. */
export function packedTile(part: Part): Poly | undefined {
  if (part.kind !== 'product' || part.form.form !== 'sum' || part.form.left === undefined) return undefined;
  return part.form.right?.count;
}

function leastRows(part: Part): number {
  if (part.kind === 'map' || !isMatrixProduct(part)) return LEAST_ROWS.plain;
  return part.form.form === 'row' ? LEAST_ROWS.rowProduct : LEAST_ROWS.sumProduct;
}
