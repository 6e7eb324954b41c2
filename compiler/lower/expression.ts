/** From an expression to its value: names, kinds and shapes are checked while it is lowered, in one pass (decision 006). */
import type { Fix, Hint, Span } from '../../diagnostics/diagnostic.ts';
import { certainly, perhaps, replaced } from '../../diagnostics/fix.ts';
import { toDeclare, toSplit } from '../check/home.ts';
import { printShape } from '../ir/dims.ts';
import { textValue, unknownName, wrongRank, wrongResults } from '../../diagnostics/names.ts';
import { stepOutsideRecipe } from '../../diagnostics/levels.ts';
import type { Expression } from '../../grammar/ast.ts';
import { isExactly } from '../../grammar/literals.ts';
import { foreignValue } from '../../grammar/foreign-names.ts';
import { closest } from '../../grammar/spelling.ts';
import type { Binding, Scope } from '../check/scope.ts';
import { toldRoundings } from '../ir/attributes.ts';
import type { Value } from '../ir/graph.ts';
import { elaborateBinary, elaborateIf, elaborateUnary } from './arithmetic.ts';
import type { Fns } from './calls.ts';
import { callChoice } from './choices.ts';
import { placeOf, rankOf, refuse, show, type Context, type Expected } from './context.ts';
import { elaborateIndex } from './indexing.ts';
import { callSeveral, callUndeclared, isLibraryFunction, isSeveral, libraryNames } from './library/table.ts';
import { elaborateArray, elaborateComprehension, elaborateScan } from './loops.ts';

/** The value of an expression, or `undefined` after a report. New nodes carry the expression's span. */
export function elaborateExpression(c: Context, fns: Fns, expression: Expression, scope: Scope): Value | undefined {
  const outer = c.b.span;
  c.b.span = placeOf(c, expression.span);
  const value = dispatch(c, fns, expression, scope);
  c.b.span = outer;
  return value;
}

/** What `let (a, b) = EXPR` takes: all the results of a function that has several, or all states of a `scan`. */
export function elaborateResults(c: Context, expression: Expression, taken: number, scope: Scope): readonly Value[] | undefined {
  const isOurs = expression.kind === 'call' && scope.lookup(expression.callee.name)?.kind !== 'fn';
  if (isOurs && isSeveral(expression.callee.name)) return callSeveral(c, expression, taken, scope);
  if (expression.kind === 'scan') return elaborateScan(c, expression, taken, scope);
  if (c.elaborate(expression, scope) === undefined) return undefined;
  return refuse(c, wrongResults({ span: expression.span }, { what: 'this', results: ['a value'], taken }));
}

/** A number that is too small to be told from zero is not zero. */
function numberOf({ b }: Context, value: number, text: string): Value {
  const isExact = isExactly(value, text);
  return value === 0 && !isExact ? b.constant(Number.MIN_VALUE) : b.constant(value, toldRoundings(value, isExact ? 0 : 1));
}

function dispatch(c: Context, fns: Fns, expression: Expression, scope: Scope): Value | undefined {
  switch (expression.kind) {
    case 'missing':
      return undefined;
    case 'number':
      return numberOf(c, expression.value, expression.text);
    case 'string':
      return refuse(c, textValue({ span: expression.span }, {}));
    case 'name':
      return elaborateName(c, expression, scope);
    case 'call': {
      const binding = scope.lookup(expression.callee.name);
      if (binding?.kind === 'choice') return callChoice(c, fns, binding.choice, expression, scope);
      return binding?.kind === 'fn' ? fns.call([binding.fn], expression, scope) : callUndeclared(c, fns, expression, scope);
    }
    case 'index':
      return elaborateIndex(c, expression, scope);
    case 'transposed': {
      const value = c.elaborate(expression.operand, scope);
      if (value === undefined) return undefined;
      if (rankOf(value) === 2) return c.b.transpose(value, [1, 0]);
      const hint = 'a vector needs none: `a @ b` and `A @ b` are as in NumPy';
      const suffix = { ...expression.span, start: expression.operand.span.end, end: expression.operand.span.end + '.T'.length };
      const hints = rankOf(value) !== 1 ? [] : c.textOf(suffix) === '.T' ? [certainly(hint, replaced(suffix, ''))] : [hint];
      return refuse(c, wrongRank({ span: expression.span, hints }, { operation: '`.T`', needs: 'a matrix', is: show(value) }));
    }
    case 'unary':
      return elaborateUnary(c, expression, scope);
    case 'binary':
      return elaborateBinary(c, expression, scope);
    case 'if': {
      c.branches.push(expression);
      const value = elaborateIf(c, expression, scope);
      c.branches.pop();
      return value;
    }
    case 'array':
      return elaborateArray(c, expression, scope);
    case 'comprehension':
      return elaborateComprehension(c, expression, scope);
    case 'scan':
      return elaborateScan(c, expression, 1, scope)?.[0];
  }
}

function elaborateName(c: Context, expression: Extract<Expression, { kind: 'name' }>, scope: Scope): Value | undefined {
  const { name, span } = expression;
  const binding = scope.lookup(name);
  switch (binding?.kind) {
    case 'dim':
      return c.b.dimSize(binding.dim);
    case 'set':
      return binding.value;
    case 'value':
      return binding.get();
    case 'broken':
      return undefined;
    case 'fn':
    case 'choice':
      return refuse(c, unknownName({ span, labels: [{ span: binding.span, message: 'declared here' }] }, { name, isFunction: true }));
    case undefined:
      break;
  }
  if (name === 'pi') return c.b.constant(Math.PI);
  if (name === 'step') return refuse(c, stepOutsideRecipe({ span }, {}));
  if (isLibraryFunction(name)) return refuse(c, unknownName({ span }, { name, isFunction: true }));
  const suggestion = closest(name, [...scope.names(isValue), 'pi']);
  const fn = suggestion === undefined ? closest(name, [...scope.names((binding) => !isValue(binding)), ...libraryNames()]) : undefined;
  const expected = c.expected.get(expression);
  const [split] = expected !== undefined && 'positionsIn' in expected ? toSplit(scope.home, name, expected.positionsIn.key) : [];
  const here = foreignHint(name, span) ?? (fn !== undefined ? `did you mean \`${fn}\`?` : suggestion === undefined ? split : undefined);
  const fixes = suggestion === undefined && here === undefined ? declarations(name, expected, scope) : [];
  return refuse(c, unknownName({ span, fixes }, { name, suggestion, here }));
}

const isValue = ({ kind }: Binding): boolean => kind !== 'fn' && kind !== 'choice';

/** What may be meant by a name that nothing has: each kind of number that can be given. */
function declarations(name: string, expected: Expected | undefined, { home }: Scope): readonly Fix[] {
  const shape = expected === undefined || 'positionsIn' in expected || expected.shape.length === 0 ? '' : printShape(expected.shape);
  return ['data', 'hyper', 'param'].flatMap((word) =>
    toDeclare(home, `${word} ${name}: ${shape === '' ? (word === 'hyper' ? 'real' : '[]') : shape}`),
  );
}

/** A name of another language: what is written for it, and the text where that is exact. */
function foreignHint(name: string, span: Span): Hint | undefined {
  const [words, right] = foreignValue(name) ?? [];
  return words === undefined || right === undefined ? words : perhaps(words, replaced(span, right));
}
