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

/** Why a hyper moves nothing of the criterion. */
export type Unreached =
  | { readonly is: 'unused' }
  /** Only through comparisons, `floor`, `sign` and the like. */
  | { readonly is: 'without slope' }
  /** It is a factor of the inner loss as a whole. */
  | { readonly is: 'scales all' }
  /** It moves params that nothing couples to those of the criterion. */
  | { readonly is: 'unseen'; readonly params: readonly string[] };

const names = (all: readonly string[]): string => all.map((name) => `\`${name}\``).join(', ');

const unreachedWords = (why: Unreached): string => {
  if (why.is === 'unused') return 'nothing depends on it, or only what zero multiplies';
  if (why.is === 'without slope') return 'what depends on it is flat between its jumps, as a comparison or `floor` is';
  if (why.is === 'scales all') return 'it multiplies the inner loss as a whole, which has the same minimiser whatever it is';
  return `it moves ${names(why.params)}, and nothing couples ${why.params.length === 1 ? 'that' : 'those'} to what the criterion is evaluated at`;
};

const reachingHint = (hyper: string, why: Unreached): string => {
  if (why.is === 'unused') return 'use it in the inner loss or in the criterion, or remove it';
  if (why.is === 'without slope')
    return `let it enter by something that has a slope, such as \`sigmoid(${hyper})\` in the place of a comparison`;
  if (why.is === 'scales all')
    return `let it weigh a part of the inner loss, such as \`${hyper} * sum(w^2)\` beside the data's loss, or remove it`;
  return `evaluate ${names(why.params)} in \`outer minimize\`, or remove \`${hyper}\``;
};

export const hyperReachesNothing = /* @__PURE__ */ defineDiagnostic<{ hyper: string; why: Unreached }>(
  {
    code: 'BL3102',
    slug: 'hyper-reaches-nothing',
    severity: 'warning',
  },
  {
    message: ({ hyper, why }) => `hyper \`${hyper}\` does not reach the criterion, and its hypergradient is zero: ${unreachedWords(why)}`,
    hints: ({ hyper, why }) => [reachingHint(hyper, why)],
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

export const criterionOnTrainingData = /* @__PURE__ */ defineDiagnostic<{
  hypers: readonly string[];
  data: readonly string[];
  hint: string;
}>(
  {
    code: 'BL3104',
    slug: 'criterion-on-training-data',
    severity: 'warning',
  },
  {
    message: ({ hypers, data }) =>
      `the criterion is evaluated on the data that the inner problem is fitted to, ${names(data)}: what the fit has seen speaks for no penalty, so ${names(hypers)} ${hypers.length === 1 ? 'tends to its bound' : 'tend to their bounds'}`,
    hints: ({ hint }) => [hint],
  },
);
