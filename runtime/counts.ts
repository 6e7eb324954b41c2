/** Whole numbers that float32 cannot hold: dims, and data of kind `int`. Knows nothing of how they are used. */
import { beyondFloat32 } from '../diagnostics/backend.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { ExecutorDescription, ProblemDescription } from '../plan/types.ts';
import type { BoundProblem } from './types.ts';

/** Every whole number up to this one is a float32. */
const exactInFloat32 = 2 ** 24;

/** Those of a problem that its precision cannot hold. */
export function uncountable(
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

export type Uncountable = typeof uncountable;
