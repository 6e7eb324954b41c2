/** What is made of the candidates of one problem, by id, when it is asked for. */
import type { Stages } from './stages.ts';

export type CandidateStages = ReadonlyMap<string, () => Stages>;

export function ofCandidate<T>(candidates: ReadonlyMap<string, () => T>, candidate: string): T {
  const make = candidates.get(candidate);
  if (make === undefined) throw new UnknownCandidate(candidate, [...candidates.keys()]);
  return make();
}

/** Misuse of the API: a candidate that the plan does not have. */
class UnknownCandidate extends Error {
  constructor(candidate: string, known: readonly string[]) {
    super(`the plan has no candidate '${candidate}'; it has ${known.join(', ')}`);
  }
}
