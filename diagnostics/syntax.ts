/**
 * The catalogue of syntax: `BL1xxx`, reported by `grammar/`. Owns every sentence about how a page is written; knows nothing of how it is read.
 * Each row's example earns exactly that code.
 */
import { defineDiagnostic, type Severity } from './diagnostic.ts';

const error: Severity = 'error';
const inProblem = (statement: string): string => `problem p {\n  ${statement.replaceAll('\n', '\n  ')}\n}`;

// ---- the shape of statements ------------------------------------------------------------------------------------

export const unexpectedToken = defineDiagnostic<{ expected: string; found: string; after?: string }>(
  {
    code: 'BL1001',
    slug: 'unexpected-token',
    severity: error,
    explain:
      'At this place the language allows only a few things, and none of them stands there. The message names what was found and what could follow. ' +
      'The rest of this statement is skipped; reading goes on with the next one.',
    example: inProblem('let total = 3 +\nlet next = 4'),
  },
  {
    message: ({ expected, found, after }) => `expected ${expected}${after === undefined ? '' : ` after ${after}`}, found ${found}`,
    hints: ({ expected }) => [`write ${expected} here, or take away what makes it necessary`],
  },
);

export const unknownStatement = defineDiagnostic<{ word: string; suggestion?: string | undefined }>(
  {
    code: 'BL1002',
    slug: 'unknown-statement',
    severity: error,
    explain:
      'Every statement starts with its word: dim, data, split, hyper, param, random, let, fn, inner, outer, report, solve, differentiate; ' +
      'a page holds import, fn and problem. The word here is none of them. Where it is close to one, the statement is read as that one.',
    example: inProblem('hyperr penalty: positive = 1.0'),
  },
  {
    message: ({ word }) => `no statement starts with \`${word}\``,
    hints: ({ suggestion }) =>
      suggestion === undefined
        ? ['statements start with dim, data, split, hyper, param, random, let, fn, inner, outer, report, solve or differentiate']
        : [`did you mean \`${suggestion}\`?`],
  },
);

export const sideBySide = defineDiagnostic<{ found: string; before: string; hint?: string | undefined }>(
  {
    code: 'BL1003',
    slug: 'side-by-side',
    severity: error,
    explain:
      'Two expressions never stand side by side: newlines mean nothing, so what follows an expression must be an operator or the word that starts the next ' +
      'statement. A product is written with `*` or `@`, a call with parentheses.',
    example: inProblem('let area = width height'),
  },
  {
    message: ({ found, before }) => `${found} follows ${before} with nothing between them`,
    hints: ({ hint }) => [
      hint ?? 'write an operator between them (`*` elementwise, `@` for matrices), or start the next statement with its word',
    ],
  },
);

export const missingStatementWord = defineDiagnostic<{ name: string; value: string }>(
  {
    code: 'BL1004',
    slug: 'missing-let',
    severity: error,
    explain: 'A value is named by `let NAME = EXPR`: every statement starts with its word, since newlines mean nothing.',
    example: inProblem('half = 1 / 2'),
  },
  {
    message: ({ name }) => `\`${name} = …\` does not say what kind of statement it is`,
    hints: ({ name, value }) => [`write \`let ${name} = ${value}\``],
  },
);

export const yamlEntry = defineDiagnostic<{ name: string; value: string; isType: boolean }>(
  {
    code: 'BL1005',
    slug: 'entry-without-word',
    severity: error,
    explain:
      'A page is not a list of `key: value` entries. After a `:` stands a type, and a statement starts with its word, which says what the name is: ' +
      '`hyper` is searched by the outer level, `param` by the inner one, `data` is bound from a file, `let` names a value.',
    example: inProblem('λ: 1.0'),
  },
  {
    message: ({ name }) => `\`${name}: …\` does not say what \`${name}\` is`,
    hints: ({ name, value, isType }) =>
      isType
        ? [`write \`data ${name}: ${value}\`, \`hyper ${name}: ${value} = …\` or \`param ${name}: ${value}\``]
        : [`write \`hyper ${name}: real = ${value}\` to have it optimised, \`let ${name} = ${value}\` to fix it`],
  },
);

export const misplacedStatement = defineDiagnostic<{ word: string; place: 'page' | 'problem' }>(
  {
    code: 'BL1006',
    slug: 'misplaced-statement',
    severity: error,
    explain: 'A page holds `import`, `fn` and `problem`. `import` stands outside every problem; all statements but `fn` stand inside one.',
    example: 'let half = 0.5',
  },
  {
    message: ({ word, place }) => (place === 'page' ? `\`${word}\` stands outside every problem` : `\`${word}\` stands inside a problem`),
    hints: ({ word, place }) => [
      place === 'page' ? `move it between the braces of a \`problem NAME { … }\`` : `move the \`${word}\` above the problem`,
    ],
  },
);

