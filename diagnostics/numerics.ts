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

export const notFinite = defineDiagnostic<Where8 & { what: string; value: string }>(
  {
    code: 'BL8001',
    slug: 'not-finite',
    severity: 'error',
    explain:
      'A criterion, an inner loss, a hypergradient or an inner solution became NaN or infinite. Such a value is never replaced by zero: the solve stops, with the step, the point, and the last state at which all was finite. Usual causes are a log or a square root outside its domain, an exp that overflows, a division by zero, or a step that is too large.',
    example: `problem p {
  hyper t: real = -1.0
  param w: []
  inner minimize (w - t)^2
  outer minimize log(t)
}`,
  },
  {
    message: (p) => `${p.what} is ${p.value} (${place(p)})`,
    hints: (p) => [
      'look for a log, sqrt, exp or division whose argument leaves its domain there; `clip`, `softplus`, `logsumexp` or a `positive` kind keep it inside',
      ...lastGoodHint(p),
    ],
  },
);

export const notPositiveDefinite = defineDiagnostic<Where8>(
  {
    code: 'BL8002',
    slug: 'not-positive-definite',
    severity: 'error',
    explain:
      'The Hessian of the inner loss could not be factorised: it is singular or indefinite, so the inner loss has no unique minimiser there, and a hypergradient at a minimiser has no meaning. It is never computed anyway. There are three ways out: add a ridge term, which makes the minimiser unique; write a recipe, whose criterion is defined by its steps whatever the Hessian is; or, where neither is meant, compare values of the hyper with `bilevel search`, which comes with a later version.',
    example: `problem p {
  dim n, d
  data X: [n, d] from "X.csv"   // fewer rows than columns
  data y: [n] from "y.csv"
  hyper scale: positive
  param w: [d]
  inner minimize mean((X @ w - scale * y)^2)
  outer minimize mean((X @ w - y)^2)
}`,
  },
  {
    message: (p) => `the Hessian of the inner loss is not positive definite (${place(p)}): the inner problem has no unique minimiser there`,
    hints: (p) => [
      'add a ridge term, such as `+ 1e-6 * sum(w^2)`, to the inner loss',
      'or write a recipe: `solve inner with gd(rate = …, steps = …)` defines the criterion by its steps',
      'or compare values with `bilevel search`, which comes with a later version',
      ...lastGoodHint(p),
    ],
  },
);

