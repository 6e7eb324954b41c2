/** BL2xxx: names, kinds, types and shapes. Each row is all there is to say about its code. */
import { defineDiagnostic } from './diagnostic.ts';

const oneOf = (suggestion: string | undefined): readonly string[] => (suggestion === undefined ? [] : [`did you mean \`${suggestion}\`?`]);

export const unknownName = defineDiagnostic<{ name: string; suggestion?: string | undefined; isFunction?: boolean }>(
  {
    code: 'BL2001',
    slug: 'unknown-name',
    severity: 'error',
    explain: `An expression speaks of a name that nothing on the page declares. Names are declared by \`dim\`, \`data\`, \`split\`, \`hyper\`, \`param\`,
\`let\` and \`fn\`, in any order; a \`fn\` outside of every problem sees its own parameters only. A function of the library is not a value:
it is called, \`exp(x)\`.`,
    example: `problem p {
  hyper penalty: positive
  param w: []
  inner minimize (w - 1)^2 + penaltty * w^2
  outer minimize w^2
}`,
  },
  {
    message: ({ name, isFunction }) =>
      isFunction === true ? `\`${name}\` is a function: it has no value until it is called` : `nothing here is called \`${name}\``,
    hints: ({ name, suggestion, isFunction }) =>
      isFunction === true
        ? [`write \`${name}(…)\``]
        : suggestion === undefined
          ? [`declare it: \`data ${name}: …\`, \`hyper ${name}: …\`, \`param ${name}: …\` or \`let ${name} = …\``]
          : oneOf(suggestion),
  },
);

export const duplicateName = defineDiagnostic<{ name: string; what: string }>(
  {
    code: 'BL2002',
    slug: 'duplicate-name',
    severity: 'error',
    explain: `Two declarations have one name. Dims, index sets, data, hypers, params, lets and functions of a problem share their names, so that
a name means one thing on the whole page. Only the library's functions may be replaced by functions of the page.`,
    example: `problem p {
  hyper a: positive
  let a = 2
  param w: []
  inner minimize (w - a)^2
  outer minimize w^2
}`,
  },
  { message: ({ name, what }) => `${what} \`${name}\` is declared twice`, hints: () => ['rename one of the two'] },
);

export const shapeMismatch = defineDiagnostic<{ operation: string; left: string; right: string; because: string }>(
  {
    code: 'BL2003',
    slug: 'shape-mismatch',
    severity: 'error',
    explain: `The operands' shapes do not fit together. Shapes are compared at compile time, aligned at their last axes as in NumPy; a dim fits
an equal dim, and a dim that is literally 1 stretches. Two dims with different names never are equal, even where the data give them the same
size: \`[train]\` is not \`[valid]\`. If two dims are meant to be one, declare one.`,
    example: `problem p {
  dim n, m
  data x: [n]
  data y: [m]
  hyper a: positive
  param w: []
  inner minimize sum((w * x - y)^2) + a * w^2
  outer minimize w^2
}`,
  },
  {
    message: ({ operation, left, right, because }) => `${operation} does not fit ${left} and ${right}: ${because}`,
    hints: () => ['make the two the same with `.T`, `reshape`, an index set, or a sum over the axis that is too many'],
  },
);

export const ambiguousStretch = defineDiagnostic<{ operation: string; left: string; right: string; result: string }>(
  {
    code: 'BL2004',
    slug: 'promotion-with-stretching',
    severity: 'error',
    explain: `One operand has fewer axes than the other *and* a dim of 1 would have to stretch: \`[n] - [n, 1]\` would make an \`[n, n]\` table. In
NumPy this is the classic silent mistake; here it is an error. Say which one is meant: give both operands the same number of axes with
\`reshape\`, or stretch with \`expand\`.`,
    example: `problem p {
  dim n
  data x: [n]
  data Y: [n, 1]
  hyper a: positive
  param w: []
  inner minimize mean((w * x - Y)^2) + a * w^2
  outer minimize w^2
}`,
  },
  {
    message: ({ operation, left, right, result }) =>
      `${operation} would stretch ${left} and ${right} to ${result}: a shorter shape and a dim of 1 at once`,
    hints: () => [
      'for numbers side by side, give both the same shape: `reshape(Y, [n])`',
      'if the whole table is meant: `reshape(x, [1, n])` or `expand(x, axis = 0)`',
    ],
  },
);

