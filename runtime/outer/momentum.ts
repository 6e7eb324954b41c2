/**
 * Projected gradient descent in search coordinates, with momentum as in PyTorch: v ← μv + g, z ← P(z − ηv); Nesterov: z ← P(z − η(g + μv)).
 * What `gd`, `heavy_ball` and `nesterov` are at one rate.
 */
import { runRule, stepOptions } from './first-order.ts';
import { type Box, type Good, numberSetting, type OptionRule, positiveOption, type Running, type Settings } from './method.ts';

export const descentOptions: readonly OptionRule[] = [positiveOption('rate'), ...stepOptions];

export function descend<P>(first: Good<P>, box: Box, settings: Settings, nesterov: boolean): Running<P> {
  const rate = numberSetting(settings, 'rate');
  const momentum = numberSetting(settings, 'momentum');
  return runRule(
    first,
    box,
    settings,
    (gradient, velocity: Float64Array) => {
      const next = velocity.map((v, i) => momentum * v + (gradient[i] ?? 0));
      const move = next.map((v, i) => -rate * (nesterov ? (gradient[i] ?? 0) + momentum * v : v));
      return { move, memory: next };
    },
    new Float64Array(first.z.length),
  );
}
