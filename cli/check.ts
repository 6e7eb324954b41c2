/**
 * `bilevel check FILE…`: parse, types, shapes, curvature. Its diagnostics are what was asked for, so they go to stdout.
 * It always compiles, whatever is kept from before. With `--fix` what was clearly meant is put into the pages first.
 */
import { compile } from '../compiler/pipeline.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { wrongFlag } from '../diagnostics/usage.ts';
import { Failure, exit, exitCodeOf, exitWords, type ExitCode } from './failure.ts';
import { counted } from '../library/figures.ts';
import type { RawFlags } from './flags.ts';
import { dumped, loadProblem } from './load.ts';
import { mendPage, type Mended } from './mend.ts';
import type { Session } from './session.ts';
import { compositeSentence } from '../library/plan-words.ts';

export async function check(session: Session, files: readonly string[], flags: RawFlags): Promise<ExitCode> {
  const [first = '', ...others] = files;
  const { dump, problem, fix = false } = flags;
  if (dump !== undefined) {
    const because = 'it prints the graphs of one page';
    if (fix) {
      const asIs = 'it prints the graphs of a page as it is';
      throw new Failure([wrongFlag({}, { flag: '--dump', given: dump, because: asIs, form: `${dump} without --fix` })]);
    }
    if (others.length > 0) throw new Failure([wrongFlag({}, { flag: '--dump', given: dump, because, form: `${dump} with one page` })]);
    await dumped(session, await loadProblem(session, first, flags), flags);
    return exit.done;
  }
  if (problem !== undefined) {
    const because = 'all problems of a page are checked';
    throw new Failure([wrongFlag({}, { flag: '--problem', given: problem, because, form: `${problem} only with --dump PASS` })]);
  }
  let code: ExitCode = exit.done;
  const problems: string[] = [];
  const mended: Mended[] = [];
  for (const file of files) {
    if (fix) mended.push(...mendPage(session, file));
    const diagnostics = checkFile(session, file, problems);
    session.report(diagnostics, true);
    if (code === exit.done) code = exitCodeOf(diagnostics);
    const count = (severity: Diagnostic['severity']): number => diagnostics.filter((d) => d.severity === severity).length;
    const found = [counted(count('error'), 'error'), counted(count('warning'), 'warning')].filter((text) => !text.startsWith('0 '));
    if (session.form === 'text') session.note(`${file}: ${found.length === 0 ? 'nothing wrong' : found.join(', ')}`);
  }
  session.document({
    status: exitWords[code],
    ...(code === exit.done ? {} : { exit_code: code }),
    files,
    problems,
    ...(fix ? { mended } : {}),
  });
  return code;
}

/** One file's mistake does not keep the others from being checked. */
function checkFile(session: Session, file: string, problems: string[]): readonly Diagnostic[] {
  try {
    const { value, diagnostics } = compile(session.readPage(file), file, session.readImport);
    for (const { module } of value) {
      const { name, composite, meaning } = module.description;
      problems.push(name);
      if (session.form === 'text' && composite !== undefined) session.note(`${name}: ${compositeSentence(composite, meaning)}`);
    }
    return diagnostics;
  } catch (error) {
    if (error instanceof Failure) return error.diagnostics;
    throw error;
  }
}
