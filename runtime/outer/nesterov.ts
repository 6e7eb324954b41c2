/**
 * Nesterov's accelerated gradient, written in the points at which the gradient is taken, so that a step costs one evaluation and every
 * point of the history is one that was evaluated. Source: Sutskever, Martens, Dahl & Hinton (2013), §2.
 */
import { momentumDefaults } from '../../plan/defaults.ts';
import { fractionOption, type OuterMethod } from './method.ts';
import { descend, descentOptions } from './momentum.ts';

export const nesterov: OuterMethod = {
  name: 'nesterov',
  options: [...descentOptions, fractionOption('momentum', momentumDefaults.momentum)],
  begin: (first, box, settings) => descend(first, box, settings, true),
};
