/** `solve inner with …`, `solve outer with …`, `differentiate with …`: the methods' names and options. */
import type { Edit } from '../../diagnostics/diagnostic.ts';
import { behind, didYouMean, inFront } from '../../diagnostics/fix.ts';
import { badResampling, missingOption, optionDepends, unknownMethod, unknownOption, wrongOption } from '../../diagnostics/levels.ts';
import type { CallExpression, Expression, MethodDeclaration, NamedArgument } from '../../grammar/ast.ts';
import { foreignOption } from '../../grammar/foreign-names.ts';
import { closest } from '../../grammar/spelling.ts';
import {
  innerMethods,
  outerMethods,
  strategies,
  type MethodRow,
  type MethodTable,
  type OptionKind,
  type OptionRow,
} from '../check/methods.ts';
import type { Scope } from '../check/scope.ts';
import type { Value } from '../ir/graph.ts';
import type { MethodInfo, MethodOption } from '../program.ts';
import { toReal } from './arithmetic.ts';
import { rankOf, refuse, show, type Context } from './context.ts';
import { placed, type Place } from './array-arguments.ts';
import { dimOf, hintsForRelaxed, inputsOf, staticTensor } from './static.ts';

const tables: Readonly<Record<MethodDeclaration['kind'], { table: MethodTable; role: string }>> = {
  'solve-inner': { table: innerMethods, role: 'a solver of the inner problem' },
  'solve-outer': { table: outerMethods, role: 'a solver of the outer problem' },
  differentiate: { table: strategies, role: 'a strategy' },
};

/** Whether the method makes the problem a recipe: a stepwise solver with `steps` and no `tolerance`. */
export function isRecipe(method: CallExpression | undefined): boolean {
  if (method === undefined || innerMethods[method.callee.name]?.stepwise !== true) return false;
  const given = method.named.map((n) => n.name.name);
  return given.includes('steps') && !given.includes('tolerance');
}

/** What the arguments of an inner solver may be spread over. */
export type Spread = Pick<Place, 'params' | 'step'>;

/** Reads a method statement; `undefined` after reports. `scope` knows `step` where that has a meaning. `over`: of the inner solver. */
export function readMethod(c: Context, declaration: MethodDeclaration, scope: Scope, over?: Spread): MethodInfo | undefined {
  const { method, kind } = declaration;
  const { table, role } = tables[kind];
  const { name, span } = method.callee;
  const row = Object.hasOwn(table, name) ? table[name] : undefined;
  if (row === undefined || row.refused !== undefined) {
    const known = Object.keys(table).filter((method) => table[method]?.refused === undefined);
    return refuse(c, unknownMethod({ span }, { name, role, known, suggestion: closest(name, known), refused: row?.refused }));
  }
  const options = new Map<string, MethodOption>();
  const known = Object.keys(row.options).filter((option) => row.options[option]?.refused === undefined);
  let right = true;
  for (const expression of method.positional) {
    c.report(unknownOption({ span: expression.span }, { method: name, option: '', known, positional: true }));
    right = false;
  }
  const given: Given = { seen: new Set(), meant: new Set(), unknown: new Set() };
  for (const argument of method.named) {
    const option = readNamed(c, { name, row, inner: kind === 'solve-inner', known }, argument, given, scope);
    if (option === undefined) right = false;
    else options.set(argument.name.name, option);
  }
  const steps = options.get('steps');
  for (const [option, found] of options) {
    if (found.kind !== 'value' || over === undefined) continue;
    // A proximal map has one step length for all that it maps together.
    const params = row.proximal === true ? [] : over.params;
    const place = { ...over, params, method: name, option, ...(steps?.kind === 'value' && { steps: steps.dim }) };
    const value = placed(c, found, place);
    if (value === undefined) right = false;
    else options.set(option, { ...found, value });
  }
  // An option without a name, or with one that nobody knows, may be the one that is missing.
  if (method.positional.length > 0 || given.unknown.size > 0) return undefined;
  for (const option of missing(name, row, kind, new Set([...given.seen, ...given.meant]))) {
    c.report(missingOption({ span: method.span }, { ...option, insertion: insertion(method, option.adds) }));
    right = false;
  }
  return right ? { name, span: method.span, options } : undefined;
}

function missing(
  method: string,
  row: MethodRow,
  kind: MethodDeclaration['kind'],
  given: ReadonlySet<string>,
): readonly { method: string; option: string; example: string; adds: string }[] {
  const example = `${method}(rate = 0.1, steps = 100)`;
  const recipe = kind === 'solve-inner' && row.stepwise === true && given.has('steps') && !given.has('tolerance');
  const needed = [...(row.needs ?? []), ...(recipe ? (row.recipeNeeds ?? []) : [])]
    .filter((option) => !given.has(option))
    .map((option) => ({ method, option: `a \`${option}\``, example, adds: `${option} = 0.1` }));
  const endless = kind === 'solve-inner' && row.stepwise === true && !given.has('steps') && !given.has('tolerance');
  return endless
    ? [
        ...needed,
        { method, option: '`steps`, which make a recipe, or a `tolerance`, which leads to the minimiser', example, adds: 'steps = 100' },
      ]
    : needed;
}

/** Behind the other arguments, or in parentheses that there are none of yet. */
function insertion({ span, callee, positional, named }: CallExpression, text: string): Edit {
  if (span.end === callee.span.end) return behind(span, `(${text})`);
  return inFront({ ...span, start: span.end - 1 }, positional.length + named.length === 0 ? text : `, ${text}`);
}

