/** BL3xxx: levels (inner, outer), what may depend on what, and what this version does not run yet. */
import { defineDiagnostic } from './diagnostic.ts';

const oneOf = (suggestion: string | undefined): readonly string[] => (suggestion === undefined ? [] : [`did you mean \`${suggestion}\`?`]);

export const repeatedStatement = defineDiagnostic<{ statement: string }>(
  {
    code: 'BL3001',
    slug: 'repeated-statement',
    severity: 'error',
    explain: `A problem has exactly one \`inner minimize\` and one \`outer minimize\`, and at most one of each \`solve inner\`, \`solve outer\` and
\`differentiate\`. Several criteria are added up in one expression, with weights that say what they are worth.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize w^2
  outer minimize (w - 1)^2
}`,
  },
  {
    message: ({ statement }) => `a second \`${statement}\``,
    hints: ({ statement }) =>
      statement.endsWith('minimize') ? ['add the two up, or keep one and `report` the other'] : ['keep one of the two'],
  },
);

export const missingStatement = defineDiagnostic<{ statement: string; problem: string }>(
  {
    code: 'BL3002',
    slug: 'missing-statement',
    severity: 'error',
    explain: `A problem has two levels: \`inner minimize\` says what the params are fitted to, \`outer minimize\` (or \`maximize\`) by what the hypers are judged.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * w^2
}`,
  },
  {
    message: ({ statement, problem }) => `\`${problem}\` has no \`${statement}\``,
    hints: ({ statement }) => [`add a line \`${statement} …\` with one number to minimise, e.g. \`${statement} mean((X @ w - y)^2)\``],
  },
);

export const lossNotScalar = defineDiagnostic<{ level: 'inner' | 'outer'; is: string }>(
  {
    code: 'BL3003',
    slug: 'loss-not-scalar',
    severity: 'error',
    explain: `What is minimised is one number. A loss with an axis left has to be summed or averaged; which of the two changes what a penalty beside
it is worth.`,
    example: `problem p {
  dim d
  data x: [d]
  hyper a: positive
  param w: [d]
  inner minimize (w - x)^2 + a * w^2
  outer minimize sum(w^2)
}`,
  },
  { message: ({ level, is }) => `the ${level} criterion is ${is}, not one number`, hints: () => ['wrap it in `mean(…)` or `sum(…)`'] },
);

export const innerIgnoresParam = defineDiagnostic<{ param: string; all: boolean }>(
  {
    code: 'BL3004',
    slug: 'inner-ignores-param',
    severity: 'error',
    explain: `The inner problem chooses the params; a param that the inner loss does not depend on is chosen by nothing. If it is meant to be learned
by the outer criterion, it is a \`hyper\`; if it is fixed, a \`let\` or \`data\`.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize a^2
  outer minimize w^2
}`,
  },
  {
    message: ({ param, all }) =>
      all ? 'the inner loss depends on no param' : `the inner loss does not depend on \`${param}\`, so nothing determines it`,
    hints: ({ param }) => [`if the outer criterion is to choose it, declare \`hyper ${param}\``],
  },
);

export const nothingDeclared = defineDiagnostic<{ problem: string; what: 'param' | 'hyper' }>(
  {
    code: 'BL3005',
    slug: 'nothing-to-choose',
    severity: 'error',
    explain: `A bilevel problem has at least one \`param\`, which the inner problem chooses, and at least one \`hyper\`, which the outer one chooses.`,
    example: `problem p {
  param w: []
  inner minimize (w - 1)^2
  outer minimize w^2
}`,
  },
  {
    message: ({ problem, what }) =>
      `\`${problem}\` declares no ${what}: its ${what === 'param' ? 'inner' : 'outer'} problem has nothing to choose`,
  },
);

export const startDepends = defineDiagnostic<{ name: string; what: string; because: string }>(
  {
    code: 'BL3006',
    slug: 'start-depends',
    severity: 'error',
    explain: `A start is known before anything is solved: it may use data and dims. The start of a \`param\` may also use hypers, where the problem is a
recipe (a stepwise solver with \`steps\`), because only then does the result depend on where it began.`,
    example: `problem p {
  hyper a: positive
  hyper c: positive = 2 * w
  param w: []
  inner minimize (w - c)^2 + a * w^2
  outer minimize w^2
}`,
  },
  { message: ({ name, what, because }) => `the start of \`${name}\` depends on ${what}: ${because}` },
);

export const stepOutsideRecipe = defineDiagnostic<Record<never, never>>(
  {
    code: 'BL3007',
    slug: 'step-outside-recipe',
    severity: 'error',
    explain: `\`step\` is the number of the inner solver's step, from 0. It means something in the inner loss of a recipe and in its solver's arguments:
with a stepwise solver that is given \`steps\` and no \`tolerance\`. A minimiser has no steps: it is where they lead. A \`fn\` takes it as an argument.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * w^2 / (1 + step)
  outer minimize w^2
}`,
  },
  {
    message: () => '`step` is known only in the inner loss of a recipe and in its solver’s arguments',
    hints: () => ['make it a recipe: `solve inner with gd(rate = 0.1, steps = 100)`'],
  },
);

