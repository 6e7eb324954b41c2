/** BL2xxx: names, kinds, types and shapes. Each row is all there is to say about its code. */
import type { Edit, Hint, Span } from './diagnostic.ts';
import { behind, defineMendable, didYouMean, inFront, perhaps, replaced, wrapped } from './fix.ts';

export const unknownName = /* @__PURE__ */ defineMendable<{
  name: string;
  suggestion?: string | undefined;
  isFunction?: boolean;
  /** How it is written here, where it is a name in other languages. */
  here?: Hint | undefined;
}>(
  {
    code: 'BL2001',
    slug: 'unknown-name',
    severity: 'error',
  },
  {
    message: ({ name, isFunction }) =>
      isFunction === true ? `\`${name}\` is a function: it has no value until it is called` : `nothing here is called \`${name}\``,
    hints: ({ name, suggestion, isFunction, here }, span) =>
      isFunction === true
        ? [`write \`${name}(…)\``]
        : here !== undefined
          ? [here]
          : suggestion === undefined
            ? [`declare it: \`data ${name}: …\`, \`hyper ${name}: …\`, \`param ${name}: …\` or \`let ${name} = …\``]
            : didYouMean(suggestion, span),
  },
);

export const duplicateName = /* @__PURE__ */ defineMendable<{ name: string; what: string; removal?: readonly Edit[] }>(
  {
    code: 'BL2002',
    slug: 'duplicate-name',
    severity: 'error',
  },
  {
    message: ({ name, what }) => `${what} \`${name}\` is declared twice`,
    hints: ({ removal = [] }) => ['rename one of the two', ...(removal.length === 0 ? [] : [perhaps('take this one away', ...removal)])],
  },
);

export const shapeMismatch = /* @__PURE__ */ defineMendable<{
  operation: string;
  left: string;
  right: string;
  because: string;
  instead?: Hint | undefined;
}>(
  {
    code: 'BL2003',
    slug: 'shape-mismatch',
    severity: 'error',
  },
  {
    message: ({ operation, left, right, because }) => `${operation} does not fit ${left} and ${right}: ${because}`,
    hints: ({ instead }) => [
      instead ?? 'make the two the same with `.T`, `reshape`, an index set, or a sum over the axis that is too many',
    ],
  },
);

export const ambiguousStretch = /* @__PURE__ */ defineMendable<{
  operation: string;
  left: string;
  right: string;
  result: string;
  beside?: string;
  whole: string;
  /** The operand with the longer shape, and the one with the shorter. */
  longer: Span;
  shorter: Span;
}>(
  {
    code: 'BL2004',
    slug: 'promotion-with-stretching',
    severity: 'error',
  },
  {
    message: ({ operation, left, right, result }) =>
      `${operation} would stretch ${left} and ${right} to ${result}: a shorter shape and a dim of 1 at once`,
    hints: ({ result, beside, whole, longer, shorter }) => [
      ...(beside === undefined
        ? []
        : [
            perhaps(
              `for numbers side by side, take the ones out of the longer shape: \`reshape(…, ${beside})\``,
              ...wrapped(longer, 'reshape(', `, ${beside})`),
            ),
          ]),
      perhaps(
        `if ${result} is meant, give the shorter shape all its axes: \`reshape(…, ${whole})\``,
        ...wrapped(shorter, 'reshape(', `, ${whole})`),
      ),
    ],
  },
);

export const unknownDim = /* @__PURE__ */ defineMendable<{ name: string; suggestion?: string | undefined; declaration: readonly Edit[] }>(
  {
    code: 'BL2005',
    slug: 'unknown-dim',
    severity: 'error',
  },
  {
    message: ({ name }) => `no dim is called \`${name}\``,
    hints: ({ name, suggestion, declaration }, span) =>
      suggestion === undefined ? [perhaps(`declare it: \`dim ${name}\``, ...declaration)] : didYouMean(suggestion, span),
  },
);

