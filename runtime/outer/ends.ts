/** How a method ends: what the outer methods share of it. */
import { norm } from '../tensor.ts';
import type { Rounding } from '../rounding.ts';
import { type Box, type Ended, type Failed, type Good, numberSetting, projectedGradient, type Settings } from './method.ts';

const stallSteps = 5;

/**
 * Whether a method that stands at a point after so many steps has ended: at the tolerance, relative to the gradient at the start where
 * that is above 1, at its limit, or after a few steps in which the criterion stood still.
 */
export function endsOf(
  first: Good<unknown>,
  box: Box,
  settings: Settings,
): (at: Good<unknown>, step: number, stalls?: number) => Ended | undefined {
  const limit = numberSetting(settings, 'steps');
  const sizeOf = ({ z, gradient }: Good<unknown>): number => norm(projectedGradient(box, z, gradient));
  const tolerance = numberSetting(settings, 'tolerance') * Math.max(1, sizeOf(first));
  return (at, step, stalls = 0) => {
    if (sizeOf(at) <= tolerance) return { status: 'converged' };
    if (stalls >= stallSteps) return { status: 'stalled' };
    return step >= limit ? { status: 'step-limit' } : undefined;
  };
}

/** By how much two criteria may differ although they are one: what rounding and inexact inner solutions hide. */
export const uncertainty = (from: Good<unknown>, to: Good<unknown>, { criterion }: Rounding): number =>
  criterion * Math.abs(from.value) + (from.slack ?? 0) + (to.slack ?? 0);

/** Whether a step changed the criterion by no more than rounding does. */
export const isStill = (from: Good<unknown>, to: Good<unknown>, { still }: Rounding): boolean =>
  Math.abs(to.value - from.value) <= still * Math.max(Math.abs(to.value), Math.abs(from.value));

/** The end of a method none of whose trials could be accepted; `allFailed`: because none could be evaluated. */
export function blockedBy(failed: Failed | undefined, allFailed: boolean): Ended {
  if (failed?.status === 'interrupted') return { status: 'interrupted' };
  return allFailed && failed !== undefined ? { status: 'stalled', blockedBy: failed } : { status: 'stalled' };
}
