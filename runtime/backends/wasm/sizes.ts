/** The numbers that the expressions of compiled code are at the sizes at hand. */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import { evaluate, namesIn, printExpr, type Environment } from '../../../plan/evaluate.ts';
import type { CandidateCode } from '../../../plan/kernels.ts';
import type { Expr } from '../../../plan/types.ts';

export interface SizeReader {
  /** A whole number, or our mistake. */
  readonly size: (of: Expr) => number;
  /** An amount of work, which may be a fraction. */
  readonly amount: (of: Expr) => number;
}

export function sizesFrom(sizes: Environment): SizeReader {
  const amount = (of: Expr): number => {
    const value = evaluate(of, sizes);
    if (value === undefined || Number.isNaN(value)) throw new InternalError('wasm link', `the size ${printExpr(of)} is not known`);
    return value;
  };
  const size = (of: Expr): number => {
    const value = amount(of);
    if (!Number.isInteger(value)) throw new InternalError('wasm link', `the size ${printExpr(of)} is ${value}`);
    return value;
  };
  return { size, amount };
}

/** Whether every size that the code speaks of is known. */
export function isSized({ buffers, kernels, link }: CandidateCode, sizes: Environment): boolean {
  const exprs: readonly Expr[] = [
    ...buffers.map((b) => b.elements),
    ...kernels.flatMap((k) => [k.rows, k.width, k.accumulated, k.work, ...k.tileBuffers, ...k.scratch]),
    ...link.flatMap((value) => ('of' in value ? [value.of] : [])),
  ];
  return exprs.every((expr) => namesIn(expr).every((name) => Object.hasOwn(sizes, name)));
}
