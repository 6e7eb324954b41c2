/** Binds a problem to the files of its page and of `--data`, and makes the options of a solve from the flags. */
import { knownSizes } from '../plan/splits.ts';
import type { ProblemDescription } from '../plan/types.ts';
import { certify } from '../runtime/certify.ts';
import { bindData } from '../runtime/data/files.ts';
import { dataDoubts } from '../runtime/data-doubts.ts';
import { nodeSources } from '../runtime/data/node.ts';
import { checkDemands } from '../runtime/demands.ts';
import { drawAll } from '../runtime/draws.ts';
import { labelDoubts } from '../runtime/label-doubts.ts';
import { crossValidation } from '../runtime/folds/cross-validation.ts';
import type { BoundProblem, DriveOptions } from '../runtime/types.ts';
import { Failure } from './failure.ts';
import { readDataFlags, type RawFlags, type SolveFlags } from './flags.ts';
import { demand, type Session } from './session.ts';

export interface Bound {
  readonly bound: BoundProblem;
  readonly options: DriveOptions;
}

/** What does not fit stops the command, all of it at once. */
export async function bind(session: Session, description: ProblemDescription, flags: SolveFlags): Promise<Bound> {
  const { bound, diagnostics } = await bindData(description, nodeSources(Object.fromEntries(flags.data)), flags.seed, {
    checkDemands,
    crossValidation,
    dataDoubts,
    drawAll,
    labelDoubts,
  });
  demand(session, diagnostics);
  if (bound === undefined) throw new Failure(diagnostics);
  const hyper = Object.fromEntries(flags.set);
  return {
    bound,
    options: {
      seed: flags.seed,
      hyper,
      ...(flags.strategy === undefined ? {} : { candidate: flags.strategy }),
      ...(flags.certify ? { certify } : {}),
    },
  };
}

/**
 * The sizes that the data fix, for a command that can do without. Where nothing was bound by a flag, data that are absent or do not
 * fit leave the sizes that the page alone makes known, and a note says why.
 */
export async function sizesOf(session: Session, description: ProblemDescription, raw: RawFlags): Promise<Readonly<Record<string, number>>> {
  const overrides = readDataFlags(raw);
  const { bound, diagnostics } = await bindData(description, nodeSources(Object.fromEntries(overrides)), 0, {
    checkDemands,
    crossValidation,
    dataDoubts,
    drawAll,
    labelDoubts,
  });
  if (bound !== undefined) {
    demand(session, diagnostics);
    return bound.sizes;
  }
  if (overrides.size > 0) throw new Failure(diagnostics);
  const reasons = [...new Set(diagnostics.filter((d) => d.severity === 'error').map((d) => `${d.code}: ${d.message}`))];
  session.note(`without data, because of ${reasons.join('; ')}`);
  return knownSizes(description);
}
