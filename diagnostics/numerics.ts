/**
 * The catalogue of what can go wrong while a problem is solved, `BL8xxx`: values that are not finite, Hessians that are not positive
 * definite, solvers that diverge or stop short. Knows no solver: it is given words and numbers.
 */
import { defineDiagnostic } from './diagnostic.ts';

/** Where the outer loop was: the step it was at, the point in words, and the last point at which all was well. */
export interface Where8 {
  /** `at the start`, `at outer step 3`. */
  readonly when: string;
  /** Hypers in words, never arrays: `penalty = 0.1, scale: [10], 0.2 to 3`. */
  readonly at: string;
  readonly lastGood?: string | undefined;
}

const place = ({ when, at }: Where8): string => `${when}${at === '' ? '' : `, at ${at}`}`;
const lastGoodHint = ({ lastGood }: Where8): readonly string[] =>
  lastGood === undefined ? [] : [`the last good point is ${lastGood}; it is in the result`];
/** Four digits for people; powers of ten where zeros would have to be counted. */
function figure(x: number): string {
  const size = Math.abs(x);
  if (x === 0 || !Number.isFinite(x) || (size >= 1e-4 && size < 1e6)) return String(Number(x.toPrecision(4)));
  return x.toExponential(3).replace(/(?:\.0+|(\.\d*?)0+)?e\+?/u, '$1e');
}
const stepsText = (steps: number): string => `${steps} ${steps === 1 ? 'step' : 'steps'}`;

export const notFinite = /* @__PURE__ */ defineDiagnostic<Where8 & { what: string; value: string }>(
  {
    code: 'BL8001',
    slug: 'not-finite',
    severity: 'error',
  },
  {
    message: (p) => `${p.what} is ${p.value} (${place(p)})`,
    hints: (p) => [
      'look for a log, sqrt, exp or division outside of its domain, which `clip`, `softplus`, `logsumexp` or a `positive` kind avoid, or an index or label beyond its axis',
      ...lastGoodHint(p),
    ],
  },
);

export const notPositiveDefinite = /* @__PURE__ */ defineDiagnostic<Where8 & { onSupport: boolean }>(
  {
    code: 'BL8002',
    slug: 'not-positive-definite',
    severity: 'error',
  },
  {
    message: (p) =>
      `the Hessian of the inner loss${p.onSupport ? ', on the support that was found,' : ''} is not positive definite (${place(p)}): the inner problem has no unique minimiser there`,
    hints: (p) => [
      'add a ridge term, such as `+ 1e-6 * sum(w^2)`, to the inner loss',
      `or write a recipe: \`solve inner with ${p.onSupport ? 'fista' : 'gd'}(rate = …, steps = …)\` defines the criterion by its steps`,
      'or compare values with `bilevel search`, of a later version',
      ...lastGoodHint(p),
    ],
  },
);

export const innerDiverged = /* @__PURE__ */ defineDiagnostic<
  Where8 & { steps: number; loss: number; gradientNorm: number; recipe: boolean }
>(
  {
    code: 'BL8003',
    slug: 'inner-diverged',
    severity: 'error',
  },
  {
    message: (p) =>
      `the inner solver diverged after ${stepsText(p.steps)} (${place(p)}): loss ${figure(p.loss)}, gradient norm ${figure(p.gradientNorm)}`,
    hints: (p) => [
      p.recipe
        ? 'take a smaller rate or fewer steps, or leave out `solve inner` to ask for the minimiser'
        : 'a stepwise solver wants a smaller rate, or leave out `solve inner`; otherwise: is the inner loss bounded below? a ridge term, such as `+ 1e-6 * sum(w^2)`, makes it so',
      ...lastGoodHint(p),
    ],
  },
);

