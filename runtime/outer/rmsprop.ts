/**
 * RMSprop in search coordinates, projected, as in PyTorch, whose α is `beta2`: v ← β₂v + (1 − β₂)g², u ← μu + g / (√v + ε), z ← P(z − ηu).
 * Source: Tieleman & Hinton (2012), lecture 6.5.
 */
import { outerRate, rmspropDefaults } from '../../plan/defaults.ts';
import { runRule, stepOptions } from './first-order.ts';
import { fractionOption, numberSetting, type OuterMethod, positiveOption } from './method.ts';

interface Memory {
  readonly squares: Float64Array;
  readonly velocity: Float64Array;
}

const square = (x: number): number => x * x;

export const rmsprop: OuterMethod = {
  name: 'rmsprop',
  options: [
    positiveOption('rate', outerRate.rate),
    fractionOption('beta2', rmspropDefaults.beta2),
    fractionOption('momentum', rmspropDefaults.momentum),
    positiveOption('epsilon', rmspropDefaults.epsilon),
    ...stepOptions,
  ],
  begin(first, box, settings) {
    const [rate = 0, beta2 = 0, momentum = 0, epsilon = 0] = ['rate', 'beta2', 'momentum', 'epsilon'].map((name) =>
      numberSetting(settings, name),
    );
    const zeros: Memory = { squares: new Float64Array(first.z.length), velocity: new Float64Array(first.z.length) };
    return runRule(
      first,
      box,
      settings,
      (gradient, memory: Memory) => {
        const squares = memory.squares.map((v, i) => beta2 * v + (1 - beta2) * square(gradient[i] ?? 0));
        const velocity = memory.velocity.map((u, i) => momentum * u + (gradient[i] ?? 0) / (Math.sqrt(squares[i] ?? 0) + epsilon));
        return { move: velocity.map((u) => -rate * u), memory: { squares, velocity } };
      },
      zeros,
    );
  },
};
