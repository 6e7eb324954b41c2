/**
 * The catalogue of syntax: `BL1xxx`, reported by `grammar/`. Owns every sentence about how a page is written; knows nothing of how it is read.
 * Each row's example earns exactly that code.
 */
import type { Edit, Hint, Severity, Span } from './diagnostic.ts';
import { behind, certainly, defineMendable, didYouMean, inFront, perhaps, replaced, wrapped, writing } from './fix.ts';

const error: Severity = 'error';

// ---- the shape of statements ------------------------------------------------------------------------------------

export const unexpectedToken = /* @__PURE__ */ defineMendable<{
  expected: string;
  found: string;
  after?: string;
  /** What is written where others write this. */
  here?: string | undefined; /** What is missing, where it can stand in one place only. */
  missing?: Edit | undefined;
}>(
  {
    code: 'BL1001',
    slug: 'unexpected-token',
    severity: error,
  },
  {
    message: ({ expected, found, after }) => `expected ${expected}${after === undefined ? '' : ` after ${after}`}, found ${found}`,
    hints: ({ expected, here, missing }) => [
      here ??
        (missing === undefined ? `write ${expected} here, or take away what makes it necessary` : certainly(`write ${expected}`, missing)),
    ],
  },
);

export const unknownStatement = /* @__PURE__ */ defineMendable<{
  word: string;
  suggestion?: string | undefined;
  hint?: string | undefined; /** What stands behind it fits: it was read as the suggestion. */
  fits?: boolean;
}>(
  {
    code: 'BL1002',
    slug: 'unknown-statement',
    severity: error,
  },
  {
    message: ({ word }) => `no statement starts with \`${word}\``,
    hints: ({ suggestion, hint, fits }, span) =>
      hint !== undefined
        ? [hint]
        : suggestion === undefined
          ? ['statements start with dim, data, split, hyper, param, random, let, fn, inner, outer, report, solve or differentiate']
          : didYouMean(suggestion, span, fits),
  },
);

export const sideBySide = /* @__PURE__ */ defineMendable<{ found: string; before: string; hint?: string | undefined }>(
  {
    code: 'BL1003',
    slug: 'side-by-side',
    severity: error,
  },
  {
    message: ({ found, before }) => `${found} follows ${before} with nothing between them`,
    hints: ({ hint }) => [
      hint ?? 'write an operator between them (`*` elementwise, `@` for matrices), or start the next statement with its word',
    ],
  },
);

export const missingStatementWord = /* @__PURE__ */ defineMendable<{ name: string; value: string }>(
  {
    code: 'BL1004',
    slug: 'missing-let',
    severity: error,
  },
  {
    message: ({ name }) => `\`${name} = …\` does not say what kind of statement it is`,
    hints: ({ name, value }, span) => [certainly(`write \`let ${name} = ${value}\``, inFront(span, 'let '))],
  },
);

export const yamlEntry = /* @__PURE__ */ defineMendable<{ name: string; value: string; isType: boolean }>(
  {
    code: 'BL1005',
    slug: 'entry-without-word',
    severity: error,
  },
  {
    message: ({ name }) => `\`${name}: …\` does not say what \`${name}\` is`,
    hints: ({ name, value, isType }, span) =>
      isType
        ? ['data', 'hyper', 'param'].map((word) => perhaps(`write \`${word} ${name}: ${value}\``, inFront(span, `${word} `)))
        : [
            perhaps(`write \`hyper ${name}: real = ${value}\` to have it optimised`, replaced(span, `hyper ${name}: real =`)),
            perhaps(`write \`let ${name} = ${value}\` to fix it`, replaced(span, `let ${name} =`)),
          ],
  },
);

