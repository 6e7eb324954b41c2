/** A problem bound to what is to compute it. */
import { unavailableBackend } from '../diagnostics/backend.ts';
import { libraryBackends, type LibraryBackendName } from '../plan/backends.ts';
import type { Precision } from '../plan/kernels.ts';
import type { ProblemModule } from '../plan/types.ts';
import { chosenBy, linkIn } from '../runtime/backends/mixed/link.ts';
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
  return {
    description,
    plan,
    link: saying(linkIn(computing.precision, problem, single, wasm('f64'), backend === 'wasm' ? single : undefined), computing),
    certifies,
  };
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
    return chosen === undefined ? linked : chosenBy(linked, chosen);
  };
