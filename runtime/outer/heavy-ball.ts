/** Heavy ball: v ← βv − ηg, z ← P(z + v), which at one rate is the momentum of `gd`. Source: Polyak (1964). */
import { momentumDefaults } from '../../plan/defaults.ts';
import { fractionOption, type OuterMethod } from './method.ts';
import { descend, descentOptions } from './momentum.ts';

export const heavyBall: OuterMethod = {
  name: 'heavy_ball',
  options: [...descentOptions, fractionOption('momentum', momentumDefaults.momentum)],
  begin: (first, box, settings) => descend(first, box, settings, false),
};
