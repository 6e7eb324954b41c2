/** Gradient descent with momentum, as PyTorch's SGD on the full batch: v ← μv + g, x ← x − η v (Nesterov: x − η(g + μv)). */
import { descentDefaults } from '../../plan/defaults.ts';
import { given } from '../ir/attributes.ts';
import { flagOption, numberOption, valueOption } from './options.ts';
import { stepwise } from './stepwise.ts';

export const gd = stepwise({
  name: 'gd',
  slots: 1,
  descends: ({ innerMethod, batches }) =>
    batches === undefined && (innerMethod?.options.has('momentum') !== true || numberOption(innerMethod, 'momentum') === 0),
  step: (b, x, gradient, [velocity], method) => {
    const rate = valueOption(b, method, 'rate', 0.1);
    const momentum = valueOption(b, method, 'momentum', descentDefaults.momentum);
    const v = b.add(b.mul(momentum, given(velocity)), gradient);
    const move = flagOption(method, 'nesterov') === true ? b.add(gradient, b.mul(momentum, v)) : v;
    return { x: b.sub(x, b.mul(rate, move)), kept: [v] };
  },
});
