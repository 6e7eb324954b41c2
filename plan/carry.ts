/** Which candidates a compiled module carries: those that the choice can fall on, at the sizes that are known when it is compiled. */
import { candidatesAskedFor, holdsAll, inOrderOfDecision } from './choose.ts';
import type { Environment } from './evaluate.ts';
import type { Candidate, Plan } from './types.ts';

/**
 * In the order of decision. `only`: a strategy's name or a candidate's id, instead of what the page asks for. Empty where nothing
 * is valid at these sizes.
 */
export function candidatesToCarry(plan: Plan, sizes: Environment, only?: string): readonly Candidate[] {
  const environment = { ...plan.assumptions, ...sizes };
  const carried: Candidate[] = [];
  for (const candidate of inOrderOfDecision(candidatesAskedFor(plan, only), environment)) {
    const valid = holdsAll(candidate.conditions, environment).holds;
    if (valid === false) continue;
    carried.push(candidate);
    // Wherever it is valid and preferred, nothing behind it is chosen.
    if (valid === true && holdsAll(candidate.preferred, environment).holds === true) break;
  }
  return carried;
}
