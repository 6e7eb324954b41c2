/** What of a compiled problem goes into its module: the candidates that can be chosen at the sizes that are known, and what checks them. */
import { candidatesToCarry } from '../../../plan/carry.ts';
import { type Environment, namesIn } from '../../../plan/evaluate.ts';
import type { Precision } from '../../../plan/kernels.ts';
import type { Candidate, Plan } from '../../../plan/types.ts';
import type { CompiledProblem } from '../../pipeline.ts';
import type { ModuleRequest } from './module.ts';

export interface CarryOptions {
  readonly precisions: readonly Precision[];
  /** Sizes that are known now; they narrow the choice, and are not fixed by it. */
  readonly sizes: Environment;
  /** A strategy's name or a candidate's id. */
  readonly strategy?: string | undefined;
  /** Kernels in as few bytes as can be. */
  readonly small?: boolean;
}

/** `candidates`: what may be chosen, in the order of decision. Undefined where none is valid at these sizes. */
export function carriedCode(
  { module, code }: CompiledProblem,
  options: CarryOptions,
): (Pick<ModuleRequest, 'plan' | 'code' | 'description'> & { readonly candidates: readonly string[] }) | undefined {
  const { description, plan } = module;
  const { small = false } = options;
  const carried = candidatesToCarry(plan, options.sizes, options.strategy);
  const [first] = carried;
  if (first === undefined) return undefined;
  // Differences need the values of a candidate with their inner solver, and no kernels of their own.
  const checks = new Map<Candidate, Candidate>();
  for (const check of plan.candidates.filter((c) => c.checkingOnly && !carried.includes(c))) {
    const host = carried.find((c) => c.innerSolver === check.innerSolver);
    if (host !== undefined && !checks.has(host)) checks.set(host, check);
  }
  const asked: Plan['asked'] =
    options.strategy === undefined ? plan.asked : options.strategy === 'auto' ? {} : { strategy: first.strategy };
  const candidates = [...carried, ...checks.values()];
  return {
    description,
    candidates: carried.map((c) => c.id),
    plan: { ...plan, asked, candidates, assumptions: assumptionsOf(candidates, plan.assumptions) },
    code: carried.flatMap((candidate) =>
      options.precisions.map((precision) => {
        const check = checks.get(candidate);
        const candidates = [candidate.id, ...(check === undefined ? [] : [check.id])];
        return { candidates, precision, code: () => code(candidate.id, precision, { small }) };
      }),
    ),
  };
}

/** Those on which the choice depends. */
function assumptionsOf(candidates: readonly Candidate[], all: Plan['assumptions']): Plan['assumptions'] {
  const conditions = candidates.flatMap((c) => [...c.conditions, ...c.preferred]);
  const names = new Set(conditions.flatMap(({ left, right }) => [...namesIn(left), ...namesIn(right)]));
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)));
}
