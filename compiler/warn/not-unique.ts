/**
 * An inner problem that has no one minimiser, where that follows from its form: along some direction the loss is affine, whatever the data
 * are, so it has many minimisers or none. Two ways to see it. A loss that is tried on numbers in place of its data, more rows than
 * params, at two points: a Hessian that is singular at both, in one direction, is singular at all. And counting: params that meet
 * no term of their own bend only through the rows that they meet in, and fewer rows than these params cannot bend them all.
 */
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { minimiserNotUnique, type NotUnique } from '../../diagnostics/strategy.ts';
import { add, evaluate, literal, size, zero, type Dim } from '../ir/dims.ts';
import type { Problem } from '../problem.ts';
import type { ParamInfo } from '../program.ts';
import type { OwnTerms } from './own-terms.ts';
import { nullDirection } from './probe.ts';

/** Params that only rows of data bend: too many of them, where `free` is more than `rows`. */
export interface BentByRows {
  readonly params: readonly ParamInfo[];
  readonly free: Dim;
  readonly rows: Dim;
}

/** What is known now, and what sizes may show later. */
export interface Determined {
  readonly diagnostics: readonly Diagnostic[];
  readonly bentByRows?: BentByRows | undefined;
}

export function determined(problem: Problem, own: OwnTerms): Determined {
  const { b, program } = problem;
  const warn = (flat: readonly ParamInfo[], why: NotUnique): Determined => {
    const labels = flat.map(({ span, name }) => ({ span, message: `\`${name}\` is declared here` }));
    return { diagnostics: [minimiserNotUnique({ span: program.inner.span, labels }, { params: flat.map(({ name }) => name), why })] };
  };
  const bent = bentByRows(problem, own);
  const [free, rows] = [bent?.free, bent?.rows].map((size) => (size === undefined ? undefined : evaluate(size, b.fixed)));
  const isKnown = free !== undefined && rows !== undefined;
  if (bent !== undefined && isKnown && free > rows) return warn(bent.params, { free, rows });
  const flat = nullDirection(problem);
  const named = program.params.filter((_, i) => flat?.[i] === true);
  return named.length > 0 ? warn(named, 'by its form') : { diagnostics: [], bentByRows: isKnown ? undefined : bent };
}

/** `undefined` where there are none, or too few to be more than rows. */
function bentByRows({ program }: Problem, { met, slopes }: OwnTerms): BentByRows | undefined {
  const free = program.params.filter((_, i) => slopes[i] === undefined);
  const total = (shapes: readonly (readonly Dim[])[]): Dim => add(zero, ...shapes.map((shape) => size(shape)));
  const bent = { params: free, free: total(free.map((p) => p.shape)), rows: total(met.map((v) => v.type.shape)) };
  return (literal(bent.free) ?? Number.POSITIVE_INFINITY) <= met.length ? undefined : bent;
}
