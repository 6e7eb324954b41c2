/** A problem bound to what is to compute it. */
import type { Precision } from '../plan/kernels.ts';
import type { ProblemModule } from '../plan/types.ts';
import { checkedLink, described, mixedLink } from '../runtime/backends/mixed/link.ts';
import { wasmLink } from '../runtime/backends/wasm/backend.ts';
import type { SolveFlags } from './flags.ts';
import { allowFusedMultiplyAdd } from './host.ts';
import type { LoadedProblem } from './load.ts';

type Computing = Pick<SolveFlags, 'backend' | 'precision' | 'chosen' | 'threads' | 'fused'>;

export async function linkedTo(problem: LoadedProblem, flags: Computing): Promise<ProblemModule> {
  const { description, plan, certifies, compiled } = problem;
  switch (flags.backend) {
    case 'reference': {
      const { module } = await compiled();
      return { ...module, link: saying(module.link, flags) };
    }
    case 'wasm':
      if (flags.fused) allowFusedMultiplyAdd();
      return { description, plan, link: saying(inWasm(problem, flags), flags), certifies };
  }
}

function inWasm({ description, plan, code }: LoadedProblem, { precision, threads, fused }: Computing): ProblemModule['link'] {
  const link = (numbers: Precision): ProblemModule['link'] => wasmLink((candidate) => code(candidate, numbers), { threads, fused });
  switch (precision) {
    case 'f64':
      return link('f64');
    case 'f32':
      return checkedLink({ description, plan }, link('f32'), link('f64'));
    case 'mixed':
      return mixedLink({ description, plan }, link('f32'), link('f64'));
  }
}

/** With why it computes in these numbers, where nobody asked for them by name. */
const saying =
  (link: ProblemModule['link'], { chosen }: Computing): ProblemModule['link'] =>
  async (candidate, sizes) => {
    const linked = await link(candidate, sizes);
    return chosen === undefined ? linked : described(linked, { chosen });
  };
