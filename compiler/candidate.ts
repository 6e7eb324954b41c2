/** The stages of the candidates of one problem, by id. */
import type { Stages } from './module.ts';

export type CandidateStages = ReadonlyMap<string, () => Stages>;

export function stagesOf(candidates: CandidateStages, candidate: string): Stages {
  const build = candidates.get(candidate);
  if (build === undefined) throw new UnknownCandidate(candidate, [...candidates.keys()]);
  return build();
}

/** Misuse of the API: a candidate that the plan does not have. */
class UnknownCandidate extends Error {
  constructor(candidate: string, known: readonly string[]) {
    super(`the plan has no candidate '${candidate}'; it has ${known.join(', ')}`);
  }
}
