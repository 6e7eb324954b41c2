/**
 * Adam in search coordinates, projected, as in PyTorch: ε outside the root, bias corrections as written in the paper.
 * Source: Kingma & Ba (2015), Algorithm 1.
 */
import { adamDefaults, outerRate } from '../../plan/defaults.ts';
import { wholePower } from '../../plan/elementary.ts';
import { fractionOption, numberSetting, type OuterMethod, positiveOption } from './method.ts';
import { runRule, stepOptions } from './first-order.ts';

interface Moments {
  readonly first: Float64Array;
  readonly second: Float64Array;
}

const square = (x: number): number => x * x;

export const adam: OuterMethod = {
  name: 'adam',
  options: [
    positiveOption('rate', outerRate.rate),
    fractionOption('beta1', adamDefaults.beta1),
    fractionOption('beta2', adamDefaults.beta2),
    positiveOption('epsilon', adamDefaults.epsilon),
    ...stepOptions,
  ],
  begin(start, box, settings) {
    const rate = numberSetting(settings, 'rate');
    const beta1 = numberSetting(settings, 'beta1');
    const beta2 = numberSetting(settings, 'beta2');
    const epsilon = numberSetting(settings, 'epsilon');
    const zeros: Moments = { first: new Float64Array(start.z.length), second: new Float64Array(start.z.length) };
    return runRule(
      start,
      box,
      settings,
      (gradient, memory: Moments, step) => {
        const first = memory.first.map((m, i) => beta1 * m + (1 - beta1) * (gradient[i] ?? 0));
        const second = memory.second.map((v, i) => beta2 * v + (1 - beta2) * square(gradient[i] ?? 0));
        const correction1 = 1 - wholePower(beta1, step);
        const correction2 = 1 - wholePower(beta2, step);
        const move = first.map((m, i) => (-rate * (m / correction1)) / (Math.sqrt((second[i] ?? 0) / correction2) + epsilon));
        return { move, memory: { first, second } };
      },
      zeros,
    );
  },
};