export const misplacedStatement = /* @__PURE__ */ defineMendable<{
  word: string;
  place: 'page' | 'problem'; /** Takes an import out of the problem, to the beginning of the page. */
  moves?: readonly Edit[];
}>(
  {
    code: 'BL1006',
    slug: 'misplaced-statement',
    severity: error,
  },
  {
    message: ({ word, place }) => (place === 'page' ? `\`${word}\` stands outside every problem` : `\`${word}\` stands inside a problem`),
    hints: ({ word, place, moves = [] }) => [
      place === 'page'
        ? 'move it between the braces of a `problem NAME { … }`'
        : certainly(`move the \`${word}\` above the problem`, ...moves),
    ],
  },
);

export const missingType = /* @__PURE__ */ defineMendable<{
  word: string;
  name: string;
  example: string; /** A type that fits wherever it is missing. */
  type?: Edit | undefined;
}>(
  {
    code: 'BL1007',
    slug: 'missing-type',
    severity: error,
  },
  {
    message: ({ word, name }) => `${word} \`${name}\` states no type`,
    hints: ({ example, type }) => [type === undefined ? `write \`${example}\`` : perhaps(`write \`${example}\``, type)],
  },
);

export const unknownKind = /* @__PURE__ */ defineMendable<{
  name: string;
  suggestion?: string | undefined; /** Others call it so. */
  isForeign?: boolean;
}>(
  {
    code: 'BL1008',
    slug: 'unknown-kind',
    severity: error,
  },
  {
    message: ({ name }) => `\`${name}\` is no kind of number`,
    hints: ({ name, suggestion, isForeign }, span) =>
      suggestion === undefined
        ? [
            `the kinds are real, positive, nonnegative, unit, simplex, int and choice(…)`,
            perhaps(`a shape stands in brackets: \`[${name}]\``, replaced(span, `[${name}]`)),
          ]
        : didYouMean(suggestion, span, isForeign),
  },
);

export const missingReturn = /* @__PURE__ */ defineMendable<{ hasResult: boolean }>(
  {
    code: 'BL1009',
    slug: 'missing-return',
    severity: error,
  },
  {
    message: () => 'this block returns nothing',
    hints: ({ hasResult }, span) => [
      hasResult ? certainly('put `return` before its last expression', inFront(span, 'return ')) : 'end it with `return EXPR`',
    ],
  },
);

export const innerMaximize = /* @__PURE__ */ defineMendable<{ /** Of what is to be maximised. */ value: Span }>(
  {
    code: 'BL1010',
    slug: 'inner-maximize',
    severity: error,
  },
  {
    message: () => 'the inner level always minimises',
    hints: ({ value }, span) => [certainly('write `inner minimize -(…)`', replaced(span, 'minimize'), ...wrapped(value, '-(', ')'))],
  },
);

export const misspeltWord = /* @__PURE__ */ defineMendable<{ word: string; suggestion: string; place: string }>(
  {
    code: 'BL1011',
    slug: 'misspelt-word',
    severity: error,
  },
  {
    message: ({ word, place }) => `\`${word}\` is not a word that may stand ${place}`,
    hints: ({ suggestion }, span) => [writing(suggestion, span)],
  },
);

export const repeatedClause = /* @__PURE__ */ defineMendable<{
  clause: string; /** The second, with the comma before it. */
  second: Span;
}>(
  {
    code: 'BL1012',
    slug: 'repeated-clause',
    severity: error,
  },
  { message: ({ clause }) => `\`${clause}\` is given twice`, hints: ({ second }) => [perhaps('keep one of them', replaced(second, ''))] },
);

// ---- brackets, strings, comments --------------------------------------------------------------------------------

export const unclosedBracket = /* @__PURE__ */ defineMendable<{
  opener: string;
  closer: string;
  found?: string | undefined; /** Where it can be closed, and whether nowhere else. */
  end?: Edit | undefined;
  isOnly?: boolean;
}>(
  {
    code: 'BL1020',
    slug: 'unclosed-bracket',
    severity: error,
  },
  {
    message: ({ opener, found }) => `\`${opener}\` is never closed${found === undefined ? '' : `; ${found}`}`,
    hints: ({ closer, end, isOnly = false }) => [
      end === undefined ? `add \`${closer}\`` : { title: `add \`${closer}\``, edits: [end], isCertain: isOnly },
    ],
  },
);

