/** BL9xxx: what is wrong with a command line, before any page is compiled. */
import { defineDiagnostic } from './diagnostic.ts';

const didYouMean = (suggestion: string | undefined): readonly string[] =>
  suggestion === undefined ? [] : [`did you mean \`${suggestion}\`?`];
const quoted = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

export const wrongUsage = defineDiagnostic<{ message: string; help: string; suggestion?: string | undefined }>(
  {
    code: 'BL9001',
    slug: 'usage',
    severity: 'error',
    explain: `The command line has a command, an argument or a flag that does not exist, or lacks one that is needed. \`bilevel --help\` lists the
commands, \`bilevel COMMAND --help\` the flags of one. The exit code is 2 and nothing was computed.`,
    example: 'bilevel gradient',
  },
  { message: ({ message }) => message, hints: ({ help, suggestion }) => [...didYouMean(suggestion), `\`${help}\` lists what there is`] },
);

export const unreadablePage = defineDiagnostic<{ file: string; because: string; suggestion?: string | undefined }>(
  {
    code: 'BL9002',
    slug: 'unreadable-page',
    severity: 'error',
    explain:
      'The `.bilevel` file that the command names does not exist or could not be read. Its path is relative to where the command runs.',
    example: 'bilevel check no-such-page.bilevel',
  },
  { message: ({ file, because }) => `cannot read ${file}: ${because}`, hints: ({ suggestion }) => didYouMean(suggestion) },
);

export const wrongFlag = defineDiagnostic<{ flag: string; given: string; because: string; form: string }>(
  {
    code: 'BL9003',
    slug: 'wrong-flag',
    severity: 'error',
    explain: `The value of a flag could not be understood. \`--set\` takes \`HYPER=VALUE\`, where VALUE is a number, a JSON list for a vector or a
list of lists for a matrix, or \`@point.json\`, a file with an object that names hypers; \`--data\` takes \`NAME=FILE\` or \`NAME=FILE:KEY\`;
\`--seed\` a whole number.`,
    example: 'bilevel gradient page.bilevel --set penalty',
  },
  {
    message: ({ flag, given, because }) => `${flag} ${given}: ${because}`,
    hints: ({ flag, form }) => [`write ${flag} ${form}`],
  },
);

export const whichProblem = defineDiagnostic<{
  file: string;
  asked?: string | undefined;
  problems: readonly string[];
  suggestion?: string | undefined;
}>(
  {
    code: 'BL9004',
    slug: 'which-problem',
    severity: 'error',
    explain: `A page may hold several problems, or only functions for other pages to import. A command that solves one must know which:
\`--problem NAME\` says it, and is needed only where there are several.`,
    example: 'bilevel run page.bilevel --problem no-such-problem',
  },
  {
    message: ({ file, asked, problems }) =>
      problems.length === 0
        ? `${file} holds no problem`
        : asked === undefined
          ? `${file} holds ${problems.length} problems: ${quoted(problems)}`
          : `${file} has no problem \`${asked}\`; it has ${quoted(problems)}`,
    hints: ({ asked, problems, suggestion }) =>
      problems.length === 0
        ? ['a problem is written `problem NAME { … }`']
        : asked === undefined
          ? [`say which with --problem ${problems[0] ?? 'NAME'}`]
          : didYouMean(suggestion),
  },
);

export const unknownCode = defineDiagnostic<{ asked: string; suggestion?: string | undefined }>(
  {
    code: 'BL9005',
    slug: 'unknown-code',
    severity: 'error',
    explain:
      'A diagnostic is explained by its code, as in `bilevel explain BL2003`, or by its short name, `bilevel explain shape-mismatch`. `bilevel explain` alone lists all of them.',
    example: 'bilevel explain BL9999',
  },
  {
    message: ({ asked }) => `there is no diagnostic \`${asked}\``,
    hints: ({ suggestion }) => [...didYouMean(suggestion), '`bilevel explain` lists all of them'],
  },
);

export const unknownPass = defineDiagnostic<{ asked: string; passes: readonly string[]; suggestion?: string | undefined }>(
  {
    code: 'BL9006',
    slug: 'unknown-pass',
    severity: 'error',
    explain:
      '`--dump PASS` prints the graphs as they are after one pass of the compiler. Which passes there are depends on the problem: the message lists them.',
    example: 'bilevel check page.bilevel --dump no-such-pass',
  },
  {
    message: ({ asked, passes }) => `there is no dump \`${asked}\` of this problem; there is ${quoted(passes)}`,
    hints: ({ suggestion }) => didYouMean(suggestion),
  },
);

export const errorAboveTolerance = defineDiagnostic<{ error: string; tolerance: string; why: string }>(
  {
    code: 'BL9007',
    slug: 'error-above-tolerance',
    severity: 'warning',
    explain: `\`--hypergradient-tolerance\` says how large the error of the hypergradient may be, relative to its own norm. The estimate is
larger. A smaller tolerance of the inner solver and of the linear solver, or a direct strategy, make it smaller; \`bilevel plan\` lists what
there is. The result is printed all the same; with \`--strict\` the exit code is 4.`,
    example: 'bilevel gradient page.bilevel --hypergradient-tolerance 1e-30',
  },
  {
    message: ({ error, tolerance, why }) => `the relative error of the hypergradient is about ${error}, more than ${tolerance} (${why})`,
    hints: () => ['lower the tolerances in `solve inner` and `differentiate with`, or choose another strategy with --strategy'],
  },
);

export const strategiesDisagree = defineDiagnostic<{ rows: readonly string[] }>(
  {
    code: 'BL9008',
    slug: 'strategies-disagree',
    severity: 'error',
    explain: `\`bilevel gradient --verify\` computes the hypergradient with every strategy that accepts the problem and by finite differences. At least
two of them differ by more than their own errors allow. Either the point is one where the derivative does not exist (a kink, a change of
the minimiser's branch), or the problem is so ill-conditioned that the stated errors are too small, or there is a bug in one strategy: if
the problem is smooth and well-posed, please report it with the page and the data.`,
    example: 'bilevel gradient page.bilevel --verify',
  },
  { message: ({ rows }) => `not all strategies agree: ${rows.join('; ')}` },
);
