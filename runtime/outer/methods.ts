/** The outer methods by name. */
import { adam } from './adam.ts';
import { gd, sgd } from './gd.ts';
import { heavyBall } from './heavy-ball.ts';
import { lbfgs } from './lbfgs.ts';
import type { OuterMethod } from './method.ts';
import { nesterov } from './nesterov.ts';
import { rmsprop } from './rmsprop.ts';
import { trustRegion } from './trust-region.ts';

export const outerMethods: readonly OuterMethod[] = [gd, sgd, heavyBall, nesterov, adam, rmsprop, lbfgs, trustRegion];