export const unknownDim = defineDiagnostic<{ name: string; suggestion?: string | undefined }>(
  {
    code: 'BL2005',
    slug: 'unknown-dim',
    severity: 'error',
    explain: `A shape speaks of a dim that nothing declares. A dim is declared by \`dim n\` (its size comes from the data), by \`dim d = 10\`, or by a
\`split\`, whose index sets are dims too. Only in the types of a \`fn\` may a new name stand: there it is the function's own.`,
    example: `problem p {
  hyper a: positive
  param w: [d]
  inner minimize sum((w - 1)^2) + a * sum(w^2)
  outer minimize sum(w^2)
}`,
  },
  {
    message: ({ name }) => `no dim is called \`${name}\``,
    hints: ({ name, suggestion }) => (suggestion === undefined ? [`declare it: \`dim ${name}\``] : oneOf(suggestion)),
  },
);

export const notADim = defineDiagnostic<{ what: string; place?: string }>(
  {
    code: 'BL2006',
    slug: 'not-a-dim',
    severity: 'error',
    explain: `A size has to be known before anything is computed: a dim, an index set, a whole number, or sums and products of these (\`2 * d\`,
\`u + 1\`). Data, hypers, params and what is computed from them are not sizes. The same holds for the bounds of an interval, which may be any
number or arithmetic in dims.`,
    example: `problem p {
  hyper a: positive = 3
  param w: [a]
  inner minimize sum((w - 1)^2) + a * sum(w^2)
  outer minimize sum(w^2)
}`,
  },
  { message: ({ what, place }) => `${what} is not ${place ?? 'a size: a dim, a whole number, or a polynomial in these'}` },
);

export const badDim = defineDiagnostic<{ name: string; because: string }>(
  {
    code: 'BL2007',
    slug: 'bad-dim',
    severity: 'error',
    explain: `The value of a dim is a positive whole number, or arithmetic in other dims, without going round in a circle.`,
    example: `problem p {
  dim d = 0
  hyper a: positive
  param w: [d]
  inner minimize sum((w - 1)^2) + a * sum(w^2)
  outer minimize sum(w^2)
}`,
  },
  { message: ({ name, because }) => `\`dim ${name}\` ${because}` },
);

export const circular = defineDiagnostic<{ name: string }>(
  {
    code: 'BL2008',
    slug: 'circular-definition',
    severity: 'error',
    explain: `A definition uses itself, directly or through others. Declarations may stand in any order, but what they mean must not go round in
a circle; a recurrence is written with \`scan\`.`,
    example: `problem p {
  let u = v + 1
  let v = u * 2
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize (w - u)^2
}`,
  },
  { message: ({ name }) => `\`${name}\` is defined by itself` },
);

export const unknownFunction = defineDiagnostic<{ name: string; suggestion?: string | undefined; isValue?: boolean }>(
  {
    code: 'BL2009',
    slug: 'unknown-function',
    severity: 'error',
    explain: `No function has this name, neither on the page nor in the library. The library's functions carry their names from \`jax.numpy\`, \`jax.nn\`
and \`jax.scipy\`.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * sqr(w)
  outer minimize w^2
}`,
  },
  {
    message: ({ name, isValue }) => (isValue === true ? `\`${name}\` is not a function` : `no function is called \`${name}\``),
    hints: ({ suggestion }) => oneOf(suggestion),
  },
);

export const wrongArity = defineDiagnostic<{ name: string; expected: string; given: number }>(
  {
    code: 'BL2010',
    slug: 'wrong-number-of-arguments',
    severity: 'error',
    explain: `A function was called with too few or too many arguments. Reductions have one positional argument, everything else has its name:
\`sum(A, axis = 1)\`.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * clip(w)
  outer minimize w^2
}`,
  },
  { message: ({ name, expected, given }) => `\`${name}\` takes ${expected}, not ${given}` },
);

export const unknownArgument = defineDiagnostic<{
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
    explain: `A named argument that the function does not have, or that was given twice.`,
    example: `problem p {
  dim d
  data x: [d]
  hyper a: positive
  param w: [d]
  inner minimize sum((w - x)^2, axes = 0) + a * sum(w^2)
  outer minimize sum(w^2)
}`,
  },
  {
    message: ({ name, argument, repeated }) =>
      repeated === true ? `\`${argument}\` of \`${name}\` is given twice` : `\`${name}\` has no argument \`${argument}\``,
    hints: ({ known, suggestion }) =>
      suggestion !== undefined ? oneOf(suggestion) : known.length === 0 ? ['its arguments have no names'] : [`it has: ${known.join(', ')}`],
  },
);

