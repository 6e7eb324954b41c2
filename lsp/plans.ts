/** How the problems of a page are to be solved: as far as the page alone tells, and with its data, when these have been looked at. */
import type { Sizes } from '../library/asked.ts';
import type { PlanDocument } from '../library/plan-document.ts';
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
  /** With its costs. */
  readonly document?: PlanDocument | undefined;
}

/** Nothing where the problem has errors. */
export function planOf({ problems, insights }: Analysis, node: ProblemNode): ProblemPlan | undefined {
  const problem = problems().find((each) => each.node === node);
  const compiled = problem?.compiled().value;
  if (compiled === undefined) return undefined;
  const { description, plan } = compiled.module;
  const insight = insights.get(compiled);
  return { description, plan, choice: choose(plan, insight?.sizes ?? knownSizes(description)), document: insight?.plan };
}

/** The sizes that are known at a place, without any derivative being taken. */
export function sizesAt({ problems, insights }: Analysis, offset: number): Sizes {
  const problem = problems().find(({ node: { span } }) => span.start <= offset && offset <= span.end);
  const compiled = problem?.compiled.isMade() === true ? problem.compiled().value : undefined;
  return (compiled && insights.get(compiled)?.sizes) ?? {};
}

/** Why it is taken; where sizes are missing, without which others cannot be weighed against it, that too. */
export function whyChosen({ plan, choice }: ProblemPlan, chosen: Candidate): string {
  const verdicts = candidatesAskedFor(plan, undefined).flatMap(({ id }) => choice.verdicts.filter((verdict) => verdict.id === id));
  const possible = verdicts.filter(({ verdict }) => verdict !== 'not for these sizes');
  const isOpen = possible.length > 1 && possible.some(({ predicted }) => predicted === undefined);
  const why = verdicts.find(({ id }) => id === chosen.id)?.why ?? chosen.why;
  return isOpen ? `${why}. Not all sizes are known here: with data another may be quicker` : why;
}