export const strayCloser = /* @__PURE__ */ defineMendable<{ closer: string }>(
  {
    code: 'BL1021',
    slug: 'stray-closer',
    severity: error,
  },
  {
    message: ({ closer }) => `\`${closer}\` closes nothing`,
    hints: (_, span) => [perhaps('delete it, or open the bracket that it should close', replaced(span, ''))],
  },
);

export const unclosedString = /* @__PURE__ */ defineMendable<Record<string, never>>(
  {
    code: 'BL1022',
    slug: 'unclosed-string',
    severity: error,
  },
  { message: () => 'this string has no closing `"` on its line', hints: (_, span) => [perhaps('add `"`', behind(span, '"'))] },
);

export const unclosedComment = /* @__PURE__ */ defineMendable<Record<string, never>>(
  {
    code: 'BL1023',
    slug: 'unclosed-comment',
    severity: error,
  },
  { message: () => 'this comment is never closed', hints: () => ['add `*/`'] },
);

export const badEscape = /* @__PURE__ */ defineMendable<{ escape: string }>(
  {
    code: 'BL1024',
    slug: 'bad-escape',
    severity: error,
  },
  {
    message: ({ escape }) => `\`${escape}\` is no escape`,
    hints: ({ escape }, span) => [
      perhaps('a backslash itself is written `\\\\`; file names take `/`', replaced(span, `\\\\${escape.slice(1)}`)),
    ],
  },
);

export const singleQuotes = /* @__PURE__ */ defineMendable<{ text: string }>(
  {
    code: 'BL1025',
    slug: 'single-quotes',
    severity: error,
  },
  {
    message: () => 'strings stand in double quotes',
    hints: ({ text }, span) => [certainly(`write ${JSON.stringify(text)}`, replaced(span, JSON.stringify(text)))],
  },
);

export const hashComment = /* @__PURE__ */ defineMendable<{ text: string }>(
  {
    code: 'BL1026',
    slug: 'hash-comment',
    severity: error,
  },
  {
    message: () => '`#` starts no comment',
    hints: ({ text }, span) => [certainly(`write \`//${text}\``, replaced({ ...span, end: span.start + 1 }, '//'))],
  },
);

export const separator = /* @__PURE__ */ defineMendable<Record<string, never>>(
  {
    code: 'BL1027',
    slug: 'separator',
    severity: error,
  },
  { message: () => 'statements are not separated by `;`', hints: (_, span) => [certainly('delete the `;`', replaced(span, ''))] },
);

export const unknownCharacter = /* @__PURE__ */ defineMendable<{
  text: string;
  hint?: string | undefined; /** What is written for it. */
  right?: string | undefined;
}>(
  {
    code: 'BL1028',
    slug: 'unknown-character',
    severity: error,
  },
  {
    message: ({ text }) =>
      `${[...text].length === 1 ? `\`${text}\` (U+${(text.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')})` : `\`${text}\``} means nothing here`,
    hints: ({ hint, right }, span) => [
      right !== undefined
        ? certainly(hint ?? `write \`${right}\``, replaced(span, right))
        : (hint ?? perhaps('delete it', replaced(span, ''))),
    ],
  },
);

// ---- numbers and operators --------------------------------------------------------------------------------------

export const bareNumber = /* @__PURE__ */ defineMendable<{ text: string; right: string }>(
  {
    code: 'BL1030',
    slug: 'bare-point',
    severity: error,
  },
  { message: ({ text }) => `\`${text}\` has no digits on one side of the point`, hints: ({ right }, span) => [writing(right, span)] },
);

export const foreignSign = /* @__PURE__ */ defineMendable<{
  found: string;
  right: string;
  means: string; /** What puts it there, where no more than that is missing. */
  edits?: readonly Edit[];
}>(
  {
    code: 'BL1031',
    slug: 'foreign-sign',
    severity: error,
  },
  {
    message: ({ found, means }) => `\`${found}\` is not a sign of the language (${means})`,
    hints: ({ right, edits }) => [edits === undefined ? `write \`${right}\`` : certainly(`write \`${right}\``, ...edits)],
  },
);