/** Options that were given, and those that a misspelt one probably meant. */
interface Given {
  readonly seen: Set<string>;
  readonly meant: Set<string>;
  readonly unknown: Set<string>;
}

interface Method {
  readonly name: string;
  readonly row: MethodRow;
  readonly inner: boolean;
  readonly known: readonly string[];
}

function readNamed(
  c: Context,
  method: Method,
  { name: { name, span }, value }: NamedArgument,
  given: Given,
  scope: Scope,
): MethodOption | undefined {
  const row = Object.hasOwn(method.row.options, name) ? method.row.options[name] : undefined;
  // The parser has said that it is given twice.
  if (given.seen.has(name)) return undefined;
  if (row === undefined) {
    const foreign = foreignOption(name);
    const suggestion = foreign !== undefined && method.known.includes(foreign) ? foreign : closest(name, method.known);
    // What was probably meant is not missed as well.
    if (suggestion !== undefined) given.meant.add(suggestion);
    else given.unknown.add(name);
    const isForeign = suggestion !== undefined && suggestion === foreign;
    return refuse(c, unknownOption({ span }, { method: method.name, option: name, known: method.known, suggestion, isForeign }));
  }
  given.seen.add(name);
  if (row.refused !== undefined) {
    const hint = 'take a method that goes step by step: `solve outer with adam(resample = true)`';
    return refuse(c, badResampling({ span }, { because: `\`${method.name}\` has no \`${name}\`: ${row.refused}`, hint }));
  }
  return readOption(c, method, name, row, value, scope);
}

function readOption(c: Context, method: Method, option: string, row: OptionRow, value: Expression, scope: Scope): MethodOption | undefined {
  const { kind } = row;
  const { span } = value;
  if (kind.is === 'word') return readWord(c, method.name, option, kind, value);
  if (kind.is === 'flag') {
    if (value.kind === 'name' && (value.name === 'true' || value.name === 'false'))
      return { kind: 'flag', flag: value.name === 'true', span };
    return refuse(c, wrongOption({ span }, { method: method.name, option, needs: '`true` or `false`', is: 'something else' }));
  }
  if (kind.is === 'set') {
    if (value.kind === 'name') return { kind: 'word', word: value.name, span };
    return refuse(
      c,
      wrongOption({ span }, { method: method.name, option, needs: 'the name of an index set or a dim', is: 'something else' }),
    );
  }
  const number = c.elaborate(value, scope);
  return number === undefined ? undefined : readNumber(c, method, option, row, kind, { value: number, span });
}

function readWord(
  c: Context,
  method: string,
  option: string,
  kind: Extract<OptionKind, { is: 'word' }>,
  value: Expression,
): MethodOption | undefined {
  const { span } = value;
  const needs = `one of ${kind.words.join(', ')}`;
  if (value.kind !== 'name') return refuse(c, wrongOption({ span }, { method, option, needs, is: 'something else' }));
  if (kind.words.includes(value.name)) return { kind: 'word', word: value.name, span };
  const near = closest(value.name, kind.words);
  return refuse(c, wrongOption({ span, hints: didYouMean(near, span) }, { method, option, needs, is: `\`${value.name}\`` }));
}

const rangeWords = {
  positive: 'a number above 0',
  nonnegative: 'a number, at least 0',
  share: 'a number, at least 0 and below 1',
} as const;

function isWithin(kind: Extract<OptionKind, { is: 'number' | 'count' }>, x: number): boolean {
  if (kind.is === 'count') return Number.isInteger(x) && x >= kind.least;
  return Number.isFinite(x) && (kind.least === 'positive' ? x > 0 : x >= 0) && (kind.least !== 'share' || x < 1);
}

function readNumber(
  c: Context,
  method: Method,
  option: string,
  row: OptionRow,
  kind: Extract<OptionKind, { is: 'number' | 'count' }>,
  { value, span }: { value: Value; span: Expression['span'] },
): MethodOption | undefined {
  const needs = kind.is === 'count' ? `a whole number, at least ${kind.least}` : rangeWords[kind.least];
  const wrong = (is: string): undefined => refuse(c, wrongOption({ span }, { method: method.name, option, needs, is }));
  const differentiable = row.differentiable === true && method.inner;
  if (rankOf(value) > 0 && !differentiable) return wrong(show(value));
  for (const { attributes } of inputsOf(value)) {
    const name = attributes.name ?? '';
    const allowed = attributes.role === 'data' || (differentiable && (attributes.role !== 'state' || name === 'step'));
    if (!allowed)
      return refuse(c, optionDepends({ span, hints: hintsForRelaxed(c, value) }, { method: method.name, option, what: describe(name) }));
  }
  const known = staticTensor(c.b, value)?.data;
  if (known === undefined && !differentiable) return wrong('not known before the data are read');
  const outside = known?.find((x) => !isWithin(kind, x));
  if (outside !== undefined) return wrong(String(outside));
  const [number] = known ?? [];
  const isNumber = rankOf(value) === 0 && number !== undefined;
  return { kind: 'value', value: isNumber ? c.b.constant(number) : toReal(c, value), span, dim: dimOf(value) };
}

function describe(input: string): string {
  const [role, name] = input.split(':');
  return name === undefined ? `\`${input}\`` : `the ${role ?? ''} \`${name}\``;
}
