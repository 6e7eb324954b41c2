/**
 * What a caller may ask of a plan, by flags or by options: sizes of its dims, a strategy by its name. One set of rules for both.
 * Knows neither how it was asked nor the compiler.
 */
import type { Plan, ProblemDescription } from '../plan/types.ts';
import { closestName } from '../runtime/tensor.ts';

/** Of dims and index sets, by their names. */
export type Sizes = Readonly<Record<string, number>>;

export type AskedSizes =
  | { readonly ok: true; readonly sizes: Sizes }
  /** `instead`: a dim and a size that could stand there. */
  | { readonly ok: false; readonly because: string; readonly instead: { readonly dim: string; readonly size: number } };

/** The sizes that the page declares, and those given with them; or why the first of these that cannot be cannot. */
export function sizesWith({ dims }: Pick<ProblemDescription, 'dims'>, given: Iterable<readonly [string, number]> = []): AskedSizes {
  const known = dims.map((d) => d.name);
  const sizes: Record<string, number> = Object.fromEntries(dims.flatMap(({ name, fixed }) => (fixed === undefined ? [] : [[name, fixed]])));
  for (const [name, size] of given) {
    const fixed = dims.find((d) => d.name === name)?.fixed;
    const refused = (because: string): AskedSizes => {
      const dim = known.includes(name) ? name : (closestName(name, known) ?? known[0] ?? 'n');
      return { ok: false, because, instead: { dim, size: fixed ?? 100 } };
    };
    if (!known.includes(name)) return refused(`the problem has no dim \`${name}\``);
    if (!Number.isSafeInteger(size) || size < 0) return refused(`the size of \`${name}\` is a whole number, 0 or more`);
    if (fixed !== undefined && fixed !== size) return refused(`the page says that \`${name}\` is ${fixed}`);
    sizes[name] = size;
  }
  return { ok: true, sizes };
}

/** The strategies that a plan speaks of, also those that refuse the problem: why they do is for the choice to say. */
export const strategiesOf = ({ candidates, refusals }: Plan): readonly string[] => [
  ...new Set([...candidates.map((c) => c.strategy), ...refusals.map((r) => r.strategy)]),
];

/** Whether a strategy can be asked for by this name, or a candidate by this id. */
export const canAskFor = (plan: Plan, name: string): boolean =>
  name === 'auto' || strategiesOf(plan).includes(name) || plan.candidates.some((c) => c.id === name);
