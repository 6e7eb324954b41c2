/** What is unwise about a problem with the data that it was bound to: fewer rows than numbers to determine, and columns in other units. */
import { unscaledFeatures } from '../diagnostics/data.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { minimiserNotUnique } from '../diagnostics/strategy.ts';
import { evaluate } from '../plan/evaluate.ts';
import type { FeaturesDescription, ProblemDescription } from '../plan/types.ts';
import type { Instance } from './types.ts';

/** Columns whose deviations differ by more than this share one penalty badly. */
const apart = 1e3;
/** Enough rows to know a scale by. */
const enough = 4096;

export const dataDoubts = (description: ProblemDescription, bound: Instance): readonly Diagnostic[] => [
  ...tooFewRows(description, bound),
  ...(description.features ?? []).flatMap((features) => scalesOf(description, features, bound)),
];

function tooFewRows({ bentByRows, innerSpan }: ProblemDescription, { sizes }: Instance): readonly Diagnostic[] {
  const [free, rows] = [bentByRows?.free, bentByRows?.rows].map((size) => (size === undefined ? size : evaluate(size, sizes)));
  if (bentByRows === undefined || free === undefined || rows === undefined || free <= rows) return [];
  return [minimiserNotUnique({ span: innerSpan }, { params: bentByRows.params, why: { free, rows } })];
}

function scalesOf(
  { data, innerSpan }: ProblemDescription,
  { data: name, axis, param }: FeaturesDescription,
  { slots }: Instance,
): readonly Diagnostic[] {
  const tensor = slots[`data:${name}`];
  const [rows = 0, columns = 0] = axis === 1 ? (tensor?.shape ?? []) : [...(tensor?.shape ?? [])].reverse();
  if (tensor === undefined) return [];
  const stride = Math.ceil(rows / enough);
  const scales = Array.from({ length: columns }, (_, column) => {
    const entries: number[] = [];
    for (let row = 0; row < rows; row += stride)
      entries.push(tensor.data[axis === 1 ? row * columns + column : column * rows + row] ?? Number.NaN);
    return deviationOf(entries);
  });
  // A column of one number, such as that of an intercept, has no scale.
  const scaled = [...scales.keys()].filter((column) => (scales[column] ?? 0) > 0).sort((a, b) => (scales[a] ?? 0) - (scales[b] ?? 0));
  const [small, large] = [scaled[0] ?? 0, scaled.at(-1) ?? 0].map((column) => ({ column, scale: scales[column] ?? 0 }));
  if (small === undefined || large === undefined || large.scale <= apart * small.scale) return [];
  const labels = [{ span: innerSpan, message: `one penalty weighs all of \`${param}\`` }];
  const span = data.find((d) => d.name === name)?.span;
  return [unscaledFeatures({ span, labels }, { data: name, axis, param, small, large })];
}

function deviationOf(entries: readonly number[]): number {
  const mean = entries.reduce((a, b) => a + b, 0) / entries.length;
  return Math.sqrt(entries.reduce((sum, x) => sum + (x - mean) * (x - mean), 0) / entries.length);
}

export type DataDoubts = typeof dataDoubts;
