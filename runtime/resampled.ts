/**
 * An outer method under which noise is drawn anew at each step, handed in where the page asks for it. The draws are functions of the run's
 * seed and of the step; where the method has ended, its point is evaluated once more with the first ones, those of `bilevel gradient`, so
 * that results of runs can be compared.
 */
import { noiseKeys } from './draws.ts';
import { adaptive } from './outer/adaptive.ts';
import type { Running } from './outer/method.ts';
import type { Adapt } from './session.ts';

export const resampled: Adapt = (method, { executor, module: { description } }, _settings, { seed = 0 }) => {
  const take = (draw: number): void => executor.put(noiseKeys(description.noises, seed, draw));
  return { ...method, begin: (first, ...rest) => drawing(method.begin(first, ...rest), take) };
};

/** For who drives any problem: what this one asks for. Under changing noise no accuracy is adapted, for no two values can be compared. */
export const adapted: Adapt = (method, session, ...rest) =>
  (session.module.description.outer.options.resample === true ? resampled : adaptive)(method, session, ...rest);

function drawing<P>(running: Running<P>, take: (draw: number) => void): Running<P> {
  return {
    ...running,
    again: (point) => drawing(running.again(point), take),
    next: async (evaluate) => {
      take(running.step + 1);
      const next = await running.next(evaluate);
      take(0);
      if (next.ended === undefined) return drawing(next, take);
      const { z } = next.current;
      const point = await evaluate(z, next.current, 0);
      if (point.ok) return { ...next, current: point };
      return { ...next, ended: { ...next.ended, status: point.status, ...(point.status === 'interrupted' ? {} : { failure: point }) } };
    },
  };
}
