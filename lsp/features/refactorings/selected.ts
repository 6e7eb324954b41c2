/** The expression that is selected, exactly: with or without its parentheses and the space at its ends. */
import type { TensorType } from '../../../compiler/ir/graph.ts';
import { hasErrors, type Span } from '../../../diagnostics/diagnostic.ts';
import type { Expression } from '../../../grammar/ast.ts';
import { typeAt, type Analysis } from '../../analysis.ts';
import { isEvaluated, isSame, pathTo, statementAround, type Statement } from './tree.ts';

export interface Selected {
  readonly expression: Expression;
  /** With its parentheses. */
  readonly span: Span;
  /** Without them. */
  readonly content: Span;
  readonly type: TensorType;
  readonly statement: Statement;
  /** What it is part of, the outermost first, and itself. */
  readonly path: readonly Expression[];
}

/** In a statement that evaluates it; names alone have a name already. */
export function selected(analysis: Analysis, { file, start, end }: Span): Selected | undefined {
  const page = analysis.parsed().value;
  if (start === end) return undefined;
  const asked = page.text.slice(start, end);
  const chosen = {
    file,
    start: end - asked.trimStart().length,
    end: start + asked.trimEnd().length,
  };
  const statement = statementAround(page, chosen);
  if (statement === undefined || !isEvaluated(statement.node.kind)) return undefined;
  const path = pathTo(statement, chosen);
  const expression = path.findLast(({ span }) => isSame(span, chosen) || isSame(withoutParentheses(page.text, span), chosen));
  if (expression === undefined || expression.kind === 'name' || expression.kind === 'string') return undefined;
  const { span } = expression;
  const type = hasErrors(analysis.checked().diagnostics) ? undefined : typeAt(analysis, span);
  if (type === undefined) return undefined;
  return {
    expression,
    span,
    content: withoutParentheses(page.text, span),
    type,
    statement,
    path: path.slice(0, path.indexOf(expression) + 1),
  };
}

/** A span of the tree takes in the parentheses around an expression. A comment may have some of its own: then they stay. */
export function withoutParentheses(text: string, span: Span): Span {
  let { start, end } = span;
  if (/\/[/*]/u.test(text.slice(start, end))) return span;
  while (text[start] === '(' && text[end - 1] === ')' && closes(text.slice(start, end))) {
    const inside = text.slice(start + 1, end - 1);
    [start, end] = [end - 1 - inside.trimStart().length, start + 1 + inside.trimEnd().length];
  }
  return { ...span, start, end };
}

/** Whether the first parenthesis is closed by the last one. */
function closes(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    if (text[i] === '(') depth += 1;
    if (text[i] === ')') depth -= 1;
    if (depth === 0) return i === text.length - 1;
  }
  return false;
}
