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
      'Neither the outer criterion nor the inner loss nor the solver’s steps depend on this hyper, so its hypergradient is identically zero and nothing can be learned about it. Use it, or remove it.',
    example:
      'problem p {\n  hyper a: positive = 1.0\n  hyper unused: real = 0\n  param w: []\n  inner minimize (w - 1)^2 + a * w^2\n  outer minimize w^2\n}\n',
  },
  BL3103: {
    explain:
      'The outer criterion does not depend on any param, so the inner problem has no influence on it: the hypergradient is only what reaches the criterion directly. That is legal, but it is hardly ever meant.',
    example: 'problem p {\n  hyper a: positive = 1.0\n  param w: []\n  inner minimize (w - 1)^2 + a * w^2\n  outer minimize a^2\n}\n',
  },
};
