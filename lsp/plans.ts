/** How the problems of a page are to be solved, as far as the page alone tells: an editor knows no data. */
import { choose } from '../plan/choose.ts';
import { candidatesAskedFor, type Choice } from '../plan/decide.ts';
import { knownSizes } from '../plan/splits.ts';
import type { Candidate, Plan, ProblemDescription } from '../plan/types.ts';
import type { ProblemNode } from '../grammar/ast.ts';
import type { Analysis } from './analysis.ts';

export interface ProblemPlan {
  readonly description: ProblemDescription;
  readonly plan: Plan;
  readonly choice: Choice;
}

/** Nothing where the problem has errors. */
export function planOf({ problems }: Analysis, node: ProblemNode): ProblemPlan | undefined {
  const compiled = problems()
    .find((problem) => problem.node === node)
    ?.compiled().value;
  if (compiled === undefined) return undefined;
  const { description, plan } = compiled.module;
  return { description, plan, choice: choose(plan, knownSizes(description)) };
}

/** Why it is taken; where sizes are missing, without which others cannot be weighed against it, that too. */
export function whyChosen({ plan, choice }: ProblemPlan, chosen: Candidate): string {
  const verdicts = candidatesAskedFor(plan, undefined).flatMap(({ id }) => choice.verdicts.filter((verdict) => verdict.id === id));
  const possible = verdicts.filter(({ verdict }) => verdict !== 'not for these sizes');
  const isOpen = possible.length > 1 && possible.some(({ predicted }) => predicted === undefined);
  const why = verdicts.find(({ id }) => id === chosen.id)?.why ?? chosen.why;
  return isOpen ? `${why}. Not all sizes are known here: with data another may be quicker` : why;
}
