/** What a plugin may be told, and what is refused of it before a page is looked at. */
import { demandOptions, kindOf, librariesOf, precisionsOf } from '../library/options.ts';
import { UsageError } from '../library/usage-error.ts';
import type { Library } from '../plan/placement.ts';
import type { Arithmetic } from '../plan/types.ts';

/** What the modules of pages carry. */
export interface CarriedOptions {
  /** A strategy by its name, or a candidate by its id; `auto` leaves it to the plan, whatever a page asks for. */
  readonly strategy?: string;
  /** Sizes that are known now, such as `{ n: 442 }`, wherever a page leaves the size of a dim of that name open; none that a page contradicts. */
  readonly sizes?: Readonly<Record<string, number>>;
  /** Of the kernels; `mixed`: float32 that is corrected in float64. Default `['f64']`. */
  readonly precisions?: readonly Arithmetic[];
  /** Libraries of kernels on which they are to run, too: `tfjs`, `gpujs`. Default: none. */
  readonly libraries?: readonly Library[];
}

export interface BilevelOptions extends CarriedOptions {
  /** Whether the types of `x.bilevel` are written beside it, as `x.d.bilevel.ts`. Default true. */
  readonly types?: boolean;
}

const known = ['strategy', 'sizes', 'precisions', 'libraries', 'types'] as const satisfies readonly (keyof BilevelOptions)[];

/** Throws a `UsageError` for an option that does not exist, or a value that it cannot have. */
export function readOptions(options: BilevelOptions = {}): Required<Omit<BilevelOptions, 'strategy'>> & Pick<BilevelOptions, 'strategy'> {
  demandOptions('the plugin', options, known);
  const { strategy, sizes = {}, types = true } = options;
  if (typeof types !== 'boolean') throw new UsageError(`\`types\` is true or false, and was ${kindOf(types)}`);
  return {
    ...(strategy === undefined ? {} : { strategy }),
    sizes,
    precisions: precisionsOf(options.precisions),
    libraries: librariesOf(options.libraries),
    types,
  };
}
