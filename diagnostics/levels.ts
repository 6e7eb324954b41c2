/** BL3xxx: levels (inner, outer), what may depend on what, and what this version does not run yet. */
import type { Edit, Hint, Span } from './diagnostic.ts';
import { defineMendable, didYouMean, perhaps, replaced, wrapped } from './fix.ts';

export const repeatedStatement = /* @__PURE__ */ defineMendable<{ statement: string; removal: readonly Edit[] }>(
  {
    code: 'BL3001',
    slug: 'repeated-statement',
    severity: 'error',
  },
  {
    message: ({ statement }) => `a second \`${statement}\``,
    hints: ({ statement, removal }) => [
      ...(statement.endsWith('minimize') ? ['add the two up, or `report` one of them'] : []),
      perhaps('keep one of the two', ...removal),
    ],
  },
);

export const missingStatement = /* @__PURE__ */ defineMendable<{ statement: string; problem: string }>(
  {
    code: 'BL3002',
    slug: 'missing-statement',
    severity: 'error',
  },
  {
    message: ({ statement, problem }) => `\`${problem}\` has no \`${statement}\``,
    hints: ({ statement }) => [`add a line \`${statement} …\` with one number to minimise, e.g. \`${statement} mean((X @ w - y)^2)\``],
  },
);

export const lossNotScalar = /* @__PURE__ */ defineMendable<{ level: 'inner' | 'outer'; is: string }>(
  {
    code: 'BL3003',
    slug: 'loss-not-scalar',
    severity: 'error',
  },
  {
    message: ({ level, is }) => `the ${level} criterion is ${is}, not one number`,
    hints: (_, span) => ['mean', 'sum'].map((name) => perhaps(`wrap it in \`${name}(…)\``, ...wrapped(span, `${name}(`, ')'))),
  },
);

export const innerIgnoresParam = /* @__PURE__ */ defineMendable<{ param: string; all: boolean; word: Span | undefined }>(
  {
    code: 'BL3004',
    slug: 'inner-ignores-param',
    severity: 'error',
  },
  {
    message: ({ param, all }) =>
      all ? 'the inner loss depends on no param' : `the inner loss does not depend on \`${param}\`, so nothing determines it`,
    hints: ({ param, word }) => {
      const way = `if the outer criterion is to choose it, declare \`hyper ${param}\``;
      return [word === undefined ? way : perhaps(way, replaced(word, 'hyper'))];
    },
  },
);

export const nothingDeclared = /* @__PURE__ */ defineMendable<{ problem: string; what: 'param' | 'hyper' }>(
  {
    code: 'BL3005',
    slug: 'nothing-to-choose',
    severity: 'error',
  },
  {
    message: ({ problem, what }) =>
      `\`${problem}\` declares no ${what}: its ${what === 'param' ? 'inner' : 'outer'} problem has nothing to choose`,
  },
);

export const startDepends = /* @__PURE__ */ defineMendable<{ name: string; what: string; because: string }>(
  {
    code: 'BL3006',
    slug: 'start-depends',
    severity: 'error',
  },
  {
    message: ({ name, what, because }) => `the start of \`${name}\` depends on ${what}: ${because}`,
    hints: ({ name }) => [`write a number or data, e.g. \`${name}: … = 0.5\`, or leave the start out`],
  },
);

export const stepOutsideRecipe = /* @__PURE__ */ defineMendable<Record<never, never>>(
  {
    code: 'BL3007',
    slug: 'step-outside-recipe',
    severity: 'error',
  },
  {
    message: () => '`step` is known only in the inner loss of a recipe and in its solver’s arguments',
    hints: () => ['make it a recipe: `solve inner with gd(rate = 0.1, steps = 100)`'],
  },
);

export const repeatedReport = /* @__PURE__ */ defineMendable<{ name: string; removal: readonly Edit[] }>(
  {
    code: 'BL3008',
    slug: 'repeated-report',
    severity: 'error',
  },
  { message: ({ name }) => `\`${name}\` is reported twice`, hints: ({ removal }) => [perhaps('keep one of the two', ...removal)] },
);

export const unknownMethod = /* @__PURE__ */ defineMendable<{
  name: string;
  role: string;
  known: readonly string[];
  suggestion?: string | undefined;
  /** Why there is none of this name, and what there is instead. */
  refused?: string | undefined;
}>(
  {
    code: 'BL3009',
    slug: 'unknown-method',
    severity: 'error',
  },
  {
    message: ({ name, role }) => `\`${name}\` is not ${role}`,
    hints: ({ known, suggestion, refused }, span) =>
      refused !== undefined ? [refused] : suggestion === undefined ? [`there are: ${known.join(', ')}`] : didYouMean(suggestion, span),
  },
);

