/**
 * An outer method whose points are solved no more accurately than it needs: loosely far from the optimum, to the end at it, as the schedule
 * of `../accuracy.ts` says. Whatever the method does, it ends at a point that was solved to the end; if it would not end there, it goes on.
 */
import { better, first, following, isEnough, loosest, measured, type Schedule, type Solved, tighter, toTheEnd } from '../accuracy.ts';
import type { Session } from '../session.ts';
import { norm } from '../tensor.ts';
import type { DriveOptions } from '../types.ts';
import type { Box, Evaluate, Failed, Good, OuterMethod, Running, Settings, Trial } from './method.ts';
import { numberSetting, projectedGradient } from './method.ts';

/** Trials of one step that lead upwards, after which the accuracy is to blame. */
const PATIENCE = 1;
/** What makes a method leave its search. */
const enough: Failed = { ok: false, status: 'interrupted', diagnostics: [] };

/**
 * The method, adapted where solves stop at tolerances and the answer is an optimum: an outer method without a tolerance of its own means its
 * steps, as a recipe does.
 */
export function adaptive(
  method: OuterMethod,
  { module, candidate: { tolerances, exact } }: Pick<Session, 'module' | 'candidate'>,
  settings: Settings,
  { accuracy }: Pick<DriveOptions, 'accuracy'>,
): OuterMethod {
  const isOptimum = module.description.meaning === 'minimiser' && exact && numberSetting(settings, 'tolerance') > 0;
  if (accuracy === 'fixed' || tolerances === undefined || !isOptimum) return method;
  return { ...method, first, begin: (at, box, ...rest) => adapted(method.begin(at, box, ...rest), box, loosest) };
}

function adapted<P>(running: Running<P>, box: Box, schedule: Schedule): Running<P> {
  const { current, step, ended } = running;
  return {
    current,
    step,
    ended: isSolved(current) ? ended : undefined,
    again: (point) => adapted(running.again(point), box, schedule),
    next: async (evaluate) =>
      schedule.accuracy === undefined ? adapted(await running.next(evaluate), box, schedule) : nextOf(running, box, schedule, evaluate),
  };
}

async function nextOf<P>(running: Running<P>, box: Box, schedule: Schedule, evaluate: Evaluate<P>): Promise<Running<P>> {
  let refused = 0;
  let known = schedule;
  const trialAt: Evaluate<P> = async (z, from) => {
    if (refused > PATIENCE) return enough;
    const settled = await settle(z, from, box, known, evaluate);
    known = settled.known;
    if (settled.trial.ok && settled.trial.value >= from.value) refused += 1;
    return settled.trial;
  };
  const next = running.ended === undefined ? await running.next(trialAt) : running;
  const { current, ended } = next;
  if (ended === undefined) return adapted(next, box, following(known, solvedOf(box, current)));
  const isBlamed = refused > PATIENCE && ended.status === 'interrupted';
  const goesOn = isBlamed ? tighter(known) : toTheEnd;
  const point = isSolved(current) ? current : await evaluate(current.z, current, goesOn.accuracy);
  if (!point.ok)
    return point.status === 'interrupted' ? lastOf(next, evaluate) : { ...next, ended: { status: point.status, failure: point } };
  if (ended.status === 'interrupted' && !isBlamed) return { ...next.again(point), ended };
  return adapted(next.again(point), box, measured(goesOn, solvedOf(box, current), solvedOf(box, point)));
}

/** Where a run is interrupted: no result is less accurate than was asked for, so its point is solved to the end, and not stopped again. */
async function lastOf<P>(running: Running<P>, evaluate: Evaluate<P>): Promise<Running<P>> {
  const { current } = running;
  const last = await evaluate(current.z, current, 0);
  if (last.ok) return { ...running.again(last), ended: { status: 'interrupted' } };
  return { ...running, ended: { status: last.status, failure: last } };
}

const isSolved = ({ accuracy = 0 }: Good<unknown>): boolean => accuracy === 0;

const solvedOf = (box: Box, { z, gradient, reached = 0, slack = 0 }: Good<unknown>): Solved => ({
  gradient,
  reached,
  slack,
  size: norm(projectedGradient(box, z, gradient)),
});

/** A trial that is solved well enough for its gradient, and what was learned on the way. What fails loosely is tried to the end. */
async function settle<P>(
  z: Float64Array,
  from: Good<P>,
  box: Box,
  schedule: Schedule,
  evaluate: Evaluate<P>,
): Promise<{ readonly trial: Trial<P>; readonly known: Schedule }> {
  let known = schedule;
  let trial = await evaluate(z, from, schedule.accuracy);
  while (trial.ok && !isSolved(trial) && !isEnough(known, solvedOf(box, trial), trial.value - from.value)) {
    const loose = solvedOf(box, trial);
    const closer: Trial<P> = await evaluate(z, trial, better(known, loose, trial.accuracy).accuracy);
    if (closer.ok) known = measured(known, loose, solvedOf(box, closer));
    trial = closer;
  }
  if (!trial.ok && trial.status !== 'interrupted') trial = await evaluate(z, from);
  return { trial, known };
}
