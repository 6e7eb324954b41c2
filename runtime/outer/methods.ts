/** The outer methods by name. */
import { adam } from './adam.ts';
import { gd } from './gd.ts';
import { lbfgs } from './lbfgs.ts';
import type { OuterMethod } from './method.ts';

export const outerMethods: readonly OuterMethod[] = [gd, adam, lbfgs];
