/** Every inner solver by its name on the page. */
import { adam } from './adam.ts';
import { closedForm } from './closed-form.ts';
import { gd } from './gd.ts';
import { heavyBall } from './heavy-ball.ts';
import { lbfgs } from './lbfgs.ts';
import { nesterov } from './nesterov.ts';
import { newton } from './newton.ts';
import { rmsprop } from './rmsprop.ts';
import type { InnerSolver } from './solver.ts';

/** `sgd` is gradient descent: what makes it stochastic is its `batch`. */
export const innerSolvers: Readonly<Record<string, InnerSolver>> = {
  closed_form: closedForm,
  newton,
  lbfgs,
  gd,
  sgd: gd,
  heavy_ball: heavyBall,
  nesterov,
  adam,
  rmsprop,
};
