/** How a library function takes its arguments: by position or by name, each read as what it is (a value, a size, an axis). */
import type { Hint, Label, Span } from '../../../diagnostics/diagnostic.ts';
import { InternalError } from '../../../diagnostics/internal-error.ts';
import { didYouMean, inFront, perhaps } from '../../../diagnostics/fix.ts';
import { unknownArgument, wrongArgument, wrongArity } from '../../../diagnostics/names.ts';
import type { CallExpression, Expression } from '../../../grammar/ast.ts';
import { closest } from '../../../grammar/spelling.ts';
import type { Scope } from '../../check/scope.ts';
import { literal, type Dim, type Shape } from '../../ir/dims.ts';
import type { Value } from '../../ir/graph.ts';
import { toReal } from '../arithmetic.ts';
import { rankOf, show, type Context, type Operand } from '../context.ts';
import { demandSize } from '../demands.ts';
import { sizeOf } from '../indexing.ts';
import { dimOf } from '../static.ts';

export type ParameterKind =
  | 'value'
  | 'size'
  /** `[n, d]`, or one size. */
  | 'shape'
  /** A whole number that is written out. */
  | 'integer'
  /** One such number or a list of them. */
  | 'axes'
  /** One of the parameter's `words`. */
  | 'word';

export interface Parameter {
  readonly name: string;
  readonly kind: ParameterKind;
  readonly optional?: boolean;
  readonly namedOnly?: boolean;
  /** Takes all positional arguments from here on. */
  readonly rest?: boolean;
  /** What it may be, for a word. */
  readonly words?: readonly string[];
  /** Taken only to be refused, with what was meant. */
  readonly refused?: true;
}

type Read =
  | { readonly kind: 'value'; readonly operand: Operand }
  | { readonly kind: 'size'; readonly size: Dim }
  | { readonly kind: 'shape'; readonly shape: Shape }
  | { readonly kind: 'numbers'; readonly numbers: readonly number[]; readonly span: Span }
  | { readonly kind: 'word'; readonly word: string };

/** The arguments of one call, read. Asking for what the function does not declare is our mistake. */
export class Arguments {
  readonly c: Context;
  readonly call: CallExpression;
  private readonly read: ReadonlyMap<string, readonly Read[]>;

  constructor(c: Context, call: CallExpression, read: ReadonlyMap<string, readonly Read[]>) {
    this.c = c;
    this.call = call;
    this.read = read;
  }

  get name(): string {
    return this.call.callee.name;
  }

  has(name: string): boolean {
    return this.read.has(name);
  }

  operands(name: string): readonly Operand[] {
    return (this.read.get(name) ?? []).flatMap((r) => (r.kind === 'value' ? [r.operand] : []));
  }

  operand(name: string): Operand {
    const [operand] = this.operands(name);
    if (operand === undefined) throw new InternalError('library', `\`${this.name}\` has no value \`${name}\``);
    return operand;
  }

  value(name: string): Value {
    return this.operand(name).value;
  }

  /** As a real tensor: conditions as 0 and 1. */
  real(name: string): Value {
    return toReal(this.c, this.value(name));
  }

  size(name: string): Dim {
    const [read] = this.read.get(name) ?? [];
    if (read?.kind !== 'size') throw new InternalError('library', `\`${this.name}\` has no size \`${name}\``);
    return read.size;
  }

  shape(name: string): Shape {
    return (this.read.get(name) ?? []).flatMap((r) => (r.kind === 'shape' ? r.shape : r.kind === 'size' ? [r.size] : []));
  }

  integer(name: string, otherwise: number): number {
    const [read] = this.read.get(name) ?? [];
    return read?.kind === 'numbers' ? (read.numbers[0] ?? otherwise) : otherwise;
  }

  word(name: string, otherwise: string): string {
    const [read] = this.read.get(name) ?? [];
    return read?.kind === 'word' ? read.word : otherwise;
  }

  /** Where an argument was written, or the call, if it was not. */
  spanOf(name: string): Span {
    const [read] = this.read.get(name) ?? [];
    return read?.kind === 'value' ? read.operand.span : read?.kind === 'numbers' ? read.span : this.call.span;
  }