export const stalledAtKink = /* @__PURE__ */ defineDiagnostic<Where8 & { steps: number; gradientNorm: number; kinks: readonly string[] }>(
  {
    code: 'BL8014',
    slug: 'stalled-at-kink',
    severity: 'error',
  },
  {
    message: (p) =>
      `the inner solver came to rest on a kink of ${p.kinks.map((k) => `\`${k}\``).join(', ')} after ${stepsText(p.steps)}, with gradient norm ${figure(p.gradientNorm)} (${place(p)}): where a kink is no l1 penalty or norm of a param, it is not solved for`,
    hints: (p) => [
      'smooth it: `sqrt(r^2 + 1e-8)` in the place of `abs(r)`, `softplus` of `relu` and `maximum(w, 0)`',
      'where params begin on the kink, as `relu` has it at 0: `~ normal(0, 0.1)`',
      'or write a recipe: `solve inner with gd(rate = …, steps = …)` defines the criterion by its steps',
      ...lastGoodHint(p),
    ],
  },
);

export const innerStepLimit = /* @__PURE__ */ defineDiagnostic<
  Where8 & { steps: number; gradientNorm: number; circling?: string | undefined }
>(
  {
    code: 'BL8004',
    slug: 'inner-step-limit',
    severity: 'warning',
  },
  {
    message: (p) =>
      `the inner solver stopped at its limit of ${stepsText(p.steps)}, with gradient norm ${figure(p.gradientNorm)} (${place(p)})`,
    hints: ({ circling }) =>
      circling === undefined
        ? ['raise `steps` or `tolerance` in `solve inner`, or leave it out for the default solver']
        : [
            `at a constant rate \`${circling}\` may come near a minimiser and circle it, for its steps do not shrink with the gradient: then more steps do not help, and a smaller rate circles closer`,
            `for the minimiser take \`lbfgs\`, or leave \`solve inner\` out`,
            `for these steps write a recipe, without a \`tolerance\`; its rate may fall: \`${circling}(rate = 0.1 / (1 + step), steps = 100)\``,
          ],
  },
);

export const innerStalled = /* @__PURE__ */ defineDiagnostic<Where8 & { steps: number; gradientNorm: number }>(
  {
    code: 'BL8005',
    slug: 'inner-stalled',
    severity: 'warning',
  },
  {
    message: (p) =>
      `the inner solver made no more progress after ${stepsText(p.steps)}, with gradient norm ${figure(p.gradientNorm)} (${place(p)})`,
    hints: () => ['scale the columns of the data (`standardize`), or set a tolerance that rounding allows'],
  },
);

export const negativeCurvature = /* @__PURE__ */ defineDiagnostic<Where8>(
  {
    code: 'BL8006',
    slug: 'negative-curvature',
    severity: 'error',
  },
  {
    message: (p) =>
      `the Hessian of the inner loss has a direction of no or negative curvature (${place(p)}): what the inner solver found is not a minimiser, or not the only one`,
    hints: (p) => [
      'add a ridge term to the inner loss, or start the params elsewhere',
      'or write a recipe: `solve inner with gd(rate = …, steps = …)` defines the criterion by its steps',
      'or compare values with `bilevel search`, of a later version',
      ...lastGoodHint(p),
    ],
  },
);

export const linearSolverShort = /* @__PURE__ */ defineDiagnostic<Where8 & { steps: number; residual: number; how: string }>(
  {
    code: 'BL8007',
    slug: 'linear-solver-short',
    severity: 'warning',
  },
  {
    message: (p) =>
      `the linear solve of the hypergradient ${p.how} after ${stepsText(p.steps)}, with relative residual ${figure(p.residual)} (${place(p)})`,
    hints: () => ['raise `steps` or `tolerance` of `differentiate with implicit(…)`, or use `solver = cholesky` where the params are few'],
  },
);

export const outerStepLimit = /* @__PURE__ */ defineDiagnostic<{ method: string; steps: number; gradientNorm: number; tolerance: number }>(
  {
    code: 'BL8008',
    slug: 'outer-step-limit',
    severity: 'warning',
  },
  {
    message: ({ method, steps, gradientNorm, tolerance }) =>
      `the outer solver ${method} stopped at its limit of ${stepsText(steps)}, with gradient norm ${figure(gradientNorm)} (tolerance ${figure(tolerance)})`,
    hints: ({ method, steps }) => [
      `write \`solve outer with ${method}(…, steps = ${2 * steps})\`${method === 'lbfgs' ? '' : ', or use `lbfgs`'}`,
    ],
  },
);