export const missingType = defineDiagnostic<{ word: string; name: string; example: string }>(
  {
    code: 'BL1007',
    slug: 'missing-type',
    severity: error,
    explain:
      'Data, hypers, params, random tensors and the arguments and results of functions state their type after a `:`, a kind, a shape or both: ' +
      '`positive`, `[n, d]`, `unit[k]`; `[]` or `real` is a real scalar.',
    example: inProblem('hyper penalty = 1.0'),
  },
  { message: ({ word, name }) => `${word} \`${name}\` states no type`, hints: ({ example }) => [`write \`${example}\``] },
);

export const unknownKind = defineDiagnostic<{ name: string; suggestion?: string | undefined }>(
  {
    code: 'BL1008',
    slug: 'unknown-kind',
    severity: error,
    explain:
      'A type begins with one of the kinds real, positive, nonnegative, unit, simplex, int, choice(…), or with no kind, which is real. A shape stands in brackets: `[n, d]`.',
    example: inProblem('hyper penalty: postive = 1.0'),
  },
  {
    message: ({ name }) => `\`${name}\` is no kind of number`,
    hints: ({ name, suggestion }) =>
      suggestion === undefined
        ? [`the kinds are real, positive, nonnegative, unit, simplex, int and choice(…)`, `a shape stands in brackets: \`[${name}]\``]
        : [`did you mean \`${suggestion}\`?`],
  },
);

export const missingReturn = defineDiagnostic<{ hasResult: boolean }>(
  {
    code: 'BL1009',
    slug: 'missing-return',
    severity: error,
    explain: 'The block of a function is `{ let … return EXPR }`: any number of `let`s, then one `return`.',
    example: 'fn twice(a: []): [] = { let b = 2 * a }',
  },
  {
    message: () => 'this block returns nothing',
    hints: ({ hasResult }) => [hasResult ? 'put `return` before its last expression' : 'end it with `return EXPR`'],
  },
);

export const innerMaximize = defineDiagnostic<Record<string, never>>(
  {
    code: 'BL1010',
    slug: 'inner-maximize',
    severity: error,
    explain: 'The inner problem is a minimisation; only the outer level may say `maximize`. Maximising a loss is minimising its negative.',
    example: inProblem('inner maximize -sum(w^2)'),
  },
  { message: () => 'the inner level always minimises', hints: () => ['write `inner minimize -(…)`'] },
);

export const misspeltWord = defineDiagnostic<{ word: string; suggestion: string; place: string }>(
  {
    code: 'BL1011',
    slug: 'misspelt-word',
    severity: error,
    explain: 'Some words have one spelling in their place: `minimize` and `maximize` after a level, `inner` and `outer` after `solve`.',
    example: inProblem('inner minimise sum(w^2)'),
  },
  {
    message: ({ word, place }) => `\`${word}\` is not a word that may stand ${place}`,
    hints: ({ suggestion }) => [`write \`${suggestion}\``],
  },
);

export const repeatedClause = defineDiagnostic<{ clause: string }>(
  {
    code: 'BL1012',
    slug: 'repeated-clause',
    severity: error,
    explain: 'Each option of a split is given once: one `by`, one `seed`, one `unshuffled`, one `stratified by`.',
    example: inProblem('split n into train 60%, test 40%, seed 1, seed 2'),
  },
  { message: ({ clause }) => `\`${clause}\` is given twice`, hints: () => ['keep one of them'] },
);

// ---- brackets, strings, comments --------------------------------------------------------------------------------

export const unclosedBracket = defineDiagnostic<{ opener: string; closer: string; found?: string | undefined }>(
  {
    code: 'BL1020',
    slug: 'unclosed-bracket',
    severity: error,
    explain: 'Every `(`, `[` and `{` is closed by its partner before the statement, the block or the problem around it ends.',
    example: inProblem('let total = sum(w'),
  },
  {
    message: ({ opener, found }) => `\`${opener}\` is never closed${found === undefined ? '' : `; ${found}`}`,
    hints: ({ closer }) => [`add \`${closer}\``],
  },
);