export const innerDiverged = defineDiagnostic<Where8 & { steps: number; loss: number; gradientNorm: number; recipe: boolean }>(
  {
    code: 'BL8003',
    slug: 'inner-diverged',
    severity: 'error',
    explain:
      'The inner solver diverged: its loss or its gradient grew without bound. A rate that is too large for the curvature is the usual cause for a stepwise solver; an inner loss that is not bounded below is the other. What it would have given is not used.',
    example: `problem p {
  hyper target: real = 1.0
  param w: []
  inner minimize 50 * (w - target)^2
  outer minimize w^2
  solve inner with gd(rate = 1.0, tolerance = 1e-8)
}`,
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

export const stalledAtKink = defineDiagnostic<Where8 & { steps: number; gradientNorm: number; kinks: readonly string[] }>(
  {
    code: 'BL8014',
    slug: 'stalled-at-kink',
    severity: 'error',
    explain:
      'The inner loss has kinks in its params (`abs`, `maximum`, …), and the solver, which follows gradients, came to rest where none vanishes: most likely on a kink, as with a lasso penalty. Neither the minimiser nor the implicit function theorem can be trusted there, so no hypergradient is given. Losses with a proximable term come with a later version; until then smooth the kink, or write a recipe.',
    example: `problem p {
  hyper a: positive = 1.0
  param w: [2]
  inner minimize sum((w - [2, 0.1])^2) + a * sum(abs(w))
  outer minimize sum((w - 1)^2)
}`,
  },
  {
    message: (p) =>
      `the inner solver came to rest on a kink of ${p.kinks.map((k) => `\`${k}\``).join(', ')} after ${stepsText(p.steps)}, with gradient norm ${figure(p.gradientNorm)} (${place(p)}): this version solves smooth inner problems only`,
    hints: (p) => [
      'smooth it: `sqrt(w^2 + 1e-8)` in the place of `abs(w)`, `softplus` in the place of `maximum(w, 0)`',
      'or write a recipe: `solve inner with gd(rate = …, steps = …)` defines the criterion by its steps',
      ...lastGoodHint(p),
    ],
  },
);

export const innerStepLimit = defineDiagnostic<Where8 & { steps: number; gradientNorm: number }>(
  {
    code: 'BL8004',
    slug: 'inner-step-limit',
    severity: 'warning',
    explain:
      'The inner solver reached its limit of steps before its tolerance. The criterion is defined at the minimiser, so value and hypergradient carry an error, which the result estimates. Give it more steps, a tolerance that can be reached, or let the default solver do it. With `--strict` this is exit code 4.',
    example: `problem p {
  hyper penalty: positive
  param w: [] = 5.0
  inner minimize softplus(3 * w) - w + penalty * w^2
  outer minimize w^2
  solve inner with gd(rate = 0.01, steps = 3, tolerance = 1e-8)
}`,
  },
  {
    message: (p) =>
      `the inner solver stopped at its limit of ${stepsText(p.steps)}, with gradient norm ${figure(p.gradientNorm)} (${place(p)})`,
    hints: () => ['raise `steps` or `tolerance` in `solve inner`, or leave it out for the default solver'],
  },
);

export const innerStalled = defineDiagnostic<Where8 & { steps: number; gradientNorm: number }>(
  {
    code: 'BL8005',
    slug: 'inner-stalled',
    severity: 'warning',
    explain:
      'The inner solver could not lower its loss any further before it reached its tolerance: rounding hides the descent. The gradient norm that was reached is stated, and the error of the hypergradient is estimated from it. An ill-conditioned inner loss, or one with a kink, is the usual cause; scaling the columns of the data (`standardize`) often cures it.',
    example: `problem p {
  hyper a: positive
  param w: [2]
  inner minimize (1e6 * w[0] + w[1] - 1)^2 + (w[0] / 3 - w[1] - 0.7)^2 + a * sum(w^2) + exp(w[0] + w[1])
  outer minimize sum(w^2)
  solve inner with lbfgs(tolerance = 1e-30)
}`,
  },
  {
    message: (p) =>
      `the inner solver made no more progress after ${stepsText(p.steps)}, with gradient norm ${figure(p.gradientNorm)} (${place(p)})`,
    hints: () => ['scale the columns of the data (`standardize`), or set a tolerance that rounding allows'],
  },
);

export const negativeCurvature = defineDiagnostic<Where8>(
  {
    code: 'BL8006',
    slug: 'negative-curvature',
    severity: 'error',
    explain:
      'A linear solve with the Hessian of the inner loss met a direction of negative (or no) curvature: the point that the inner solver found is not a strict local minimiser, and the hypergradient at a minimiser has no meaning there. The three ways out are a ridge term, a recipe, or `bilevel search`, which comes with a later version.',
    example: `problem p {
  hyper t: real = 0.0
  param w: []
  inner minimize cos(w) + t * w
  outer minimize (w - 1)^2
  differentiate with implicit(solver = cg)
}`,
  },
  {
    message: (p) =>
      `the Hessian of the inner loss has a direction of negative curvature (${place(p)}): what the inner solver found is not a minimiser`,
    hints: (p) => [
      'add a ridge term to the inner loss, or start the params elsewhere',
      'or write a recipe: `solve inner with gd(rate = …, steps = …)` defines the criterion by its steps',
      'or compare values with `bilevel search`, which comes with a later version',
      ...lastGoodHint(p),
    ],
  },
);

export const linearSolverShort = defineDiagnostic<Where8 & { steps: number; residual: number; how: string }>(
  {
    code: 'BL8007',
    slug: 'linear-solver-short',
    severity: 'warning',
    explain:
      'The linear solve of the implicit hypergradient ended before its tolerance. The hypergradient carries an error of about the residual times the sensitivity of the inner solution, which the result estimates. Raise its steps, or use a direct solver where the params are few.',
    example: `problem p {
  dim n, d
  data X: [n, d] from "X.csv"
  data y: [n] from "y.csv"
  hyper penalty: positive
  param w: [d]
  inner minimize mean((X @ w - y)^2) + penalty * sum(w^2)
  outer minimize mean((X @ w - y)^2)
  differentiate with implicit(solver = cg, steps = 1)
}`,
  },
  {
    message: (p) =>
      `the linear solve of the hypergradient ${p.how} after ${stepsText(p.steps)}, with relative residual ${figure(p.residual)} (${place(p)})`,
    hints: () => ['raise `steps` or `tolerance` of `differentiate with implicit(…)`, or use `solver = cholesky` where the params are few'],
  },
);

export const outerStepLimit = defineDiagnostic<{ method: string; steps: number; gradientNorm: number; tolerance: number }>(
  {
    code: 'BL8008',
    slug: 'outer-step-limit',
    severity: 'warning',
    explain:
      'The outer solver used all of its steps without reaching its tolerance. The result is the point where it stopped, with its gradient norm; it need not be an optimum. Give it more steps, a larger rate, or use `lbfgs`, which sets its own.',
    example: 'solve outer with gd(rate = 1e-6, steps = 10)',
  },
  {
    message: ({ method, steps, gradientNorm, tolerance }) =>
      `the outer solver ${method} stopped at its limit of ${stepsText(steps)}, with gradient norm ${figure(gradientNorm)} (tolerance ${figure(tolerance)})`,
    hints: ({ method, steps }) => [
      `write \`solve outer with ${method}(…, steps = ${2 * steps})\`${method === 'lbfgs' ? '' : ', or use `lbfgs`'}`,
    ],
  },
);

