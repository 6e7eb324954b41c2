/**
 * What the lowering of one problem shares: its builder, where reports go, and where dims came from, so that a report can say so.
 * An expression with a mistake has no value (`undefined`); whoever meets that stays silent, so each mistake is reported once.
 */
import type { Diagnostic, Label, Span } from '../../diagnostics/diagnostic.ts';
import { shapeMismatch } from '../../diagnostics/names.ts';
import type { Expression } from '../../grammar/ast.ts';
import type { Scope } from '../check/scope.ts';
import { printTensorType } from '../check/types.ts';
import type { Builder } from '../ir/builder.ts';
import { namesOf, sameDim, type Dim } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import type { Demands } from '../program.ts';

/** A value and the text that made it. */
export interface Operand {
  readonly value: Value;
  readonly span: Span;
}

export interface SetInfo {
  readonly name: string;
  readonly over: Dim;
}

/** A call whose body is being written out; `words` says more of it than that it is one. */
export interface Written {
  readonly name: string;
  readonly span: Span;
  readonly words?: string;
  readonly isLibrary?: boolean;
}

/** What text the nodes of an expression are of: within the library that of the call. */
export const placeOf = (c: Context, span: Span): Span => c.calls.find((call) => call.isLibrary === true)?.span ?? span;

export interface Context {
  readonly b: Builder;
  readonly report: (diagnostic: Diagnostic) => void;
  /** The value of an expression; `undefined` after a report. */
  readonly elaborate: (expression: Expression, scope: Scope) => Value | undefined;
  /** The results of a call of a function with several, of which `taken` are asked for; `undefined` after a report. */
  readonly elaborateAll: (expression: Expression, taken: number, scope: Scope) => readonly Value[] | undefined;
  /** Tells what the text at a place is: an expression, or a name that stands for one. */
  readonly note: (span: Span, value: Value) => void;
  /** Which values are the positions of an index set. */
  readonly sets: Map<Value, SetInfo>;
  /** The first and the last position that a loop variable takes. */
  readonly runs: Map<Value, { readonly from: Dim; readonly to: Dim; readonly name: string }>;
  /** The branches of an `if` that are being elaborated: what is in one may be meant for some elements alone. */
  readonly branches: Expression[];
  /** The hypers of kind `int`, which are real numbers here. */
  readonly relaxed: Set<Value>;
  /** Where each dim was declared, and how, by name. */
  readonly origins: Map<string, { readonly span: Span; readonly what: string }>;
  /** The calls that are being written out, outermost first. */
  readonly calls: Written[];
  /** What is to be checked when the page is bound. */
  readonly demands: Demands;
}

/** Reports, and answers with no value. */
export function refuse(c: Context, diagnostic: Diagnostic): undefined {
  c.report(diagnostic);
  return undefined;
}

export const rankOf = (value: Value): number => value.type.shape.length;

export const show = (value: Value): string => printTensorType(value.type);

/** Where the names of some dims came from. */
export function originLabels(c: Context, dims: readonly Dim[]): readonly Label[] {
  const names = [...new Set(dims.flatMap(namesOf))];
  return names.flatMap((name) => {
    const origin = c.origins.get(name);
    return origin === undefined ? [] : [{ span: origin.span, message: origin.what }];
  });
}

/** A shape mismatch between two operands; `dims` are those that do not fit. */
export function reportMismatch(
  c: Context,
  operation: string,
  left: Operand,
  right: Operand,
  span: Span,
  because: string,
  dims: readonly Dim[],
): undefined {
  const labels = [
    { span: left.span, message: `this is ${show(left.value)}` },
    { span: right.span, message: `this is ${show(right.value)}` },
    ...originLabels(c, dims),
  ];
  const instead = operation === '`@`' ? turned(c, left.value, right.value) : (sameRows(c, dims) ?? asColumn(c, left.value, right.value));
  return refuse(c, shapeMismatch({ span, labels }, { operation, left: show(left.value), right: show(right.value), because, instead }));
}

/** An index set beside all of the dim that it picks from. */
function sameRows({ sets }: Context, dims: readonly Dim[]): string | undefined {
  const keys = dims.map((dim) => dim.key);
  const set = [...sets.values()].find(({ name, over }) => keys.includes(name) && keys.includes(over.key));
  return set && `take the same of both: \`[${set.name}]\` behind what has all of \`${set.over.key}\``;
}

/** A number for each row of a table, which would be one for each column. */
function asColumn({ b }: Context, left: Value, right: Value): string | undefined {
  const [table, vector] = rankOf(left) > rankOf(right) ? [left, right] : [right, left];
  const [[rows, columns], [own]] = [table.type.shape, vector.type.shape];
  const isByRow = rankOf(table) === 2 && rankOf(vector) === 1 && rows !== undefined && own !== undefined && sameDim(rows, own, b.fixed);
  return isByRow && columns !== undefined ? `what is one number for each row is a column: \`reshape(…, [${own.key}, 1])\`` : undefined;
}

/** A matrix of a product that fits the other when it is transposed. */
function turned({ b }: Context, left: Value, right: Value): string | undefined {
  const [[rows, along], [first, columns]] = [left.type.shape, right.type.shape];
  if (along !== undefined && rows !== undefined && first !== undefined && sameDim(rows, first, b.fixed))
    return 'transposed, the left one fits: write `.T` behind it';
  const last = along ?? rows;
  const fits = columns !== undefined && last !== undefined && sameDim(columns, last, b.fixed);
  return fits ? 'transposed, the right one fits: write `.T` behind it' : undefined;
}

export const differ = (a: Dim, b: Dim): string => `\`${a.key}\` is not \`${b.key}\``;
