/** BL1xxx, at length: see `explanation.ts`. */
import type { Explanations } from './explanation.ts';

const inProblem = (statement: string): string => `problem p {\n  ${statement.replaceAll('\n', '\n  ')}\n}`;

export const syntax: Explanations = {
  BL1001: {
    explain:
      'At this place the language allows only a few things, and none of them stands there. The message names what was found and what could follow. ' +
      'The rest of this statement is skipped; reading goes on with the next one.',
    example: inProblem('let total = 3 +\nlet next = 4'),
  },
  BL1002: {
    explain:
      'Every statement starts with its word: dim, data, split, hyper, param, random, let, fn, inner, outer, report, solve, differentiate; ' +
      'a page holds import, fn and problem. The word here is none of them. Where it is close to one, the statement is read as that one.',
    example: inProblem('hyperr penalty: positive = 1.0'),
  },
  BL1003: {
    explain:
      'Two expressions never stand side by side: newlines mean nothing, so what follows an expression must be an operator or the word that starts the next ' +
      'statement. A product is written with `*` or `@`, a call with parentheses.',
    example: inProblem('let area = width height'),
  },
  BL1004: {
    explain: 'A value is named by `let NAME = EXPR`: every statement starts with its word, since newlines mean nothing.',
    example: inProblem('half = 1 / 2'),
  },
  BL1005: {
    explain:
      'A page is not a list of `key: value` entries. After a `:` stands a type, and a statement starts with its word, which says what the name is: ' +
      '`hyper` is searched by the outer level, `param` by the inner one, `data` is bound from a file, `let` names a value.',
    example: inProblem('λ: 1.0'),
  },
  BL1006: {
    explain: 'A page holds `import`, `fn` and `problem`. `import` stands outside every problem; all statements but `fn` stand inside one.',
    example: 'let half = 0.5',
  },
  BL1007: {
    explain:
      'Data, hypers, params, random tensors and the arguments and results of functions state their type after a `:`, a kind, a shape or both: ' +
      '`positive`, `[n, d]`, `unit[k]`; `[]` or `real` is a real scalar.',
    example: inProblem('hyper penalty = 1.0'),
  },
  BL1008: {
    explain:
      'A type begins with one of the kinds real, positive, nonnegative, unit, simplex, int, choice(…), or with no kind, which is real. A shape stands in brackets: `[n, d]`.',
    example: inProblem('hyper penalty: postive = 1.0'),
  },
  BL1009: {
    explain: 'The block of a function is `{ let … return EXPR }`: any number of `let`s, then one `return`.',
    example: 'fn twice(a: []): [] = { let b = 2 * a }',
  },
  BL1010: {
    explain: 'The inner problem is a minimisation; only the outer level may say `maximize`. Maximising a loss is minimising its negative.',
    example: inProblem('inner maximize -sum(w^2)'),
  },
  BL1011: {
    explain: 'Some words have one spelling in their place: `minimize` and `maximize` after a level, `inner` and `outer` after `solve`.',
    example: inProblem('inner minimise sum(w^2)'),
  },
  BL1012: {
    explain: 'Each option of a split is given once: one `by`, one `seed`, one `unshuffled`, one `stratified by`.',
    example: inProblem('split n into train 60%, test 40%, seed 1, seed 2'),
  },
  BL1020: {
    explain: 'Every `(`, `[` and `{` is closed by its partner before the statement, the block or the problem around it ends.',
    example: inProblem('let total = sum(w'),
  },
  BL1021: {
    explain: 'A closing bracket must have an opening one before it, in the same statement.',
    example: inProblem('let total = 3)'),
  },
  BL1022: {
    explain: 'A string ends with `"` on the line on which it begins; a line break inside it is written `\\n`.',
    example: 'import { f } from "f.bilevel',
  },
  BL1023: {
    explain: 'A comment that begins with `/*` ends with `*/`; such comments do not nest.',
    example: 'problem p { } /* to be continued',
  },
  BL1024: {
    explain: 'Strings have the escapes of JSON: `\\"` `\\\\` `\\/` `\\b` `\\f` `\\n` `\\r` `\\t` and `\\u` with four hexadecimal digits.',
    example: 'import { f } from "C:\\models\\f.bilevel"',
  },
  BL1025: {
    explain: 'A string stands in double quotes.',
    example: "import { f } from 'f.bilevel'",
  },
  BL1026: {
    explain: 'Comments are `// …` to the end of the line or `/* … */`; `/// …` documents the declaration below it.',
    example: 'problem p { } # a first try',
  },
  BL1027: {
    explain: 'Statements need no separator: each starts with its word.',
    example: inProblem('let half = 0.5;'),
  },
  BL1028: {
    explain:
      'Outside strings and comments a page holds names (a letter or `_`, then letters, digits, `_`), numbers and the signs of the language.',
    example: inProblem('let price = 3 $'),
  },
  BL1030: {
    explain: 'A number has digits on both sides of its point, so that `0..9` is a range.',
    example: inProblem('let half = .5'),
  },
  BL1031: {
    explain:
      'The sign is another language’s. A power is `^`, logic is `and`, `or`, `not`, equality `==` and `!=`, a transpose `A.T`, the type of a result follows `:`.',
    example: inProblem('let square = 3 ** 2'),
  },
  BL1032: {
    explain: 'A product is always written with `*`.',
    example: inProblem('let diameter = 2radius'),
  },
  BL1033: {
    explain: 'Percentages are the shares of a `split` and stand nowhere else; there is no remainder operator.',
    example: inProblem('let share = 60%'),
  },
  BL1034: {
    explain: 'Comparisons do not chain: each compares two values, and `and` joins them.',
    example: inProblem('let inside = 0 < 1 < 2'),
  },
  BL1035: {
    explain: '`=` gives a name its value and an argument its name; `==` compares.',
    example: inProblem('let x = if 1 = 2 then 3 else 4'),
  },
  BL1036: {
    explain: '`not` binds more loosely than comparisons, sums and products, so it cannot stand right behind one of their operators.',
    example: inProblem('let x = 1 + not 0'),
  },
  BL1037: {
    explain: 'A range `a .. b`, both ends included, stands only in an index, behind `in` of a `for` or an `over`, and behind `columns`.',
    example: inProblem('let all = 0 .. 9'),
  },
  BL1038: {
    explain:
      'An index range is `a .. b` and includes both ends; `:` alone is a whole axis. Steps are written with a comprehension: `A[[2 * i for i in 0 .. 4]]`.',
    example: inProblem('let head = A[0:10]'),
  },
  BL1040: {
    explain:
      'Several values in parentheses are the starts and results of a `scan` with several states, and nothing else. A vector is `[a, b]`.',
    example: inProblem('let pair = (1, 2)'),
  },
  BL1041: {
    explain:
      'A `scan` of several states starts each one and gives each its next value: `scan (h, c) = (h0, c0) over x in XS { (h1, c1) }`.',
    example: inProblem('let hs = scan (h, c) = (0, 1) over i in 0 .. 9 { h + c }'),
  },
  BL1042: {
    explain:
      'There are no functions without a name. A function is declared with `fn` and called; what a lambda does to each element, a comprehension says.',
    example: inProblem('let square = lambda x: x^2'),
  },
  BL1043: {
    explain:
      'A minimisation is not an expression: the inner problem is declared once, by `param` and `inner minimize`, and its params then stand for the minimiser in the outer criterion.',
    example: inProblem('let best = argmin_w(sum(w^2))'),
  },
  BL1044: {
    explain:
      'Behind a point stands only `T`, the transpose of a matrix. Everything else is a function: `sum(x)`, `size(x)`, `reshape(x, [2, 3])`.',
    example: inProblem('let total = A.sum'),
  },
  BL1045: {
    explain: 'Only a name can be called. A product needs its `*`.',
    example: inProblem('let product = (1 + 2)(3 + 4)'),
  },
  BL1046: {
    explain: 'A named argument is `NAME = EXPR`. To compare, write `==`.',
    example: inProblem('let x = sum(a[0] = 1)'),
  },
  BL1047: {
    explain: 'Arguments without a name stand before the named ones.',
    example: inProblem('let x = max(axis = 1, A)'),
  },
  BL1048: {
    explain: 'Each named argument is given once.',
    example: inProblem('let x = max(A, axis = 0, axis = 1)'),
  },
  BL1049: {
    explain: 'Expressions may nest a few hundred levels deep. Beyond that, name the parts with `let`; a long sum is `sum([…])`.',
    example: inProblem(`let x = ${'('.repeat(150)}1${')'.repeat(150)}`),
  },
};
