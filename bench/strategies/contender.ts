/** A way of differentiating that is ready to be run again and again at the declared point, each time from the declared start. */
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { approximates } from '../../plan/choose.ts';
import type { ProblemModule } from '../../plan/types.ts';
import { byDifferences } from '../../runtime/by-differences.ts';
import { everyDoubt } from '../../runtime/doubts.ts';
import { gradientResult, hypergradientAt } from '../../runtime/evaluate.ts';
import { isFailure, openAt } from '../../runtime/open.ts';
import { openSession } from '../../runtime/session.ts';
import { turns } from '../../runtime/turn.ts';
import type { BoundProblem, GradientResult } from '../../runtime/types.ts';
import { words } from '../page.ts';
import type { Way } from './ways.ts';

export interface Found {
  readonly result: GradientResult;
  /** Of the linear solve, where there is one. */
  readonly linearSteps?: number;
}

export interface Contender {
  readonly name: string;
  /** Gives another number than the derivative, on purpose. */
  readonly approximates: boolean;
  /** Finite differences. */
  readonly isCheck: boolean;
  /** What depends on data alone. */
  readonly prepare: () => Promise<void>;
  /** One hypergradient, inner solve included. */
  readonly run: () => Promise<void>;
  readonly find: () => Promise<Found>;
  readonly bytes: number | undefined;
  readonly close: () => void;
}

/** A way that cannot be gone here, for a reason that the user would be told. */
export class Refused extends Error {
  constructor(diagnostics: readonly Diagnostic[], status: string) {
    super(words(diagnostics) || status);
    this.name = 'Refused';
  }
}

const moment = { when: 'at the declared point' };

/** Throws `Refused` where the way leads nowhere. */
export async function openContender(
  { name, candidate }: Omit<Way, 'problem'>,
  module: ProblemModule,
  bound: BoundProblem,
): Promise<Contender> {
  const session = await openSession(module, candidate, bound, turns(undefined), { byDifferences, doubts: everyDoubt });
  if (isFailure(session)) throw new Refused(session.diagnostics, session.status);
  const { executor } = session;
  const opened = await openAt(session, {});
  if (isFailure(opened)) throw new Refused(opened.diagnostics, opened.status);
  const { point, start } = opened;
  const run = () => hypergradientAt(session, point, start, undefined, moment);
  return {
    name,
    approximates: approximates(candidate),
    isCheck: candidate.checkingOnly,
    prepare: async () => void (await executor.run('once')),
    run: async () => void (await run()),
    find: async () => {
      const at = await run();
      if (!at.ok) throw new Refused(at.diagnostics, at.status);
      const { result } = await gradientResult(session, at, start, { refits: false });
      const steps = at.evaluation.linear?.steps;
      return { result, ...(steps === undefined ? {} : { linearSteps: steps }) };
    },
    bytes: executor.describe().bytes,
    close: () => executor.close(),
  };
}