export const wrongArgument = defineDiagnostic<{ name: string; argument: string; needs: string; is: string }>(
  {
    code: 'BL2012',
    slug: 'wrong-argument',
    severity: 'error',
    explain: `An argument is not what the function needs there: an axis must be a whole number that is written out and that the operand has, a
shape must be made of dims, labels must be of kind \`int\`.`,
    example: `problem p {
  dim d
  data x: [d]
  hyper a: positive
  param w: [d]
  inner minimize sum((w - x)^2, axis = 1) + a * sum(w^2)
  outer minimize sum(w^2)
}`,
  },
  { message: ({ name, argument, needs, is }) => `${argument} of \`${name}\` must be ${needs}; this is ${is}` },
);

export const wrongRank = defineDiagnostic<{ operation: string; needs: string; is: string }>(
  {
    code: 'BL2013',
    slug: 'wrong-rank',
    severity: 'error',
    explain: `The operation is for vectors or for matrices, and the operand has another number of axes. \`.T\` is for matrices; \`@\` multiplies vectors
and matrices; \`*\` multiplies by a number, or element by element.`,
    example: `problem p {
  dim d
  data x: [d]
  hyper a: positive
  param w: [d]
  inner minimize sum((w - x.T)^2) + a * sum(w^2)
  outer minimize sum(w^2)
}`,
  },
  { message: ({ operation, needs, is }) => `${operation} needs ${needs}; this is ${is}` },
);

export const notACondition = defineDiagnostic<{ operation: string; is: string }>(
  {
    code: 'BL2014',
    slug: 'not-a-condition',
    severity: 'error',
    explain: `\`if\`, \`and\`, \`or\` and \`not\` take conditions, which comparisons make. A number is not one: whether 0.3 counts as true would be a guess.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize if w then w else 0
}`,
  },
  { message: ({ operation, is }) => `${operation} needs a condition; this is ${is}`, hints: () => ['compare it: `x != 0`, `x > 0`'] },
);

export const indexOutOfRange = defineDiagnostic<{ index: string; dim: string; size: string }>(
  {
    code: 'BL2015',
    slug: 'index-out-of-range',
    severity: 'error',
    explain: `A position that the axis does not have. Positions count from 0, and from the end with a minus sign: \`x[-1]\` is the last one. A range
\`a .. b\` includes both of its ends.`,
    example: `problem p {
  dim d = 3
  hyper a: positive
  param w: [d]
  inner minimize sum((w - 1)^2) + a * w[3]
  outer minimize sum(w^2)
}`,
  },
  {
    message: ({ index, dim, size }) => `position ${index} is outside of an axis ${dim === size ? `of ${size}` : `[${dim}] of ${size}`}`,
    hints: () => ['positions count from 0; the last one is `-1`'],
  },
);

export const badIndex = defineDiagnostic<{ because: string; hint?: string }>(
  {
    code: 'BL2016',
    slug: 'bad-index',
    severity: 'error',
    explain: `What stands in the brackets does not select anything: an index is a whole number, a range, \`:\`, an index set, or a tensor of kind \`int\`.
A condition is not one, because how many it selects would depend on the data: multiply by weights of 0 and 1 instead.`,
    example: `problem p {
  dim d
  data x: [d]
  hyper a: positive
  param w: [d]
  inner minimize sum((w - x)^2) + a * sum(w[x > 0])
  outer minimize sum(w^2)
}`,
  },
  { message: ({ because }) => because, hints: ({ hint }) => (hint === undefined ? [] : [hint]) },
);

export const wrongIndexSet = defineDiagnostic<{ set: string; over: string; dim: string }>(
  {
    code: 'BL2017',
    slug: 'wrong-index-set',
    severity: 'error',
    explain: `An index set holds positions of the dim that it was split from, and of no other: \`split n into train, …\` makes positions in \`n\`.`,
    example: `problem p {
  dim n, m
  data y: [m]
  data x: [n]
  split n into train 50%, valid 50%, seed 1
  hyper a: positive
  param w: []
  inner minimize mean((w - y[train])^2) + a * w^2
  outer minimize mean((w - x[valid])^2)
}`,
  },
  { message: ({ set, over, dim }) => `\`${set}\` holds positions in \`${over}\`, and this axis is \`${dim}\`` },
);

