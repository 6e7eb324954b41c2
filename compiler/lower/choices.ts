/**
 * `choice(f, g, …)`: a hyper that is called. A call is written out once for each alternative, and is their mixture, weighed by a softmax of
 * the hyper's logits (decision 021). Knows nothing of what becomes of it when the outer loop has ended.
 */
import { startDepends } from '../../diagnostics/levels.ts';
import { alternativeDiffers, duplicateName, kindMisplaced, startOutside, unknownArgument, wrongArity } from '../../diagnostics/names.ts';
import type { CallExpression, Expression, Identifier, TypeExpression } from '../../grammar/ast.ts';
import type { Alternative, Choice, Scope } from '../check/scope.ts';
import { factsIn } from '../facts.ts';
import { number } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import type { Facts } from '../ops/spec.ts';
import { toReal } from './arithmetic.ts';
import type { Fns } from './calls.ts';
import { rankOf, refuse, show, type Context } from './context.ts';
import { at } from './indexing.ts';
import { softmax } from './library/reductions.ts';
import { argumentCount, callUndeclared, isLibraryFunction, notAFunction } from './library/table.ts';
import { describeInput } from './starts.ts';
import { inputsOf, staticNumber } from './static.ts';

/** What is written between the parentheses of a choice. */
export interface WrittenChoice {
  readonly alternatives: readonly Identifier[];
  readonly temperature?: Expression;
  /** Noise on the logits, drawn anew at every step of a recipe. Source: Jang, Gu & Poole (2017), Gumbel-softmax. */
  readonly gumbel: boolean;
}

const OPTIONS = ['temperature', 'gumbel'];

/** Reads the type of a choice; `undefined` after reports. */
export function readChoice(c: Context, type: TypeExpression, written: CallExpression): WrittenChoice | undefined {
  let right = true;
  const wrong = (diagnostic: Parameters<Context['report']>[0]): void => {
    c.report(diagnostic);
    right = false;
  };
  if (type.shape.length > 0 || type.interval !== undefined)
    wrong(
      kindMisplaced({ span: type.span }, { because: 'a choice has neither a shape nor an interval', hint: 'declare one for each choice' }),
    );
  const alternatives: Identifier[] = [];
  for (const expression of written.positional) {
    if (expression.kind !== 'name') {
      wrong(
        kindMisplaced(
          { span: expression.span },
          { because: 'a choice is between functions, by their names', hint: 'name it: `fn f(…) = …`' },
        ),
      );
      continue;
    }
    const before = alternatives.find(({ name }) => name === expression.name);
    if (before === undefined) alternatives.push({ name: expression.name, span: expression.span });
    else
      wrong(
        duplicateName(
          { span: expression.span, labels: [{ span: before.span, message: 'first here' }] },
          { name: expression.name, what: 'the alternative' },
        ),
      );
  }
  if (written.positional.length < 2)
    wrong(wrongArity({ span: written.span }, { name: 'choice', expected: 'two functions or more', given: written.positional.length }));
  for (const { name, value } of written.named) {
    if (!OPTIONS.includes(name.name)) wrong(unknownArgument({ span: name.span }, { name: 'choice', argument: name.name, known: OPTIONS }));
    else if (name.name === 'gumbel' && !isWord(value, 'true') && !isWord(value, 'false'))
      wrong(kindMisplaced({ span: value.span }, { because: '`gumbel` of a choice is `true` or `false`' }));
  }
  const temperature = written.named.find(({ name }) => name.name === 'temperature')?.value;
  const gumbel = written.named.some(({ name, value }) => name.name === 'gumbel' && isWord(value, 'true'));
  return right ? { alternatives, gumbel, ...(temperature === undefined ? {} : { temperature }) } : undefined;
}

const isWord = (expression: Expression, word: string): boolean => expression.kind === 'name' && expression.name === word;

/** What a choice means, where all functions are declared. `logits`: with their noise, if there is any. */
export function meaningOf(
  c: Context,
  fns: Fns,
  written: WrittenChoice,
  logits: Value,
  { scope, signs }: { readonly scope: Scope; readonly signs: ReadonlyMap<Value, Facts> },
): ReturnType<Choice['meaning']> {
  const alternatives = alternativesOf(c, fns, written, scope);
  const weights = weightsOf(c, written, logits, scope, signs);
  return alternatives === undefined || weights === undefined ? undefined : { alternatives, weights };
}

