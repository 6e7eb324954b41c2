/** `gradient --verify`: the hypergradients of several strategies compared, and what their difference may be. Computes none itself. */
import { NEAR_KINK } from '../diagnostics/numerics.ts';
import { choose } from '../plan/choose.ts';
import { approximates } from '../plan/decide.ts';
import type { Candidate, ProblemModule } from '../plan/types.ts';
import type { Slope } from './by-differences.ts';
import { roundingOf } from './rounding.ts';
import { dot, figure, norm, pointNorm } from './tensor.ts';
import type { BoundProblem, Failure, GradientResult, Outcome, Point, VerifyResult, VerifyRow } from './types.ts';

/** With more hypers than this, differences are taken along random directions, and not for every coordinate. */
const mostCoordinates = 40;
export const directions = 12;

/** Units of rounding of the criterion below which a hypergradient cannot be told from zero. */
const roundingUnits = 100;

export async function compareAll(
  module: ProblemModule,
  bound: BoundProblem,
  chosen: GradientResult,
  gradient: (candidate: string) => Promise<Outcome<GradientResult>>,
  slopes: (candidate: Candidate) => Promise<readonly Slope[] | Failure | undefined>,
): Promise<Outcome<VerifyResult>> {
  const { verdicts } = choose(module.plan, bound.sizes);
  const isApproximate = module.plan.candidates.some((c) => c.id === chosen.candidate && approximates(c));
  const isAtKink = chosen.warnings.some(({ code }) => code === NEAR_KINK);
  const unjudged = (candidate: Candidate, other?: GradientResult): string | undefined => {
    if (isApproximate || approximates(candidate)) return 'the distance of an approximation';
    if ([chosen, other].some((result) => result?.inner.status === 'step-limit')) return 'an inner solve stopped at its limit of steps';
    return isAtKink && candidate.drive === 'differences' ? 'differences across a kink are of neither of its slopes' : undefined;
  };
  const rows: VerifyRow[] = [];
  for (const candidate of differencesLast(module.plan.candidates, chosen.candidate)) {
    const { id, strategy, solver } = candidate;
    const verdict = verdicts.find((v) => v.id === id);
    if (id === chosen.candidate) {
      rows.unshift({ strategy, solver, result: chosen });
    } else if (verdict?.verdict === 'not for these sizes' || verdict?.verdict === 'sizes unknown') {
      rows.push({ strategy, solver, because: verdict.why });
    } else if (candidate.drive === 'differences' && rows.some((row) => row.strategy === strategy && isComputed(row))) {
      rows.push({ strategy, solver, because: 'differences by one solver are enough' });
    } else {
      const along = candidate.drive === 'differences' && countOf(chosen.hyper) > mostCoordinates ? await slopes(candidate) : undefined;
      if (along !== undefined && 'ok' in along) return along;
      if (along !== undefined) {
        rows.push(told(compareSlopes(chosen, candidate, along), unjudged(candidate)));
        continue;
      }
      const outcome = await gradient(id);
      if (outcome.ok) rows.push(told(compare(chosen, outcome.value), unjudged(candidate, outcome.value)));
      else if (outcome.status === 'interrupted') return { ok: false, status: 'interrupted', diagnostics: [] };
      else
        rows.push({
          strategy,
          solver,
          because: outcome.diagnostics.map((d) => d.message).join('; ') || `ended with status ${outcome.status}`,
        });
    }
  }
  for (const { strategy, solver, because } of module.plan.refusals) rows.push({ strategy, solver: solver ?? '', because });
  return { ok: true, value: { chosen, rows, agrees: rows.every((row) => row.agrees !== false) } };
}

/** Differences take a solve for each value: those by the solver of the chosen one, for whose time it was chosen, come before others. */
function differencesLast(candidates: readonly Candidate[], chosen: string): readonly Candidate[] {
  const solver = candidates.find(({ id }) => id === chosen)?.innerSolver;
  const rank = ({ drive, innerSolver }: Candidate): number => (drive !== 'differences' ? 0 : innerSolver === solver ? 1 : 2);
  return [...candidates].sort((a, b) => rank(a) - rank(b));
}