export const strayCloser = defineDiagnostic<{ closer: string }>(
  {
    code: 'BL1021',
    slug: 'stray-closer',
    severity: error,
    explain: 'A closing bracket must have an opening one before it, in the same statement.',
    example: inProblem('let total = 3)'),
  },
  { message: ({ closer }) => `\`${closer}\` closes nothing`, hints: () => ['delete it, or open the bracket that it should close'] },
);

export const unclosedString = defineDiagnostic<Record<string, never>>(
  {
    code: 'BL1022',
    slug: 'unclosed-string',
    severity: error,
    explain: 'A string ends with `"` on the line on which it begins; a line break inside it is written `\\n`.',
    example: 'import { f } from "f.bilevel',
  },
  { message: () => 'this string has no closing `"` on its line', hints: () => ['add `"`'] },
);

export const unclosedComment = defineDiagnostic<Record<string, never>>(
  {
    code: 'BL1023',
    slug: 'unclosed-comment',
    severity: error,
    explain: 'A comment that begins with `/*` ends with `*/`; such comments do not nest.',
    example: 'problem p { } /* to be continued',
  },
  { message: () => 'this comment is never closed', hints: () => ['add `*/`'] },
);

export const badEscape = defineDiagnostic<{ escape: string }>(
  {
    code: 'BL1024',
    slug: 'bad-escape',
    severity: error,
    explain: 'Strings have the escapes of JSON: `\\"` `\\\\` `\\/` `\\b` `\\f` `\\n` `\\r` `\\t` and `\\u` with four hexadecimal digits.',
    example: 'import { f } from "C:\\models\\f.bilevel"',
  },
  { message: ({ escape }) => `\`${escape}\` is no escape`, hints: () => ['a backslash itself is written `\\\\`; file names take `/`'] },
);

export const singleQuotes = defineDiagnostic<{ text: string }>(
  {
    code: 'BL1025',
    slug: 'single-quotes',
    severity: error,
    explain: 'A string stands in double quotes.',
    example: "import { f } from 'f.bilevel'",
  },
  { message: () => 'strings stand in double quotes', hints: ({ text }) => [`write ${JSON.stringify(text)}`] },
);

export const hashComment = defineDiagnostic<{ text: string }>(
  {
    code: 'BL1026',
    slug: 'hash-comment',
    severity: error,
    explain: 'Comments are `// …` to the end of the line or `/* … */`; `/// …` documents the declaration below it.',
    example: 'problem p { } # a first try',
  },
  { message: () => '`#` starts no comment', hints: ({ text }) => [`write \`//${text}\``] },
);

export const separator = defineDiagnostic<Record<string, never>>(
  {
    code: 'BL1027',
    slug: 'separator',
    severity: error,
    explain: 'Statements need no separator: each starts with its word.',
    example: inProblem('let half = 0.5;'),
  },
  { message: () => 'statements are not separated by `;`', hints: () => ['delete the `;`'] },
);

export const unknownCharacter = defineDiagnostic<{ text: string; hint?: string | undefined }>(
  {
    code: 'BL1028',
    slug: 'unknown-character',
    severity: error,
    explain:
      'Outside strings and comments a page holds names (a letter or `_`, then letters, digits, `_`), numbers and the signs of the language.',
    example: inProblem('let price = 3 $'),
  },
  {
    message: ({ text }) =>
      `${[...text].length === 1 ? `\`${text}\` (U+${(text.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')})` : `\`${text}\``} means nothing here`,
    hints: ({ hint }) => (hint === undefined ? ['delete it'] : [hint]),
  },
);

// ---- numbers and operators --------------------------------------------------------------------------------------

export const bareNumber = defineDiagnostic<{ text: string; right: string }>(
  {
    code: 'BL1030',
    slug: 'bare-point',
    severity: error,
    explain: 'A number has digits on both sides of its point, so that `0..9` is a range.',
    example: inProblem('let half = .5'),
  },
  { message: ({ text }) => `\`${text}\` has no digits on one side of the point`, hints: ({ right }) => [`write \`${right}\``] },
);

export const foreignSign = defineDiagnostic<{ found: string; right: string; means: string }>(
  {
    code: 'BL1031',
    slug: 'foreign-sign',
    severity: error,
    explain:
      'The sign is another language’s. A power is `^`, logic is `and`, `or`, `not`, equality `==` and `!=`, a transpose `A.T`, the type of a result follows `:`.',
    example: inProblem('let square = 3 ** 2'),
  },
  { message: ({ found, means }) => `\`${found}\` is not a sign of the language (${means})`, hints: ({ right }) => [`write \`${right}\``] },
);

