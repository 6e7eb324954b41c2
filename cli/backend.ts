/** A problem bound to what is to compute it. */
import type { ExecutorDescription, ProblemModule } from '../plan/types.ts';
import { wasmLink } from '../runtime/backends/wasm/backend.ts';
import { counted, memoryText } from '../library/figures.ts';
import type { SolveFlags } from './flags.ts';
import { allowFusedMultiplyAdd } from './host.ts';
import type { LoadedProblem } from './load.ts';

export async function linkedTo(
  { description, plan, code, certifies, compiled }: LoadedProblem,
  { backend, precision, threads, fused }: Pick<SolveFlags, 'backend' | 'precision' | 'threads' | 'fused'>,
): Promise<ProblemModule> {
  switch (backend) {
    case 'reference':
      return (await compiled()).module;
    case 'wasm':
      if (fused) allowFusedMultiplyAdd();
      return { description, plan, link: wasmLink((candidate) => code(candidate, precision), { threads, fused }), certifies };
  }
}

/** `wasm in float64, fused, on 4 threads, one for each core; 1.2 MiB`. */
export function computedText({ backend, precision, threads, why, fused, bytes, folds }: ExecutorDescription): string {
  const numbers = `${precision === 'f64' ? 'float64' : 'float32'}${fused === true ? ', products fused with sums,' : ''}`;
  return `${backend} in ${numbers} on ${counted(threads, 'thread')}, ${why}${bytes === undefined ? '' : `; ${memoryText(bytes)}${folds === undefined ? '' : ` for ${folds} folds`}`}`;
}