export const impliedProduct = /* @__PURE__ */ defineMendable<{ number: string; factor: string }>(
  {
    code: 'BL1032',
    slug: 'implied-product',
    severity: error,
  },
  {
    message: ({ number, factor }) => `no sign stands between \`${number}\` and \`${factor}\``,
    hints: ({ number, factor }, { file, start }) => {
      const end = start + number.length;
      return [certainly(`write \`${number} * ${factor}\``, { span: { file, start: end, end }, text: ' * ' })];
    },
  },
);

export const percentOutsideSplit = /* @__PURE__ */ defineMendable<{ text: string; value: string }>(
  {
    code: 'BL1033',
    slug: 'percent-outside-split',
    severity: error,
  },
  { message: ({ text }) => `\`${text}\` stands outside a split`, hints: ({ value }, span) => [writing(value, span)] },
);

export const chainedComparison = /* @__PURE__ */ defineMendable<{
  right: string; /** The operand in the middle, once more. */
  again: Edit;
}>(
  {
    code: 'BL1034',
    slug: 'chained-comparison',
    severity: error,
  },
  { message: () => 'comparisons do not chain', hints: ({ right, again }) => [certainly(`write \`${right}\``, again)] },
);

export const assignmentInCondition = /* @__PURE__ */ defineMendable<{ left: string; right: string }>(
  {
    code: 'BL1035',
    slug: 'equals-in-expression',
    severity: error,
  },
  {
    message: () => '`=` does not compare',
    hints: ({ left, right }, span) => [certainly(`write \`${left} == ${right}\``, replaced(span, '=='))],
  },
);

export const looseNot = /* @__PURE__ */ defineMendable<{
  operator: string;
  operand: string; /** The last offset of the operand. */
  end: number;
}>(
  {
    code: 'BL1036',
    slug: 'not-after-operator',
    severity: error,
  },
  {
    message: ({ operator }) => `\`not\` cannot follow \`${operator}\`, which binds more tightly`,
    hints: ({ operand, end }, span) => [certainly(`put it in parentheses: \`(not ${operand})\``, ...wrapped({ ...span, end }, '(', ')'))],
  },
);

export const rangeOutsideIndex = /* @__PURE__ */ defineMendable<Record<string, never>>(
  {
    code: 'BL1037',
    slug: 'misplaced-range',
    severity: error,
  },
  {
    message: () => 'a range `a .. b` stands only in an index, a `for`, an `over` or `columns`',
    hints: () => ['a vector of its values is `[i for i in a .. b]`'],
  },
);

export const sliceColon = /* @__PURE__ */ defineMendable<{
  right: string;
  withStep: boolean; /** What replaces the slice, where it is whole. */
  slice?: string | undefined;
}>(
  {
    code: 'BL1038',
    slug: 'slice-colon',
    severity: error,
  },
  {
    message: ({ withStep }) =>
      withStep ? 'a slice has no step, and its ends are joined by `..`' : 'the ends of a slice are joined by `..`, and both are included',
    hints: ({ right, slice }, span) => [
      slice === undefined ? `write \`${right}\`` : certainly(`write \`${right}\``, replaced(span, slice)),
    ],
  },
);

// ---- expressions ------------------------------------------------------------------------------------------------

export const tupleOutsideScan = /* @__PURE__ */ defineMendable<{ items: number }>(
  {
    code: 'BL1040',
    slug: 'misplaced-tuple',
    severity: error,
  },
  {
    message: ({ items }) => (items === 0 ? '`()` holds no expression' : `${String(items)} values in parentheses are no expression`),
    hints: ({ items }, span) => [
      items === 0
        ? 'put an expression between the parentheses'
        : perhaps(
            'a vector is written `[a, b]`',
            replaced({ ...span, end: span.start + 1 }, '['),
            replaced({ ...span, start: span.end - 1 }, ']'),
          ),
    ],
  },
);

