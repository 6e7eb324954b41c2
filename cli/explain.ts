/** `bilevel explain CODE`: a diagnostic at length. Without a code: all of them, by family. */
import { catalogue, familyNames, rowOf, type CatalogueRow } from '../diagnostics/catalogue.ts';
import { unknownCode } from '../diagnostics/usage.ts';
import { closestName } from '../runtime/tensor.ts';
import { Failure, exit, type ExitCode } from './failure.ts';
import type { Session } from './session.ts';
import { table, wrapText } from './table.ts';

export function explain(session: Session, code: string | undefined): ExitCode {
  if (code === undefined) return list(session);
  const row = rowOf(code);
  if (row === undefined) {
    const known = catalogue.flatMap((r) => [r.code, r.slug]);
    throw new Failure([
      unknownCode({}, { asked: code, suggestion: closestName(code, known) ?? known.find((name) => name.includes(code.toLowerCase())) }),
    ]);
  }
  session.print(explanation(row, session));
  session.document({ ...row });
  return exit.done;
}

function explanation(row: CatalogueRow, { colors, width }: Session): string {
  const title = `${colors.bold(row.code)} ${row.slug} (${row.severity})`;
  const paragraphs = row.explain
    .split(/\n\s*\n/u)
    .map((paragraph) => wrapText(paragraph.replaceAll(/\s*\n\s*/gu, ' '), Math.min(width, 100)).join('\n'));
  const example = row.example
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}`.trimEnd());
  return [title, ...paragraphs, colors.dim('The smallest example that earns it:'), example.join('\n')].join('\n\n');
}

function list(session: Session): ExitCode {
  const { colors } = session;
  const digits = [...new Set(catalogue.map((row) => row.code[2] ?? ''))];
  const sections = digits.map((digit) => {
    const rows = catalogue.filter((row) => row.code[2] === digit).map((row) => [row.code, row.slug, row.severity]);
    return `${colors.bold(familyNames[digit] ?? '')}\n${table(rows, { indent: 2 })}`;
  });
  session.print(sections.join('\n\n'));
  session.document({ codes: catalogue.map(({ code, slug, severity }) => ({ code, slug, severity })) });
  return exit.done;
}