  /** The axes that `name` names of a tensor with `rank` axes, from 0, ascending; all of them where nothing is given. Reports. */
  axes(name: string, rank: number): readonly number[] | undefined {
    const [read] = this.read.get(name) ?? [];
    if (read?.kind !== 'numbers') return Array.from({ length: rank }, (_, i) => i);
    const axes = read.numbers.map((axis) => (axis < 0 ? rank + axis : axis));
    const wrong = read.numbers.find((_, i) => (axes[i] ?? -1) < 0 || (axes[i] ?? rank) >= rank);
    if (wrong !== undefined) {
      const needs =
        rank === 0
          ? 'left out, because a number has no axis'
          : rank === 1
            ? '0 (or -1), the only axis'
            : `between ${-rank} and ${rank - 1}`;
      return this.wrong(name, read.span, needs, String(wrong));
    }
    if (new Set(axes).size !== axes.length)
      return this.wrong(name, read.span, 'a list without repetitions', `[${read.numbers.join(', ')}]`);
    return [...axes].sort((a, b) => a - b);
  }

  /** The one axis that `name` names, or `otherwise` (from the end where negative). Reports. */
  axis(name: string, rank: number, otherwise: number): number | undefined {
    if (this.has(name)) return this.axes(name, rank)?.[0];
    return otherwise < 0 ? rank + otherwise : otherwise;
  }

  wrong(argument: string, span: Span, needs: string, is: string): undefined {
    this.c.report(wrongArgument({ span }, { name: this.name, argument: `\`${argument}\``, needs, is }));
    return undefined;
  }

  /** Reports unless the value has this many axes. */
  needsRank(name: string, ranks: readonly number[], needs: string): boolean {
    const { value, span } = this.operand(name);
    if (ranks.includes(rankOf(value))) return true;
    this.wrong(name, span, needs, show(value));
    return false;
  }
}

function readOne(c: Context, call: CallExpression, parameter: Parameter, expression: Expression, scope: Scope): Read | undefined {
  switch (parameter.kind) {
    case 'value': {
      const value = c.elaborate(expression, scope);
      return value === undefined ? undefined : { kind: 'value', operand: { value, span: expression.span } };
    }
    case 'size': {
      const size = sizeOf(c, expression, scope);
      if (size === undefined) return undefined;
      demandSize(c, size, expression.span);
      return { kind: 'size', size };
    }
    case 'shape': {
      const parts = expression.kind === 'array' ? expression.items : [expression];
      const sizes = parts.map((part) => sizeOf(c, part, scope));
      const shape = sizes.flatMap((s) => s ?? []);
      for (const size of shape) demandSize(c, size, expression.span);
      return shape.length === sizes.length ? { kind: 'shape', shape } : undefined;
    }
    case 'word':
      return readWord(c, call, parameter, expression);
    case 'integer':
    case 'axes': {
      const parts = expression.kind === 'array' && parameter.kind === 'axes' ? expression.items : [expression];
      const numbers = parts.map((part) => writtenInteger(c, part, scope));
      if (numbers.includes('silent')) return undefined;
      const known = numbers.flatMap((n) => (typeof n === 'number' ? [n] : []));
      if (known.length === numbers.length) return { kind: 'numbers', numbers: known, span: expression.span };
      const needs =
        parameter.kind === 'axes' ? 'a whole number that is written out, or a list of them' : 'a whole number that is written out';
      c.report(
        wrongArgument(
          { span: expression.span },
          { name: call.callee.name, argument: `\`${parameter.name}\``, needs, is: 'something else' },
        ),
      );
      return undefined;
    }
  }
}

function readWord(c: Context, call: CallExpression, { name, words = [] }: Parameter, expression: Expression): Read | undefined {
  if (expression.kind === 'name' && words.includes(expression.name)) return { kind: 'word', word: expression.name };
  const needs = words.map((word) => `\`${word}\``).join(' or ');
  const is = expression.kind === 'name' ? `\`${expression.name}\`` : 'something else';
  const { span } = expression;
  const hints = expression.kind === 'name' ? didYouMean(closest(expression.name, words), span) : [];
  c.report(wrongArgument({ span, hints }, { name: call.callee.name, argument: `\`${name}\``, needs, is }));
  return undefined;
}

function writtenInteger(c: Context, expression: Expression, scope: Scope): number | 'silent' | undefined {
  const value = c.elaborate(expression, scope);
  if (value === undefined) return 'silent';
  const size = dimOf(value);
  return size === undefined ? undefined : literal(size);
}

