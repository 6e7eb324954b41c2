/** Starts of hypers and params: their defaults by kind, and whether a given one lies where it must. */
import type { Span } from '../../diagnostics/diagnostic.ts';
import { startOutside, startShape } from '../../diagnostics/names.ts';
import { startDepends } from '../../diagnostics/levels.ts';
import type { Expression } from '../../grammar/ast.ts';
import type { Scope } from '../check/scope.ts';
import { printType, type DeclaredType } from '../check/types.ts';
import type { Builder } from '../ir/builder.ts';
import { dimValue } from '../ir/dim-value.ts';
import { add, evaluate, one } from '../ir/dims.ts';
import type { Role, Value } from '../ir/graph.ts';
import { toReal } from './arithmetic.ts';
import { rankOf, refuse, show, type Context } from './context.ts';
import { inputsOf, staticTensor } from './static.ts';

/** The start that a kind has by itself (language page, Types). */
export function defaultStart(b: Builder, { kind, shape, interval }: DeclaredType): Value {
  const all = (value: Value): Value => b.broadcast(value, shape, []);
  if (interval !== undefined) return all(b.scale(dimValue(b, add(...interval)), 0.5));
  switch (kind) {
    case 'positive':
      return all(b.constant(1));
    case 'unit':
      return all(b.constant(0.5));
    case 'simplex':
      return all(b.div(b.constant(1), b.dimSize(shape.at(-1) ?? one)));
    case 'real':
    case 'nonnegative':
    case 'int':
    case 'choice':
      return all(b.constant(0));
  }
}

export interface StartRules {
  readonly name: string;
  readonly type: DeclaredType;
  /** Roles of inputs that the start may depend on. */
  readonly may: readonly Role[];
  readonly because: string;
}

export const describeInput = (name: string): string => {
  const [role, own] = name.split(':');
  return own === undefined ? `\`${name}\`` : `the ${role ?? ''} \`${own}\``;
};

/** The start that is written, in the declared shape; `undefined` after a report. */
export function writtenStart(c: Context, expression: Expression, scope: Scope, rules: StartRules): Value | undefined {
  const written = c.elaborate(expression, scope);
  if (written === undefined) return undefined;
  const value = toReal(c, written);
  const { span } = expression;
  const { name, type } = rules;
  for (const node of inputsOf(value)) {
    const { role, name: input } = node.attributes;
    if (role === undefined || rules.may.includes(role)) continue;
    return refuse(c, startDepends({ span }, { name, what: describeInput(input ?? ''), because: rules.because }));
  }
  if (rankOf(value) > 0 && !c.b.sameShape(value.type.shape, type.shape)) {
    return refuse(
      c,
      startShape(
        { span, labels: [{ span: type.span, message: 'declared here' }] },
        { name, declared: printType(type.kind, type.shape), is: show(value) },
      ),
    );
  }
  const start = rankOf(value) === 0 ? c.b.broadcast(value, type.shape, []) : value;
  return checkStart(c, value, span, rules) ? start : undefined;
}

/** Reports a start that is known now and does not lie inside the set of its kind. */
function checkStart(c: Context, value: Value, span: Span, { name, type }: StartRules): boolean {
  const known = staticTensor(c.b, value);
  if (known === undefined) return true;
  const problem = [...known.data].map((x) => outsideOf(c.b, type, x)).find((p) => p !== undefined);
  if (problem !== undefined) {
    c.report(startOutside({ span }, { name, ...problem }));
    return false;
  }
  const last = type.kind === 'simplex' && known.shape.length > 0 ? (known.shape.at(-1) ?? 1) : undefined;
  if (last === undefined) return true;
  for (let row = 0; row < known.data.length; row += last) {
    const total = known.data.subarray(row, row + last).reduce((x, y) => x + y, 0);
    if (Math.abs(total - 1) <= 1e-9) continue;
    c.report(startOutside({ span }, { name, set: 'its simplex', value: `numbers that sum to ${total}`, onBoundary: false }));
    return false;
  }
  return true;
}

type Outside = { readonly set: string; readonly value: string; readonly onBoundary: boolean } | undefined;

function outsideOf(b: Builder, { kind, interval }: DeclaredType, x: number): Outside {
  const outside = (set: string, boundaries: readonly number[]): Outside => ({ set, value: String(x), onBoundary: boundaries.includes(x) });
  if (!Number.isFinite(x)) return outside('the numbers', []);
  if (interval !== undefined) {
    const [low, high] = interval.map((bound) => evaluate(bound, b.fixed));
    return (low !== undefined && x < low) || (high !== undefined && x > high)
      ? outside(`[${interval[0].key}, ${interval[1].key}]`, [])
      : undefined;
  }
  switch (kind) {
    case 'positive':
      return x > 0 ? undefined : outside('`positive` (x > 0)', [0]);
    case 'nonnegative':
      return x >= 0 ? undefined : outside('`nonnegative` (x ≥ 0)', []);
    case 'unit':
      return x > 0 && x < 1 ? undefined : outside('`unit` (0 < x < 1)', [0, 1]);
    case 'simplex':
      return x > 0 ? undefined : outside('its simplex, which is searched by softmax', [0]);
    case 'real':
    case 'int':
    case 'choice':
      return undefined;
  }
}
