/** From a file's name to a problem with data: what every command that works on one problem does first. */
import { dirname } from 'node:path';
import { compile, type CompiledProblem } from '../compiler/pipeline.ts';
import { unknownPass, whichProblem, wrongFlag } from '../diagnostics/usage.ts';
import { closestName } from '../runtime/tensor.ts';
import { Failure } from './failure.ts';
import type { RawFlags } from './flags.ts';
import { demand, type Session } from './session.ts';

/** Compiles a page and takes the one problem that is meant; warnings are shown, errors stop the command. */
export function loadProblem(
  session: Session,
  file: string,
  { problem: asked, strategy }: Pick<RawFlags, 'problem' | 'strategy'>,
): CompiledProblem {
  const { value: problems, diagnostics } = compile(session.readPage(file), file);
  demand(session, diagnostics);
  const names = problems.map((p) => p.module.description.name);
  const chosen =
    asked === undefined ? (problems.length === 1 ? problems[0] : undefined) : problems.find((p) => p.module.description.name === asked);
  if (chosen !== undefined) {
    demandStrategy(chosen, strategy);
    return chosen;
  }
  throw new Failure([
    whichProblem({}, { file, asked, problems: names, suggestion: asked === undefined ? undefined : closestName(asked, names) }),
  ]);
}

/** A strategy that no plan has is a slip of the command line; one that refuses the problem is for the solve to explain. */
function demandStrategy({ module }: CompiledProblem, asked: string | undefined): void {
  const { candidates, refusals } = module.plan;
  const names = [...new Set([...candidates.map((c) => c.strategy), ...refusals.map((r) => r.strategy)])];
  if (asked === undefined || asked === 'auto' || names.includes(asked) || candidates.some((c) => c.id === asked)) return;
  const form = closestName(asked, names) ?? names.join(', --strategy ');
  throw new Failure([wrongFlag({}, { flag: '--strategy', given: asked, because: 'the plan has no such strategy', form })]);
}

/** Prints the graphs that `--dump` names; true when there was such a flag, and the command is done. */
export function dumped(session: Session, { dumps, module }: CompiledProblem, { dump }: RawFlags): boolean {
  if (dump === undefined) return false;
  const print = dumps.get(dump);
  const passes = [...dumps.keys()];
  if (print === undefined) throw new Failure([unknownPass({}, { asked: dump, passes, suggestion: closestName(dump, passes) })]);
  const text = print();
  session.print(text.trimEnd());
  session.document({ problem: module.description.name, pass: dump, text });
  return true;
}

export const folderOf = (file: string): string => dirname(file);