export const elementwiseReduction = defineDiagnostic<{ name: string; elementwise: string }>(
  {
    code: 'BL2018',
    slug: 'reduction-of-two',
    severity: 'error',
    explain: `\`max\` and \`min\` find the greatest and least element of *one* tensor; the greater of two, element by element, is \`maximum(a, b)\`. In NumPy
\`max(x, 0)\` means the greatest along axis 0, which is nearly never what was meant.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize max(w, 0)^2 + a * w^2
  outer minimize (w - 1)^2
}`,
  },
  {
    message: ({ name }) => `\`${name}\` reduces one tensor; it does not compare two`,
    hints: ({ name, elementwise }) => [
      `element by element: \`${elementwise}(x, 0)\`${name === 'max' ? ', or `relu(x)`' : ''}`,
      `along an axis: \`${name}(x, axis = 0)\``,
    ],
  },
);

export const unsolvedDim = defineDiagnostic<{ dim: string; name: string }>(
  {
    code: 'BL2019',
    slug: 'unsolved-dim',
    severity: 'error',
    explain: `The dims that a \`fn\` brings along are found out from its arguments, where each must stand alone at least once: from \`x: [2 * k]\` the
language does not guess k.`,
    example: `fn halves(x: [2 * k]): [k] = x[0 .. k - 1]
problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize w^2
}`,
  },
  {
    message: ({ dim, name }) => `nothing fixes \`${dim}\` when \`${name}\` is called: it stands alone in no parameter`,
    hints: ({ dim }) => [`give one parameter an axis \`${dim}\``],
  },
);

export const argumentMismatch = defineDiagnostic<{ name: string; parameter: string; declared: string; given: string; because: string }>(
  {
    code: 'BL2020',
    slug: 'argument-mismatch',
    severity: 'error',
    explain: `What a function was given does not fit the type of its parameter. Nothing is stretched on the way into a function. A dim in the
parameter's type is the function's own, unless the problem declares the name: then it is the problem's.`,
    example: `problem p {
  dim k = 3
  dim n
  data x: [n]
  fn total(x: [k]): [] = sum(x)
  hyper a: positive
  param w: []
  inner minimize (w - total(x))^2 + a * w^2
  outer minimize w^2
}`,
  },
  {
    message: ({ name, parameter, declared, given, because }) =>
      `\`${parameter}\` of \`${name}\` is ${declared}, and this is ${given}: ${because}`,
  },
);

export const resultMismatch = defineDiagnostic<{ name: string; declared: string; is: string }>(
  {
    code: 'BL2021',
    slug: 'result-mismatch',
    severity: 'error',
    explain: `The body of a function does not have the type that its declaration promises. Nothing is stretched on the way out.`,
    example: `fn double(x: [k]): [] = 2 * x
problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize w^2
}`,
  },
  { message: ({ name, declared, is }) => `\`${name}\` promises ${declared}, and its body is ${is}` },
);

export const recursion = defineDiagnostic<{ name: string }>(
  {
    code: 'BL2022',
    slug: 'recursion',
    severity: 'error',
    explain: `A function calls itself, directly or through others. Calls are written out where they stand, so that would never end; a recurrence
is written with \`scan\`.`,
    example: `fn f(x: []): [] = f(x) + 1
problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize w^2
}`,
  },
  { message: ({ name }) => `\`${name}\` calls itself`, hints: () => ['write a recurrence with `scan h = … over … { … }`'] },
);

export const startShape = defineDiagnostic<{ name: string; declared: string; is: string }>(
  {
    code: 'BL2023',
    slug: 'start-shape',
    severity: 'error',
    explain: `A start has the declared shape, or is one number for all elements.`,
    example: `problem p {
  dim d = 3
  hyper a: positive[d] = [1, 2]
  param w: [d]
  inner minimize sum((w - 1)^2) + sum(a * w^2)
  outer minimize sum(w^2)
}`,
  },
  { message: ({ name, declared, is }) => `\`${name}\` is ${declared}, and its start is ${is}` },
);

export const kindMisplaced = defineDiagnostic<{ because: string; hint?: string }>(
  {
    code: 'BL2024',
    slug: 'kind-misplaced',
    severity: 'error',
    explain: `The kind does not go with the declaration, the shape or the interval: data are not a choice of functions, params are not whole
numbers, a simplex needs an axis to sum along, and an interval goes with \`real\` and \`int\`, because the other kinds are intervals already.`,
    example: `problem p {
  hyper a: positive in [0, 1]
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize w^2
}`,
  },
  { message: ({ because }) => because, hints: ({ hint }) => (hint === undefined ? [] : [hint]) },
);

