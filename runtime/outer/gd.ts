/**
 * Projected gradient descent in search coordinates, with momentum as in PyTorch: v ← μv + g, z ← P(z − ηv); Nesterov: z ← P(z − η(g + μv)).
 */
import { flagOption, fractionOption, numberSetting, type OuterMethod, positiveOption, toleranceOption, wholeOption } from './method.ts';
import { runRule } from './first-order.ts';

export const gd: OuterMethod = {
  name: 'gd',
  options: [
    positiveOption('rate'),
    fractionOption('momentum', 0),
    flagOption('nesterov', false),
    wholeOption('steps', 100, 0),
    toleranceOption(0),
  ],
  begin(first, box, settings) {
    const rate = numberSetting(settings, 'rate');
    const momentum = numberSetting(settings, 'momentum');
    const nesterov = settings.nesterov === true;
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
  },
};
