/**
 * What a page may name, written out of the compiler's own tables, so that a solver or a strategy that comes later is here by itself.
 * Knows no problem: what an option without a default is given is for the problem to say.
 */
import { type MethodRow, innerMethods, outerMethods, strategies } from '../../compiler/check/methods.ts';

/** What a solver is written with besides its name: by its name, or as `default`. */
export type Arguments = Readonly<Record<string, string>>;

/** Every strategy as it can be written, plain and then with each word that an option of it takes; by its name. */
export const strategyCalls: ReadonlyMap<string, readonly [string, ...string[]]> = new Map(
  Object.entries(strategies).map(([name, { options }]) => {
    const chosen = Object.entries(options).flatMap(([option, { kind }]) =>
      kind.is === 'word' ? kind.words.map((word) => `${name}(${option} = ${word})`) : [],
    );
    return [name, [name, ...chosen]];
  }),
);

const known = Object.entries(innerMethods);
const argumentsOf = (name: string, given: Arguments): string => given[name] ?? given.default ?? '';
const call = (name: string, ...parts: readonly string[]): string => {
  const given = parts.filter((part) => part !== '').join(', ');
  return given === '' ? name : `${name}(${given})`;
};

/** How far solvers go that have no default: further than two are compared, and not for ever where they come no closer. */
const ends = ['tolerance = 1e-10', 'steps = 2000'] as const;

/** Every inner solver on its way to the minimiser. `rated`: with the length of its steps, also where it finds one by itself. */
export const minimisers = (given: Arguments, { rated }: { readonly rated: boolean }): readonly string[] =>
  known.map(([name, row]) =>
    row.stepwise === true ? call(name, rated || row.needs !== undefined ? argumentsOf(name, given) : '', ...ends) : name,
  );

/** Every stepwise solver as a recipe of so many steps; by its name. */
export const recipes = (
  given: Arguments,
  steps: number,
  wanted: (solver: string, row: MethodRow) => boolean,
): ReadonlyMap<string, string> =>
  new Map(
    known
      .filter(([name, row]) => row.stepwise === true && wanted(name, row))
      .map(([name]) => [name, call(name, argumentsOf(name, given), `steps = ${steps}`)]),
  );

/** Every outer solver, on the way to where the hypergradient is small; by its name. */
export const optimisers = (given: Arguments): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(outerMethods)
      .filter(([, row]) => row.refused === undefined)
      .map(([name, row]) => {
        const own = row.needs === undefined ? '' : argumentsOf(name, given);
        return [name, call(name, own, 'tolerance = 1e-6', 'steps = 200')];
      }),
  );
