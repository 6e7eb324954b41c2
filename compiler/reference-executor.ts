/**
 * Stages run by the reference interpreter, in float64: the oracle behind the contract that every backend has. It takes each stage
 * in one go, so that only what drives it can be interrupted, between stages.
 */
import type { Executor, ProblemModule, Slots, StageName } from '../plan/types.ts';
import { ofCandidate, type CandidateStages } from './candidate.ts';
import type { Tensor } from './ir/graph.ts';
import { prepare, type Run } from './ir/interpret.ts';
import type { Stages } from './stages.ts';

/** Links candidates, each with its stages, to the interpreter. */
export function referenceLink(candidates: CandidateStages): ProblemModule['link'] {
  return (candidate, sizes) =>
    new Promise((resolve) => {
      const executor = referenceExecutor(ofCandidate(candidates, candidate), new Map(Object.entries(sizes)));
      resolve({ ok: true, executor });
    });
}

function referenceExecutor(stages: Stages, sizes: ReadonlyMap<string, number>): Executor {
  const held = new Map<string, Tensor>();
  const ready = new Map<StageName, Run>();
  const hold = (slots: Slots): void => {
    for (const [slot, tensor] of Object.entries(slots)) held.set(slot, tensor);
  };
  const get = (slot: string, whoNeedsIt: string): Tensor => {
    const tensor = held.get(slot);
    if (tensor === undefined) throw new MissingSlot(whoNeedsIt, slot);
    return tensor;
  };
  const runNow = (name: StageName): void => {
    const { graph, inputSlots } = stages[name];
    const run = ready.get(name) ?? prepare(graph, sizes);
    ready.set(name, run);
    const results = run(inputSlots.map((slot) => get(slot, `the stage '${name}'`)));
    hold(Object.fromEntries(graph.outputNames.map((slot, i) => [slot, results[i] as Tensor])));
  };
  return {
    put: hold,
    run: (stage) =>
      new Promise((resolve) => {
        runNow(stage);
        resolve('done');
      }),
    // Nobody changes a tensor, so it is as good as a copy.
    read: (slot) => new Promise((resolve) => resolve(get(slot, 'who reads'))),
    results: (stage) => stages[stage].graph.outputNames,
    describe: () => ({ backend: 'reference', precision: 'f64', threads: 1, why: 'the interpreter has no threads' }),
    close: () => {
      held.clear();
      ready.clear();
    },
  };
}

/** Misuse of the API: a slot was needed that nothing was put into. */
class MissingSlot extends Error {
  constructor(who: string, slot: string) {
    super(`${who} needs the slot '${slot}'`);
  }
}
