/**
 * Binds a problem to data: checks kinds and shapes, fixes the dims, makes the splits, draws the random starts. All that is wrong is found
 * in one run. Where an array comes from is for the caller to say: nothing here knows a file.
 */
import {
  type Binder,
  dataNotFinite,
  dataWithoutSource,
  malformedTensor,
  outsideKind,
  unknownName,
  wrongRank,
} from '../diagnostics/data.ts';
import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.ts';
import type { DataDescription, ProblemDescription } from '../plan/types.ts';
import { type ArrayOrNot, type ArrayRequest, type DataArray, declaredAt, givenValue, refuse } from './data/array.ts';
import { slotsOf } from './cuts.ts';
import { domainOf, violations } from './kinds.ts';
import type { CheckDemands } from './demands.ts';
import type { DataDoubts } from './data-doubts.ts';
import type { LabelDoubts } from './label-doubts.ts';
import type { DrawAll, Drawn } from './draws.ts';
import { bindSizes } from './sizes.ts';
import { closestName, figure, indexText, printDeclaredShape, printType } from './tensor.ts';
import type { CrossValidation } from './folds/cross-validation.ts';
import type { BoundProblem } from './types.ts';
import { type TensorLike, tensorOf } from './values.ts';

export interface Bound {
  /** Absent where there are errors. */
  readonly bound?: BoundProblem;
  readonly diagnostics: readonly Diagnostic[];
}

/** What some problems need to be bound, and others do without. */
export interface BindingParts {
  readonly crossValidation?: CrossValidation;
  readonly drawAll?: DrawAll;
  /** What the page asks of sizes and positions (`demands.ts`). */
  readonly checkDemands?: CheckDemands;
  /** Where data may be unwise (`data-doubts.ts`). */
  readonly dataDoubts?: DataDoubts;
  /** Where labels may be (`label-doubts.ts`). */
  readonly labelDoubts?: LabelDoubts;
}

/** Binds values: an array, nested lists, a number for each data by its name. `seed` is the run’s: it keys the draws of params. */
export function bindValues(
  description: ProblemDescription,
  values: Readonly<Record<string, TensorLike>>,
  seed = 0,
  parts: BindingParts = {},
): Promise<Bound> {
  const loaded = description.data.map((data) => {
    const value = Object.hasOwn(values, data.name) ? values[data.name] : undefined;
    return value === undefined ? withoutSource(data, 'call') : fromValue(data, value);
  });
  return bindArrays(description, Object.keys(values), loaded, seed, parts);
}

/**
 * Checks everything that the description asks for. `given`: what the caller names, which must be data of the problem; `loaded`: an array for each
 * data of the description, in its order. `seed` is the run’s: it keys all that is drawn. Data that are only looked at need no `drawAll`.
 */
export function bindArrays(
  description: ProblemDescription,
  given: readonly string[],
  loaded: readonly ArrayOrNot[],
  seed = 0,
  { crossValidation, drawAll, checkDemands, dataDoubts, labelDoubts }: BindingParts = {},
): Promise<Bound> {
  const known = description.data.map((d) => d.name);
  const diagnostics: Diagnostic[] = given
    .filter((name) => !known.includes(name))
    .map((name) => unknownName({}, { what: 'data', name, known, closest: closestName(name, known) }));
  const arrays = new Map<string, DataArray>();
  for (const [i, result] of loaded.entries()) {
    const name = description.data[i]?.name ?? '';
    if (result.ok) arrays.set(name, result.array);
    else diagnostics.push(...result.diagnostics);
  }

  const { sizes, parts, folds, diagnostics: shapes } = bindSizes(description, arrays, crossValidation?.cut);
  diagnostics.push(...shapes);
  for (const data of description.data) {
    const array = arrays.get(data.name);
    if (array !== undefined) diagnostics.push(...checkValues(data, array, sizes));
  }
  // What is asked of sizes that are not right themselves would be one mistake told twice, and nothing can be drawn where one is negative.
  const unmet = hasErrors(diagnostics) ? [] : (checkDemands?.(description, { arrays, sizes, parts, folds }) ?? []);
  if (unmet.length > 0) return Promise.resolve({ diagnostics: withoutRepeats([...diagnostics, ...unmet]) });
  const drawnAt = (own: Readonly<Record<string, number>>): Drawn => drawAll?.(description, own, seed) ?? { slots: {}, diagnostics: [] };
  const drawn = drawnAt(sizes);
  const { diagnostics: undrawn = [], ...instances } = folds === undefined ? {} : (crossValidation?.bind(folds, sizes, drawnAt) ?? {});
  // What is wrong with every fold is said once.
  diagnostics.push(...(drawn.diagnostics.length > 0 ? drawn.diagnostics : undrawn));
  const once = withoutRepeats(diagnostics);
  if (hasErrors(once)) return Promise.resolve({ diagnostics: once });
  const labels = Object.fromEntries([...arrays].flatMap(([name, array]) => (array.labels === undefined ? [] : [[name, array.labels]])));
  const data = Object.fromEntries([...arrays].map(([name, array]) => [`data:${name}`, array.tensor]));
  const bound: BoundProblem = {
    slots: { ...data, ...slotsOf(parts), ...(folds === undefined ? drawn.slots : {}) },
    sizes,
    ...instances,
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
  };
  return Promise.resolve({
    bound,
    diagnostics: [...once, ...(dataDoubts?.(description, bound) ?? []), ...(labelDoubts?.(description, bound) ?? [])],
  });
}

