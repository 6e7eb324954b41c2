/** Every inner solver by its name on the page. */
import { adam } from './adam.ts';
import { closedForm } from './closed-form.ts';
import { fista } from './fista.ts';
import { gd } from './gd.ts';
import { heavyBall } from './heavy-ball.ts';
import { lbfgs } from './lbfgs.ts';
import { nesterov } from './nesterov.ts';
import { newton } from './newton.ts';
import { rmsprop } from './rmsprop.ts';
import { proximalGradient } from './proximal-gradient.ts';
import type { InnerSolver } from './solver.ts';
import { supportNewton, supportNewtonByProducts } from './support-newton.ts';

/** `sgd` is gradient descent: what makes it stochastic is its `batch`. Those that look for a support are never named: they are what a composite problem is solved with. */
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
  proximal_gradient: proximalGradient,
  fista,
  support_newton: supportNewton,
  support_newton_cg: supportNewtonByProducts,
};
