/**
 * RMSprop, as PyTorch's (not centred): v ← β₂v + (1 − β₂)g², u ← μu + g / (√v + ε), x ← x − ηu; β₂ is PyTorch's α. Where g has always
 * been 0, v is 0 and so is the derivative that goes through its root. Source: Tieleman & Hinton (2012), lecture 6.5.
 */
import { rmspropDefaults } from '../../plan/defaults.ts';
import { given } from '../ir/attributes.ts';
import { movingAverage } from './moving-average.ts';
import { valueOption } from './options.ts';
import { stepwise } from './stepwise.ts';

export const rmsprop = stepwise({
  name: 'rmsprop',
  slots: 2,
  normalises: true,
  step: (b, x, gradient, [square, velocity], method) => {
    const rate = valueOption(b, method, 'rate', 0.1);
    const beta2 = valueOption(b, method, 'beta2', rmspropDefaults.beta2);
    const momentum = valueOption(b, method, 'momentum', rmspropDefaults.momentum);
    const epsilon = valueOption(b, method, 'epsilon', rmspropDefaults.epsilon);
    const v = movingAverage(b, beta2, given(square), b.mul(gradient, gradient));
    const u = b.add(b.mul(momentum, given(velocity)), b.div(gradient, b.add(b.sqrt(v), epsilon)));
    return { x: b.sub(x, b.mul(rate, u)), kept: [v, u] };
  },
});
