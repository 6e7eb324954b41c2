/** BL2xxx, at length: see `explanation.ts`. */
import type { Explanations } from './explanation.ts';

export const names: Explanations = {
  BL2001: {
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
  BL2002: {
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
  BL2003: {
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
  BL2004: {
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
  BL2005: {
    explain: `A shape speaks of a dim that nothing declares. A dim is declared by \`dim n\` (its size comes from the data), by \`dim d = 10\`, or by a
\`split\`, whose index sets are dims too. Only in the types of a \`fn\` may a new name stand: there it is the function's own.`,
    example: `problem p {
  hyper a: positive
  param w: [d]
  inner minimize sum((w - 1)^2) + a * sum(w^2)
  outer minimize sum(w^2)
}`,
  },
  BL2006: {
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
  BL2007: {
    explain: `The value of a dim is a positive whole number, or arithmetic in other dims, without going round in a circle.`,
    example: `problem p {
  dim d = 0
  hyper a: positive
  param w: [d]
  inner minimize sum((w - 1)^2) + a * sum(w^2)
  outer minimize sum(w^2)
}`,
  },
  BL2008: {
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
  BL2009: {
    explain: `No function has this name, neither on the page nor in the library. The library's functions carry their names from \`jax.numpy\`, \`jax.nn\`
and \`jax.scipy\`.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * sqr(w)
  outer minimize w^2
}`,
  },
  BL2010: {
    explain: `A function was called with too few or too many arguments. Reductions have one positional argument, everything else has its name:
\`sum(A, axis = 1)\`.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * clip(w)
  outer minimize w^2
}`,
  },
  BL2011: {
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
  BL2012: {
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
  BL2013: {
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
  BL2014: {
    explain: `\`if\`, \`and\`, \`or\` and \`not\` take conditions, which comparisons make. A number is not one: whether 0.3 counts as true would be a guess.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize if w then w else 0
}`,
  },
  BL2015: {
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
  BL2016: {
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
  BL2017: {
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
  BL2018: {
    explain: `\`max\` and \`min\` find the greatest and least element of *one* tensor; the greater of two, element by element, is \`maximum(a, b)\`. In NumPy
\`max(x, 0)\` means the greatest along axis 0, which is nearly never what was meant.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize max(w, 0)^2 + a * w^2
  outer minimize (w - 1)^2
}`,
  },
  BL2019: {
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
  BL2020: {
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
  BL2021: {
    explain: `The body of a function does not have the type that its declaration promises. Nothing is stretched on the way out.`,
    example: `fn double(x: [k]): [] = 2 * x
problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize w^2
}`,
  },
  BL2022: {
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
  BL2023: {
    explain: `A start has the declared shape, or is one number for all elements.`,
    example: `problem p {
  dim d = 3
  hyper a: positive[d] = [1, 2]
  param w: [d]
  inner minimize sum((w - 1)^2) + sum(a * w^2)
  outer minimize sum(w^2)
}`,
  },
  BL2024: {
    explain: `The kind does not go with the declaration, the shape or the interval: data are not a choice of functions, params are not whole
numbers, a simplex needs an axis to sum along, and an interval goes with \`real\` and \`int\`, because the other kinds are intervals already.`,
    example: `problem p {
  hyper a: positive in [0, 1]
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize w^2
}`,
  },
  BL2025: {
    explain: `A start has to lie in the set of its kind. \`positive\` and \`unit\` are searched as a logarithm and as a logit, so their boundaries are
infinitely far away: from 0 no step would ever leave it.`,
    example: `problem p {
  hyper a: positive = 0
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize w^2
}`,
  },
  BL2026: {
    explain: `An interval \`in [a, b]\` needs a < b.`,
    example: `problem p {
  hyper a: real in [1, 0]
  param w: []
  inner minimize (w - 1)^2 + a^2 * w^2
  outer minimize w^2
}`,
  },
  BL2028: {
    explain: `A start may be drawn from \`normal(mean, sd)\`, \`uniform(lo, hi)\`, \`gumbel()\` or \`logistic()\`, whose arguments are numbers that are known now.`,
    example: `problem p {
  dim d = 3
  hyper a: positive
  param w: [d] ~ gaussian(0, 1)
  inner minimize sum((w - 1)^2) + a * sum(w^2)
  outer minimize sum(w^2)
}`,
  },
  BL2029: {
    explain: `A state of a \`scan\` has one shape: that of its start. Every step must give it back in that shape.`,
    example: `problem p {
  dim d = 3
  hyper a: positive
  param w: [d]
  inner minimize sum((w - 1)^2) + a * sum(scan h = 0 over t in 4 { h + w })
  outer minimize sum(w^2)
}`,
  },
  BL2034: {
    explain: `A function with several results, such as \`eigh\`, stands in a \`let\` of its own with a name for each of them:
\`let (values, vectors) = eigh(K)\`. Where eigenvalues alone are wanted, \`eigvalsh(K)\` is a value like any other. So do the
states of a \`scan\`: \`let (hs, cs) = scan (h, c) = (0, 1) over x in xs { … }\`.`,
    example: `problem p {
  dim d = 3
  hyper a: positive
  param w: [d]
  inner minimize sum((w - 1)^2) + a * sum(w^2)
  outer minimize sum(eigh(outer(w, w)))
}`,
  },
  BL2030: {
    explain: `\`for t in D\` and \`over x in D\` need something to go through: a dim or whole number (0, 1, …), an index set (its members), a range \`a .. b\`,
or an array (its slices along the first axis); and at least one step.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - 1)^2 + sum([a * w^2 for t in 3 .. 1])
  outer minimize w^2
}`,
  },
  BL2036: {
    explain: `The functions of a \`choice\` are called with the same arguments, and their results are mixed: so they share one signature. Functions of
the page have the same types, whatever their parameters and their own dims are called; functions of the library take as many arguments, and at
every call all results have one shape.`,
    example: `problem p {
  dim n
  data x: [n]
  hyper act: choice(tanh, maximum)
  param w: []
  inner minimize mean((act(w * x) - 1)^2)
  outer minimize w^2
}`,
  },
  BL2031: {
    explain: `Strings name files and columns; they have no value in an expression.`,
    example: `problem p {
  hyper a: positive
  param w: []
  inner minimize (w - "1")^2 + a * w^2
  outer minimize w^2
}`,
  },
  BL2050: {
    explain: `An \`import\` names a page by its path, relative to the page on which it stands, and there is none that can be read. A program
that gives a page as a text gives the texts of the pages that it imports too, by the paths that stand in the imports:
\`check(text, { imports: { './kernels.bilevel': kernels } })\`. A template has no place for them.`,
    example: `import { smooth } from "./no-such-page.bilevel"

problem p {
  hyper a: positive
  param w: []
  inner minimize smooth(w - 1) + a * w^2
  outer minimize w^2
}`,
  },
  BL2051: {
    explain: `The page is there, and has no function of this name outside of its problems. A function inside a problem may use the names
of that problem, and so is of no use elsewhere; one that a page imports itself is imported from where it is declared.`,
    example: `import { smoth } from "./kernels.bilevel"

problem p {
  hyper a: positive
  param w: []
  inner minimize smoth(w - 1) + a * w^2
  outer minimize w^2
}`,
  },
  BL2052: {
    explain: `Following the imports of a page leads back to it. Pages import in one direction: what two of them need stands on a third.`,
    example: `import { smooth } from "./circle.bilevel"

problem p {
  hyper a: positive
  param w: []
  inner minimize smooth(w - 1) + a * w^2
  outer minimize w^2
}`,
  },
  BL2053: {
    explain: `\`...s\` in a shape stands for any number of dims, none included, so that one function takes numbers, vectors and tables:
\`fn mse(prediction: [...s], target: [...s]): [] = mean((prediction - target)^2)\`. Each call says which dims they are, and so only parameters and
results of functions can have them, one \`...\` a shape.`,
    example: `problem p {
  hyper a: positive
  param w: [...s]
  inner minimize sum((w - 1)^2) + a * sum(w^2)
  outer minimize sum(w^2)
}`,
  },
  BL2054: {
    explain: `Arguments by position are given to the parameters in their order, and so the parameters that may be left out come last.`,
    example: `fn scaled(by: [] = 2, x: []): [] = by * x

problem p {
  hyper a: positive
  param w: []
  inner minimize (scaled(1, w) - 1)^2 + a * w^2
  outer minimize w^2
}`,
  },
  BL2055: {
    explain: `A loop variable, a state of a \`scan\` or a \`let\` of a block has the name of something that can be seen where it stands: a
declaration of the problem, a parameter, another loop variable, a function. Within it nobody could say the other, and who reads the expression cannot tell which is meant.
The parameters of a function are told by its header, and may have names of the problem; a function of the library may be hidden.`,
    example: `problem p {
  dim n
  data x: [n]
  hyper a: positive
  param w: []
  inner minimize sum([(w - x)^2 for x in x]) + a * w^2
  outer minimize w^2
}`,
  },
};