export const noStrategy = /* @__PURE__ */ defineDiagnostic<{
  asked?: string | undefined;
  verdicts: readonly string[];
  /** Where what was asked for is the name of none: those that there are. */
  known?: readonly string[] | undefined;
  closest?: string | undefined;
}>(
  {
    code: 'BL8009',
    slug: 'no-strategy',
    severity: 'error',
  },
  {
    message: ({ asked, verdicts, known }) =>
      known !== undefined
        ? `there is no strategy \`${asked ?? ''}\` for this problem; there is ${known.map((name) => `\`${name}\``).join(', ')}`
        : `${asked === undefined ? 'no strategy accepts this problem' : `the strategy \`${asked}\` does not accept this problem`}${verdicts.length === 0 ? '' : `: ${verdicts.join('; ')}`}`,
    hints: ({ closest }) => [
      ...(closest === undefined ? [] : [`did you mean \`${closest}\`?`]),
      '`bilevel plan FILE` shows every candidate and why; in a program, `plan` does; a module carries what the choice can fall on',
    ],
  },
);

export const differencesFailed = /* @__PURE__ */ defineDiagnostic<Where8 & { hyper: string; why: string }>(
  {
    code: 'BL8010',
    slug: 'differences-failed',
    severity: 'error',
  },
  { message: (p) => `finite differences failed for \`${p.hyper}\` (${place(p)}): ${p.why}` },
);

export const outerOption = /* @__PURE__ */ defineDiagnostic<{
  method: string;
  option: string;
  reason: string;
  closest?: string | undefined;
}>(
  {
    code: 'BL8011',
    slug: 'outer-option',
    severity: 'error',
  },
  {
    message: ({ method, option, reason }) => `the option \`${option}\` of the outer solver ${method} ${reason}`,
    hints: ({ closest }) => (closest === undefined ? [] : [`did you mean \`${closest}\`?`]),
  },
);

export const startFailed = /* @__PURE__ */ defineDiagnostic<{ start: number; starts: number; because: string }>(
  {
    code: 'BL8012',
    slug: 'start-failed',
    severity: 'warning',
  },
  { message: ({ start, starts, because }) => `start ${start + 1} of ${starts} failed and is left out: ${because}` },
);

export const outerBlocked = /* @__PURE__ */ defineDiagnostic<Where8 & { because: string }>(
  {
    code: 'BL8013',
    slug: 'outer-blocked',
    severity: 'warning',
  },
  { message: (p) => `the outer solver could not go on (${place(p)}): every step that it tried failed; the last one: ${p.because}` },
);

export const reportNotFinite = /* @__PURE__ */ defineDiagnostic<{ reports: readonly string[] }>(
  {
    code: 'BL8015',
    slug: 'report-not-finite',
    severity: 'warning',
  },
  {
    message: ({ reports }) => `${reports.map((r) => `\`${r}\``).join(', ')} ${reports.length === 1 ? 'is' : 'are'} not finite`,
    hints: () => ['look for a log, sqrt or division outside of its domain, or an index beyond its axis'],
  },
);

export const hypergradientUncertain = /* @__PURE__ */ defineDiagnostic<{ estimate: number; norm: number }>(
  {
    code: 'BL8016',
    slug: 'hypergradient-uncertain',
    severity: 'warning',
  },
  {
    message: ({ estimate, norm }) =>
      `the error of the hypergradient ${Number.isFinite(estimate) ? `is estimated at ${figure(estimate)}` : 'cannot be told'}, its norm is ${figure(norm)}`,
    hints: () => [
      'scale the features, leave out those that follow from others, add a ridge term to the inner loss, or ask for a tighter inner tolerance',
    ],
  },
);

export const stationaryPoint = /* @__PURE__ */ defineDiagnostic<Where8>(
  {
    code: 'BL8017',
    slug: 'stationary-point',
    severity: 'warning',
  },
  {
    message: (p) =>
      `the inner loss curves down in some direction (${place(p)}): what the inner solver found is a stationary point, not a minimiser, and the hypergradient follows that point`,
    hints: () => [
      'where a minimiser is meant, add a ridge term to the inner loss or start the params elsewhere, and leave the `solver` to `auto`, which refuses such a point',
    ],
  },
);

/** Known by itself to who asks for it, without its words. */
export const NEAR_KINK = 'BL8020';

export const nearKink = /* @__PURE__ */ defineDiagnostic<Where8 & { coordinate: string; margin: number; composite: readonly string[] }>(
  {
    code: NEAR_KINK,
    slug: 'near-kink',
    severity: 'warning',
  },
  {
    message: (p) =>
      `\`${p.coordinate}\` is at the edge of the support (${place(p)}; margin ${figure(Math.max(0, p.margin))}, relative): the hypergradient is that of the support that was found, and another one holds to the other side`,
    hints: (p) => [
      `${p.composite.join('; ')}: where a coordinate enters or leaves, the criterion has a kink`,
      'move a hyper a little and compare, or take it for what it is: one of two slopes',
    ],
  },
);

