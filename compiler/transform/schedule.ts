/** What fusion makes of a graph: steps, of which a group is one loop over rows (decision 009). */
import type { Poly, Shape } from '../ir/dims.ts';
import type { Node, Value } from '../ir/graph.ts';
import type { ProductForm } from './products.ts';
import type { Access } from './views.ts';

/** One value computed position by position of a map's domain. */
export interface Element {
  readonly value: Value;
  /** `copy`: the operand itself (the product of two). `sum`, `max`: of the operand (of the product of two operands) over the axes `reduced` of the domain. */
  readonly how: 'pointwise' | 'copy' | 'sum' | 'max';
  /** Over the domain, in the order of the op's operands. */
  readonly operands: readonly Access[];
  readonly reduced: readonly number[];
}

/** Elementwise work over one domain; its first axis is the rows. */
export interface MapPart {
  readonly kind: 'map';
  readonly domain: Shape;
  readonly elements: Element[];
}

/** A product of which a tile of rows is computed, or added up, at a time. */
export interface ProductPart {
  readonly kind: 'product';
  readonly value: Value;
  readonly operands: readonly [Access, Access];
  readonly form: Extract<ProductForm, { form: 'row' | 'sum' }>;
  /** Both operands are the same elements: the result is symmetric. */
  readonly symmetric: boolean;
}

export type Part = MapPart | ProductPart;

export interface Group {
  readonly kind: 'group';
  /** How many rows; none: scalars. */
  readonly rows: Poly | undefined;
  readonly parts: Part[];
}

/** An op as a whole, on operands that lie in memory row by row. */
export interface Whole {
  readonly kind: 'whole';
  readonly node: Node;
  readonly operands: readonly Access[];
  /** Of a product. */
  readonly form?: Extract<ProductForm, { form: 'matrix' }> | undefined;
}

export type Step = Group | Whole;

/** Where a value is computed. */
export interface Place {
  readonly step: number;
  /** The part of its group. */
  readonly part: number;
  /** A sum over rows: known only when the group has ended. */
  readonly accumulated: boolean;
}

export interface Schedule {
  readonly steps: readonly Step[];
  readonly places: ReadonlyMap<Value, Place>;
  /** Values with elements of their own that something besides their own part reads: the parts of their group, or steps behind it. */
  readonly readers: ReadonlyMap<Value, { readonly outside: boolean; readonly parts: ReadonlySet<number> }>;
  /** How each output of the graph is had: in memory, one element behind the other. */
  readonly outputs: readonly Memory[];
  /** Values that are computed where a `concat` wants them. */
  readonly homes: ReadonlyMap<Value, { readonly into: Value; readonly offset: Poly }>;
}

export type Memory = Extract<Access, { kind: 'memory' }>;
