/** Work as polynomials in sizes and counts, by kinds (`plan/types.ts`): read off nodes, added, and multiplied by how often it is done. */
import { workKinds, type Cost, type WorkKind } from '../plan/types.ts';
import { exprOf } from './cost.ts';
import type { Builder } from './ir/builder.ts';
import { add, multiply, number, one, scale, type Dim, type Poly } from './ir/dims.ts';
import type { Node } from './ir/graph.ts';

export type Work = Readonly<Partial<Record<WorkKind, Poly>>>;

const each = (make: (kind: WorkKind) => Poly | undefined): Work => {
  const work: Partial<Record<WorkKind, Poly>> = {};
  for (const kind of workKinds) {
    const amount = make(kind);
    if (amount !== undefined) work[kind] = amount;
  }
  return work;
};

export const sum = (...works: readonly Work[]): Work =>
  each((kind) => {
    const [first, ...rest] = works.flatMap((work) => work[kind] ?? []);
    return first === undefined || rest.length === 0 ? first : add(first, ...rest);
  });

/** So often. */
export function times(count: Poly | number, ...works: readonly Work[]): Work {
  const once = sum(...works);
  return each((kind) => once[kind] && (typeof count === 'number' ? scale(once[kind], count) : multiply(count, once[kind])));
}

/** So many of the same side by side: as many kernels as for one. */
export const sideBySide = (count: Poly, work: Work): Work => {
  const { kernels, ...wide } = work;
  return sum(times(count, wide), kernels === undefined ? {} : { kernels });
};

export const costOfWork = (work: Work): Cost =>
  Object.fromEntries(workKinds.flatMap((kind) => (work[kind] === undefined ? [] : [[kind, exprOf(work[kind])]])));

/** Of nodes as they stand. What is pointwise shares a kernel with what it is made for; views are free. */
export const workOf = (b: Builder, nodes: readonly Node[]): Work =>
  sum(
    ...nodes.map((node) => {
      const row = b.row(node.op);
      const { flops, kind } = row.cost(node);
      if (kind === 'product') return { products: flops, kernels: one };
      if (kind === 'factor') return { factors: flops, kernels: one };
      return flops.terms.length === 0 || row.batch === 'pointwise' ? { elements: flops } : { elements: flops, kernels: one };
    }),
  );

/** So many passes over a vector of R^d. */
export const passes = (d: Dim, count: number): Work => ({ elements: scale(d, count), kernels: number(count / 4) });

/** A product of a matrix `[rows, columns]` with a vector, so often. */
export const denseProducts = (rows: Dim, columns: Dim, count: Poly | number = 1): Work =>
  times(count, { products: scale(multiply(rows, columns), 2), kernels: one });

/** A Cholesky factor of a matrix `[d, d]`. */
export const factorOf = (d: Dim): Work => ({ factors: scale(multiply(d, d, d), 1 / 3), kernels: one });

/** Solves with it, a vector each: two triangular ones are a whole one. */
export const triangularSolves = (d: Dim, count: Poly | number): Work => times(count, { factors: multiply(d, d), kernels: one });

/** Whole solves, each two triangular ones and once more on the residual (`solvers/assembled.ts`). */
export const refinedSolves = (d: Dim, count: Poly | number): Work => times(count, triangularSolves(d, 4), denseProducts(d, d));
