/** Every strategy, in the order of decision. */
import { closedForm } from './closed-form.ts';
import { finiteDifference } from './finite-difference.ts';
import { implicit } from './implicit.ts';
import { oneStep } from './one-step.ts';
import type { Strategy } from './strategy.ts';
import { unrolled } from './unrolled.ts';

export const strategies: readonly Strategy[] = [unrolled, closedForm, implicit, oneStep, finiteDifference];