export const impliedProduct = defineDiagnostic<{ number: string; factor: string }>(
  {
    code: 'BL1032',
    slug: 'implied-product',
    severity: error,
    explain: 'A product is always written with `*`.',
    example: inProblem('let diameter = 2radius'),
  },
  {
    message: ({ number, factor }) => `no sign stands between \`${number}\` and \`${factor}\``,
    hints: ({ number, factor }) => [`write \`${number} * ${factor}\``],
  },
);

export const percentOutsideSplit = defineDiagnostic<{ text: string; value: string }>(
  {
    code: 'BL1033',
    slug: 'percent-outside-split',
    severity: error,
    explain: 'Percentages are the shares of a `split` and stand nowhere else; there is no remainder operator.',
    example: inProblem('let share = 60%'),
  },
  { message: ({ text }) => `\`${text}\` stands outside a split`, hints: ({ value }) => [`write \`${value}\``] },
);

export const chainedComparison = defineDiagnostic<{ right: string }>(
  {
    code: 'BL1034',
    slug: 'chained-comparison',
    severity: error,
    explain: 'Comparisons do not chain: each compares two values, and `and` joins them.',
    example: inProblem('let inside = 0 < 1 < 2'),
  },
  { message: () => 'comparisons do not chain', hints: ({ right }) => [`write \`${right}\``] },
);

export const assignmentInCondition = defineDiagnostic<{ left: string; right: string }>(
  {
    code: 'BL1035',
    slug: 'equals-in-expression',
    severity: error,
    explain: '`=` gives a name its value and an argument its name; `==` compares.',
    example: inProblem('let x = if 1 = 2 then 3 else 4'),
  },
  { message: () => '`=` does not compare', hints: ({ left, right }) => [`write \`${left} == ${right}\``] },
);

export const looseNot = defineDiagnostic<{ operator: string; operand: string }>(
  {
    code: 'BL1036',
    slug: 'not-after-operator',
    severity: error,
    explain: '`not` binds more loosely than comparisons, sums and products, so it cannot stand right behind one of their operators.',
    example: inProblem('let x = 1 + not 0'),
  },
  {
    message: ({ operator }) => `\`not\` cannot follow \`${operator}\`, which binds more tightly`,
    hints: ({ operand }) => [`put it in parentheses: \`(not ${operand})\``],
  },
);

export const rangeOutsideIndex = defineDiagnostic<Record<string, never>>(
  {
    code: 'BL1037',
    slug: 'misplaced-range',
    severity: error,
    explain: 'A range `a .. b`, both ends included, stands only in an index, behind `in` of a `for` or an `over`, and behind `columns`.',
    example: inProblem('let all = 0 .. 9'),
  },
  {
    message: () => 'a range `a .. b` stands only in an index, a `for`, an `over` or `columns`',
    hints: () => ['a vector of its values is `[i for i in a .. b]`'],
  },
);

export const sliceColon = defineDiagnostic<{ right: string; withStep: boolean }>(
  {
    code: 'BL1038',
    slug: 'slice-colon',
    severity: error,
    explain:
      'An index range is `a .. b` and includes both ends; `:` alone is a whole axis. Steps are written with a comprehension: `A[[2 * i for i in 0 .. 4]]`.',
    example: inProblem('let head = A[0:10]'),
  },
  {
    message: ({ withStep }) =>
      withStep ? 'a slice has no step, and its ends are joined by `..`' : 'the ends of a slice are joined by `..`, and both are included',
    hints: ({ right }) => [`write \`${right}\``],
  },
);

// ---- expressions ------------------------------------------------------------------------------------------------

export const tupleOutsideScan = defineDiagnostic<{ items: number }>(
  {
    code: 'BL1040',
    slug: 'misplaced-tuple',
    severity: error,
    explain:
      'Several values in parentheses are the starts and results of a `scan` with several states, and nothing else. A vector is `[a, b]`.',
    example: inProblem('let pair = (1, 2)'),
  },
  {
    message: ({ items }) => (items === 0 ? '`()` holds no expression' : `${String(items)} values in parentheses are no expression`),
    hints: ({ items }) => (items === 0 ? ['put an expression between the parentheses'] : ['a vector is written `[a, b]`']),
  },
);

