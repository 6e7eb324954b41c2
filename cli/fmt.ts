/** `bilevel fmt FILE…`: writes pages in their canonical form; `--check` only says which are not. */
import { hasErrors } from '../diagnostics/diagnostic.ts';
import { parse } from '../grammar/parse.ts';
import { print } from '../grammar/print-ast.ts';
import { Failure, exit, type ExitCode } from './failure.ts';
import type { RawFlags } from './flags.ts';
import { writeFiles, type Session } from './session.ts';

export function fmt(session: Session, files: readonly string[], { check = false }: RawFlags): ExitCode {
  const changed: string[] = [];
  const wrong = [];
  for (const file of files) {
    const before = session.readPage(file);
    const { value: page, diagnostics } = parse(before, file);
    // A page that does not parse has parts that the tree lacks: printing it would lose them.
    if (hasErrors(diagnostics)) {
      wrong.push(...diagnostics);
      continue;
    }
    const after = print(page);
    if (after === before) continue;
    changed.push(file);
    if (!check) writeFiles(session.io, new Map([[file, after]]));
  }
  if (wrong.length > 0) throw new Failure(wrong);
  for (const file of changed) session.print(check ? `${file} is not formatted` : file);
  session.document({ status: check && changed.length > 0 ? 'not-formatted' : 'ok', changed });
  return check && changed.length > 0 ? exit.problem : exit.done;
}
