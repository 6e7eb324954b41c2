/** BL4xxx curvature and derivatives, BL5xxx strategy and solver: what the compiler says about how a problem can be solved. */
import { defineDiagnostic, type Span } from './diagnostic.ts';
import { defineMendable, inFront, perhaps, replaced, wrapped } from './fix.ts';

export const innerWithoutMinimiser = /* @__PURE__ */ defineDiagnostic<{ degree: number }>(
  {
    code: 'BL4001',
    slug: 'inner-without-minimiser',
    severity: 'error',
  },
  {
    message: () => 'the inner loss is affine in its params, so it has no minimiser',
    hints: () => ['add a term that grows, e.g. `+ 0.1 * w^2`', 'or write a recipe: `solve inner with gd(rate = 0.1, steps = 100)`'],
  },
);

export const innerNotConvex = /* @__PURE__ */ defineMendable<{ why: string }>(
  {
    code: 'BL4002',
    slug: 'inner-concave',
    severity: 'error',
  },
  {
    message: ({ why }) => `the inner loss is concave in its params, so it has no minimiser (${why})`,
    hints: (_, span) => [perhaps('minimize its negative instead', ...wrapped(span, '-(', ')'))],
  },
);

export const notProximable = /* @__PURE__ */ defineDiagnostic<{ param: string; because: string; hint?: string | undefined }>(
  {
    code: 'BL4003',
    slug: 'not-proximable',
    severity: 'error',
  },
  {
    message: ({ param, because }) => `the inner loss has a term in \`${param}\` that is not smooth and cannot be solved for: ${because}`,
    hints: ({ hint }) => [
      ...(hint === undefined ? [] : [hint]),
      'what a param can have: `c * sum(abs(w))` or `sum(c * abs(w - a))` with data `a`; `c * norm(w)` or `sum(c * norm(W, axis = 1))`; c ≥ 0; a kind `nonnegative`, `real in [a, b]`, `simplex`. l1 goes with bounds, and about 0 with norms; norms go with `nonnegative`',
      'or smooth it: `sqrt(u^2 + 1e-8)` in the place of `abs(u)`, `sqrt(sum(u^2) + 1e-8)` in that of `norm(u)`',
      'or write a recipe: `solve inner with gd(rate = …, steps = …)` defines the criterion by its steps',
    ],
  },
);

/** Along which direction a loss does not curve: one that its form has, or one that so few rows leave. */
export type NotUnique = 'by its form' | { readonly free: number; readonly rows: number };

export const minimiserNotUnique = /* @__PURE__ */ defineMendable<{ params: readonly string[]; why: NotUnique }>(
  {
    code: 'BL4011',
    slug: 'minimiser-not-unique',
    severity: 'warning',
  },
  {
    message: ({ params, why }) =>
      `the inner loss does not determine ${params.map((name) => `\`${name}\``).join(', ')}: ${why === 'by its form' ? 'along some direction of these numbers it has no curvature, whatever the data are' : `they are ${why.free} numbers without a penalty, and meet in ${why.rows} rows`}, so it has many minimisers or none`,
    hints: ({ params }, span) => [
      perhaps(
        `a small penalty picks one: \`+ 1e-6 * sum(${params.at(-1) ?? 'w'}^2)\` in \`inner minimize\``,
        inFront(span, params.map((name) => `1e-6 * sum(${name}^2) + `).join('')),
      ),
      'or write a recipe, `solve inner with gd(rate = …, steps = …)`, which ends where its steps lead',
    ],
  },
);

export const strategyRefused = /* @__PURE__ */ defineDiagnostic<{ strategy: string; because: string; valid: readonly string[] }>(
  {
    code: 'BL5001',
    slug: 'strategy-refused',
    severity: 'error',
  },
  {
    message: ({ strategy, because }) => `\`${strategy}\` does not accept this problem: ${because}`,
    hints: ({ valid }) => [
      valid.length === 0
        ? 'leave the line out: the strategy is then chosen by the plan'
        : `these accept it: ${valid.map((v) => `\`${v}\``).join(', ')}; or leave the line out`,
    ],
  },
);

export const quadraticHidden = /* @__PURE__ */ defineMendable<{ param: string; kind: string; kindSpan: Span | undefined }>(
  {
    code: 'BL4010',
    slug: 'quadratic-hidden',
    severity: 'warning',
  },
  {
    message: ({ param, kind }) =>
      `the inner loss is quadratic in \`${param}\`, and not in the free number that a \`${kind}\` param is made of: no closed form serves it`,
    hints: ({ kind, kindSpan }) => {
      const way = `\`${kind === 'unit' ? 'real in [0, 1]' : 'nonnegative'}\`, with its bounds kept, is nearly always meant`;
      return [kindSpan === undefined || kind === 'unit' ? way : perhaps(way, replaced(kindSpan, 'nonnegative'))];
    },
  },
);

export const solverRefused = /* @__PURE__ */ defineDiagnostic<{ solver: string; because: string; valid: readonly string[] }>(
  {
    code: 'BL5002',
    slug: 'solver-refused',
    severity: 'error',
  },
  {
    message: ({ solver, because }) => `\`${solver}\` does not accept this inner problem: ${because}`,
    hints: ({ valid }) => [`these accept it: ${valid.map((v) => `\`${v}\``).join(', ')}; or leave the line out`],
  },
);

export const recipeFallsShort = /* @__PURE__ */ defineDiagnostic<{ solver: string; steps: number; share: number; needed: number }>(
  {
    code: 'BL5012',
    slug: 'recipe-falls-short',
    severity: 'warning',
  },
  {
    message: ({ solver, steps, share }) =>
      share < 1
        ? `after its ${steps} steps \`${solver}\` has still ${Number((100 * share).toPrecision(2))}% of the gradient that it began with: at this rate it is far from a minimiser`
        : `after its ${steps} steps \`${solver}\` has a gradient ${Number(share.toPrecision(2))} times as large as at the start: at this rate it does not come near a minimiser`,
    hints: ({ solver, steps, share, needed }) => [
      share < 1
        ? `at this pace \`steps = ${needed}\` or more would bring it to 1%${needed > 10 * steps ? '; a larger `rate` saves most of them' : ''}`
        : 'take a smaller `rate`',
      `where the minimiser is meant, write \`tolerance = 1e-8\` in the place of \`steps = ${steps}\`, or leave \`solve inner\` out; where few steps are meant to keep the fit from the data, learn the rate of \`${solver}\` as a hyper`,
    ],
  },
);

const bytesText = (bytes: number): string => `${Math.ceil(bytes)} bytes`;

export const hypergradientApproximate = /* @__PURE__ */ defineDiagnostic<{ candidate: string; why: string }>(
  {
    code: 'BL5010',
    slug: 'hypergradient-approximate',
    severity: 'warning',
  },
  {
    message: ({ candidate, why }) => `\`${candidate}\` only approximates the hypergradient: ${why}`,
    hints: () => ['`gradient --verify` shows how far it is from the derivative; without `differentiate with` an exact way is chosen'],
  },
);

export const memoryTooSmall = /* @__PURE__ */ defineDiagnostic<{ memory: number; least: number; isEach: boolean }>(
  {
    code: 'BL5011',
    slug: 'memory-too-small',
    severity: 'error',
  },
  {
    message: ({ memory, least, isEach }) =>
      `no way of unrolling these steps fits in ${bytesText(memory)}${isEach ? ' for each fold' : ''} at these sizes; the least that would do is ${bytesText(least)}`,
    hints: ({ least }) => [`write \`unrolled(memory = ${Math.ceil(least)})\` or more, or fewer steps`],
  },
);
