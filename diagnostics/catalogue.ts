/**
 * All codes of all families with their explanations, for `bilevel explain` and the pages under `docs/diagnostics/`. A code is found
 * because its reporter is exported from the file of its family: there is no list to forget.
 */
import type { DiagnosticKind } from './diagnostic.ts';
import { backend as backendExplained } from './explanations/backend.ts';
import { data as dataExplained } from './explanations/data.ts';
import { demands as demandsExplained } from './explanations/demands.ts';
import { dependence as dependenceExplained } from './explanations/dependence.ts';
import { labels as labelsExplained } from './explanations/labels.ts';
import { levels as levelsExplained } from './explanations/levels.ts';
import { names as namesExplained } from './explanations/names.ts';
import { numerics as numericsExplained } from './explanations/numerics.ts';
import { splits as splitsExplained } from './explanations/splits.ts';
import { strategy as strategyExplained } from './explanations/strategy.ts';
import { syntax as syntaxExplained } from './explanations/syntax.ts';
import { usage as usageExplained } from './explanations/usage.ts';
import type { Explanation, Explanations } from './explanations/explanation.ts';
import { InternalError } from './internal-error.ts';
import * as backend from './backend.ts';
import * as data from './data.ts';
import * as demands from './demands.ts';
import * as dependence from './dependence.ts';
import * as labels from './labels.ts';
import * as levels from './levels.ts';
import * as names from './names.ts';
import * as numerics from './numerics.ts';
import * as splits from './splits.ts';
import * as strategy from './strategy.ts';
import * as syntax from './syntax.ts';
import * as usage from './usage.ts';

const families: readonly Family[] = [syntax, names, splits, levels, dependence, strategy, data, labels, demands, backend, numerics, usage];

const explanations: Explanations = {
  ...backendExplained,
  ...dataExplained,
  ...demandsExplained,
  ...dependenceExplained,
  ...labelsExplained,
  ...levelsExplained,
  ...namesExplained,
  ...numericsExplained,
  ...splitsExplained,
  ...strategyExplained,
  ...syntaxExplained,
  ...usageExplained,
};

/** Everything there is to say about a code. */
export interface CatalogueRow extends DiagnosticKind, Explanation {}

type Family = Readonly<Record<string, unknown>>;

export const rowsOf = (family: Family): readonly CatalogueRow[] =>
  Object.values(family).flatMap((value) => (hasKind(value) ? [explained(value.kind)] : []));

/** Sorted by code; a code stands once for every reporter that has it. */
export const catalogue: readonly CatalogueRow[] = families.flatMap(rowsOf).sort((a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : 0));

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
  '9': 'the command line and calls',
};

function hasKind(value: unknown): value is { readonly kind: DiagnosticKind } {
  return typeof value === 'function' && 'kind' in value;
}

function explained(kind: DiagnosticKind): CatalogueRow {
  const explanation = explanations[kind.code];
  if (explanation === undefined) throw new InternalError('catalogue', `nothing explains ${kind.code}`);
  return { ...kind, ...explanation };
}
