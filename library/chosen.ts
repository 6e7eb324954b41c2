/** From the text of a page to the one problem that a call is about: what every function does first that is about a problem. */
import { compile } from '../compiler/pipeline.ts';
import type { CompiledProblem } from '../compiler/pipeline.ts';
import { hasErrors } from '../diagnostics/diagnostic.ts';
import type { Result } from '../diagnostics/diagnostic.ts';
import { whichProblem } from '../diagnostics/usage.ts';
import { closestName } from '../runtime/tensor.ts';
import { canAskFor, sizesWith, strategiesOf, type Sizes } from './asked.ts';
import type { NamedPage } from './module.ts';
import type { ProblemOptions } from './options.ts';
import { UsageError, nothingOfThatName } from './usage-error.ts';

export interface ChosenProblem {
  readonly problem: CompiledProblem;
  /** All that the page and the call make known. */
  readonly sizes: Sizes;
}

/** Undefined where the page has errors, or does not hold the problem; throws a `UsageError` for sizes and strategies that are not there. */
export function chosenProblem(page: NamedPage, options: ProblemOptions): Result<ChosenProblem | undefined> {
  const { value: problems, diagnostics } = compile(page.text, page.name, page.imports);
  if (hasErrors(diagnostics)) return { value: undefined, diagnostics };
  const { problem: asked, sizes = {}, strategy } = options;
  const names = problems.map((p) => p.module.description.name);
  const problem = asked === undefined && names.length === 1 ? problems[0] : problems[names.indexOf(asked ?? '')];
  if (problem === undefined) {
    const suggestion = asked === undefined ? undefined : closestName(asked, names);
    return { value: undefined, diagnostics: [...diagnostics, whichProblem({}, { file: page.name, asked, problems: names, suggestion })] };
  }
  const { description, plan } = problem.module;
  if (strategy !== undefined && !canAskFor(plan, strategy))
    throw nothingOfThatName('the plan has no strategy', strategy, strategiesOf(plan));
  const known = sizesWith(description, sizes);
  if (!known.ok) throw new UsageError(`sizes: ${known.because}; write { ${known.instead.dim}: ${known.instead.size} }, say`);
  return { value: { problem, sizes: known.sizes }, diagnostics };
}
