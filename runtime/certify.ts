/**
 * A hypergradient's error, proved: links the certificate beside the candidate, for as long as it takes, and turns what it found into words.
 * The proof is the same whichever way the hypergradient was found.
 */
import { holdsAll } from '../plan/decide.ts';
import type { Slots } from '../plan/types.ts';
import { notCertified } from '../diagnostics/numerics.ts';
import { hyperSlots, type Certify, type Differentiated, type Session } from './session.ts';
import { figure } from './tensor.ts';
import type { Point } from './types.ts';

/** The least number of each precision that has all its digits. A proof beside mixed precision is computed in float64. */
const LEAST = { f64: 2 ** -1022, f32: 2 ** -126 } as const;

const lacksDigits = (slots: Slots, least: number): boolean =>
  Object.values(slots).some(({ data }) => data.some((x) => x !== 0 && Math.abs(x) < least));

const gradientSlots = (hypergradient: Point): Slots =>
  Object.fromEntries(Object.entries(hypergradient).map(([name, tensor]) => [`hypergradient:${name}`, tensor]));

type Proof = { readonly ok: true; readonly bound: number; readonly why: string } | { readonly ok: false; readonly because: string };

/** Needs: a module that certifies. Never throws for numerical reasons: where nothing is proved, a warning says why. */
export const certify: Certify = async (session, at) => {
  const proof = await prove(session, at);
  if (proof.ok) return { error: { bound: proof.bound, certified: true, why: proof.why }, warnings: [] };
  return { warnings: [notCertified({ span: session.module.description.innerSpan }, { because: proof.because })] };
};

async function prove(
  { module, bound, control, executor: executing }: Session,
  { evaluation: { point, x }, hypergradient }: Differentiated,
): Promise<Proof> {
  const refuse = (because: string): Proof => ({ ok: false, because });
  const certifies = await module.certifies?.();
  if (certifies === undefined) return refuse('the module was compiled without the proof');
  if (!certifies.ok) return refuse(certifies.because);
  const { folds, sizes, slots } = bound;
  const given = [slots, hyperSlots(point), ...(folds?.each.map((fold) => fold.slots) ?? [])];
  if (given.some((tensors) => lacksDigits(tensors, executing.describe().precision === 'f32' ? LEAST.f32 : LEAST.f64)))
    return refuse('a number of the data is too small for all its digits');
  const way = certifies.ways.find(({ conditions }) => holdsAll(conditions, sizes).holds !== false);
  if (way === undefined) return refuse(certifies.ways.map(({ conditions }) => holdsAll(conditions, sizes).why).at(-1) ?? 'there is no way');
  const linked = folds === undefined ? await module.link(way.id, sizes) : await folds.link(module.link, way.id, folds.each);
  if (!linked.ok) return refuse(linked.diagnostics[0]?.message ?? 'it does not fit');
  const { executor } = linked;
  try {
    executor.put({ ...slots, ...hyperSlots(point), ...gradientSlots(hypergradient), x });
    for (const stage of ['once', 'error'] as const)
      if ((await executor.run(stage, control)) === 'interrupted') return refuse('it was interrupted');
    const [error = Number.NaN, modulus = Number.NaN, radius = Number.NaN] = await Promise.all(
      ['bound', 'bound:modulus', 'bound:radius'].map(async (slot) => (await executor.read(slot)).data[0]),
    );
    if (!(modulus > 0)) return refuse('the inner loss is not shown to be smooth, with a positive definite Hessian, around the minimiser');
    if (!(error < Number.MAX_VALUE))
      return refuse('what the hypergradient is made of is too uncertain around the minimiser to be enclosed');
    const why = `${folds === undefined ? 'exactly one minimiser lies' : 'in each fold exactly one minimiser lies'} within ${figure(radius)} of where the proof solved for it, the inner Hessian is at least ${figure(modulus)} there, and all rounding is counted`;
    return { ok: true, bound: error, why };
  } finally {
    executor.close();
  }
}