export const scanArity = defineDiagnostic<{ states: number; found: number; what: 'starts' | 'results' }>(
  {
    code: 'BL1041',
    slug: 'scan-arity',
    severity: error,
    explain:
      'A `scan` of several states starts each one and gives each its next value: `scan (h, c) = (h0, c0) over x in XS { (h1, c1) }`.',
    example: inProblem('let hs = scan (h, c) = (0, 1) over i in 0 .. 9 { h + c }'),
  },
  {
    message: ({ states, found, what }) =>
      `a scan of ${String(states)} ${states === 1 ? 'state' : 'states'} has ${String(found)} ${found === 1 ? what.slice(0, -1) : what}`,
    hints: ({ states, what }) => [
      `give ${states === 1 ? 'one expression' : `${String(states)} expressions in parentheses`} for the ${what}`,
    ],
  },
);

export const pythonLambda = defineDiagnostic<{ word: string }>(
  {
    code: 'BL1042',
    slug: 'lambda',
    severity: error,
    explain:
      'There are no functions without a name. A function is declared with `fn` and called; what a lambda does to each element, a comprehension says.',
    example: inProblem('let square = lambda x: x^2'),
  },
  {
    message: ({ word }) => `\`${word} …: …\` is no expression: functions have names`,
    hints: () => ['declare `fn NAME(x: []): [] = …` as a statement, or write `[… for x in XS]`'],
  },
);

export const argminOperator = defineDiagnostic<{ word: string; variable: string; direction: 'minimize' | 'maximize' }>(
  {
    code: 'BL1043',
    slug: 'argmin',
    severity: error,
    explain:
      'A minimisation is not an expression: the inner problem is declared once, by `param` and `inner minimize`, and its params then stand for the minimiser in the outer criterion.',
    example: inProblem('let best = argmin_w(sum(w^2))'),
  },
  {
    message: ({ word }) => `\`${word}\` is no function: the inner problem is a statement`,
    hints: ({ variable, direction }) => [
      `declare \`param ${variable}: …\` and write \`inner minimize ${direction === 'minimize' ? '…' : '-(…)'}\`; \`${variable}\` is the solution in the outer criterion`,
    ],
  },
);

export const unknownMember = defineDiagnostic<{ member: string; hint: string }>(
  {
    code: 'BL1044',
    slug: 'unknown-member',
    severity: error,
    explain:
      'Behind a point stands only `T`, the transpose of a matrix. Everything else is a function: `sum(x)`, `size(x)`, `reshape(x, [2, 3])`.',
    example: inProblem('let total = A.sum'),
  },
  { message: ({ member }) => `\`.${member}\` means nothing: only \`.T\` follows a value`, hints: ({ hint }) => [hint] },
);

export const calledValue = defineDiagnostic<Record<string, never>>(
  {
    code: 'BL1045',
    slug: 'called-value',
    severity: error,
    explain: 'Only a name can be called. A product needs its `*`.',
    example: inProblem('let product = (1 + 2)(3 + 4)'),
  },
  { message: () => 'only a name can be called', hints: () => ['write `*` before the parenthesis for a product'] },
);

export const argumentName = defineDiagnostic<Record<string, never>>(
  {
    code: 'BL1046',
    slug: 'argument-name',
    severity: error,
    explain: 'A named argument is `NAME = EXPR`. To compare, write `==`.',
    example: inProblem('let x = sum(a[0] = 1)'),
  },
  { message: () => 'the name of an argument is a plain name', hints: () => ['write `NAME = …`, or `==` to compare'] },
);

export const argumentOrder = defineDiagnostic<{ name: string }>(
  {
    code: 'BL1047',
    slug: 'argument-order',
    severity: error,
    explain: 'Arguments without a name stand before the named ones.',
    example: inProblem('let x = max(axis = 1, A)'),
  },
  {
    message: ({ name }) => `an argument without a name follows the named \`${name}\``,
    hints: () => ['move it before the named ones, or name it'],
  },
);

export const repeatedArgument = defineDiagnostic<{ name: string }>(
  {
    code: 'BL1048',
    slug: 'repeated-argument',
    severity: error,
    explain: 'Each named argument is given once.',
    example: inProblem('let x = max(A, axis = 0, axis = 1)'),
  },
  { message: ({ name }) => `the argument \`${name}\` is given twice`, hints: () => ['keep one of them'] },
);

export const tooDeep = defineDiagnostic<{ limit: number; what: string }>(
  {
    code: 'BL1049',
    slug: 'too-deep',
    severity: error,
    explain: 'Expressions may nest a few hundred levels deep. Beyond that, name the parts with `let`; a long sum is `sum([…])`.',
    example: inProblem(`let x = ${'('.repeat(150)}1${')'.repeat(150)}`),
  },
  { message: ({ limit, what }) => `${what} nest more than ${String(limit)} levels deep`, hints: () => ['name the inner parts with `let`'] },
);