/** The way out for an `int` hyper where only a whole number has a meaning. */
export const bySearch = (name: string): string =>
  `\`${name}\` is a real number until the outer loop has ended; where only a whole number has a meaning, declare it \`by search\`: \`hyper ${name}: int in [a, b] by search\``;

export const notADim = /* @__PURE__ */ defineMendable<{ what: string; place?: string }>(
  {
    code: 'BL2006',
    slug: 'not-a-dim',
    severity: 'error',
  },
  { message: ({ what, place }) => `${what} is not ${place ?? 'a size: a dim, a whole number, or a polynomial in these'}` },
);

export const badDim = /* @__PURE__ */ defineMendable<{ name: string; because: string }>(
  {
    code: 'BL2007',
    slug: 'bad-dim',
    severity: 'error',
  },
  { message: ({ name, because }) => `\`dim ${name}\` ${because}` },
);

export const circular = /* @__PURE__ */ defineMendable<{ name: string }>(
  {
    code: 'BL2008',
    slug: 'circular-definition',
    severity: 'error',
  },
  { message: ({ name }) => `\`${name}\` is defined by itself` },
);

export const unknownFunction = /* @__PURE__ */ defineMendable<{
  name: string;
  suggestion?: string | undefined;
  isValue?: boolean;
  /** How it is written here, where it is a function in other languages. */
  here?: Hint | undefined;
}>(
  {
    code: 'BL2009',
    slug: 'unknown-function',
    severity: 'error',
  },
  {
    message: ({ name, isValue }) => (isValue === true ? `\`${name}\` is not a function` : `no function is called \`${name}\``),
    hints: ({ suggestion, here }, span) => (here === undefined ? didYouMean(suggestion, span) : [here]),
  },
);

export const wrongArity = /* @__PURE__ */ defineMendable<{ name: string; expected: string; given: number }>(
  {
    code: 'BL2010',
    slug: 'wrong-number-of-arguments',
    severity: 'error',
  },
  { message: ({ name, expected, given }) => `\`${name}\` takes ${expected}, not ${given}` },
);

export const unknownArgument = /* @__PURE__ */ defineMendable<{
  name: string;
  argument: string;
  known: readonly string[];
  suggestion?: string | undefined;
  repeated?: boolean;
}>(
  {
    code: 'BL2011',
    slug: 'unknown-argument',
    severity: 'error',
  },
  {
    message: ({ name, argument, repeated }) =>
      repeated === true ? `\`${argument}\` of \`${name}\` is given twice` : `\`${name}\` has no argument \`${argument}\``,
    hints: ({ known, suggestion }, span) =>
      suggestion !== undefined
        ? didYouMean(suggestion, span)
        : known.length === 0
          ? ['its arguments have no names']
          : [`it has: ${known.join(', ')}`],
  },
);

export const wrongArgument = /* @__PURE__ */ defineMendable<{ name: string; argument: string; needs: string; is: string }>(
  {
    code: 'BL2012',
    slug: 'wrong-argument',
    severity: 'error',
  },
  { message: ({ name, argument, needs, is }) => `${argument} of \`${name}\` must be ${needs}; this is ${is}` },
);

export const wrongRank = /* @__PURE__ */ defineMendable<{ operation: string; needs: string; is: string }>(
  {
    code: 'BL2013',
    slug: 'wrong-rank',
    severity: 'error',
  },
  { message: ({ operation, needs, is }) => `${operation} needs ${needs}; this is ${is}` },
);

export const notACondition = /* @__PURE__ */ defineMendable<{ operation: string; is: string }>(
  {
    code: 'BL2014',
    slug: 'not-a-condition',
    severity: 'error',
  },
  {
    message: ({ operation, is }) => `${operation} needs a condition; this is ${is}`,
    hints: (_, span) => ['!= 0', '> 0'].map((rest) => perhaps(`compare it: \`x ${rest}\``, behind(span, ` ${rest}`))),
  },
);

