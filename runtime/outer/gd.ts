/** Gradient descent as PyTorch's, with its two forms of momentum: see `momentum.ts`. `sgd` is the same: there is no batch in an outer step. */
import { descentDefaults } from '../../plan/defaults.ts';
import { flagOption, fractionOption, type OuterMethod } from './method.ts';
import { descend, descentOptions } from './momentum.ts';

const named = (name: string): OuterMethod => ({
  name,
  options: [...descentOptions, fractionOption('momentum', descentDefaults.momentum), flagOption('nesterov', descentDefaults.nesterov)],
  begin: (first, box, settings) => descend(first, box, settings, settings.nesterov === true),
});

export const gd = /* @__PURE__ */ named('gd');
export const sgd = /* @__PURE__ */ named('sgd');
