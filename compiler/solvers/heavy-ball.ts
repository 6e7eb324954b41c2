/** Heavy ball: v ← βv − η∇h(x), x ← x + v. Source: Polyak (1964). */
import { momentumDefaults } from '../../plan/defaults.ts';
import { given } from '../ir/attributes.ts';
import { valueOption } from './options.ts';
import { stepwise } from './stepwise.ts';

export const heavyBall = stepwise({
  name: 'heavy_ball',
  slots: 1,
  step: (b, x, gradient, [velocity], method) => {
    const rate = valueOption(b, method, 'rate', 0.1);
    const momentum = valueOption(b, method, 'momentum', momentumDefaults.momentum);
    const v = b.sub(b.mul(momentum, given(velocity)), b.mul(rate, gradient));
    return { x: b.add(x, v), kept: [v] };
  },
});
