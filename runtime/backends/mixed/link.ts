/** Links a candidate in two precisions, on any two backends: what `mixed` and `f32` mean of it, or why it is computed in one of them alone. */
import { checkedId, refinedId, whyNotRefined } from '../../../plan/mixed.ts';
import type { Arithmetic, Candidate, Executor, ExecutorDescription, Linked, ProblemModule } from '../../../plan/types.ts';
import { checkedExecutor, type Judge } from './checked.ts';
import { inFloat64, refinedExecutor } from './refined.ts';

type Link = ProblemModule['link'];
type Planned = Pick<ProblemModule, 'description' | 'plan'>;

const candidateOf = ({ plan }: Planned, id: string): Candidate | undefined => plan.candidates.find((c) => c.id === id);

/** Solved and corrected by `single`, judged by `double`: as exact as in float64. What cannot be corrected is computed by `double`, which says so. */
export const mixedLink =
  (module: Planned, single: Link, double: Link): Link =>
  async (id, sizes) => {
    const candidate = candidateOf(module, id);
    // A proof, say.
    if (candidate === undefined) return double(id, sizes);
    const because = whyNotRefined(module.description, candidate);
    if (because !== undefined) return described(await double(id, sizes), { declined: inFloat64(because) });
    const below = await single(refinedId(id), sizes);
    if (!below.ok) return below;
    if (below.executor.results('refine').length === 0) {
      below.executor.close();
      return described(await double(id, sizes), { declined: inFloat64('the page says how many steps the linear solve takes') });
    }
    const above = await double(checkedId(id), sizes);
    if (above.ok) return { ok: true, executor: refinedExecutor(below.executor, above.executor) };
    below.executor.close();
    return above;
  };

/** What `checkedLink` may be asked for besides. */
interface Checked {
  /** Of proofs; default: `double`. */
  readonly proofs?: Link | undefined;
  /** Whether `double` computes what `single` fails at. */
  readonly standsIn?: boolean;
}

/** Computed by `single`, with errors that `double` estimates, but for those of differences, which say what they leave. */
export const checkedLink =
  (module: Planned, single: Link, double: Link, { proofs = double, standsIn = false }: Checked = {}): Link =>
  async (id, sizes) => {
    const candidate = candidateOf(module, id);
    if (candidate === undefined) return proofs(id, sizes);
    const linked = await single(id, sizes);
    if (!linked.ok || candidate.drive === 'differences') return linked;
    const corrects = whyNotRefined(module.description, candidate) === undefined;
    const link: Judge['link'] = () => double(corrects ? checkedId(id) : id, sizes);
    return { ok: true, executor: checkedExecutor(linked.executor, { link, corrects, standsIn }) };
  };

/** `mixed` where what is solved can be corrected; elsewhere `f32`, with why it is that, and `double` where that fails. */
export const eitherLink =
  (module: Planned, single: Link, double: Link): Link =>
  async (id, sizes) => {
    const candidate = candidateOf(module, id);
    const because = candidate && whyNotRefined(module.description, candidate);
    if (because === undefined) return mixedLink(module, single, double)(id, sizes);
    if (candidate?.drive === 'differences') return described(await double(id, sizes), { chosen: because });
    return described(await checkedLink(module, single, double, { standsIn: true })(id, sizes), {
      chosen: `not corrected in float64: ${because}`,
    });
  };

/**
 * Float32 by `single`, float64 by `double`. `auto`: as well as `single` can. `proofs`: of what is `f32`; they count roundings of WebAssembly,
 * and those of constants as it has them.
 */
export function linkIn(precision: Arithmetic | 'auto', module: Planned, single: Link, double: Link, proofs?: Link): Link {
  switch (precision) {
    case 'f64':
      return double;
    case 'f32':
      return checkedLink(module, single, double, { proofs });
    case 'mixed':
      return mixedLink(module, single, double);
    case 'auto':
      return eitherLink(module, single, double);
  }
}

/** The same, saying why it is that one, and after it why it is of that precision, if it says that. */
export function chosenBy(linked: Linked, why: string): Linked {
  const own = linked.ok ? linked.executor.describe().chosen : undefined;
  return described(linked, { chosen: own === undefined ? why : `${why}; ${own}` });
}

/** The same, saying more of itself. */
export function described(linked: Linked, more: Partial<ExecutorDescription>): Linked {
  if (!linked.ok) return linked;
  const { executor } = linked;
  const speaking: Executor = {
    put: (slots) => executor.put(slots),
    run: (stage, control) => executor.run(stage, control),
    read: (slot) => executor.read(slot),
    results: (stage) => executor.results(stage),
    describe: () => ({ ...executor.describe(), ...more }),
    close: () => executor.close(),
  };
  return { ok: true, executor: speaking };
}
