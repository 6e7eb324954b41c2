/**
 * What binding makes of shapes: every dim’s size from the data, the index sets of the splits (`cuts.ts`), and every declared shape checked.
 * Knows arrays by shape alone.
 */
import { dimsDisagree, shapeDisagrees, unboundDim } from '../diagnostics/data.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { evaluate, namesIn, printExpr } from '../plan/evaluate.ts';
import type { DataDescription, Expr, ProblemDescription } from '../plan/types.ts';
import type { DataArray } from './data/array.ts';
import { cutAll, type Cut, type CutSpecial } from './cuts.ts';
import { printDeclaredShape } from './tensor.ts';

export interface BoundSizes extends Pick<Cut, 'folds' | 'diagnostics'> {
  /** The index sets that are the same for all folds. */
  readonly parts: Cut['sets'];
  /** Of dims and index sets; of one that varies over folds the largest. */
  readonly sizes: Readonly<Record<string, number>>;
}

/** `arrays` holds the data that could be read: what the others would have fixed is not reported as missing. */
export function bindSizes(description: ProblemDescription, arrays: ReadonlyMap<string, DataArray>, cutSpecial?: CutSpecial): BoundSizes {
  const diagnostics: Diagnostic[] = [];
  const sets = new Set(description.splits.flatMap((s) => s.parts.map((p) => p.name)));
  const fixed = new Map(description.dims.flatMap((d) => (d.fixed === undefined ? [] : [[d.name, d.fixed] as const])));
  // Without a prototype: a dim may have a name that objects have, such as `constructor`.
  const sizes = Object.assign(Object.create(null) as Record<string, number>, Object.fromEntries(fixed));
  const from = new Map<string, DataDescription>();
  const disagreeing = new Set<string>();

  for (const data of description.data) {
    const array = arrays.get(data.name);
    if (array === undefined) continue;
    for (const [axis, dim] of data.shape.entries()) {
      if (typeof dim !== 'string' || sets.has(dim) || fixed.has(dim)) continue;
      const size = array.tensor.shape[axis];
      const first = from.get(dim);
      if (size === undefined) continue;
      if (first === undefined) {
        sizes[dim] = size;
        from.set(dim, data);
      } else if (sizes[dim] !== size) {
        const firstArray = arrays.get(first.name);
        const side = (d: DataDescription, a: DataArray | undefined, s: number): Parameters<typeof dimsDisagree>[1]['first'] => ({
          data: d.name,
          declared: printDeclaredShape(d.shape),
          file: a?.source ?? '',
          actual: a?.tensor.shape ?? [],
          size: s,
        });
        const labels = [{ span: first.span, message: `\`${dim}\` is ${sizes[dim]} here` }];
        const payload = { dim, first: side(first, firstArray, sizes[dim] ?? 0), second: side(data, array, size) };
        diagnostics.push(dimsDisagree({ span: data.span, labels }, payload));
        disagreeing.add(data.name);
      }
    }
  }

  const { sets: parts, folds, diagnostics: wrong } = cutAll(description.splits, sizes, arrays, cutSpecial);
  diagnostics.push(...wrong);
  for (const [set, { length }] of [parts, ...(folds?.each ?? [])].flatMap((all) => Object.entries(all)))
    sizes[set] = Math.max(sizes[set] ?? 0, length);

  for (const data of description.data) {
    const array = arrays.get(data.name);
    if (array === undefined || disagreeing.has(data.name)) continue;
    const problem = checkShape(data, array, sizes, fixed, from);
    if (problem !== undefined) diagnostics.push(problem);
  }
  for (const { name, span } of description.dims) {
    if (sizes[name] !== undefined || sets.has(name)) continue;
    const naming = description.data.filter((d) => d.shape.some((e) => namesIn(e).includes(name)));
    const isFixedByUnread = naming.some((d) => !arrays.has(d.name) && d.shape.includes(name));
    if (isFixedByUnread) continue;
    const couldFix = naming.map((d) => ({ data: d.name, declared: printDeclaredShape(d.shape) }));
    diagnostics.push(unboundDim({ span }, { dim: name, couldFix }));
  }
  return { parts, folds, sizes, diagnostics };
}

function checkShape(
  data: DataDescription,
  array: DataArray,
  sizes: Readonly<Record<string, number>>,
  fixed: ReadonlyMap<string, number>,
  from: ReadonlyMap<string, DataDescription>,
): Diagnostic | undefined {
  const actual = array.tensor.shape;
  const expected = data.shape.map((e, axis) => evaluate(e, sizes) ?? actual[axis] ?? 0);
  const axis = expected.findIndex((size, i) => size !== actual[i]);
  const dim = data.shape[axis];
  if (dim === undefined) return undefined;
  const because = `axis ${axis} is ${actual[axis]}, and ${reason(dim, expected[axis] ?? 0, fixed, from, sizes)}`;
  const payload = { data: data.name, declared: printDeclaredShape(data.shape), file: array.source, expected, actual, because };
  return shapeDisagrees({ span: data.span, place: { file: array.source } }, payload);
}

function reason(
  dim: Expr,
  expected: number,
  fixed: ReadonlyMap<string, number>,
  from: ReadonlyMap<string, DataDescription>,
  sizes: Readonly<Record<string, number>>,
): string {
  if (typeof dim === 'number') return `the declaration says ${dim}`;
  const origin = (name: string): string => {
    const source = from.get(name);
    if (fixed.has(name)) return `\`${name}\` is declared as ${fixed.get(name)}`;
    return source === undefined ? `\`${name}\` is ${sizes[name]}` : `\`${name}\` is ${sizes[name]} in \`${source.name}\``;
  };
  const names = namesIn(dim).map(origin).join(', ');
  return typeof dim === 'string' ? names : `\`${printExpr(dim)}\` is ${expected}, where ${names}`;
}
