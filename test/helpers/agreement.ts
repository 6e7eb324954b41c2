/** What "all strategies agree" means, decided here and not by the program that is under test. */
import { expect } from 'vitest';
import { flatAll, type VerifyDocument, type VerifyRow } from './cli.ts';
import type { ReferencePoint } from './reference.ts';

const norm = (v: readonly number[]): number => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));

/**
 * Compares every pair of strategies of a `--verify` document, and each with the reference: to 1e-6, or to machine precision times
 * the condition number where that is larger; finite differences to the error that they state of themselves.
 */
export function expectAgreement(document: VerifyDocument, point: ReferencePoint): void {
  const names = Object.keys(point.hyper);
  const truth = flatAll(point.hypergradient, names);
  const exact = Math.max(1e-6, Number.EPSILON * (point.inner_hessian_condition ?? 0));
  const computed = document.verify.flatMap((row) =>
    row.hypergradient === undefined
      ? []
      : [{ row, label: `${row.strategy} with ${row.solver}`, vector: flatAll(row.hypergradient, names) }],
  );
  const allowed = (a: VerifyRow, b: VerifyRow): number => exact * norm(truth) + ownError(a) + ownError(b);
  for (const [i, { row, label, vector }] of computed.entries()) {
    const own = exact * norm(truth) + ownError(row);
    expect(gap(vector, truth), `${label} and the reference`).toBeLessThanOrEqual(own);
    for (const other of computed.slice(i + 1))
      expect(gap(vector, other.vector), `${label} and ${other.label}`).toBeLessThanOrEqual(allowed(row, other.row));
  }
  expect(document.agrees, 'the program’s own verdict').toBe(true);
  // With hundreds of hypers differences are taken along random directions: a verdict without a hypergradient.
  const compared = document.verify.filter(({ hypergradient, agrees }) => hypergradient !== undefined || agrees !== undefined);
  const strategies = new Set(compared.map(({ strategy }) => strategy));
  expect(strategies).toContain('finite_difference');
  // At a minimiser there is always an implicit way; a recipe is differentiated by unrolling alone.
  if (strategies.has('unrolled')) expect([...strategies].sort()).toEqual(['finite_difference', 'unrolled']);
  else expect(strategies).toContain('implicit');
}

/** What differences say of their own error; nothing for the others, which are asked to be exact. */
function ownError({ strategy, error }: VerifyRow): number {
  if (strategy !== 'finite_difference') return 0;
  return error?.bound ?? error?.estimate ?? 0;
}

const gap = (a: readonly number[], b: readonly number[]): number => {
  const distance = norm(a.map((x, i) => x - (b[i] ?? Number.NaN)));
  return Number.isNaN(distance) ? Infinity : distance;
};
