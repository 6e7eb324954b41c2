/** `[EXPR for t in D]`, vectorised, and `scan h = … over x in XS { … }`. */
import type { Diagnostic, Span } from '../../diagnostics/diagnostic.ts';
import { shadowedName, shapeMismatch, stateChanges, wrongArity, wrongItems, wrongResults } from '../../diagnostics/names.ts';
import type { Block, Expression, Identifier, Iterated } from '../../grammar/ast.ts';
import { Scope, type Binding } from '../check/scope.ts';
import { describeBinding } from '../check/sizes.ts';
import { add, evaluate, literal, number, one, sameDim, subtract, type Dim } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import { scan } from '../ir/loops.ts';
import { intSize } from '../ops/rules.ts';
import { batch } from '../transform/batch.ts';
import { scalarBehind } from '../transform/rules/rule.ts';
import { stretch, toReal } from './arithmetic.ts';
import { rankOf, refuse, show, type Context } from './context.ts';
import { isZero, readSpan } from './indexing.ts';
import { dimOf, hintsForRelaxed } from './static.ts';

/** What is gone through: a tensor whose slices along axis 0 are the items. */
interface Items {
  readonly items: Value;
  readonly size: Dim;
}

export function readItems(c: Context, over: Iterated, scope: Scope): Items | undefined {
  const read = readUnchecked(c, over, scope);
  if (read === undefined) return undefined;
  const size = evaluate(read.size, c.b.fixed);
  if (size !== undefined && size < 1)
    return refuse(
      c,
      wrongItems(
        { span: over.span },
        { because: `there is nothing to go through: ${size === 0 ? 'it has no elements' : 'it ends before it begins'}` },
      ),
    );
  return read;
}

function readUnchecked(c: Context, over: Iterated, scope: Scope): Items | undefined {
  if (over.kind === 'range') {
    const range = readSpan(c, over, scope);
    if (range === undefined) return undefined;
    const known = evaluate(range.size, c.b.fixed);
    if (known !== undefined && known < 1) return { items: c.b.integer(0), size: range.size };
    return { items: isZero(range.from) ? c.b.iota(range.size) : c.b.add(c.b.iota(range.size), intSize(c.b, range.from)), size: range.size };
  }
  if (over.kind === 'name') {
    const binding = scope.lookup(over.name);
    if (binding?.kind === 'dim') return { items: c.b.iota(binding.dim), size: binding.dim };
  }
  const value = c.elaborate(over, scope);
  if (value === undefined) return undefined;
  const [first] = value.type.shape;
  if (first !== undefined) return { items: value, size: first };
  const size = dimOf(value);
  if (size === undefined)
    return refuse(
      c,
      wrongItems(
        { span: over.span, hints: hintsForRelaxed(c, value) },
        { because: `${show(value)} has nothing to go through; it is not a size that is known now` },
      ),
    );
  const known = literal(size);
  return { items: known !== undefined && known < 1 ? value : c.b.iota(size), size };
}

/** The first and the last of items that are numbers in a row. */
function runOf({ items, size }: Items): { readonly from: Dim; readonly to: Dim } | undefined {
  const [list, start] = items.node.op === 'add' ? items.node.inputs : [items];
  const from = start === undefined ? number(0) : scalarBehind(start);
  const first = from === undefined || 'key' in from ? from : dimOf(from);
  return list?.node.op !== 'iota' || first === undefined ? undefined : { from: first, to: subtract(add(first, size), one) };
}

/** The scope of a loop's body, in which `name` stands for a placeholder; a name that means something already is reported. */
function inside(c: Context, scope: Scope, name: Identifier, what: string, value: Value | undefined): Scope {
  const before = scope.lookup(name.name);
  if (before !== undefined && !isStep(before)) {
    const labels = [{ span: before.span, message: `${describeBinding(before)} of that name` }];
    c.report(shadowedName({ span: name.span, labels }, { name: name.name, what }));
  }
  if (value !== undefined) c.note(name.span, value);
  const inner = new Scope(scope);
  inner.declare(
    name.name,
    value === undefined ? { kind: 'broken', span: name.span } : { kind: 'value', what, get: () => value, span: name.span },
  );
  return inner;
}

export function elaborateComprehension(
  c: Context,
  expression: Extract<Expression, { kind: 'comprehension' }>,
  scope: Scope,
): Value | undefined {
  const items = readItems(c, expression.over, scope);
  const placeholder =
    items === undefined
      ? undefined
      : c.b.input(`each:${expression.variable.name}`, 'state', { dtype: items.items.type.dtype, shape: items.items.type.shape.slice(1) });
  const set = items === undefined ? undefined : c.sets.get(items.items);
  if (placeholder !== undefined && set !== undefined) c.sets.set(placeholder, set);
  const run = items === undefined ? undefined : runOf(items);
  if (placeholder !== undefined && run !== undefined) c.runs.set(placeholder, { ...run, name: expression.variable.name });
  const body = c.elaborate(expression.body, inside(c, scope, expression.variable, 'a loop variable', placeholder));
  if (items === undefined || placeholder === undefined || body === undefined) return undefined;
  return batch(c.b, [body], new Map([[placeholder, items.items]]), items.size)[0];
}

type Scan = Extract<Expression, { kind: 'scan' }>;