/** softmax(logits / temperature); `undefined` after a report. `signs`: of the data and hypers, of which the temperature may be made. */
function weightsOf(
  c: Context,
  { temperature }: WrittenChoice,
  logits: Value,
  scope: Scope,
  signs: ReadonlyMap<Value, Facts>,
): Value | undefined {
  if (temperature === undefined) return softmax(c.b, logits, 0);
  const value = c.elaborate(temperature, scope);
  if (value === undefined) return undefined;
  const { span } = temperature;
  if (rankOf(value) > 0) return refuse(c, kindMisplaced({ span }, { because: `a temperature is a number, and this is ${show(value)}` }));
  const state = inputsOf(value).find(({ attributes: { role } }) => role !== 'data' && role !== 'hyper');
  const because = 'a temperature may use data, dims and hypers';
  if (state !== undefined)
    return refuse(c, startDepends({ span }, { name: 'temperature', what: describeInput(state.attributes.name ?? ''), because }));
  const known = staticNumber(c.b, value);
  if (known !== undefined && !(known > 0))
    return refuse(
      c,
      startOutside({ span }, { name: 'temperature', set: '`positive` (x > 0)', value: String(known), onBoundary: known === 0 }),
    );
  if (known === undefined && factsIn(c.b, value, [], signs).sign !== 'nonnegative') {
    const hint = 'make it of what is declared `positive`: a negative temperature would weigh the least logit most';
    return refuse(c, kindMisplaced({ span }, { because: 'a temperature is above 0, and this cannot be proved to be', hint }));
  }
  return softmax(c.b, c.b.div(logits, toReal(c, value)), 0);
}

/** The functions of a choice; reports those that are none, or do not share the first one's signature. */
function alternativesOf(c: Context, fns: Fns, { alternatives: names }: WrittenChoice, scope: Scope): readonly Alternative[] | undefined {
  const found = names.flatMap((name) => alternativeOf(c, name, scope) ?? []);
  const [first, ...others] = found;
  if (first === undefined || found.length !== names.length) return undefined;
  const differing = others.flatMap((other) => {
    const misfit = misfitOf(fns, first, other);
    return misfit === undefined ? [] : [differs(c, first, other, misfit)];
  });
  return differing.length === 0 ? found : undefined;
}

function alternativeOf(c: Context, name: Identifier, scope: Scope): Alternative | undefined {
  const binding = scope.lookup(name.name);
  if (binding?.kind === 'fn') return { name, fn: binding.fn };
  if (binding === undefined && isLibraryFunction(name.name)) return { name };
  if (binding?.kind === 'broken') return undefined;
  return refuse(c, notAFunction(name, scope));
}

/** What two functions are, where they cannot both be called with the same arguments for results of one type. */
type Misfit = readonly [first: string, other: string];

function misfitOf(fns: Fns, first: Alternative, other: Alternative): Misfit | undefined {
  if (first.fn !== undefined && other.fn !== undefined) {
    const [a, b] = [fns.typeOf(first.fn), fns.typeOf(other.fn)];
    return a === undefined || b === undefined || a.key === b.key ? undefined : [`is ${a.words}`, `is ${b.words}`];
  }
  const [a, b] = [countOf(first), countOf(other)];
  return a === undefined || b === undefined || (a.least <= b.most && b.least <= a.most) ? undefined : [takes(a), takes(b)];
}

interface Count {
  readonly least: number;
  readonly most: number;
}

function countOf({ name, fn }: Alternative): Count | undefined {
  if (fn === undefined) return argumentCount(name.name);
  const { parameters } = fn.declaration;
  return { least: parameters.filter((p) => p.init === undefined).length, most: parameters.length };
}

const takes = ({ least, most }: Count): string =>
  `takes ${least === most ? least : most === Number.POSITIVE_INFINITY ? `${least} or more` : `${least} to ${most}`} argument${most === 1 ? '' : 's'}`;

function differs(c: Context, first: Alternative, other: Alternative, [one, two]: Misfit, call?: CallExpression): undefined {
  const labels = [
    { span: first.name.span, message: `\`${first.name.name}\` ${one}` },
    ...(call === undefined ? [] : [{ span: call.span, message: 'in this call' }]),
  ];
  return refuse(
    c,
    alternativeDiffers({ span: other.name.span, labels }, { name: other.name.name, is: two, first: first.name.name, firstIs: one }),
  );
}

/** The mixture of what all alternatives give for the same arguments; `undefined` after a report. */
export function callChoice(c: Context, fns: Fns, choice: Choice, call: CallExpression, scope: Scope): Value | undefined {
  const meaning = choice.meaning();
  if (meaning === undefined) return undefined;
  const { alternatives, weights } = meaning;
  let mixture: { readonly of: Alternative; readonly value: Value } | undefined;
  for (const [i, alternative] of alternatives.entries()) {
    const result = callOf(c, fns, alternative, call, scope);
    // What is wrong with one call is wrong with all.
    if (result === undefined) return undefined;
    const weighed = c.b.mul(at(c, weights, 0, number(i)), toReal(c, result));
    if (mixture !== undefined && !c.b.sameShape(weighed.type.shape, mixture.value.type.shape))
      return differs(c, mixture.of, alternative, [`gives ${show(mixture.value)}`, `gives ${show(result)}`], call);
    mixture = mixture === undefined ? { of: alternative, value: weighed } : { ...mixture, value: c.b.add(mixture.value, weighed) };
  }
  return mixture?.value;
}

const callOf = (c: Context, fns: Fns, { name, fn }: Alternative, call: CallExpression, scope: Scope): Value | undefined =>
  fn === undefined ? callUndeclared(c, fns, { ...call, callee: { ...call.callee, name: name.name } }, scope) : fns.call([fn], call, scope);
