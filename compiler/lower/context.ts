/**
 * What the lowering of one problem shares: its builder, where reports go, and where dims came from, so that a report can say so.
 * An expression with a mistake has no value (`undefined`); whoever meets that stays silent, so each mistake is reported once.
 */
import type { Diagnostic, Edit, Fix, Hint, Label, Span } from '../../diagnostics/diagnostic.ts';
import { behind, perhaps, replaced, wrapped } from '../../diagnostics/fix.ts';
import { shapeMismatch } from '../../diagnostics/names.ts';
import type { Expression } from '../../grammar/ast.ts';
import { isSimple } from '../../grammar/precedence.ts';
import type { Scope } from '../check/scope.ts';
import { printTensorType } from '../check/types.ts';
import type { Builder } from '../ir/builder.ts';
import { namesOf, sameDim, type Dim, type Shape } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import type { Demands } from '../program.ts';

/** A value and the text that made it. */
export interface Operand {
  readonly value: Value;
  readonly span: Span;
}

/** What an operand of an expression has to be for the rest to fit. */
export type Expected = { readonly shape: Shape } | { readonly positionsIn: Dim };

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
  /** What stands there on the page; nothing of other pages. */
  readonly textOf: (span: Span) => string;
  /** What is known of a name before it is looked up, should it not be there: its shape, or which axis it picks from. */
  readonly expected: Map<Expression, Expected>;
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
  const instead = operation === '`@`' ? turned(c, left, right) : (sameRows(c, dims, left, right) ?? asColumn(c, left, right));
  const fixes = operation === '`*`' ? asProduct(c, left, right) : [];
  return refuse(
    c,
    shapeMismatch({ span, labels, fixes }, { operation, left: show(left.value), right: show(right.value), because, instead }),
  );
}

/** An index set beside all of the dim that it picks from. */
function sameRows(c: Context, dims: readonly Dim[], ...operands: readonly Operand[]): Hint | undefined {
  const keys = dims.map((dim) => dim.key);
  const set = [...c.sets.values()].find(({ name, over }) => keys.includes(name) && keys.includes(over.key));
  if (set === undefined) return undefined;
  const whole = operands.find(({ value }) => value.type.shape[0]?.key === set.over.key);
  return perhaps(
    `take the same of both: \`[${set.name}]\` behind what has all of \`${set.over.key}\``,
    ...(whole === undefined ? [] : suffixed(c, whole.span, `[${set.name}]`)),
  );
}

/** Something behind an operand that belongs to all of it. */
export const suffixed = (c: Context, span: Span, suffix: string): readonly Edit[] =>
  isSimple(c.textOf(span)) ? [behind(span, suffix)] : wrapped(span, '(', `)${suffix}`);

/** A number for each row of a table, which would be one for each column. */
function asColumn({ b }: Context, left: Operand, right: Operand): Hint | undefined {
  const [table, vector] = rankOf(left.value) > rankOf(right.value) ? [left, right] : [right, left];
  const [[rows], [own]] = [table.value.type.shape, vector.value.type.shape];
  if (rankOf(table.value) !== 2 || rankOf(vector.value) !== 1 || rows === undefined || own === undefined) return undefined;
  if (!sameDim(rows, own, b.fixed)) return undefined;
  const way = `what is one number for each row is a column: \`reshape(…, [${own.key}, 1])\``;
  return perhaps(way, ...wrapped(vector.span, 'reshape(', `, [${own.key}, 1])`));
}

/** What does not fit element by element, and fits as matrices do. */
function asProduct({ b }: Context, left: Operand, right: Operand): readonly Fix[] {
  const [a, first] = [left.value.type.shape.at(-1), right.value.type.shape[0]];
  const isProduct = [left, right].every(({ value }) => rankOf(value) === 1 || rankOf(value) === 2);
  if (!isProduct || a === undefined || first === undefined || !sameDim(a, first, b.fixed)) return [];
  return [perhaps('a product of matrices is `@`', between(left, right, '@'))];
}

/** Another sign between two operands. */
export const between = (left: Operand, right: Operand, sign: string): Edit =>
  replaced({ ...left.span, start: left.span.end, end: right.span.start }, ` ${sign} `);

/** A matrix of a product that fits the other when it is transposed. */
function turned(c: Context, left: Operand, right: Operand): Hint | undefined {
  const [[rows, along], [first, columns]] = [left.value.type.shape, right.value.type.shape];
  if (along !== undefined && rows !== undefined && first !== undefined && sameDim(rows, first, c.b.fixed))
    return perhaps('transposed, the left one fits: write `.T` behind it', ...suffixed(c, left.span, '.T'));
  const last = along ?? rows;
  if (columns === undefined || last === undefined || !sameDim(columns, last, c.b.fixed)) return undefined;
  return perhaps('transposed, the right one fits: write `.T` behind it', ...suffixed(c, right.span, '.T'));
}

export const differ = (a: Dim, b: Dim): string => `\`${a.key}\` is not \`${b.key}\``;
