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

/** Nothing where the page has errors. */
export function planOf({ compiled }: Analysis, { span }: ProblemNode): ProblemPlan | undefined {
  const problem = compiled().problems.find(({ program }) => program.span.start === span.start);
  if (problem === undefined) return undefined;
  const { description, plan } = problem.module;
  return { description, plan, choice: choose(plan, knownSizes(description)) };
}

/** Why it is taken; where sizes are missing and could decide otherwise, that too. */
export function whyChosen({ plan, choice }: ProblemPlan, { id }: Candidate): string {
  const why = choice.verdicts.find((verdict) => verdict.id === id)?.why ?? '';
  const isOpen = candidatesAskedFor(plan, undefined).length > 1 && choice.verdicts.some((v) => v.id === id && v.predicted === undefined);
  return isOpen ? `${why}. Not all sizes are known here: with data another may be quicker` : why;
}
