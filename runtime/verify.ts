/** `gradient --verify`: the hypergradients of several strategies compared, and what their difference may be. Computes none itself. */
import { choose } from '../plan/choose.ts';
import type { ProblemModule } from '../plan/types.ts';
import { pointNorm } from './evaluate.ts';
import { figure } from './tensor.ts';
import type { BoundProblem, GradientResult, Outcome, Point, VerifyResult, VerifyRow } from './types.ts';

/** What strategies are asked to agree to, whatever they say of their errors. */
const agreement = 1e-6;

/** Units of rounding of the criterion below which a hypergradient cannot be told from zero. */
const roundingUnits = 100;

export async function compareAll(
  module: ProblemModule,
  bound: BoundProblem,
  chosen: GradientResult,
  gradient: (candidate: string) => Promise<Outcome<GradientResult>>,
): Promise<Outcome<VerifyResult>> {
  const { verdicts } = choose(module.plan, bound.sizes);
  const rows: VerifyRow[] = [];
  for (const candidate of module.plan.candidates) {
    const { id, strategy, solver } = candidate;
    const verdict = verdicts.find((v) => v.id === id);
    if (id === chosen.candidate) {
      rows.unshift({ strategy, solver, result: chosen });
    } else if (verdict?.verdict === 'not for these sizes' || verdict?.verdict === 'sizes unknown') {
      rows.push({ strategy, solver, because: verdict.why });
    } else if (!candidate.exact && !candidate.checkingOnly) {
      rows.push({ strategy, solver, because: 'only approximates the derivative of this criterion' });
    } else {
      const outcome = await gradient(id);
      if (outcome.ok) rows.push(compare(chosen, outcome.value));
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

function compare(chosen: GradientResult, other: GradientResult): VerifyRow {
  const size = pointNorm(chosen.hypergradient);
  const scale = size === 0 ? pointNorm(other.hypergradient) : size;
  const difference = pointNorm(minus(other.hypergradient, chosen.hypergradient));
  const relativeDifference = scale === 0 ? 0 : difference / scale;
  const errors = errorOf(chosen) + errorOf(other);
  const rounding = roundingUnits * Number.EPSILON * Math.abs(chosen.outer);
  const follows = scale === 0 ? 0 : (errors + rounding) / scale;
  const allowed =
    follows > agreement
      ? {
          relative: follows,
          why: `the errors that the two state, ${figure(errorOf(chosen))} and ${figure(errorOf(other))}, and the rounding of the criterion`,
        }
      : { relative: agreement, why: 'what exact strategies are asked to agree to' };
  return {
    strategy: other.strategy,
    solver: other.solver,
    result: other,
    relativeDifference,
    allowed,
    agrees: relativeDifference <= allowed.relative,
  };
}

const errorOf = ({ error }: GradientResult): number => error.bound ?? error.estimate ?? 0;

const minus = (a: Point, b: Point): Point =>
  Object.fromEntries(
    Object.entries(a).map(([name, { shape, data }]) => [name, { shape, data: data.map((x, i) => x - (b[name]?.data[i] ?? Number.NaN)) }]),
  );