export const startProjected = /* @__PURE__ */ defineDiagnostic<Where8 & { coordinate: string; distance: number }>(
  {
    code: 'BL8021',
    slug: 'start-projected',
    severity: 'warning',
  },
  {
    message: (p) =>
      `the start of \`${p.coordinate}\` lies outside of its set by ${figure(p.distance)} (${place(p)}): the steps begin at the nearest point of the set`,
    hints: () => [
      'what moves a start outside of the set moves nothing: its derivative is 0 there, or that of the nearest point',
      'start in the set: a hyper of the same kind as the param, `abs`, `clip`, `softmax` or a draw from inside keep it there',
    ],
  },
);

export const notCertified = /* @__PURE__ */ defineDiagnostic<{ because: string }>(
  {
    code: 'BL8018',
    slug: 'not-certified',
    severity: 'warning',
  },
  {
    message: (p) => `the error of the hypergradient is not certified: ${p.because}`,
    hints: () => ['what is stated instead is an estimate, exact to first order and for rounding: leave out --certify where that will do'],
  },
);

/** Where a hyper ended, and to what side: at a bound that the page gives it, or on its way to one that its kind has. */
export interface Edge {
  readonly hyper: string;
  readonly side: 'least' | 'most';
  /** The bound, in words: `0`, `1`, `infinity`, `-9`. */
  readonly bound: string;
  readonly from: string;
  readonly to: string;
  readonly isAt: boolean;
}

export const criterionMonotone = /* @__PURE__ */ defineDiagnostic<Edge & { direction: 'minimize' | 'maximize' }>(
  {
    code: 'BL8022',
    slug: 'criterion-monotone',
    severity: 'warning',
  },
  {
    message: ({ hyper, bound, from, to, isAt, direction }) => {
      const improves = direction === 'minimize' ? 'falls' : 'rises';
      return isAt
        ? `\`${hyper}\` stands at its bound ${bound}, from ${from}: the criterion ${improves} all the way there, and still does`
        : `\`${hyper}\` went from ${from} to ${to}, and no best value lies on the way to ${bound}: the criterion ${improves} all the way`;
    },
    hints: ({ hyper, side, bound, to, isAt }) => [
      ...(side === 'least' && bound === '0'
        ? [`where \`${hyper}\` weighs a penalty, none at all is best here: is the criterion on data that the fit has not seen?`]
        : []),
      isAt
        ? `widen its interval if ${bound} is no limit of the matter itself, or take it for the answer`
        : `hold it: \`let ${hyper} = ${to}\` in the place of the hyper; or give it an interval, \`hyper ${hyper}: real in [a, b]\``,
    ],
  },
);

export const brokenTie = /* @__PURE__ */ defineDiagnostic<{ hyper: string; between: readonly string[]; taken: string }>(
  {
    code: 'BL8025',
    slug: 'tie-broken',
    severity: 'warning',
  },
  {
    message: ({ hyper, between, taken }) =>
      `\`${hyper}\` ended half-way between ${between.join(' and ')}: ${taken} was taken, and nothing speaks for it`,
    hints: ({ hyper }) => [`start from another point, \`--set ${hyper}=…\`, or compare the two by pages that have one of them each`],
  },
);

/** Every reporter of this family, for the catalogue. */
export const numericsDiagnostics = [
  notFinite,
  notPositiveDefinite,
  innerDiverged,
  stalledAtKink,
  innerStepLimit,
  innerStalled,
  negativeCurvature,
  linearSolverShort,
  outerStepLimit,
  noStrategy,
  differencesFailed,
  outerOption,
  startFailed,
  outerBlocked,
  reportNotFinite,
  hypergradientUncertain,
  stationaryPoint,
  nearKink,
  startProjected,
  notCertified,
  criterionMonotone,
  brokenTie,
] as const;