export const noStrategy = defineDiagnostic<{ asked?: string | undefined; verdicts: readonly string[] }>(
  {
    code: 'BL8009',
    slug: 'no-strategy',
    severity: 'error',
    explain:
      'No strategy of the plan can give the hypergradient of this problem at these sizes, or the one that was asked for by name is not among those that accept it. `bilevel plan` shows every candidate with the reason of its verdict.',
    example: 'bilevel gradient recipe.bilevel --strategy closed_form',
  },
  {
    message: ({ asked, verdicts }) =>
      `${asked === undefined ? 'no strategy accepts this problem' : `the strategy \`${asked}\` does not accept this problem`}${verdicts.length === 0 ? '' : `: ${verdicts.join('; ')}`}`,
    hints: () => ['`bilevel plan FILE` shows every candidate and why'],
  },
);

export const differencesFailed = defineDiagnostic<Where8 & { hyper: string; why: string }>(
  {
    code: 'BL8010',
    slug: 'differences-failed',
    severity: 'error',
    explain:
      'Finite differences could not estimate a derivative: at every step length that was tried the criterion could not be evaluated on both sides of the point. The criterion may have a jump or a pole there, or the inner problem cannot be solved nearby.',
    example: 'bilevel gradient page.bilevel --strategy finite_difference',
  },
  { message: (p) => `finite differences failed for \`${p.hyper}\` (${place(p)}): ${p.why}` },
);

export const outerOption = defineDiagnostic<{ method: string; option: string; reason: string; closest?: string | undefined }>(
  {
    code: 'BL8011',
    slug: 'outer-option',
    severity: 'error',
    explain:
      'An option of the outer solver is not one that it has, or its value makes no sense: a rate must be above 0, momentum and the betas in [0, 1), steps and starts whole numbers.',
    example: 'solve outer with adam(rate = -0.1)',
  },
  {
    message: ({ method, option, reason }) => `the option \`${option}\` of the outer solver ${method} ${reason}`,
    hints: ({ closest }) => (closest === undefined ? [] : [`did you mean \`${closest}\`?`]),
  },
);

export const startFailed = defineDiagnostic<{ start: number; starts: number; because: string }>(
  {
    code: 'BL8012',
    slug: 'start-failed',
    severity: 'warning',
    explain:
      'With several starts, one of them could not be solved; the others were. The result is the best of those that ended. Starts are drawn over the box of a hyper, or around the declared start: a box that leaves out the region where the inner problem fails avoids this.',
    example: 'solve outer with lbfgs(starts = 8)',
  },
  { message: ({ start, starts, because }) => `start ${start + 1} of ${starts} failed and is left out: ${because}` },
);

export const outerBlocked = defineDiagnostic<Where8 & { because: string }>(
  {
    code: 'BL8013',
    slug: 'outer-blocked',
    severity: 'warning',
    explain:
      'The outer solver stands at a point from which every step it tried led to where the problem cannot be solved. The result is that point; it need not be an optimum. The reason of the last failed trial is quoted.',
    example: 'bilevel run page.bilevel',
  },
  { message: (p) => `the outer solver could not go on (${place(p)}): every step that it tried failed; the last one: ${p.because}` },
);

export const reportNotFinite = defineDiagnostic<{ reports: readonly string[] }>(
  {
    code: 'BL8015',
    slug: 'report-not-finite',
    severity: 'warning',
    explain:
      'A `report` came out as NaN or infinite. It is never differentiated, so the solved problem is not touched, but the figure says nothing. Usual causes: a logarithm or a division outside of its domain, an index beyond its axis.',
    example: `problem p {
  hyper a: positive = 1.0
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize (w - 1)^2 + 0.1 * a
  report odd = log(-1 - w^2)
}`,
  },
  {
    message: ({ reports }) => `${reports.map((r) => `\`${r}\``).join(', ')} ${reports.length === 1 ? 'is' : 'are'} not finite`,
    hints: () => ['look for a log, sqrt or division outside of its domain, or an index beyond its axis'],
  },
);

export const hypergradientUncertain = defineDiagnostic<{ estimate: number; norm: number }>(
  {
    code: 'BL8016',
    slug: 'hypergradient-uncertain',
    severity: 'warning',
    explain:
      'The estimate of the hypergradient’s error is larger than the hypergradient itself, and larger than what rounding the criterion explains: neither its size nor its sign can be relied on. The usual cause is an ill-conditioned inner problem, such as a kernel matrix squared, or an inner solver that stopped early.',
    example: `problem p {
  hyper a: real = 0.5
  param w: [2]
  inner minimize (w[0] + w[1] / 3 - 1)^2 + 1e-14 * (w[0] - a * w[1])^2
  outer minimize (w[0] - 0.9)^2 + 0.282 * a
}`,
  },
  {
    message: (p) => `the error of the hypergradient is estimated at ${figure(p.estimate)}, its norm is ${figure(p.norm)}`,
    hints: () => ['scale the features, add a ridge term to the inner loss, or ask for a tighter inner tolerance'],
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
] as const;
