/** What a function declares of itself: parameters, result, and the dims that are its own. Reads headers, never bodies. */
import type { Span } from '../../diagnostics/diagnostic.ts';
import { defaultBeforeRequired, duplicateName, unsolvedDim } from '../../diagnostics/names.ts';
import type { Expression } from '../../grammar/ast.ts';
import type { Fn } from '../check/scope.ts';
import { readType, type DeclaredType } from '../check/types.ts';
import { symbol, type Dim, type Shape } from '../ir/dims.ts';
import type { Context } from './context.ts';

export interface SignatureParameter {
  readonly name: string;
  readonly span: Span;
  readonly type: DeclaredType;
  readonly init?: Expression | undefined;
}

export interface Signature {
  readonly parameters: readonly SignatureParameter[];
  readonly result: DeclaredType;
  /** The function's own dims. */
  readonly own: ReadonlySet<string>;
  /** Names that stand for any number of dims. */
  readonly rests: ReadonlySet<string>;
}

/** The dims of a shape, those that its `...` stands for apart; undefined where there are too few or too many. */
export function partsOf(type: DeclaredType, shape: Shape): { readonly fixed: Shape; readonly rest: Shape } | undefined {
  const more = shape.length - type.shape.length;
  const at = type.rest?.at ?? 0;
  if (type.rest === undefined ? more !== 0 : more < 0) return undefined;
  return { fixed: [...shape.slice(0, at), ...shape.slice(at + more)], rest: shape.slice(at, at + more) };
}

/** A declared shape with `rest` where its `...` is. */
export function wholeShape({ shape, rest }: DeclaredType, rests: ReadonlyMap<string, Shape>): Shape {
  if (rest === undefined) return shape;
  return [...shape.slice(0, rest.at), ...(rests.get(rest.name) ?? []), ...shape.slice(rest.at)];
}

/** Undefined after a report. */
export function readSignature(c: Context, { declaration, scope }: Fn): Signature | undefined {
  const name = declaration.name.name;
  const own = new Set<string>();
  const unknown = (dim: string): Dim => {
    own.add(dim);
    return symbol(dim);
  };
  const reader = { report: c.report, scope, unknown, takesRest: true };
  const read = declaration.parameters.map((p) => ({
    name: p.name.name,
    span: p.name.span,
    type: readType(p.type, reader, c.b.fixed),
    init: p.init,
  }));
  const result = readType(declaration.result, reader, c.b.fixed);
  const parameters = read.flatMap((p) => (p.type === undefined ? [] : [{ ...p, type: p.type }]));
  let right = ordered(c, read) && result !== undefined && parameters.length === read.length;
  const alone = new Set(parameters.flatMap((p) => p.type.shape.map((d) => d.key)));
  const rests = new Set(parameters.flatMap((p) => p.type.rest?.name ?? []));
  const unsolved = [...own].filter((dim) => !alone.has(dim));
  if (result?.rest !== undefined && !rests.has(result.rest.name)) unsolved.push(`...${result.rest.name}`);
  if (parameters.length === read.length) {
    for (const dim of unsolved) {
      c.report(unsolvedDim({ span: declaration.name.span }, { dim, name }));
      right = false;
    }
  }
  return right && result !== undefined ? { parameters, result, own, rests } : undefined;
}

/** Reports parameters of one name, and those without a default behind one that has it. */
function ordered(
  c: Context,
  parameters: readonly { readonly name: string; readonly span: Span; readonly init?: Expression | undefined }[],
): boolean {
  const seen = new Map<string, Span>();
  let optional: { readonly name: string; readonly span: Span } | undefined;
  let right = true;
  for (const { name, span, init } of parameters) {
    const before = seen.get(name);
    if (before !== undefined) {
      c.report(duplicateName({ span, labels: [{ span: before, message: 'first here' }] }, { name, what: 'the parameter' }));
      right = false;
    }
    seen.set(name, span);
    if (init === undefined && optional !== undefined) {
      const labels = [{ span: optional.span, message: 'this one has a default' }];
      c.report(defaultBeforeRequired({ span, labels }, { parameter: name, before: optional.name }));
      right = false;
    }
    if (init !== undefined) optional ??= { name, span };
  }
  return right;
}
