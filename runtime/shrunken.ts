/**
 * A problem's data cut to a few positions of each axis: an instance of the same problem on which every strategy can be tried in moments.
 * Knows no strategy.
 */
import { namesIn } from '../plan/evaluate.ts';
import type { Expr, ProblemDescription, Tensor } from '../plan/types.ts';
import { type BindingParts, bindValues } from './bind.ts';
import type { BoundProblem } from './types.ts';

/**
 * Every dim of the data that is larger than `most` has `most` positions, evenly spread, the same in all data. Left as they are: dims that
 * the page fixes, that a data's values are bounded by or may point into, that stand in a sum or product, and those of which a part has
 * data of its own. Where the few do not make a problem (a split without members, say) the whole is given.
 */
export async function shrunken(
  description: ProblemDescription,
  bound: BoundProblem,
  most: number,
  seed: number | undefined,
  parts: BindingParts = {},
): Promise<BoundProblem> {
  const cut = dimsToCut(description, bound, most);
  if (cut.size === 0) return bound;
  const values = Object.fromEntries(
    description.data.map(({ name, shape }) => [name, take(bound.slots[`data:${name}`] as Tensor, shape, cut, most)]),
  );
  return (await bindValues(description, values, seed, parts)).bound ?? bound;
}

function dimsToCut({ dims, data, splits }: ProblemDescription, { sizes, slots }: BoundProblem, most: number): ReadonlySet<string> {
  const kept = new Set(dims.filter((d) => d.fixed !== undefined).map((d) => d.name));
  const keep = (expr: Expr): void => namesIn(expr).forEach((name) => kept.add(name));
  for (const { shape, interval = [] } of data) [...interval, ...shape.filter((dim) => typeof dim !== 'string')].forEach(keep);
  for (const { dim, parts } of splits)
    if (parts.some(({ name }) => data.some(({ shape }) => shape.includes(name)))) [dim, ...parts.map((p) => p.name)].forEach(keep);
  // Without an interval whole numbers may be positions of any dim that they reach.
  for (const { name, kind, interval } of data) {
    const reach = kind === 'int' && interval === undefined ? largestOf(slots[`data:${name}`]) : -1;
    if (reach >= most) dims.filter((d) => (sizes[d.name] ?? 0) > reach).forEach((d) => kept.add(d.name));
  }
  const own = data.flatMap(({ shape }) => shape.filter((dim) => typeof dim === 'string'));
  return new Set(own.filter((name) => !kept.has(name) && (sizes[name] ?? 0) > most));
}

const largestOf = (tensor: Tensor | undefined): number => tensor?.data.reduce((a, b) => Math.max(a, b), -1) ?? -1;

/** Positions ⌊i · size / most⌋ of each axis that is cut, one axis after the other. */
function take(tensor: Tensor, shape: readonly Expr[], cut: ReadonlySet<string>, most: number): Tensor {
  return shape.reduce((whole: Tensor, dim, axis): Tensor => {
    if (typeof dim !== 'string' || !cut.has(dim)) return whole;
    const size = whole.shape[axis] ?? 0;
    const inner = whole.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    const outer = whole.shape.slice(0, axis).reduce((a, b) => a * b, 1);
    const data = new Float64Array(outer * most * inner);
    for (let o = 0; o < outer; o += 1)
      for (let i = 0; i < most; i += 1) {
        const from = (o * size + Math.floor((i * size) / most)) * inner;
        data.set(whole.data.subarray(from, from + inner), (o * most + i) * inner);
      }
    return { shape: whole.shape.with(axis, most), data };
  }, tensor);
}
