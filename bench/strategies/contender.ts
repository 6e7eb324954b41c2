/** A way of differentiating, or of solving, that is ready to be run again and again, each time from the declared point and start. */
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { approximates } from '../../plan/decide.ts';
import type { ProblemModule } from '../../plan/types.ts';
import { byDifferences } from '../../runtime/by-differences.ts';
import { everyDoubt } from '../../runtime/doubts.ts';
import { iterative } from '../../runtime/iterative.ts';
import { gradientResult, hypergradientAt } from '../../runtime/evaluate.ts';
import { isFailure, openAt } from '../../runtime/open.ts';
import { run } from '../../runtime/drive.ts';
import { openSession } from '../../runtime/session.ts';
import { scalar } from '../../runtime/tensor.ts';
import { turns } from '../../runtime/turn.ts';
import type { BoundProblem, GradientResult } from '../../runtime/types.ts';
import { words } from '../page.ts';
import type { Way } from './ways.ts';

export interface Found {
  readonly result: GradientResult;
  /** Of the linear solve, where there is one. */
  readonly linearSteps?: number;
  /** Where the whole problem is solved. */
  readonly outerSteps?: number;
}

export interface Contender {
  readonly name: string;
  /** Gives another number than the derivative, on purpose. */
  readonly approximates: boolean;
  /** Finite differences. */
  readonly isCheck: boolean;
  /** What depends on data alone, where that is done apart. */
  readonly prepare?: () => Promise<void>;
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
  const session = await openSession(module, candidate, bound, turns(undefined), { byDifferences, doubts: everyDoubt, iterative });
  if (isFailure(session)) throw new Refused(session.diagnostics, session.status);
  const { executor } = session;
  const opened = await openAt(session, {});
  if (isFailure(opened)) throw new Refused(opened.diagnostics, opened.status);
  const { point, start } = opened;
  const differentiate = () => hypergradientAt(session, point, start, undefined, moment);
  return {
    name,
    approximates: approximates(candidate),
    isCheck: candidate.checkingOnly,
    prepare: async () => void (await executor.run('once')),
    run: async () => void (await differentiate()),
    find: async () => {
      const at = await differentiate();
      if (!at.ok) throw new Refused(at.diagnostics, at.status);
      const { result } = await gradientResult(session, at, start, { refits: false });
      const steps = at.evaluation.linear?.steps;
      return { result, ...(steps === undefined ? {} : { linearSteps: steps }) };
    },
    bytes: executor.describe().bytes,
    close: () => executor.close(),
  };
}

/** The whole problem, linking included. The criterion that is reached stands where otherwise the hypergradient does: at an optimum that is 0. */
export function openWhole({ name, candidate }: Omit<Way, 'problem'>, module: ProblemModule, bound: BoundProblem): Contender {
  const solve = () => run(module, bound, { candidate: candidate.id });
  return {
    name,
    approximates: false,
    isCheck: false,
    run: async () => void (await solve()),
    find: async () => {
      const outcome = await solve();
      if (!outcome.ok) throw new Refused(outcome.diagnostics, outcome.status);
      const { outerStatus, history, outer, inner, ...rest } = outcome.value;
      const innerSteps = history.reduce((sum, step) => sum + step.innerSteps, 0);
      const result: GradientResult = {
        ...rest,
        outer,
        status: outerStatus,
        inner: { ...inner, steps: innerSteps },
        hypergradient: { criterion: scalar(outer) },
        error: { estimate: 0, certified: false, why: 'how far the optimum is, is not known' },
      };
      return { result, outerSteps: history.length };
    },
    bytes: undefined,
    close: () => undefined,
  };
}
