/** BL31xx: through what a hyper reaches the criterion, and where it cannot. */
import { defineDiagnostic } from './diagnostic.ts';

export const rateAtMinimiser = defineDiagnostic<{ hyper: string; place: string; solver: string }>(
  {
    code: 'BL3101',
    slug: 'step-hyper-at-minimiser',
    severity: 'error',
    explain:
      'Without `steps`, or with a `tolerance`, the inner problem means its minimiser, and a minimiser does not depend on how it was reached: the derivative in a rate, a momentum or a start value is zero there, whatever the solver did. To learn such a hyper the inner problem must be a recipe: a stepwise solver with `steps` and no `tolerance`, which means exactly these steps.',
    example:
      'problem p {\n  hyper eta: positive = 0.1\n  param w: []\n  inner minimize (w - 1)^2\n  outer minimize w^2\n  solve inner with gd(rate = eta, tolerance = 1e-8)\n}\n',
  },
  {
    message: ({ hyper, place, solver }) =>
      `hyper \`${hyper}\` stands in ${place}, but the inner problem means its minimiser, where its derivative is zero${solver === '' ? '' : ` (\`${solver}\` has no \`steps\`, or has a \`tolerance\`)`}`,
    hints: ({ solver }) => [
      `write a recipe: \`solve inner with ${solver === '' || solver === 'lbfgs' || solver === 'newton' || solver === 'closed_form' ? 'gd' : solver}(…, steps = 100)\` without \`tolerance\``,
    ],
  },
);

export const hyperReachesNothing = defineDiagnostic<{ hyper: string }>(
  {
    code: 'BL3102',
    slug: 'hyper-reaches-nothing',
    severity: 'warning',
    explain:
      'Neither the outer criterion nor the inner loss nor the solver’s steps depend on this hyper, so its hypergradient is identically zero and nothing can be learned about it. Use it, or remove it.',
    example:
      'problem p {\n  hyper a: positive = 1.0\n  hyper unused: real = 0\n  param w: []\n  inner minimize (w - 1)^2 + a * w^2\n  outer minimize w^2\n}\n',
  },
  {
    message: ({ hyper }) => `nothing depends on hyper \`${hyper}\`: its hypergradient is zero`,
    hints: () => ['use it in the inner loss or in the criterion, or remove it'],
  },
);

export const criterionIgnoresParams = defineDiagnostic<Record<never, never>>(
  {
    code: 'BL3103',
    slug: 'criterion-ignores-params',
    severity: 'warning',
    explain:
      'The outer criterion does not depend on any param, so the inner problem has no influence on it: the hypergradient is only what reaches the criterion directly. That is legal, but it is hardly ever meant.',
    example: 'problem p {\n  hyper a: positive = 1.0\n  param w: []\n  inner minimize (w - 1)^2 + a * w^2\n  outer minimize a^2\n}\n',
  },
  {
    message: () => 'the outer criterion depends on no param: the inner problem has no influence on it',
    hints: () => ['evaluate the params on held-out data in `outer minimize`'],
  },
);