export const indexOutOfRange = /* @__PURE__ */ defineMendable<{
  index: string;
  dim: string;
  size: string;
  last: string;
  instead?: string | undefined;
}>(
  {
    code: 'BL2015',
    slug: 'index-out-of-range',
    severity: 'error',
  },
  {
    message: ({ index, dim, size }) => `position ${index} is outside of an axis ${dim === size ? `of ${size}` : `[${dim}] of ${size}`}`,
    hints: ({ last, instead }, span) => [
      instead ?? perhaps(`positions count from 0; the last one is \`${last}\`, or \`-1\``, replaced(span, '-1')),
    ],
  },
);

export const badIndex = /* @__PURE__ */ defineMendable<{ because: string; hint?: string }>(
  {
    code: 'BL2016',
    slug: 'bad-index',
    severity: 'error',
  },
  { message: ({ because }) => because, hints: ({ hint }) => (hint === undefined ? [] : [hint]) },
);

export const wrongIndexSet = /* @__PURE__ */ defineMendable<{ set: string; over: string; dim: string }>(
  {
    code: 'BL2017',
    slug: 'wrong-index-set',
    severity: 'error',
  },
  { message: ({ set, over, dim }) => `\`${set}\` holds positions in \`${over}\`, and this axis is \`${dim}\`` },
);

export const elementwiseReduction = /* @__PURE__ */ defineMendable<{ name: string; elementwise: string; callee: Span; second: Span }>(
  {
    code: 'BL2018',
    slug: 'reduction-of-two',
    severity: 'error',
  },
  {
    message: ({ name }) => `\`${name}\` reduces one tensor; it does not compare two`,
    hints: ({ name, elementwise, callee, second }) => [
      perhaps(`element by element: \`${elementwise}(x, 0)\`${name === 'max' ? ', or `relu(x)`' : ''}`, replaced(callee, elementwise)),
      perhaps(`along an axis: \`${name}(x, axis = 0)\``, inFront(second, 'axis = ')),
    ],
  },
);

export const unsolvedDim = /* @__PURE__ */ defineMendable<{ dim: string; name: string }>(
  {
    code: 'BL2019',
    slug: 'unsolved-dim',
    severity: 'error',
  },
  {
    message: ({ dim, name }) => `nothing fixes \`${dim}\` when \`${name}\` is called: it stands alone in no parameter`,
    hints: ({ dim }) => [`give one parameter an axis \`${dim}\``],
  },
);

export const argumentMismatch = /* @__PURE__ */ defineMendable<{
  name: string;
  parameter: string;
  declared: string;
  given: string;
  because: string;
}>(
  {
    code: 'BL2020',
    slug: 'argument-mismatch',
    severity: 'error',
  },
  {
    message: ({ name, parameter, declared, given, because }) =>
      `\`${parameter}\` of \`${name}\` is ${declared}, and this is ${given}: ${because}`,
  },
);

export const resultMismatch = /* @__PURE__ */ defineMendable<{ name: string; declared: string; is: string }>(
  {
    code: 'BL2021',
    slug: 'result-mismatch',
    severity: 'error',
  },
  { message: ({ name, declared, is }) => `\`${name}\` promises ${declared}, and its body is ${is}` },
);

export const recursion = /* @__PURE__ */ defineMendable<{ name: string; by: readonly string[] }>(
  {
    code: 'BL2022',
    slug: 'recursion',
    severity: 'error',
  },
  {
    message: ({ name, by }) => `\`${name}\` calls itself${by.length === 0 ? '' : `, by way of ${by.map((fn) => `\`${fn}\``).join(', ')}`}`,
    hints: () => ['write a recurrence with `scan h = … over … { … }`'],
  },
);

