/**
 * Nesterov's accelerated gradient: v ← μv − η∇h(x + μv), x ← x + v: the gradient is taken where the momentum alone would lead.
 * Source: Sutskever, Martens, Dahl & Hinton (2013), equations 3 and 4.
 */
import { momentumDefaults } from '../../plan/defaults.ts';
import { given } from '../ir/attributes.ts';
import type { Builder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import type { MethodInfo } from '../program.ts';
import { valueOption } from './options.ts';
import { stepwise } from './stepwise.ts';

/** μv: how far the momentum alone leads. */
const carried = (b: Builder, velocity: Value | undefined, method: MethodInfo | undefined): Value =>
  b.mul(valueOption(b, method, 'momentum', momentumDefaults.momentum), given(velocity));

export const nesterov = stepwise({
  name: 'nesterov',
  slots: 1,
  gradientAt: (b, x, [velocity], method) => b.add(x, carried(b, velocity, method)),
  step: (b, x, gradient, [velocity], method) => {
    const rate = valueOption(b, method, 'rate', 0.1);
    const v = b.sub(carried(b, velocity, method), b.mul(rate, gradient));
    return { x: b.add(x, v), kept: [v] };
  },
});
