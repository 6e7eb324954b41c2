/**
 * What a caller may ask of a plan, by flags or by options: sizes of its dims, a strategy by its name. One set of rules for both.
 * Knows neither how it was asked nor the compiler.
 */
import { evaluate } from '../plan/evaluate.ts';
import { knownSizes } from '../plan/splits.ts';
import type { Plan, ProblemDescription } from '../plan/types.ts';
import { closestName } from '../runtime/tensor.ts';

/** Of dims, by their names. The index sets of a dim that is split follow from it, and can only be given as they follow. */
export type Sizes = Readonly<Record<string, number>>;

export type AskedSizes =
  | { readonly ok: true; readonly sizes: Sizes }
  /** `instead`: a dim and a size that could stand there. */
  | { readonly ok: false; readonly because: string; readonly instead: { readonly dim: string; readonly size: number } };

/** All sizes that are known with those given; or why the first of these that cannot be cannot. */
export function sizesWith(description: Pick<ProblemDescription, 'dims' | 'splits'>, given: Sizes = {}): AskedSizes {
  const splitOf = new Map(description.splits.flatMap(({ dim, parts }) => parts.map((part) => [part.name, dim] as const)));
  const fixedOf = new Map(description.dims.filter(({ name }) => !splitOf.has(name)).map(({ name, fixed }) => [name, fixed] as const));
  const names = [...fixedOf.keys()];
  const sizes = knownSizes(description, given);
  for (const [name, size] of Object.entries(given)) {
    const whole = splitOf.get(name);
    const fixed = fixedOf.get(name);
    const refused = (because: string): AskedSizes => {
      const dim = whole ?? (names.includes(name) ? name : (closestName(name, names) ?? names[0] ?? 'n'));
      return { ok: false, because, instead: { dim, size: fixedOf.get(dim) ?? 100 } };
    };
    if (whole !== undefined && (evaluate(whole, sizes) === undefined || evaluate(name, sizes) !== size))
      return refused(`the size of \`${name}\` follows from that of \`${whole}\``);
    if (whole === undefined && !names.includes(name)) return refused(`the problem has no dim \`${name}\``);
    if (!Number.isSafeInteger(size) || size < 0) return refused(`the size of \`${name}\` is a whole number, 0 or more`);
    if (fixed !== undefined && fixed !== size) return refused(`the page says that \`${name}\` is ${fixed}`);
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