/** How a parameter takes arguments. */
type Taking = Pick<Parameter, 'name' | 'optional' | 'namedOnly' | 'rest'>;

/**
 * Which expressions of a call each parameter takes. `isRight` is false after reports, of all that does not match; what nothing takes is
 * elaborated for its own mistakes. `labels` are put to a wrong number of arguments.
 */
export function matchArguments<P extends Taking>(
  c: Context,
  call: CallExpression,
  parameters: readonly P[],
  scope: Scope,
  labels: readonly Label[] = [],
): { readonly given: ReadonlyMap<P, readonly Expression[]>; readonly isRight: boolean } {
  const name = call.callee.name;
  const positional = parameters.filter((p) => p.namedOnly !== true);
  const rest = positional.at(-1)?.rest === true ? positional.at(-1) : undefined;
  const given = new Map<P, Expression[]>();
  let isRight = true;
  const extra: Expression[] = [];
  for (const [i, expression] of call.positional.entries()) {
    const parameter = positional[i] ?? rest;
    if (parameter === undefined) extra.push(expression);
    else given.set(parameter, [...(given.get(parameter) ?? []), expression]);
  }
  for (const { name: argument, value } of call.named) {
    const parameter = parameters.find((p) => p.name === argument.name);
    if (parameter === undefined || given.has(parameter)) {
      const known = parameters.map((p) => p.name);
      const repeated = parameter !== undefined;
      // Of two with one name the parser has said so.
      const isSaid = call.named.some((other) => other.name.name === argument.name && other.name.span.start < argument.span.start);
      if (!isSaid)
        c.report(
          unknownArgument(
            { span: argument.span },
            { name, argument: argument.name, known, repeated, suggestion: repeated ? undefined : closest(argument.name, known) },
          ),
        );
      isRight = false;
      c.elaborate(value, scope);
    } else given.set(parameter, [value]);
  }
  const missing = parameters.filter((p) => p.optional !== true && !given.has(p));
  if (extra.length > 0 || (isRight && missing.length > 0)) {
    c.report(
      wrongArity(
        { span: call.span, labels, hints: arityHints(parameters, extra) },
        { name, expected: expectation(positional), given: call.positional.length },
      ),
    );
    isRight = false;
  }
  for (const expression of extra) c.elaborate(expression, scope);
  return { given, isRight };
}

/** Reads a call's arguments by a function's parameters; `undefined` after reports, of all arguments that have mistakes. */
export function readArguments(c: Context, call: CallExpression, parameters: readonly Parameter[], scope: Scope): Arguments | undefined {
  const { given, isRight } = matchArguments(c, call, parameters, scope);
  let right = isRight;
  const read = new Map<string, readonly Read[]>();
  for (const [parameter, expressions] of given) {
    const all = expressions.map((expression) => readOne(c, call, parameter, expression, scope));
    const known = all.flatMap((r) => r ?? []);
    if (known.length !== all.length) right = false;
    read.set(parameter.name, known);
  }
  return right ? new Arguments(c, call, read) : undefined;
}

function expectation(positional: readonly Taking[]): string {
  const required = positional.filter((p) => p.optional !== true).length;
  const names = positional.map((p) => (p.rest === true ? `${p.name}, …` : p.optional === true ? `${p.name}?` : p.name)).join(', ');
  const many = positional.some((p) => p.rest === true)
    ? `at least ${required}`
    : required === positional.length
      ? String(required)
      : `${required} to ${positional.length}`;
  return positional.length === 0
    ? 'no positional arguments'
    : `${many} argument${many === '1' || many === 'at least 1' ? '' : 's'} (${names})`;
}

/** Of one argument too many, where one is taken by name alone, it is that. */
function arityHints(parameters: readonly Taking[], extra: readonly Expression[]): readonly Hint[] {
  const named = parameters.filter((p) => p.namedOnly === true);
  if (named.length === 0) return [];
  const [[only], [surplus]] = [named, extra];
  const isOne = named.length === 1 && extra.length === 1 && only !== undefined && surplus !== undefined;
  const edits = isOne ? [inFront(surplus.span, `${only.name} = `)] : [];
  return [perhaps(`by name only: ${named.map((p) => `\`${p.name} = …\``).join(', ')}`, ...edits)];
}