export const startOutside = defineDiagnostic<{ name: string; set: string; value: string; onBoundary: boolean }>(
  {
    code: 'BL2025',
    slug: 'start-outside',
    severity: 'error',
    explain: `A start has to lie in the set of its kind. \`positive\` and \`unit\` are searched as a logarithm and as a logit, so their boundaries are
infinitely far away: from 0 no step would ever leave it.`,
    example: `problem p {
  hyper a: positive = 0
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize w^2
}`,
  },
  {
    message: ({ name, set, value, onBoundary }) =>
      `\`${name}\` starts at ${value}, ${onBoundary ? 'on the boundary' : 'outside'} of ${set}`,
    hints: ({ onBoundary, value }) =>
      onBoundary
        ? [
            `start inside, e.g. at ${value === '1' ? '0.999' : '1e-3'}, or declare a kind that includes its boundary (\`nonnegative\`, \`real in [a, b]\`)`,
          ]
        : [],
  },
);

export const emptyInterval = defineDiagnostic<{ low: string; high: string }>(
  {
    code: 'BL2026',
    slug: 'empty-interval',
    severity: 'error',
    explain: `An interval \`in [a, b]\` needs a < b.`,
    example: `problem p {
  hyper a: real in [1, 0]
  param w: []
  inner minimize (w - 1)^2 + a^2 * w^2
  outer minimize w^2
}`,
  },
  { message: ({ low, high }) => `the interval from ${low} to ${high} is empty` },
);

export const badSplit = defineDiagnostic<{ because: string; hint?: string }>(
  {
    code: 'BL2027',
    slug: 'bad-split',
    severity: 'error',
    explain: `A split cuts one dim, declared by \`dim\`, into shares that are more than 0% and together at most 100%: \`split n into train 60%, valid 20%,
test 20%, seed 7\`.`,
    example: `problem p {
  dim n
  data y: [n]
  split n into train 80%, valid 40%, seed 7
  hyper a: positive
  param w: []
  inner minimize mean((w - y[train])^2) + a * w^2
  outer minimize mean((w - y[valid])^2)
}`,
  },
  { message: ({ because }) => because, hints: ({ hint }) => (hint === undefined ? [] : [hint]) },
);

export const badDistribution = defineDiagnostic<{ because: string; suggestion?: string | undefined }>(
  {
    code: 'BL2028',
    slug: 'bad-distribution',
    severity: 'error',
    explain: `A start may be drawn from \`normal(mean, sd)\`, \`uniform(lo, hi)\`, \`gumbel()\` or \`logistic()\`, whose arguments are numbers that are known now.`,
    example: `problem p {
  dim d = 3
  hyper a: positive
  param w: [d] ~ gaussian(0, 1)
  inner minimize sum((w - 1)^2) + a * sum(w^2)
  outer minimize sum(w^2)
}`,
  },
  { message: ({ because }) => because, hints: ({ suggestion }) => oneOf(suggestion) },
);

export const stateChanges = defineDiagnostic<{ name: string; start: string; next: string }>(
  {
    code: 'BL2029',
    slug: 'state-changes-type',
    severity: 'error',
    explain: `A state of a \`scan\` has one shape: that of its start. Every step must give it back in that shape.`,
    example: `problem p {
  dim d = 3
  hyper a: positive
  param w: [d]
  inner minimize sum((w - 1)^2) + a * sum(scan h = 0 over t in 4 { h + w })
  outer minimize sum(w^2)
}`,
  },
  {
    message: ({ name, start, next }) => `\`${name}\` starts as ${start} and becomes ${next}`,
    hints: () => ['give the start that shape: `zeros(n)`'],
  },
);

export const wrongItems = defineDiagnostic<{ because: string }>(
  {
    code: 'BL2030',
    slug: 'nothing-to-iterate',
    severity: 'error',
    explain: `\`for t in D\` and \`over x in D\` need something to go through: a dim or whole number (0, 1, …), an index set (its members), a range \`a .. b\`,
or an array (its slices along the first axis); and at least one step.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + sum([a * w^2 for t in 3 .. 1])
  outer minimize w^2
}`,
  },
  { message: ({ because }) => because },
);

export const textValue = defineDiagnostic<Record<never, never>>(
  {
    code: 'BL2031',
    slug: 'text-in-expression',
    severity: 'error',
    explain: `Strings name files and columns; they have no value in an expression.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - "1")^2 + a * w^2
  outer minimize w^2
}`,
  },
  { message: () => 'a string has no value here' },
);