/** What each state is after each step, stacked: of all states, or, where one is taken, of the first. */
export function elaborateScan(c: Context, expression: Scan, taken: number, scope: Scope): readonly Value[] | undefined {
  const { states: names, starts: startExpressions, body: block } = expression;
  if (names.length !== startExpressions.length || block.results.length !== names.length) {
    const given = names.length !== startExpressions.length ? startExpressions.length : block.results.length;
    const what = names.length !== startExpressions.length ? 'start' : 'result';
    return refuse(
      c,
      wrongArity(
        { span: expression.span },
        { name: 'scan', expected: `${names.length} ${what}${names.length === 1 ? '' : 's'}, one a state`, given },
      ),
    );
  }
  if (taken !== 1 && taken !== names.length) return refuse(c, wrongStates(expression, taken));
  const items = readItems(c, expression.over, scope);
  const written = startExpressions.map((e) => c.elaborate(e, scope));
  const known = written.flatMap((v) => v ?? []);
  if (items === undefined || known.length !== names.length) return undefined;
  const starts = known.map((v) => toReal(c, v));
  let wrong = false;
  const result = scan(c.b, {
    length: items.size,
    states: starts,
    slices: [items.items],
    name: 'recurrence',
    body: (states, slices) => {
      let inner = inside(c, scope, expression.variable, 'a loop variable', slices[0]);
      for (const [i, name] of names.entries()) inner = inside(c, inner, name, 'a state', states[i]);
      const next = elaborateBlock(c, block, inner).map((value, i) =>
        checkState(c, names[i]?.name ?? '', states[i], value, block.results[i]?.span),
      );
      const values = next.flatMap((v) => v ?? []);
      wrong = values.length !== names.length;
      return wrong ? { states, stacked: states } : { states: values, stacked: values.slice(0, taken) };
    },
  });
  return wrong ? undefined : result.stacked;
}

/** The names of a `let` are not as many as the states. The stacks may not have the names of the states, which the body gives a meaning. */
function wrongStates({ states, span }: Scan, taken: number): Diagnostic {
  const names = states.map(({ name }) => name);
  const written = names.length === 1 ? undefined : `scan (${names.join(', ')}) = …`;
  return wrongResults({ span }, { what: 'this `scan`', results: names.map((name) => `${name}s`), taken, ...(written && { written }) });
}

/** The next state in the type of the state; scalars stretch, nothing else changes shape. */
function checkState(
  c: Context,
  name: string,
  state: Value | undefined,
  next: Value | undefined,
  span: Span | undefined,
): Value | undefined {
  if (state === undefined || next === undefined) return undefined;
  const real = toReal(c, next);
  if (rankOf(real) === 0 || c.b.sameShape(real.type.shape, state.type.shape)) return stretch(c, real, state.type.shape);
  return refuse(c, stateChanges({ span }, { name, start: show(state), next: show(real) }));
}

/** `step` is a fine name, also where it has a meaning. */
const isStep = (binding: Binding): boolean => binding.kind === 'value' && binding.what === 'the step';

/** The values of the names of a `let`. */
export function elaborateTaken(c: Context, names: readonly unknown[], value: Expression, scope: Scope): readonly Value[] | undefined {
  if (names.length > 1) return c.elaborateAll(value, names.length, scope);
  const only = c.elaborate(value, scope);
  return only === undefined ? undefined : [only];
}

/** The results of a block whose `let`s see the ones before them. */
export function elaborateBlock(c: Context, block: Block, scope: Scope): readonly (Value | undefined)[] {
  let inner = scope;
  for (const declaration of block.lets) {
    const values = elaborateTaken(c, declaration.names, declaration.value, inner);
    inner = declaration.names.reduce((within, name, i) => inside(c, within, name, 'a `let`', values?.[i]), inner);
  }
  return block.results.map((result) => c.elaborate(result, inner));
}

/** `[a, b]`: items of one shape, stacked along a new first axis; scalars of either kind. */
export function elaborateArray(c: Context, expression: Extract<Expression, { kind: 'array' }>, scope: Scope): Value | undefined {
  const values = expression.items.map((item) => c.elaborate(item, scope));
  const known = values.flatMap((v) => v ?? []);
  const [first] = known;
  if (known.length !== expression.items.length) return undefined;
  if (first === undefined) return refuse(c, wrongItems({ span: expression.span }, { because: 'an array has at least one element' }));
  const allInt = known.every((v) => v.type.dtype === 'int');
  const items = known.map((v) => (allInt ? v : toReal(c, v)));
  for (const [i, item] of items.entries()) {
    const shape = first.type.shape;
    if (c.b.sameShape(item.type.shape, shape)) continue;
    const span = expression.items[i]?.span;
    const firstSpan = expression.items[0]?.span;
    const labels = firstSpan === undefined ? [] : [{ span: firstSpan, message: `the first is ${show(first)}` }];
    const misfit = shape.find((dim, axis) => {
      const other = item.type.shape[axis];
      return other === undefined || !sameDim(dim, other, c.b.fixed);
    });
    const because =
      item.type.shape.length !== shape.length || misfit === undefined
        ? 'the items of an array have one shape'
        : `\`${misfit.key}\` differs`;
    return refuse(c, shapeMismatch({ span, labels }, { operation: '`[…]`', left: show(first), right: show(item), because }));
  }
  return stack(c, items, 0);
}

/** Tensors of one shape, along a new axis. */
export function stack(c: Context, items: readonly Value[], axis: number): Value {
  const rows = items.map((v) => c.b.reshape(v, [...v.type.shape.slice(0, axis), number(1), ...v.type.shape.slice(axis)]));
  const [only] = rows;
  return rows.length === 1 && only !== undefined ? only : c.b.concat(rows, axis);
}
