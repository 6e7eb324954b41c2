/** BL3xxx, at length: see `explanation.ts`. */
import type { Explanations } from './explanation.ts';

export const dependence: Explanations = {
  BL3101: {
    explain:
      'Without `steps`, or with a `tolerance`, the inner problem means its minimiser, and a minimiser does not depend on how it was reached: the derivative in a rate, a momentum or a start value is zero there, whatever the solver did. To learn such a hyper the inner problem must be a recipe: a stepwise solver with `steps` and no `tolerance`, which means exactly these steps.',
    example:
      'problem p {\n  hyper eta: positive = 0.1\n  param w: []\n  inner minimize (w - 1)^2\n  outer minimize w^2\n  solve inner with gd(rate = eta, tolerance = 1e-8)\n}\n',
  },
  BL3102: {
    explain:
      'This hyper does not move the criterion, so its hypergradient is identically zero and nothing can be learned about it. Either nothing uses it, or zero multiplies what does; or it enters by comparisons, `floor` and the like alone, which are flat between their jumps; or it multiplies the inner loss as a whole, which has the same minimiser whatever it is; or it moves only params that nothing couples to those that the criterion is evaluated at.',
    example:
      'problem p {\n  hyper a: positive = 1.0\n  hyper unused: real = 0\n  param w: []\n  inner minimize (w - 1)^2 + a * w^2\n  outer minimize w^2\n}\n',
  },
  BL3103: {
    explain:
      'The outer criterion does not depend on any param, so the inner problem has no influence on it: the hypergradient is only what reaches the criterion directly. That is legal, but it is hardly ever meant.',
    example: 'problem p {\n  hyper a: positive = 1.0\n  param w: []\n  inner minimize (w - 1)^2 + a * w^2\n  outer minimize a^2\n}\n',
  },
  BL3104: {
    explain:
      'The criterion looks at the data that the inner problem is fitted to, and at no others, and a hyper weighs a penalty of the inner loss. The less of a penalty there is the better these data are fitted, so the criterion falls all the way as the weight does, and the hyper runs to its bound. Hold rows out of the fit, and evaluate the criterion on them. A criterion in which the weight stands itself, such as a marginal likelihood, one with a target for the loss, and a recipe whose rate is learned on the training loss are not meant.',
    example:
      'problem p {\n  dim n, d\n  data X: [n, d]\n  data y: [n]\n  hyper penalty: positive = 1.0\n  param w: [d]\n  inner minimize mean((X @ w - y)^2) + penalty * sum(w^2)\n  outer minimize mean((X @ w - y)^2)\n}\n',
  },
};
