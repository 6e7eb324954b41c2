/** What a plugin may be told, and what is refused of it before a page is looked at. */
import { precisions as presentPrecisions, demandOneOf, kindOf } from '../library/options.ts';
import { UsageError, nothingOfThatName } from '../library/usage-error.ts';
import type { Precision } from '../plan/kernels.ts';

/** What the modules of pages carry. */
export interface CarriedOptions {
  /** A strategy by its name, or a candidate by its id; `auto` leaves it to the plan, whatever a page asks for. */
  readonly strategy?: string;
  /** Sizes that are known now, such as `{ n: 442 }`, wherever a page leaves the size of a dim of that name open. */
  readonly sizes?: Readonly<Record<string, number>>;
  /** Of the kernels. Default `['f64']`. */
  readonly precisions?: readonly Precision[];
}

export interface BilevelOptions extends CarriedOptions {
  /** Whether the types of `x.bilevel` are written beside it, as `x.d.bilevel.ts`. Default true. */
  readonly types?: boolean;
}

const known = ['strategy', 'sizes', 'precisions', 'types'] as const satisfies readonly (keyof BilevelOptions)[];

/** Throws a `UsageError` for an option that does not exist, or a value that it cannot have. */
export function readOptions(options: BilevelOptions = {}): Required<Omit<BilevelOptions, 'strategy'>> & Pick<BilevelOptions, 'strategy'> {
  const given: Readonly<Record<string, unknown>> = { ...options };
  for (const name of Object.keys(given))
    if (!known.some((option) => option === name)) throw nothingOfThatName('the plugin has no option', name, known);
  const { strategy, sizes = {}, precisions = ['f64'], types = true } = options;
  if (strategy !== undefined && typeof strategy !== 'string')
    throw new UsageError(`\`strategy\` is a name, such as 'implicit', and was ${kindOf(strategy)}`);
  for (const [dim, size] of Object.entries(sizes))
    if (!Number.isSafeInteger(size) || size < 0)
      throw new UsageError(`\`sizes\`: the size of \`${dim}\` is a whole number, 0 or more, such as { ${dim}: 100 }`);
  if (!Array.isArray(precisions) || precisions.length === 0)
    throw new UsageError(`\`precisions\` is a list that is not empty, such as ['f64', 'f32']`);
  for (const precision of precisions) demandOneOf('precisions', precision, presentPrecisions);
  if (typeof types !== 'boolean') throw new UsageError(`\`types\` is true or false, and was ${kindOf(types)}`);
  // In an order of their own, so that a module does not depend on the caller's.
  const ordered = presentPrecisions.filter((name) => precisions.includes(name));
  return { ...(strategy === undefined ? {} : { strategy }), sizes, precisions: ordered, types };
}
