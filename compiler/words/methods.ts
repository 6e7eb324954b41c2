/** What each solver, strategy and option is, in a sentence. What they begin with is in `check/methods.ts`. */
import type { MethodName, OptionName } from '../check/methods.ts';

export const methodWords: Readonly<Record<MethodName, string>> = {
  gd: 'Gradient descent, with momentum as PyTorch’s: v ← μv + g, w ← w − ηv.',
  sgd: 'Gradient descent, the same as `gd`; with `batch` in a recipe it is stochastic.',
  heavy_ball: 'Gradient descent with Polyak’s momentum: v ← βv − ηg, w ← w + v.',
  nesterov: 'Nesterov’s accelerated gradient, which is taken where the momentum alone would lead.',
  adam: 'Adam, as PyTorch’s: steps of the running mean of the gradient over the root of that of its square.',
  rmsprop: 'RMSprop, as PyTorch’s: steps of the gradient over the root of the running mean of its square.',
  proximal_gradient: 'Gradient steps on what is smooth, and the proximal map of the rest: penalties with kinks, bounds.',
  fista: 'Proximal gradient steps with momentum.',
  lbfgs: 'A line search along a direction that remembers the last steps. Gradients suffice.',
  newton: 'Newton’s method, damped: few steps, each a linear solve with the Hessian.',
  closed_form: 'The minimiser of a quadratic inner loss by factorised linear systems, and its derivative.',
  trust_region: 'The minimum of a quadratic model within a radius; it follows negative curvature.',
  auto: 'The strategy of the least predicted time, as without the line.',
  implicit: 'The hypergradient at the minimiser by one linear solve with the Hessian of the inner loss.',
  unrolled: 'The derivative of the steps themselves: exact for a recipe.',
  one_step: 'The derivative of one more step from the solution: an approximation.',
  finite_difference: 'Differences of the criterion, two solves for each coordinate of the hypers: for checking.',
};

export const optionWords: Readonly<Record<OptionName, string>> = {
  rate: 'The length of a step.',
  momentum: 'How much of the last step goes on in the next.',
  nesterov: 'Whether the momentum is Nesterov’s.',
  steps: 'How many steps. Of a stepwise inner solver without a `tolerance` exactly these, a recipe; else a limit.',
  tolerance: 'How small the gradient is to become, relative to that at the start where that is above 1.',
  beta1: 'How much of the running mean of gradients stays at each step.',
  beta2: 'How much of the running mean of squared gradients stays at each step.',
  epsilon: 'What is added to the root, so that nothing is divided by 0.',
  batch: 'Over how many members of a set each step goes; needs `steps`.',
  over: 'The index set or dim of which the batches are; needed where the loss uses several.',
  restart: 'Whether the momentum is dropped where it leads uphill.',
  memory: 'How many steps are remembered; of `unrolled`, how many bytes may be used.',
  starts: 'From how many points the search begins; the best end counts.',
  resample: 'Whether noise is drawn anew at each outer step.',
  solver: 'By what the linear system is solved; without it, the one of the least predicted time.',
  mode: 'Whether derivatives go back through the steps, or forward with them.',
  truncate: 'Through how many of the last steps derivatives go: an approximation.',
};
