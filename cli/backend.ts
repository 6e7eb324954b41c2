/** A problem bound to what is to compute it. */
import type { CompiledProblem } from '../compiler/pipeline.ts';
import type { ExecutorDescription, ProblemModule } from '../plan/types.ts';
import { wasmLink } from '../runtime/backends/wasm/backend.ts';
import { counted, memoryText } from './figures.ts';
import type { SolveFlags } from './flags.ts';

export function linkedTo(problem: CompiledProblem, flags: Pick<SolveFlags, 'backend' | 'precision' | 'threads'>): ProblemModule {
  switch (flags.backend) {
    case 'reference':
      return { ...problem.module, link: problem.reference };
    case 'wasm': {
      const { precision, threads } = flags;
      return { ...problem.module, link: wasmLink((candidate) => problem.code(candidate, precision), { threads }) };
    }
  }
}

/** `wasm in float64 on 4 threads, one for each core; 1.2 MiB`. */
export function computedText({ backend, precision, threads, why, bytes }: ExecutorDescription): string {
  const numbers = precision === 'f64' ? 'float64' : 'float32';
  return `${backend} in ${numbers} on ${counted(threads, 'thread')}, ${why}${bytes === undefined ? '' : `; ${memoryText(bytes)}`}`;
}