export const startShape = /* @__PURE__ */ defineMendable<{ name: string; declared: string; is: string }>(
  {
    code: 'BL2023',
    slug: 'start-shape',
    severity: 'error',
  },
  { message: ({ name, declared, is }) => `\`${name}\` is ${declared}, and its start is ${is}` },
);

export const kindMisplaced = /* @__PURE__ */ defineMendable<{ because: string; hint?: string }>(
  {
    code: 'BL2024',
    slug: 'kind-misplaced',
    severity: 'error',
  },
  { message: ({ because }) => because, hints: ({ hint }) => (hint === undefined ? [] : [hint]) },
);

export const startOutside = /* @__PURE__ */ defineMendable<{ name: string; set: string; value: string; onBoundary: boolean }>(
  {
    code: 'BL2025',
    slug: 'start-outside',
    severity: 'error',
  },
  {
    message: ({ name, set, value, onBoundary }) =>
      `\`${name}\` starts at ${value}, ${onBoundary ? 'on the boundary' : 'outside'} of ${set}`,
    hints: ({ onBoundary, value, set }, span) =>
      onBoundary
        ? [
            perhaps(
              `start inside, e.g. at ${value === '1' ? '0.999' : '1e-3'}, or declare a kind that includes its boundary (\`nonnegative\`, \`real in [a, b]\`)`,
              replaced(span, value === '1' ? '0.999' : '1e-3'),
            ),
          ]
        : [`start within ${set}, or declare a kind without this bound`],
  },
);

export const emptyInterval = /* @__PURE__ */ defineMendable<{ low: string; high: string }>(
  {
    code: 'BL2026',
    slug: 'empty-interval',
    severity: 'error',
  },
  { message: ({ low, high }) => `the interval from ${low} to ${high} is empty` },
);

export const badDistribution = /* @__PURE__ */ defineMendable<{ because: string; suggestion?: string | undefined }>(
  {
    code: 'BL2028',
    slug: 'bad-distribution',
    severity: 'error',
  },
  { message: ({ because }) => because, hints: ({ suggestion }, span) => didYouMean(suggestion, span) },
);

export const stateChanges = /* @__PURE__ */ defineMendable<{ name: string; start: string; next: string }>(
  {
    code: 'BL2029',
    slug: 'state-changes-type',
    severity: 'error',
  },
  {
    message: ({ name, start, next }) => `\`${name}\` starts as ${start} and becomes ${next}`,
    hints: () => ['give the start that shape: `zeros(n)`'],
  },
);

export const wrongResults = /* @__PURE__ */ defineMendable<{
  what: string;
  /** Its short form behind `let (…) =`; absent where there is one result. */
  written?: string;
  results: readonly string[];
  taken: number;
}>(
  {
    code: 'BL2034',
    slug: 'wrong-results',
    severity: 'error',
  },
  {
    message: ({ what, results, taken }) => {
      const count = `${results.length} result${results.length === 1 ? '' : 's'}`;
      return `${what} has ${count}, and ${taken} ${taken === 1 ? 'is' : 'are'} taken`;
    },
    hints: ({ written, results }) =>
      written === undefined
        ? ['a `let` with several names takes the results of a function that has several, such as `eigh`, or the states of a `scan`']
        : [`write \`let (${results.join(', ')}) = ${written}\``],
  },
);

export const wrongItems = /* @__PURE__ */ defineMendable<{ because: string }>(
  {
    code: 'BL2030',
    slug: 'nothing-to-iterate',
    severity: 'error',
  },
  { message: ({ because }) => because },
);

export const alternativeDiffers = /* @__PURE__ */ defineMendable<{ name: string; is: string; first: string; firstIs: string }>(
  {
    code: 'BL2036',
    slug: 'alternatives-differ',
    severity: 'error',
  },
  {
    message: ({ name, is, first, firstIs }) => `\`${name}\` ${is}, and \`${first}\` beside it in the choice ${firstIs}`,
    hints: ({ name, first }) => [`choose a \`fn\` with the signature of \`${first}\` that calls \`${name}\`, in the place of \`${name}\``],
  },
);

