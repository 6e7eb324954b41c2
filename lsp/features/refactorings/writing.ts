/**
 * How a page is rewritten: a statement that stood in the canonical form stands in it afterwards, and one that did not keeps its own. Text that
 * takes an expression's place gets parentheses where it needs them.
 */
import { hasErrors, type Edit, type Span } from '../../../diagnostics/diagnostic.ts';
import { edited } from '../../../diagnostics/fix.ts';
import type { Page } from '../../../grammar/ast.ts';
import { parse } from '../../../grammar/parse.ts';
import { print } from '../../../grammar/print-ast.ts';
import { headStart, lineStart } from '../../../grammar/removal.ts';
import { statementsOf, holds, type Statement } from './tree.ts';

/** An edit whose text is an expression, and takes the place of one. */
export interface Replacement extends Edit {
  readonly isExpression?: true;
}

/** Where a text is, and what is to be written there. */
export const replacement = (span: Span, text: string): Replacement => ({ span, text, isExpression: true });

export const textOf = ({ text }: Page, { start, end }: Span): string => text.slice(start, end);

/** An expression as it stands, for a place where it may need parentheses. */
export const inParentheses = (text: string): string => (isAtom(text) ? text : `(${text})`);
const isAtom = (text: string): boolean => /^[\p{L}_][\p{L}\p{N}_]*$/u.test(text);

/** The edits that a page gets, statement by statement. */
export function settled(page: Page, edits: readonly Replacement[]): readonly Edit[] {
  const statements = statementsOf(page);
  const statementOf = ({ span }: Edit): Statement | undefined =>
    statements.find(({ node }) => holds(node.span, span) && (span.end > node.span.start || span.start < span.end));
  const touched = [...new Set(edits.flatMap((edit) => statementOf(edit) ?? []))];
  return [
    ...edits.filter((edit) => statementOf(edit) === undefined),
    ...touched.flatMap((statement) => {
      const own = edits.filter((edit) => statementOf(edit) === statement);
      return inStatement(page, statement, own);
    }),
  ].sort((a, b) => a.span.start - b.span.start);
}

function inStatement(page: Page, { node, problem }: Statement, edits: readonly Replacement[]): readonly Edit[] {
  const { span } = node;
  const text = textOf(page, span);
  const isInside = problem !== undefined;
  const wrapped = edits.map((edit) => (edit.isExpression === true ? { ...edit, text: inParentheses(edit.text) } : edit));
  const canonical = printed(edited(text, wrapped, span.start), isInside);
  if (canonical !== undefined && printed(text, isInside) === text) return [shortest(text, canonical, span)];
  // Parentheses that the tree does without are left out.
  return wrapped.map((edit, i) => {
    const bare = edits[i] ?? edit;
    const without = printed(edited(text, [...wrapped.slice(0, i), bare, ...wrapped.slice(i + 1)], span.start), isInside);
    return canonical !== undefined && without === canonical ? bare : edit;
  });
}

/** The canonical text of a statement; nothing of one that cannot be read. */
export function printed(statement: string, isInProblem: boolean, width?: number): string | undefined {
  const [opener, closer] = isInProblem ? ['problem p {\n  ', '\n}\n'] : ['', '\n'];
  const { value, diagnostics } = parse(`${opener}${statement}${closer}`, '');
  const options = width === undefined ? {} : { width };
  return hasErrors(diagnostics) ? undefined : print(value, options).slice(opener.length, -closer.length);
}

/** An expression on one line, without the parentheses that it does not need; one with comments stays as it is. */
export function asExpression(text: string): string {
  const opener = 'let x = ';
  return /\/[/*]/u.test(text) ? text : (printed(`${opener}${text}`, true, Infinity)?.slice(opener.length) ?? text);
}

export const isCanonical = (page: Page, { node, problem }: Statement): boolean => {
  const text = textOf(page, node.span);
  return printed(text, problem !== undefined) === text;
};

/** A new statement before another one, and before what is said of that. */
export function before(page: Page, statement: Statement, written: string): Edit {
  const text = isCanonical(page, statement) ? (printed(written, statement.problem !== undefined) ?? written) : written;
  const start = headStart(page.text, statement.node.span);
  const between = statement.problem === undefined ? '\n\n' : `\n${indentAt(page.text, start)}`;
  return { span: { ...statement.node.span, start, end: start }, text: `${text}${between}` };
}

/** The space before what stands at an offset, on its line. */
export const indentAt = (text: string, offset: number): string =>
  /[^\S\n\r]*$/u.exec(text.slice(lineStart(text, offset), offset))?.[0] ?? '';

/** What differs, without what is the same at both ends. */
function shortest(old: string, written: string, { file, start }: Span): Edit {
  const most = Math.min(old.length, written.length);
  let [front, back] = [0, 0];
  while (front < most && old[front] === written[front]) front += 1;
  while (back < most - front && old[old.length - 1 - back] === written[written.length - 1 - back]) back += 1;
  return { span: { file, start: start + front, end: start + old.length - back }, text: written.slice(front, written.length - back) };
}

/** A new statement behind another one of a problem, and behind the comment that stands on its line. */
export function behind({ text }: Page, span: Span, written: string): Edit {
  const end = span.end + (/^[^\S\n\r]*\/\/[^\n\r]*/u.exec(text.slice(span.end))?.[0].length ?? 0);
  return { span: { ...span, start: end, end }, text: `\n${indentAt(text, span.start)}${written}` };
}