export const scanArity = /* @__PURE__ */ defineMendable<{ states: number; found: number; what: 'starts' | 'results' }>(
  {
    code: 'BL1041',
    slug: 'scan-arity',
    severity: error,
  },
  {
    message: ({ states, found, what }) =>
      `a scan of ${String(states)} ${states === 1 ? 'state' : 'states'} has ${String(found)} ${found === 1 ? what.slice(0, -1) : what}`,
    hints: ({ states, what }) => [
      `give ${states === 1 ? 'one expression' : `${String(states)} expressions in parentheses`} for the ${what}`,
    ],
  },
);

export const pythonLambda = /* @__PURE__ */ defineMendable<{ word: string }>(
  {
    code: 'BL1042',
    slug: 'lambda',
    severity: error,
  },
  {
    message: ({ word }) => `\`${word} …: …\` is no expression: functions have names`,
    hints: () => ['declare `fn NAME(x: []): [] = …` as a statement, or write `[… for x in XS]`'],
  },
);

export const argminOperator = /* @__PURE__ */ defineMendable<{ word: string; variable: string; direction: 'minimize' | 'maximize' }>(
  {
    code: 'BL1043',
    slug: 'argmin',
    severity: error,
  },
  {
    message: ({ word }) => `\`${word}\` is no function: the inner problem is a statement`,
    hints: ({ variable, direction }) => [
      `declare \`param ${variable}: …\` and write \`inner minimize ${direction === 'minimize' ? '…' : '-(…)'}\`; \`${variable}\` is the solution in the outer criterion`,
    ],
  },
);

export const unknownMember = /* @__PURE__ */ defineMendable<{ member: string; hint: Hint }>(
  {
    code: 'BL1044',
    slug: 'unknown-member',
    severity: error,
  },
  { message: ({ member }) => `\`.${member}\` means nothing: only \`.T\` follows a value`, hints: ({ hint }) => [hint] },
);

export const calledValue = /* @__PURE__ */ defineMendable<Record<string, never>>(
  {
    code: 'BL1045',
    slug: 'called-value',
    severity: error,
  },
  {
    message: () => 'only a name can be called',
    hints: (_, span) => [perhaps('write `*` before the parenthesis for a product', inFront(span, ' * '))],
  },
);

export const argumentName = /* @__PURE__ */ defineMendable<{ equals?: Span | undefined }>(
  {
    code: 'BL1046',
    slug: 'argument-name',
    severity: error,
  },
  {
    message: () => 'the name of an argument is a plain name',
    hints: ({ equals }) => [perhaps('write `NAME = …`, or `==` to compare', ...(equals === undefined ? [] : [replaced(equals, '==')]))],
  },
);

export const argumentOrder = /* @__PURE__ */ defineMendable<{ name: string; moves: readonly Edit[] }>(
  {
    code: 'BL1047',
    slug: 'argument-order',
    severity: error,
  },
  {
    message: ({ name }) => `an argument without a name follows the named \`${name}\``,
    hints: ({ moves }) => [perhaps('move it before the named ones, or name it', ...moves)],
  },
);

export const repeatedArgument = /* @__PURE__ */ defineMendable<{ name: string; second: Span }>(
  {
    code: 'BL1048',
    slug: 'repeated-argument',
    severity: error,
  },
  {
    message: ({ name }) => `the argument \`${name}\` is given twice`,
    hints: ({ second }) => [perhaps('keep one of them', replaced(second, ''))],
  },
);

export const tooDeep = /* @__PURE__ */ defineMendable<{ limit: number; what: string }>(
  {
    code: 'BL1049',
    slug: 'too-deep',
    severity: error,
  },
  { message: ({ limit, what }) => `${what} nest more than ${String(limit)} levels deep`, hints: () => ['name the inner parts with `let`'] },
);