export const unknownOption = /* @__PURE__ */ defineMendable<{
  method: string;
  option: string;
  known: readonly string[];
  suggestion?: string | undefined;
  /** Others call the suggestion so. */
  isForeign?: boolean;
  positional?: boolean;
}>(
  {
    code: 'BL3010',
    slug: 'unknown-option',
    severity: 'error',
  },
  {
    message: ({ method, option, positional }) =>
      positional === true ? `an option of \`${method}\` has no name` : `\`${method}\` has no option \`${option}\``,
    hints: ({ known, suggestion, isForeign }, span) =>
      suggestion === undefined
        ? [known.length === 0 ? 'it has no options' : `it has: ${known.join(', ')}`]
        : didYouMean(suggestion, span, isForeign),
  },
);

export const wrongOption = /* @__PURE__ */ defineMendable<{ method: string; option: string; needs: string; is: string }>(
  {
    code: 'BL3011',
    slug: 'wrong-option',
    severity: 'error',
  },
  {
    message: ({ method, option, needs, is }) => `\`${option}\` of \`${method}\` must be ${needs}; this is ${is}`,
    hints: ({ option, needs }) => [`write ${needs}, or leave \`${option}\` out where its default will do`],
  },
);

export const missingOption = /* @__PURE__ */ defineMendable<{
  method: string;
  option: string;
  example: string;
  /** What puts those of the example there that are missing. */
  insertion: Edit;
}>(
  {
    code: 'BL3012',
    slug: 'missing-option',
    severity: 'error',
  },
  {
    message: ({ method, option }) => `\`${method}\` needs ${option}`,
    hints: ({ example, insertion }) => [perhaps(`e.g. \`${example}\``, insertion)],
  },
);

export const optionDepends = /* @__PURE__ */ defineMendable<{ method: string; option: string; what: string }>(
  {
    code: 'BL3013',
    slug: 'option-depends',
    severity: 'error',
  },
  {
    message: ({ method, option, what }) => `\`${option}\` of \`${method}\` depends on ${what}, and has to be known beforehand`,
    hints: ({ option }) => [`write a number, e.g. \`${option} = 10\``],
  },
);

export const argumentShape = /* @__PURE__ */ defineMendable<{
  method: string;
  option: string;
  is: string;
  steps: string | undefined;
  /** There may not be a number for each coordinate. */
  isShared: boolean;
}>(
  {
    code: 'BL3020',
    slug: 'argument-shape',
    severity: 'error',
  },
  {
    message: ({ method, option, is, steps, isShared }) =>
      `\`${option}\` of \`${method}\` is ${is}: ${steps === undefined ? 'there are no `steps` for a number each' : `not a number for each of the ${steps} steps`}, and ${isShared ? 'a proximal map takes one number for all coordinates' : 'it does not stretch to each param'}`,
    hints: ({ option }) => [
      `one number for all: \`${option} = 0.1\`; a schedule: a vector whose dim is \`steps\`, or a function of the step such as \`${option} = 0.1 / (1 + step)\``,
    ],
  },
);

export const argumentIsBoth = /* @__PURE__ */ defineMendable<{ method: string; option: string; is: string; steps: string | undefined }>(
  {
    code: 'BL3021',
    slug: 'schedule-or-coordinates',
    severity: 'error',
  },
  {
    message: ({ method, option, is, steps }) =>
      `\`${option}\` of \`${method}\` is ${is}, which is a number for each of the ${steps ?? ''} steps and for each coordinate of the params as well`,
    hints: () => [
      'a number for each step is `rate = eta[step]`; a number for each coordinate has another dim than `steps`: declare `dim T = 20` and write `steps = T`',
    ],
  },
);

export const badBatch = /* @__PURE__ */ defineMendable<{ because: string; hint?: Hint | undefined }>(
  {
    code: 'BL3022',
    slug: 'bad-batch',
    severity: 'error',
  },
  { message: ({ because }) => because, hints: ({ hint }) => (hint === undefined ? [] : [hint]) },
);

export const badResampling = /* @__PURE__ */ defineMendable<{ because: string; hint: string }>(
  {
    code: 'BL3025',
    slug: 'bad-resampling',
    severity: 'error',
  },
  { message: ({ because }) => because, hints: ({ hint }) => [hint] },
);

export const comesLater = /* @__PURE__ */ defineMendable<{ construct: string; instead?: string }>(
  {
    code: 'BL3090',
    slug: 'not-run-yet',
    severity: 'error',
  },
  {
    message: ({ construct }) => `this version does not run ${construct} yet; it comes with a later part`,
    hints: ({ instead }) => (instead === undefined ? [] : [instead]),
  },
);