export const textValue = /* @__PURE__ */ defineMendable<Record<never, never>>(
  {
    code: 'BL2031',
    slug: 'text-in-expression',
    severity: 'error',
  },
  { message: () => 'a string has no value here' },
);

export const unreadableImport = /* @__PURE__ */ defineMendable<{
  path: string;
  file: string;
  isAlone: boolean;
  /** It is there. */
  because?: string | undefined;
  suggestion?: string | undefined;
}>(
  {
    code: 'BL2050',
    slug: 'unreadable-import',
    severity: 'error',
  },
  {
    message: ({ file, isAlone, because }) =>
      isAlone
        ? `nothing is known of other pages here, and so not of \`${file}\``
        : because === undefined
          ? `there is no page \`${file}\` that can be read`
          : `the page \`${file}\` cannot be read: ${because}`,
    hints: ({ path, isAlone, because, suggestion }, span) =>
      suggestion !== undefined
        ? [perhaps(`did you mean \`${suggestion}\`?`, replaced(span, JSON.stringify(suggestion)))]
        : isAlone
          ? [`give its text: \`{ imports: { ${JSON.stringify(path)}: text } }\` as options, or put the functions on this page`]
          : because === undefined
            ? ['the path of an import is relative to the page on which it stands']
            : ['a page is a file of text in UTF-8'],
  },
);

export const unknownImport = /* @__PURE__ */ defineMendable<{
  name: string;
  path: string;
  names: readonly string[];
  /** Where it may be found. */
  instead?: string | undefined;
  suggestion?: string | undefined;
}>(
  {
    code: 'BL2051',
    slug: 'unknown-import',
    severity: 'error',
  },
  {
    message: ({ name, path }) => `\`${path}\` has no function \`${name}\` to import`,
    hints: ({ names, instead, suggestion }, span) =>
      instead !== undefined
        ? [instead]
        : suggestion !== undefined
          ? didYouMean(suggestion, span)
          : [names.length === 0 ? 'it has no function outside of problems' : `it has: ${names.join(', ')}`],
  },
);

export const importCycle = /* @__PURE__ */ defineMendable<{ file: string; by: readonly string[] }>(
  {
    code: 'BL2052',
    slug: 'import-cycle',
    severity: 'error',
  },
  {
    message: ({ file, by }) =>
      `\`${file}\` imports itself${by.length === 0 ? '' : `, by way of ${by.map((other) => `\`${other}\``).join(', ')}`}`,
    hints: () => ['put what both need on a third page, and import it from there'],
  },
);

export const restMisplaced = /* @__PURE__ */ defineMendable<{ name: string; because: string }>(
  {
    code: 'BL2053',
    slug: 'rest-misplaced',
    severity: 'error',
  },
  {
    message: ({ name, because }) => `\`...${name}\` cannot stand here: ${because}`,
    hints: () => ['name each dim: `[n, d]`'],
  },
);

export const defaultBeforeRequired = /* @__PURE__ */ defineMendable<{ parameter: string; before: string }>(
  {
    code: 'BL2054',
    slug: 'default-before-required',
    severity: 'error',
  },
  {
    message: ({ parameter, before }) => `\`${parameter}\` has no default, and stands behind \`${before}\`, which has one`,
    hints: ({ parameter, before }) => [`put \`${parameter}\` before \`${before}\`, or give it a default too`],
  },
);

export const shadowedName = /* @__PURE__ */ defineMendable<{ name: string; what: string }>(
  {
    code: 'BL2055',
    slug: 'shadowed-name',
    severity: 'error',
  },
  {
    message: ({ name, what }) => `\`${name}\` is ${what} here, and has a meaning outside, which this one hides`,
    hints: ({ name }) => [`give it a name of its own: \`${name}_\`, say`],
  },
);
