/**
 * Adam, as PyTorch's on the full batch: m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², x ← x − η m̂ / (√v̂ + ε), where m̂ and v̂ are m and v
 * over 1 − β^(t+1). Where g has always been 0, v is 0 and so is the derivative that goes through its root.
 * Source: Kingma & Ba (2015), Algorithm 1.
 */
import { adamDefaults } from '../../plan/defaults.ts';
import { given } from '../ir/attributes.ts';
import type { Value } from '../ir/graph.ts';
import { movingAverage } from './moving-average.ts';
import { valueOption } from './options.ts';
import { stepwise } from './stepwise.ts';

export const adam = stepwise({
  name: 'adam',
  slots: 2,
  normalises: true,
  step: (b, x, gradient, [first, second], method, t) => {
    const rate = valueOption(b, method, 'rate', 0.1);
    const beta1 = valueOption(b, method, 'beta1', adamDefaults.beta1);
    const beta2 = valueOption(b, method, 'beta2', adamDefaults.beta2);
    const epsilon = valueOption(b, method, 'epsilon', adamDefaults.epsilon);
    const one = b.constant(1);
    const count = b.add(b.integer(1), t);
    // 1 − β^(t+1), which near β = 1 would lose its digits to cancellation: −expm1((t+1) log1p(β − 1)) does not.
    const remaining = (beta: Value): Value => {
      const near = b.neg(b.unary('expm1', b.mul(count, b.unary('log1p', b.sub(beta, one)))));
      return b.select(b.less(beta, b.constant(0.5)), b.sub(one, b.pow(beta, count)), near);
    };
    const unbiased = (moment: Value, beta: Value): Value => b.div(moment, remaining(beta));
    const m = movingAverage(b, beta1, given(first), gradient);
    const v = movingAverage(b, beta2, given(second), b.mul(gradient, gradient));
    const move = b.div(unbiased(m, beta1), b.add(b.sqrt(unbiased(v, beta2)), epsilon));
    return { x: b.sub(x, b.mul(rate, move)), kept: [m, v] };
  },
});
