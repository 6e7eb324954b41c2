/** Where in the syntax tree of a page something stands: the statement around it, the expressions in that, and what they are parts of. */
import type { Span } from '../../../diagnostics/diagnostic.ts';
import type { Block, Declaration, Expression, IndexItem, Iterated, Page, ProblemNode } from '../../../grammar/ast.ts';

/** A declaration of a problem, or what stands outside of problems. */
export interface Statement {
  readonly node: Declaration | Exclude<Page['items'][number], ProblemNode>;
  readonly problem?: ProblemNode;
}

export const holds = (outer: Span, inner: Span): boolean => outer.start <= inner.start && inner.end <= outer.end;
export const isSame = (a: Span, b: Span): boolean => a.start === b.start && a.end === b.end;

export const statementsOf = ({ items }: Page): readonly Statement[] =>
  items.flatMap((item): readonly Statement[] =>
    item.kind === 'problem' ? item.declarations.map((node) => ({ node, problem: item })) : [{ node: item }],
  );

export const statementAround = (page: Page, span: Span): Statement | undefined =>
  statementsOf(page).find(({ node }) => holds(node.span, span));

/** The expressions that a statement evaluates; those that only say a size are none. */
export function valuesOf({ node }: Statement): readonly Expression[] {
  switch (node.kind) {
    case 'let':
    case 'inner':
    case 'outer':
    case 'report':
      return [node.value];
    case 'fn':
      return valuesIn(node.body);
    case 'hyper':
    case 'param':
      return node.init === undefined ? [] : [node.init];
    case 'solve-inner':
    case 'solve-outer':
    case 'differentiate':
      return node.method.named.map(({ value }) => value);
    case 'dim':
    case 'data':
    case 'split':
    case 'random':
    case 'import':
      return [];
  }
}

/** Starts and options are known before anything is evaluated. */
export const isEvaluated = (kind: Statement['node']['kind']): boolean =>
  kind === 'let' || kind === 'inner' || kind === 'outer' || kind === 'report' || kind === 'fn';

const valuesIn = ({ lets, results }: Block): readonly Expression[] => [...lets.map(({ value }) => value), ...results];

/** What an expression is made of, in the order of the text. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'number':
    case 'string':
    case 'name':
    case 'missing':
      return [];
    case 'call':
      return [...expression.positional, ...expression.named.map(({ value }) => value)];
    case 'index':
      return [expression.target, ...expression.indices.flatMap(ends)];
    case 'transposed':
    case 'unary':
      return [expression.operand];
    case 'binary':
      return [expression.left, expression.right];
    case 'if':
      return [expression.condition, expression.then, expression.otherwise];
    case 'array':
      return expression.items;
    case 'comprehension':
      return [expression.body, ...ends(expression.over)];
    case 'scan':
      return [...expression.starts, ...ends(expression.over), ...valuesIn(expression.body)];
  }
}

function ends(over: Iterated | IndexItem): readonly Expression[] {
  if (over.kind === 'all') return [];
  return over.kind === 'range' ? [over.from, over.to] : [over];
}

/** An expression and all that it is made of. */
export const within = (expression: Expression): readonly Expression[] => [expression, ...partsOf(expression).flatMap(within)];

export const expressionsIn = (statement: Statement): readonly Expression[] => valuesOf(statement).flatMap(within);

/** From the outermost expression around a place to the innermost. */
export function pathTo(statement: Statement, span: Span): readonly Expression[] {
  const path: Expression[] = [];
  let around = valuesOf(statement).find((value) => holds(value.span, span));
  while (around !== undefined) {
    path.push(around);
    around = partsOf(around).find((part) => holds(part.span, span));
  }
  return path;
}

/** A block that a `let` could be added to: of a `fn`, whatever its form, or of a `scan`. */
export function blocksAround({ node }: Statement, path: readonly Expression[], span: Span): readonly Block[] {
  const own = node.kind === 'fn' && holds(node.body.span, span) ? [node.body] : [];
  return [...own, ...path.flatMap((each) => (each.kind === 'scan' && holds(each.body.span, span) ? [each.body] : []))];
}

/** Whether two expressions are written alike; `areOne` compares their names, of which equal ones may mean different things. */
export function isAlike(a: Expression, b: Expression, areOne: (a: Span, b: Span) => boolean): boolean {
  if (a.kind !== b.kind) return false;
  const [as, bs] = [partsOf(a), partsOf(b)];
  return (
    headOf(a) === headOf(b) &&
    as.length === bs.length &&
    as.every((part, i) => isAlike(part, bs[i] ?? part, areOne)) &&
    (a.kind !== 'name' || areOne(a.span, b.span)) &&
    (a.kind !== 'call' || b.kind !== 'call' || areOne(a.callee.span, b.callee.span))
  );
}

/** What tells an expression from others with the same parts. */
export function headOf(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return expression.text;
    case 'string':
      return expression.value;
    case 'name':
      return expression.name;
    case 'call':
      return `${expression.callee.name} ${expression.positional.length} ${expression.named.map(({ name }) => name.name).join()}`;
    case 'index':
      return expression.indices.map(({ kind }) => (kind === 'all' || kind === 'range' ? kind : '')).join();
    case 'unary':
    case 'binary':
      return expression.operator;
    case 'comprehension':
      return `${expression.variable.name} ${expression.over.kind === 'range' ? '..' : ''}`;
    case 'scan': {
      const { states, variable, over, body } = expression;
      const names = [...states, variable, ...body.lets.flatMap((inner) => inner.names)].map(({ name }) => name);
      return `${names.join()} ${over.kind === 'range' ? '..' : ''} ${body.lets.length}`;
    }
    default:
      return '';
  }
}