export const repeatedReport = defineDiagnostic<{ name: string }>(
  {
    code: 'BL3008',
    slug: 'repeated-report',
    severity: 'error',
    explain: `Each report has a name of its own: it is the key under which the result is found.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize w^2
  report r = w
  report r = w^2
}`,
  },
  { message: ({ name }) => `\`${name}\` is reported twice` },
);

export const unknownMethod = defineDiagnostic<{ name: string; role: string; known: readonly string[]; suggestion?: string | undefined }>(
  {
    code: 'BL3009',
    slug: 'unknown-method',
    severity: 'error',
    explain: `No solver or strategy of this name can stand here.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize w^2
  solve inner with lbfgz
}`,
  },
  {
    message: ({ name, role }) => `\`${name}\` is not ${role}`,
    hints: ({ known, suggestion }) => (suggestion === undefined ? [`there are: ${known.join(', ')}`] : oneOf(suggestion)),
  },
);

export const unknownOption = defineDiagnostic<{
  method: string;
  option: string;
  known: readonly string[];
  suggestion?: string | undefined;
  positional?: boolean;
  repeated?: boolean;
}>(
  {
    code: 'BL3010',
    slug: 'unknown-option',
    severity: 'error',
    explain: `A solver or strategy was given an option that it does not have, gave one twice, or gave one without its name. Options are always named:
\`gd(rate = 0.1, steps = 100)\`.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize w^2
  solve inner with gd(rte = 0.1, steps = 10)
}`,
  },
  {
    message: ({ method, option, positional, repeated }) =>
      positional === true
        ? `an option of \`${method}\` has no name`
        : repeated === true
          ? `\`${option}\` of \`${method}\` is given twice`
          : `\`${method}\` has no option \`${option}\``,
    hints: ({ known, suggestion }) =>
      suggestion === undefined ? [known.length === 0 ? 'it has no options' : `it has: ${known.join(', ')}`] : oneOf(suggestion),
  },
);

export const wrongOption = defineDiagnostic<{ method: string; option: string; needs: string; is: string }>(
  {
    code: 'BL3011',
    slug: 'wrong-option',
    severity: 'error',
    explain: `An option is not what the solver or strategy needs there: a count is a positive whole number, a tolerance a positive number, a rate a
scalar; a word or a flag is written as it stands in the table of solvers.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize w^2
  solve inner with gd(rate = 0.1, steps = 2.5)
}`,
  },
  { message: ({ method, option, needs, is }) => `\`${option}\` of \`${method}\` must be ${needs}; this is ${is}` },
);

export const missingOption = defineDiagnostic<{ method: string; option: string; example: string }>(
  {
    code: 'BL3012',
    slug: 'missing-option',
    severity: 'error',
    explain: `A stepwise solver needs a \`rate\`, and the inner one also needs to know when it ends: \`steps\` makes a recipe of exactly that many steps,
\`tolerance\` makes it one of the ways to the minimiser.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize w^2
  solve inner with gd(steps = 10)
}`,
  },
  { message: ({ method, option }) => `\`${method}\` needs ${option}`, hints: ({ example }) => [`e.g. \`${example}\``] },
);

export const optionDepends = defineDiagnostic<{ method: string; option: string; what: string }>(
  {
    code: 'BL3013',
    slug: 'option-depends',
    severity: 'error',
    explain: `Some options of the inner solver may hold hypers and \`step\`: rates and momenta. The others (steps, tolerances), and all options of the
outer solver and of a strategy, are numbers that are known before anything runs.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize w^2
  solve inner with lbfgs(tolerance = a)
}`,
  },
  { message: ({ method, option, what }) => `\`${option}\` of \`${method}\` depends on ${what}, and has to be known beforehand` },
);

export const comesLater = defineDiagnostic<{ construct: string; instead?: string }>(
  {
    code: 'BL3090',
    slug: 'not-run-yet',
    severity: 'error',
    explain: `The construct belongs to the language, and is read and printed, but this version does not run it yet. It is refused by name rather than
ignored, so that a page never means less than it says.`,
    example: `problem p {
  dim n
  data y: [n]
  split n into train, valid by 5 folds, seed 7
  hyper a: positive
  param w: []
  inner minimize mean((w - y)^2) + a * w^2
  outer minimize w^2
}`,
  },
  {
    message: ({ construct }) => `this version does not run ${construct} yet; it comes with a later part`,
    hints: ({ instead }) => (instead === undefined ? [] : [instead]),
  },
);
