/** Opens a problem for driving: chooses the candidate by the plan, links it, and checks the point to start from. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { noStrategy } from '../diagnostics/numerics.ts';
import { unknownName } from '../diagnostics/data.ts';
import { decide, type Weigh } from '../plan/decide.ts';
import type { Candidate, ProblemModule, Tensor } from '../plan/types.ts';
import { pack, type SearchSpace, searchSpace } from './kinds.ts';
import { type Begin, declaredPoint, declaredStart, openSession, type Session } from './session.ts';
import type { ShortOfMemory } from './short-of-memory.ts';
import { closestName } from './tensor.ts';
import { interrupted, turns } from './turn.ts';
import type { BoundProblem, DriveOptions, Failure, Point } from './types.ts';

/** A candidate linked, at a point that is fit to start from. */
export interface Opened {
  readonly session: Session;
  readonly space: SearchSpace;
  readonly point: Point;
  readonly z: Float64Array;
  readonly start: Begin | undefined;
}

export const notStarted = (diagnostics: readonly Diagnostic[]): Failure => ({ ok: false, status: 'not-started', diagnostics });
export const isFailure = <T extends object>(value: T | Failure): value is Failure => 'ok' in value && value.ok === false;

/** The candidate to use: the one asked for, or the plan's choice at these sizes. */
export function candidateOf(
  module: ProblemModule,
  bound: BoundProblem,
  asked: string | undefined,
  shortOfMemory?: ShortOfMemory,
  weigh?: Weigh,
): Candidate | Failure {
  const { chosen } = decide(module.plan, bound.sizes, { only: asked, weigh, calibration: module.calibration });
  return chosen ?? notStarted([noneChosen(module, bound.sizes, asked, shortOfMemory)]);
}

/** Why no candidate can be chosen at these sizes; `shortOfMemory` where a page may limit bytes. */
export function noneChosen(
  module: Pick<ProblemModule, 'description' | 'plan'>,
  sizes: Readonly<Record<string, number>>,
  asked: string | undefined,
  shortOfMemory?: ShortOfMemory,
): Diagnostic {
  const short = shortOfMemory?.(module, sizes, asked);
  if (short !== undefined) return short;
  const { description, plan } = module;
  const { verdicts } = decide(plan, sizes, { only: asked });
  const wanted = asked ?? plan.asked.strategy;
  const relevant = verdicts.filter((v) => wanted === undefined || v.strategy === wanted || v.id === wanted);
  if (wanted !== undefined && relevant.length === 0) {
    const own = verdicts.filter((v) => v.strategy === wanted.split('+')[0]);
    const [refused] = own.filter((v) => v.verdict === 'refused');
    // With whatever solver.
    if (refused !== undefined) return noStrategy({ span: description.outerSpan }, { asked: refused.strategy, verdicts: [refused.why] });
    const known = own.length > 0 ? own.map((v) => v.id) : [...new Set(verdicts.map((v) => v.strategy))];
    const closest = closestName(wanted, [...known, ...verdicts.map((v) => v.id)]);
    return noStrategy({ span: description.outerSpan }, { asked: wanted, verdicts: [], known, closest });
  }
  // What was asked for by name need not be named again.
  const words = relevant.map((v) => (v.id === wanted ? v.why : `${v.id}: ${v.why}`));
  return noStrategy({ span: description.outerSpan }, { asked: wanted, verdicts: words });
}

/**
 * Binds the stages of a candidate and checks the start, the declared one with the caller's values over it; does what is to be done there,
 * and lets go of the executor, however that ends.
 */
export async function opened<T>(
  module: ProblemModule,
  bound: BoundProblem,
  candidate: Candidate,
  options: DriveOptions,
  use: (opened: Opened) => Promise<T>,
): Promise<T | Failure> {
  const { hyper = {}, signal, onInnerSteps } = options;
  const known = module.description.hypers.map((h) => h.name);
  const unknown = Object.keys(hyper).filter((name) => !known.includes(name));
  if (unknown.length > 0)
    return notStarted(unknown.map((name) => unknownName({}, { what: 'hyper', name, known, closest: closestName(name, known) })));
  const session = await openSession(module, candidate, bound, turns(signal, onInnerSteps), options);
  if (isFailure(session)) return session;
  try {
    const start = await openAt(session, hyper);
    return isFailure(start) ? start : await use(start);
  } finally {
    session.executor.close();
  }
}

/** Checks the start: the declared one with the caller's values over it. */
export async function openAt(session: Session, hyper: Partial<Point>): Promise<Opened | Failure> {
  const given = Object.fromEntries(Object.entries(hyper).filter((entry): entry is [string, Tensor] => entry[1] !== undefined));
  const declared = await declaredPoint(session);
  if (declared === undefined) return interrupted;
  const point: Point = { ...declared, ...given };
  const space = searchSpace(session.module.description.hypers, session.bound.sizes, session.curvedKinds);
  const { z, diagnostics } = pack(space, point);
  if (z === undefined) return notStarted(diagnostics);
  const start = await declaredStart(session, point);
  return start === 'interrupted' ? interrupted : { session, space, point, z, start };
}