/** Two data of one file find the same short row, or that the file is missing: said once. */
function withoutRepeats(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter(({ code, place }) => {
    if (place === undefined || !ofWholeFiles.has(code)) return true;
    const id = `${code} ${place.file}:${place.line ?? ''}`;
    if (seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}

/** Codes that are about a file, whichever data asked for it: missing, unreadable, unknown format, short row, malformed, empty. */
const ofWholeFiles = new Set(['BL6001', 'BL6002', 'BL6003', 'BL6006', 'BL6009', 'BL6022']);

export function fromValue(data: DataDescription, value: TensorLike): ArrayOrNot {
  const made = tensorOf(value);
  if (!made.ok) return refuse(malformedTensor({ span: data.span }, { data: data.name, reason: made.reason }));
  const { tensor } = made;
  if (tensor.shape.length !== data.shape.length) {
    const declared = printDeclaredShape(data.shape);
    return refuse(
      wrongRank({ span: data.span }, { data: data.name, declared, file: 'the call', actual: tensor.shape, what: 'the value given' }),
    );
  }
  const locate = (flat: number): ReturnType<DataArray['locate']> => ({
    words: tensor.shape.length === 0 ? 'its value' : `element ${indexText(flat, tensor.shape)}`,
    place: { file: givenValue },
  });
  return { ok: true, array: { tensor, locate, source: givenValue, ...labelsOf(value) } };
}

/** What data that were read know of their words. */
function labelsOf(value: TensorLike): Pick<DataArray, 'labels'> {
  const labels: unknown = typeof value === 'object' && 'labels' in value ? value.labels : undefined;
  return Array.isArray(labels) && labels.every((label) => typeof label === 'string') ? { labels } : {};
}

export const requestOf = ({ name, kind, shape, span }: DataDescription): ArrayRequest => ({ data: name, kind, shape, span });

export const withoutSource = ({ name, shape, span, from }: DataDescription, by: Binder): ArrayOrNot =>
  refuse(dataWithoutSource({ span }, { data: name, declared: printDeclaredShape(shape), hasFile: from !== undefined, by }));

// ---- checking -----------------------------------------------------------------------------------------------------

/** Finite, of its kind, within its interval: one diagnostic a data and rule, at the first element that breaks it. */
function checkValues(data: DataDescription, array: DataArray, sizes: Readonly<Record<string, number>>): readonly Diagnostic[] {
  const { tensor } = array;
  const at = (flat: number): Parameters<typeof outsideKind>[0] => {
    const { place } = array.locate(flat);
    const isFile = place.file !== givenValue;
    return isFile ? { ...declaredAt(requestOf(data)), place } : { span: data.span };
  };
  const notFinite = [...tensor.data.keys()].filter((i) => !Number.isFinite(tensor.data[i]));
  const [firstBad] = notFinite;
  if (firstBad !== undefined) {
    const payload = {
      data: data.name,
      where: array.locate(firstBad).words,
      value: String(tensor.data[firstBad]),
      others: notFinite.length - 1,
    };
    return [dataNotFinite(at(firstBad), payload)];
  }
  const domain = domainOf(data.kind, data.interval, sizes) ?? domainOf(data.kind, undefined, sizes);
  if (domain === undefined) return [];
  const misfit = array.misfit?.({ data: data.name, type: printType(data), low: domain.low, high: domain.high }, at(0));
  if (misfit !== undefined) return [misfit];
  const outside = violations(tensor, domain, true);
  return [...new Set(outside.map((v) => v.rule))].flatMap((rule) => {
    const breaking = outside.filter((v) => v.rule === rule);
    const [first] = breaking;
    if (first === undefined) return [];
    const where = array.locate(first.at).words;
    return [
      outsideKind(at(first.at), {
        data: data.name,
        type: printType(data),
        where,
        value: figure(first.value),
        others: breaking.length - 1,
        rule,
      }),
    ];
  });
}
