/** The options that the functions of the interface share, and what is refused of them before a page is looked at. */
import type { Precision } from '../plan/kernels.ts';
import type { NamedPage } from './module.ts';
import type { Sizes } from './asked.ts';
import { UsageError, nothingOfThatName } from './usage-error.ts';

/** Options of every function that reads a page. */
export interface PageOptions {
  /** How diagnostics and modules name the page; nothing is read. Default `page.bilevel`. */
  readonly file?: string;
}

/** Options of every function that is about one problem of a page. */
export interface ProblemOptions extends PageOptions {
  /** The problem that is meant, where the page holds several. */
  readonly problem?: string;
  /** Sizes of dims that are known now, such as `{ n: 442 }`. A size that no dim has is a `UsageError`. */
  readonly sizes?: Sizes;
  /** A strategy by its name, or a candidate by its id; `auto` leaves it to the plan, whatever the page asks for. */
  readonly strategy?: string;
}

export const pageOptions = ['file'] as const satisfies readonly (keyof PageOptions)[];
export const problemOptions = [...pageOptions, 'problem', 'sizes', 'strategy'] as const satisfies readonly (keyof ProblemOptions)[];

export const precisions: readonly Precision[] = ['f64', 'f32'];

/** The page that a call speaks of. Throws a `UsageError` where the text is none, or an option is not among those `known`. */
export function pageOf(call: string, text: string, options: PageOptions, known: readonly string[]): NamedPage {
  if (typeof text !== 'string') throw new UsageError(`\`${call}\` reads the text of a page, and was given ${kindOf(text)}`);
  for (const name of Object.keys(options)) if (!known.includes(name)) throw nothingOfThatName(`\`${call}\` has no option`, name, known);
  return { name: options.file ?? 'page.bilevel', text };
}

/** An option that is one of a few words. */
export function demandOneOf<Word extends string>(option: string, given: Word, known: readonly Word[]): void {
  if (!known.includes(given)) throw nothingOfThatName(`\`${option}\` cannot be`, given, known);
}

/** A value that is not what was wanted, in words and never by its content. */
export const kindOf = (value: unknown): string =>
  value === null || value === undefined
    ? String(value)
    : Array.isArray(value)
      ? 'a list'
      : typeof value === 'object'
        ? 'an object'
        : `a ${typeof value}`;
