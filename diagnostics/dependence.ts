/** BL31xx: through what a hyper reaches the criterion, and where it cannot. */
import { defineDiagnostic } from './diagnostic.ts';

export const rateAtMinimiser = /* @__PURE__ */ defineDiagnostic<{ hyper: string; place: string; solver: string }>(
  {
    code: 'BL3101',
    slug: 'step-hyper-at-minimiser',
    severity: 'error',
  },
  {
    message: ({ hyper, place, solver }) =>
      `hyper \`${hyper}\` stands in ${place}, but the inner problem means its minimiser, where its derivative is zero${solver === '' ? '' : ` (\`${solver}\` has no \`steps\`, or has a \`tolerance\`)`}`,
    hints: ({ solver }) => [
      `write a recipe: \`solve inner with ${solver === '' || solver === 'lbfgs' || solver === 'newton' || solver === 'closed_form' ? 'gd' : solver}(…, steps = 100)\` without \`tolerance\``,
    ],
  },
);

export const hyperReachesNothing = /* @__PURE__ */ defineDiagnostic<{ hyper: string }>(
  {
    code: 'BL3102',
    slug: 'hyper-reaches-nothing',
    severity: 'warning',
  },
  {
    message: ({ hyper }) => `nothing depends on hyper \`${hyper}\`: its hypergradient is zero`,
    hints: () => ['use it in the inner loss or in the criterion, or remove it'],
  },
);

export const criterionIgnoresParams = /* @__PURE__ */ defineDiagnostic<Record<never, never>>(
  {
    code: 'BL3103',
    slug: 'criterion-ignores-params',
    severity: 'warning',
  },
  {
    message: () => 'the outer criterion depends on no param: the inner problem has no influence on it',
    hints: () => ['evaluate the params on held-out data in `outer minimize`'],
  },
);