const isComputed = ({ result, relativeDifference }: VerifyRow): boolean => result !== undefined || relativeDifference !== undefined;

/** Where `because` says why the difference of the two proves nothing, it is told, and is no reason to agree or not. */
function told(row: VerifyRow, because: string | undefined): VerifyRow {
  if (because === undefined) return row;
  const { strategy, solver, result, relativeDifference } = row;
  return { strategy, solver, because, ...(result && { result }), ...(relativeDifference !== undefined && { relativeDifference }) };
}

/** Two that compute the same hypergradient, as far as what they state of their errors allows. */
export function compare(chosen: GradientResult, other: GradientResult): VerifyRow {
  const size = pointNorm(chosen.hypergradient);
  const scale = size === 0 ? pointNorm(other.hypergradient) : size;
  const difference = pointNorm(minus(other.hypergradient, chosen.hypergradient));
  const row = judge(chosen, other, difference, scale, errorOf(other), '');
  const { agreement } = roundingOf(chosen.computedBy);
  if (sameCriterion(chosen.outer, other.outer, agreement)) return { result: other, ...row };
  const why = `the criterion itself is ${figure(other.outer)} here and ${figure(chosen.outer)} there`;
  return { result: other, ...row, agrees: false, allowed: { relative: row.allowed?.relative ?? agreement, why } };
}

/** The mean square of ⟨difference, u⟩ over random signs u is the square of the difference’s norm. */
function compareSlopes(chosen: GradientResult, other: Candidate, slopes: readonly Slope[]): VerifyRow {
  const rootMeanSquare = (values: readonly number[]): number => norm(values) / Math.sqrt(values.length);
  const misses = slopes.map(({ derivative, direction }) => derivative - inner(chosen.hypergradient, direction));
  const size = pointNorm(chosen.hypergradient);
  const scale = size === 0 ? rootMeanSquare(slopes.map((s) => s.derivative)) : size;
  const how = `along ${slopes.length} random directions, for there are ${countOf(chosen.hyper)} hypers; `;
  return judge(chosen, other, rootMeanSquare(misses), scale, rootMeanSquare(slopes.map((s) => s.error)), how);
}

function judge(
  chosen: GradientResult,
  { strategy, solver }: { readonly strategy: string; readonly solver: string },
  difference: number,
  scale: number,
  error: number,
  how: string,
): VerifyRow {
  const { unit, agreement } = roundingOf(chosen.computedBy);
  const relativeDifference = scale === 0 ? 0 : difference / scale;
  const rounding = roundingUnits * unit * Math.abs(chosen.outer);
  const follows = scale === 0 ? 0 : (errorOf(chosen) + error + rounding) / scale;
  const allowed =
    follows > agreement
      ? {
          relative: follows,
          why: `${how}the errors that the two state, ${figure(errorOf(chosen))} and ${figure(error)}, and the rounding of the criterion`,
        }
      : { relative: agreement, why: `${how}what exact strategies are asked to agree to` };
  return { strategy, solver, relativeDifference, allowed, agrees: relativeDifference <= allowed.relative };
}

const countOf = (point: Point): number => Object.values(point).reduce((count, { data }) => count + data.length, 0);

const inner = (a: Point, b: Point): number =>
  Object.entries(a).reduce((sum, [name, { data }]) => sum + dot(data, b[name]?.data ?? new Float64Array(data.length)), 0);

/** One problem has one criterion: where it differs, so does what the hypergradients are of. */
const sameCriterion = (a: number, b: number, agreement: number): boolean =>
  Math.abs(a - b) <= agreement * Math.max(Math.abs(a), Math.abs(b)) + 1e-12;

const errorOf = ({ error }: GradientResult): number => error.bound ?? error.estimate ?? 0;

const minus = (a: Point, b: Point): Point =>
  Object.fromEntries(
    Object.entries(a).map(([name, { shape, data }]) => [name, { shape, data: data.map((x, i) => x - (b[name]?.data[i] ?? Number.NaN)) }]),
  );
