/** BL9xxx: what is wrong with a command line, or with the options of a call, before anything is computed. */
import { defineDiagnostic } from './diagnostic.ts';

const didYouMean = (suggestion: string | undefined): readonly string[] =>
  suggestion === undefined ? [] : [`did you mean \`${suggestion}\`?`];
const quoted = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

export const wrongUsage = /* @__PURE__ */ defineDiagnostic<{ message: string; help: string; suggestion?: string | undefined }>(
  {
    code: 'BL9001',
    slug: 'usage',
    severity: 'error',
  },
  { message: ({ message }) => message, hints: ({ help, suggestion }) => [...didYouMean(suggestion), `\`${help}\` lists what there is`] },
);

export const unreadablePage = /* @__PURE__ */ defineDiagnostic<{ file: string; because: string; suggestion?: string | undefined }>(
  {
    code: 'BL9002',
    slug: 'unreadable-page',
    severity: 'error',
  },
  { message: ({ file, because }) => `cannot read ${file}: ${because}`, hints: ({ suggestion }) => didYouMean(suggestion) },
);

export const wrongFlag = /* @__PURE__ */ defineDiagnostic<{ flag: string; given: string; because: string; form: string }>(
  {
    code: 'BL9003',
    slug: 'wrong-flag',
    severity: 'error',
  },
  {
    message: ({ flag, given, because }) => `${flag} ${given}: ${because}`,
    hints: ({ flag, form }) => [`write ${flag} ${form}`],
  },
);

export const whichProblem = /* @__PURE__ */ defineDiagnostic<{
  file: string;
  asked?: string | undefined;
  problems: readonly string[];
  suggestion?: string | undefined;
}>(
  {
    code: 'BL9004',
    slug: 'which-problem',
    severity: 'error',
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
          ? [`name one: \`--problem ${problems[0] ?? 'NAME'}\` on the command line, \`problem: '${problems[0] ?? 'NAME'}'\` in a call`]
          : didYouMean(suggestion),
  },
);

export const unknownCode = /* @__PURE__ */ defineDiagnostic<{ asked: string; suggestion?: string | undefined }>(
  {
    code: 'BL9005',
    slug: 'unknown-code',
    severity: 'error',
  },
  {
    message: ({ asked }) => `there is no diagnostic \`${asked}\``,
    hints: ({ suggestion }) => [...didYouMean(suggestion), '`bilevel explain` lists all of them'],
  },
);

export const unknownPass = /* @__PURE__ */ defineDiagnostic<{ asked: string; passes: readonly string[]; suggestion?: string | undefined }>(
  {
    code: 'BL9006',
    slug: 'unknown-pass',
    severity: 'error',
  },
  {
    message: ({ asked }) => `there is no dump \`${asked}\` of this problem`,
    hints: ({ passes, suggestion }) => [...didYouMean(suggestion), ...dumpsInWords(passes)],
  },
);

/** There are hundreds: of each candidate each stage, and that once more for each library. */
function dumpsInWords(passes: readonly string[]): readonly string[] {
  const parts = passes.map((pass) => pass.split('/'));
  const all = (place: number): readonly string[] => [...new Set(parts.filter((own) => own.length > 1).flatMap((own) => own[place] ?? []))];
  const [candidates, stages, libraries] = [all(0), all(1), all(2)];
  const alone = parts.flatMap((own) => (own.length === 1 ? own : []));
  if (candidates.length === 0) return [`there is ${quoted(alone)}`];
  return [
    `there is ${quoted(alone)}, and \`CANDIDATE/STAGE\`, of the candidates ${quoted(candidates)} and the stages ${quoted(stages)}`,
    ...libraries.map((library) => `\`CANDIDATE/STAGE/${library}\` is what is called of ${library}`),
  ];
}

export const errorAboveTolerance = /* @__PURE__ */ defineDiagnostic<{
  error: string;
  tolerance: string;
  why: string;
  /** Tolerances that would do, by what the error is now, with the lines in which they stand. */
  enough: readonly string[];
}>(
  {
    code: 'BL9007',
    slug: 'error-above-tolerance',
    severity: 'warning',
  },
  {
    message: ({ error, tolerance, why }) => `the relative error of the hypergradient is about ${error}, more than ${tolerance} (${why})`,
    hints: ({ enough }) => [
      ...(enough.length === 0
        ? []
        : [`the error falls with the tolerances of the page; by its size now these would do: ${enough.join(', and ')}`]),
      ...(enough.length > 0
        ? []
        : [
            'no tolerance of the page is to blame: scale the features, add a ridge term to the inner loss, or choose another strategy with --strategy',
          ]),
    ],
  },
);

export const strategiesDisagree = /* @__PURE__ */ defineDiagnostic<{ rows: readonly string[] }>(
  {
    code: 'BL9008',
    slug: 'strategies-disagree',
    severity: 'error',
  },
  { message: ({ rows }) => `not all strategies agree: ${rows.join('; ')}` },
);

export const unwritableFile = /* @__PURE__ */ defineDiagnostic<{ file: string; because: string; isFolder: boolean }>(
  {
    code: 'BL9009',
    slug: 'unwritable-file',
    severity: 'error',
  },
  {
    message: ({ file, because }) => `cannot write ${file}: ${because}`,
    hints: ({ isFolder }) => [
      isFolder ? 'choose another name for the file, or remove the folder' : 'name a folder that is there and can be written',
    ],
  },
);

export const typesNotWritten = /* @__PURE__ */ defineDiagnostic<{ file: string; because: string; instead: string }>(
  {
    code: 'BL9010',
    slug: 'types-not-written',
    severity: 'warning',
  },
  {
    message: ({ file, because }) => `the types were not written to ${file}: ${because}`,
    hints: ({ instead }) => [`${instead}; a plugin writes no types with the option \`types: false\``],
  },
);

export const callOption = /* @__PURE__ */ defineDiagnostic<
  { name: string } & (
    | {
        /** Where it was given: `options`, `budget`. */
        holder: string;
        known: readonly string[];
        closest?: string | undefined;
      }
    | { form: string; given: string }
  )
>(
  {
    code: 'BL9011',
    slug: 'call-option',
    severity: 'error',
  },
  {
    message: (p) =>
      'known' in p
        ? `there is no \`${p.name}\` in \`${p.holder}\`; there is ${quoted(p.known)}`
        : `\`${p.name}\` must be ${p.form}; it is ${p.given}`,
    hints: (p) => ('known' in p ? didYouMean(p.closest) : []),
  },
);

export const alreadyClosed = /* @__PURE__ */ defineDiagnostic<Record<never, never>>(
  {
    code: 'BL9012',
    slug: 'already-closed',
    severity: 'error',
  },
  { message: () => 'this problem was closed', hints: () => ['`bind` its data again, or call `close` after the last call'] },
);
