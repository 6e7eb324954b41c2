/** What float32 cannot do, and what may be its doing. Handed in where something may compute in it. */
import { beyondFloat32 } from '../diagnostics/backend.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { ExecutorDescription, ProblemDescription } from '../plan/types.ts';
import type { BoundProblem } from './types.ts';

/** Every whole number up to this one is a float32. */
const exactInFloat32 = 2 ** 24;

/** Whole numbers of a problem that its precision cannot hold: dims, and data of kind `int`. */
function uncountable(
  { dims, data }: ProblemDescription,
  { slots, sizes }: BoundProblem,
  { precision }: Pick<ExecutorDescription, 'precision'>,
): readonly Diagnostic[] {
  if (precision === 'f64') return [];
  const limit = exactInFloat32;
  const large = dims.flatMap(({ name, span }) => {
    const size = sizes[name] ?? 0;
    return size > limit ? [beyondFloat32({ span }, { what: `\`${name}\` is`, value: size, limit })] : [];
  });
  const labels = data.flatMap(({ name, kind, span }) => {
    if (kind !== 'int') return [];
    const value = slots[`data:${name}`]?.data.find((x) => Math.abs(x) > limit);
    return value === undefined ? [] : [beyondFloat32({ span }, { what: `\`${name}\` holds`, value, limit })];
  });
  return [...large, ...labels];
}

/** Of what may be said of a solved point: these would be said of a page that asks for what cannot be, and of data that are badly scaled. */
const mayBeRounding: ReadonlySet<string> = new Set(['BL8005', 'BL8007', 'BL8016']);

const wayOut = 'float32 computed this, which may be all that is wrong: ask for the precision `mixed` or `f64`';

/** Failures and doubts that rounding in this precision may be the cause of say so, before all else that they advise. */
const blamed = (diagnostics: readonly Diagnostic[], { precision }: Pick<ExecutorDescription, 'precision'>): readonly Diagnostic[] =>
  precision === 'f32'
    ? diagnostics.map((d) => (d.severity === 'error' || mayBeRounding.has(d.code) ? { ...d, hints: [wayOut, ...d.hints] } : d))
    : diagnostics;

export const inFloat32 = { uncountable, blamed };

export type InFloat32 = typeof inFloat32;
