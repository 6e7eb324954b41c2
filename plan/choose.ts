/** The choice as it is made where any plan may come: candidates weighed by what work takes on a machine. */
import { decide, type Choice } from './decide.ts';
import type { Environment } from './evaluate.ts';
import { weigher } from './predict.ts';
import type { Calibration, Plan } from './types.ts';

export interface ChooseOptions {
  /** A candidate's id, or a strategy's name, that is to be taken instead. */
  readonly only?: string | undefined;
  /** What work takes on this machine; default: what it usually takes. */
  readonly calibration?: Calibration | undefined;
  /** Counts that a run has found, in the place of those that the plan assumes. */
  readonly counted?: Environment | undefined;
}

export const choose = (plan: Plan, sizes: Environment, { only, calibration, counted }: ChooseOptions = {}): Choice =>
  decide(plan, sizes, { only, weigh: weigher(calibration, counted) });
