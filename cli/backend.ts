/** A problem bound to what is to compute it. */
import type { ProblemModule } from '../plan/types.ts';
import { wasmLink } from '../runtime/backends/wasm/backend.ts';
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
