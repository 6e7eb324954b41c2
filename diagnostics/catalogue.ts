/**
 * All rows of all families, for `bilevel explain` and the pages under `docs/diagnostics/`. A row is found because its reporter
 * is exported from the file of its family: there is no list to forget.
 */
import type { CatalogueRow } from './diagnostic.ts';
import * as backend from './backend.ts';
import * as data from './data.ts';
import * as dependence from './dependence.ts';
import * as levels from './levels.ts';
import * as names from './names.ts';
import * as numerics from './numerics.ts';
import * as strategy from './strategy.ts';
import * as syntax from './syntax.ts';
import * as usage from './usage.ts';

const families: readonly Readonly<Record<string, unknown>>[] = [
  syntax,
  names,
  levels,
  dependence,
  strategy,
  data,
  backend,
  numerics,
  usage,
];

/** Sorted by code; a code stands once for every reporter that has it. */
export const catalogue: readonly CatalogueRow[] = families
  .flatMap((family) => Object.values(family))
  .flatMap((value) => (hasRow(value) ? [value.row] : []))
  .sort((a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : 0));

/** The row of a code or a slug, in any case. */
export function rowOf(codeOrSlug: string): CatalogueRow | undefined {
  const wanted = codeOrSlug.trim().toLowerCase();
  return catalogue.find((row) => row.code.toLowerCase() === wanted || row.slug === wanted);
}

/** The sections of the catalogue by the first digit of their codes. */
export const familyNames: Readonly<Record<string, string>> = {
  '1': 'syntax',
  '2': 'names, kinds, shapes',
  '3': 'levels and dependence',
  '4': 'curvature and derivatives',
  '5': 'strategies and solvers',
  '6': 'data',
  '7': 'backends',
  '8': 'numerics',
  '9': 'the command line',
};

function hasRow(value: unknown): value is { readonly row: CatalogueRow } {
  return typeof value === 'function' && 'row' in value;
}
