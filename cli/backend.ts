/** A problem bound to what is to compute it. */
import { unavailableBackend } from '../diagnostics/backend.ts';
import { libraryBackends, type LibraryBackendName } from '../plan/backends.ts';
import type { Precision } from '../plan/kernels.ts';
import type { ProblemModule } from '../plan/types.ts';
import { checkedLink, described, eitherLink, mixedLink } from '../runtime/backends/mixed/link.ts';
import { wasmLink } from '../runtime/backends/wasm/backend.ts';
import type { Computing } from './computing.ts';
import { Failure } from './failure.ts';
import type { SolveFlags } from './flags.ts';
import { allowFusedMultiplyAdd } from './host.ts';
import { openBackend } from './libraries.ts';
import type { LoadedProblem } from './load.ts';

type Link = ProblemModule['link'];
type Threads = Pick<SolveFlags, 'threads' | 'fused'>;

export async function linkedTo(problem: LoadedProblem, computing: Computing, { threads, fused }: Threads): Promise<ProblemModule> {
  const { description, plan, certifies, compiled } = problem;
  const { backend } = computing;
  if (backend === 'reference') {
    const { module } = await compiled();
    return { ...module, link: saying(module.link, computing) };
  }
  if (fused) allowFusedMultiplyAdd();
  const wasm = (numbers: Precision): Link => wasmLink((candidate) => problem.code(candidate, numbers), { threads, fused });
  const single = backend === 'wasm' ? wasm('f32') : await onLibrary(problem, backend);
  return { description, plan, link: saying(inPrecision(problem, computing, single, wasm('f64')), computing), certifies };
}

/** Float32 by `single`, float64 by `double`. */
function inPrecision(problem: LoadedProblem, { precision }: Computing, single: Link, double: Link): Link {
  switch (precision) {
    case 'f64':
      return double;
    case 'f32':
      return checkedLink(problem, single, double);
    case 'mixed':
      return mixedLink(problem, single, double);
    case 'auto':
      return eitherLink(problem, single, double);
  }
}

async function onLibrary({ calls }: LoadedProblem, backend: LibraryBackendName): Promise<Link> {
  const opening = await openBackend(backend);
  if (!opening.ok) throw new Failure([unavailableBackend({}, { asked: backend, because: opening.because, hint: opening.hint })]);
  return opening.link((candidate) => calls(candidate, libraryBackends[backend].library));
}

/** With why this computes, where nobody asked for it by name. */
const saying =
  (link: Link, { chosen }: Computing): Link =>
  async (candidate, sizes) => {
    const linked = await link(candidate, sizes);
    return chosen === undefined ? linked : described(linked, { chosen });
  };
