import { describe, expect, it } from 'vitest';
import { rowsOf } from '../../diagnostics/catalogue.ts';
import * as syntax from '../../diagnostics/syntax.ts';
import { parse } from '../../grammar/parse.ts';
import { hasMissing, codes } from './strip.ts';

const inProblem = (statements: string): string => `problem p {\n${statements}\n}`;
const rows = rowsOf(syntax);

describe('the rows of the catalogue', () => {
  it.each(rows.map((row) => [row.code, row] as const))('%s: its example earns exactly that code', (code, row) => {
    expect(codes(row.example)).toEqual([code]);
  });

  it('have distinct codes and slugs', () => {
    expect(new Set(rows.map((row) => row.code)).size).toBe(rows.length);
    expect(new Set(rows.map((row) => row.slug)).size).toBe(rows.length);
  });
});

/** Each: a mistake, its code, the text it is located at, and a part of what is said. */
const mistakes: readonly (readonly [string, string, string, string, string])[] = [
  ['a power of Python', 'let a = x ** 2', 'BL1031', '**', 'write `^`'],
  ['a prefix of NumPy', 'let a = np.mean(x + 1)', 'BL1044', 'mean', 'functions stand alone: `mean(…)`'],
  ['a method', 'let a = w.sum()', 'BL1044', 'sum', 'functions stand alone: `sum(w)`'],
  ['a function of a package in a package', 'let a = jnp.linalg.norm(w)', 'BL1044', 'linalg.norm', 'functions stand alone: `norm(…)`'],
  ['a number of a package', 'let a = 2 * np.pi', 'BL1044', 'pi', 'write `pi`'],
  ['a size of NumPy', 'let a = y / X.shape[0]', 'BL1044', 'shape', 'use the name of the dim'],
  ['a transpose of NumPy', 'let a = A.transpose() @ y', 'BL1044', 'transpose', 'write `A.T`'],
  ['an elementwise sign', 'let a = x .* y', 'BL1031', '.*', 'write `*`'],
  ['a norm of the papers', 'let a = ||A @ w - y||^2', 'BL1031', '||A @ w - y||', 'write `norm(…)`'],
  ['an absolute value of the papers', 'let a = 2 * |x|', 'BL1031', '|x|', 'write `abs(…)`'],
  ['a choice of Python', 'let a = mean(y if c else 0)', 'BL1001', 'if', '`if c then a else b`'],
  ['a loop', 'let a = 1\n  for i in n { }', 'BL1001', 'for', 'there are no loops'],
  ['a comment of SQL', 'param w: [d]\n-- a comment', 'BL1001', '-', 'a comment begins with `//`'],
  ['a decorator', 'param w: [d]\n@inner', 'BL1001', '@', 'inner minimize'],
  ['a level that is not said', 'minimize sum(w^2)', 'BL1002', 'minimize', 'inner minimize'],
  ['a constraint', 'subject to sum(w) == 1', 'BL1002', 'subject', '`simplex[d]`'],
  ['an output', 'print(w)', 'BL1002', 'print', 'report NAME'],
  ['a choice of C', 'let a = mean(y > 0 ? y : 0)', 'BL1028', '?', 'if c then a else b'],
  ['an index of Python', 'let a = A[0:10]', 'BL1038', '0:10', 'write `A[0 .. 9]`'],
  ['an open index of Python', 'let a = A[:k]', 'BL1038', ':k', 'write `A[0 .. k - 1]`'],
  ['the other open index', 'let a = A[2:]', 'BL1038', '2:', 'write `A[2 .. n - 1]`'],
  ['an index with a step', 'let a = A[::2]', 'BL1038', '::2', 'no step'],
  ['a lambda of Python', 'let f = lambda x: x^2', 'BL1042', 'lambda', 'functions have names'],
  ['a Greek lambda', 'let f = map(λ x: x^2, xs)', 'BL1042', 'λ', 'functions have names'],
  ['an entry of YAML', 'λ: 1.0', 'BL1005', 'λ:', 'hyper λ: real = 1.0'],
  ['an entry with a type', 'w: [d]', 'BL1005', 'w:', 'param w: [d]'],
  ['the operator of the papers', 'let w = argmin_w mean((A @ w)^2)', 'BL1043', 'argmin_w', 'inner minimize'],
  ['the operator of the papers, called', 'let best = argmin_v(loss(v))', 'BL1043', 'argmin_v', 'param v'],
  ['the operator of the papers, in TeX', 'let best = argmax_{v} loss(v)', 'BL1043', 'argmax_', '`inner minimize -(…)`'],
  ['no digit behind the point', 'let a = 1.', 'BL1030', '1.', 'write `1.0`'],
  ['no digit before the point', 'let a = .5e3', 'BL1030', '.5e3', 'write `0.5e3`'],
  ['no digit, then an exponent', 'let a = 1.e5', 'BL1030', '1.e5', 'write `1.0e5`'],
  ['an assignment as a condition', 'let a = if b = 2 then 1 else 0', 'BL1035', '=', 'write `b == 2`'],
  ['an assignment in parentheses', 'let a = (b = 2) + 1', 'BL1035', '=', 'write `b == 2`'],
  ['and of C', 'let a = b && c', 'BL1031', '&&', 'write `and`'],
  ['or of C', 'let a = b || c', 'BL1031', '||', 'write `or`'],
  ['not of C', 'let a = !b', 'BL1031', '!', 'write `not`'],
  ['a typographic minus', 'let a = b − c', 'BL1031', '−', 'write `-`'],
  ['a transpose of MATLAB', "let a = A' @ b", 'BL1031', "'", 'write `A.T`'],
  ['a method of NumPy', 'let a = A.sum', 'BL1044', 'sum', 'write `sum(A)`'],
  ['British spelling', 'inner minimise sum(w^2)', 'BL1011', 'minimise', 'write `minimize`'],
  ['half a word', 'outer max sum(w^2)', 'BL1011', 'max', 'write `maximize`'],
  ['a misspelt level', 'solve iner with adam', 'BL1011', 'iner', 'write `inner`'],
  ['a misspelt hyper', 'hypre λ: positive = 1', 'BL1002', 'hypre', 'did you mean `hyper`?'],
  ['a misspelt let', 'lte a = 3', 'BL1002', 'lte', 'did you mean `let`?'],
  ['a misspelt split', 'spilt n into a 50%, b 50%', 'BL1002', 'spilt', 'did you mean `split`?'],
  ['a misspelt solve', 'slove inner with adam', 'BL1002', 'slove', 'did you mean `solve`?'],
  ['a function of Python', 'def f(x: []): [] = x', 'BL1002', 'def', 'did you mean `fn`?'],
  ['a result of Python', 'fn f(x: []) -> [] = x', 'BL1031', '->', 'write `:`'],
  ['a variable of AMPL', 'var w: [d]', 'BL1002', 'var', 'did you mean `param`?'],
  ['a word that is nothing at all', 'frobnicate w w', 'BL1002', 'frobnicate', 'statements start with'],
  ['a misspelt hyper without its colon', 'let a = 1\nhypre λ positive', 'BL1002', 'hypre', 'did you mean `hyper`?'],
  ['a comment of Python', 'let a = 1 # one', 'BL1026', '# one', 'write `// one`'],
  ['a separator', 'let a = 1;', 'BL1027', ';', 'delete'],
  ['an open parenthesis', 'let a = f(x, (y + 1)\nlet b = 2', 'BL1020', '(', 'add `)`'],
  ['an open bracket', 'let a = [x, [1, 2]\nlet b = 2', 'BL1020', '[', 'add `]`'],
  ['a bracket closed by another', 'let a = f(x]', 'BL1020', '(', '`]` stands where `)` should'],
  ['an inner bracket left open', 'let a = f(A[x)', 'BL1020', '[', 'add `]`'],
  ['an open block', 'fn f(x: []): [] = { let u = x return u\nlet b = 2', 'BL1020', '{', 'add `}`'],
  ['an open block without a return', 'fn f(x: []): [] = { let u = x\nhyper b: real = 2', 'BL1020', '{', 'add `}`'],
  ['a closing brace too many', 'let a = 1 }\nlet b = 2', 'BL1021', '}', 'closes nothing'],
  ['an open string', 'data X: [n] from "x.csv\nlet a = 1', 'BL1022', '"x.csv', 'add `"`'],
  ['an open string in a call', 'let a = f("x, 2)\nlet b = 1', 'BL1022', '"x, 2)', 'add `"`'],
  ['a wrong escape', 'data X: [n] from "a\\x41.csv"', 'BL1024', '\\x', 'no escape'],
  ['single quotes', "data X: [n] from 'x.csv'", 'BL1025', "'x.csv'", 'write "x.csv"'],
  ['a missing name', 'let = 3', 'BL1001', '=', 'expected a name after `let`'],
  ['a missing colon', 'data X [n, d]', 'BL1001', '[n, d]', '`:`'],
  ['a missing type', 'data X: from "x.csv"', 'BL1007', 'X', 'data X: [n]'],
  ['a missing value', 'let a =', 'BL1001', '=', 'expected an expression after `=`'],
  ['a missing operand', 'let a = 3 * * 4', 'BL1001', '*', 'expected an expression'],
  ['a missing operator', 'let a = f(x y)', 'BL1003', 'y', 'an operator or a comma'],
  ['a missing `then`', 'let a = if b c else d', 'BL1001', 'c', 'expected `then`'],
  ['a missing `minimize`', 'inner mean(w^2)', 'BL1001', 'mean', 'expected `minimize` or `maximize`'],
  ['a missing result type', 'fn f(x: []) = x', 'BL1007', 'f', 'the result of `f`'],
  ['a missing argument type', 'fn f(x): [] = x', 'BL1007', 'x', '`x: []`'],
  ['a name with the words of a shape', 'data X: n', 'BL1008', 'n', '`[n]`'],
  ['a type of another language', 'hyper a: float = 1', 'BL1008', 'float', 'did you mean `real`?'],
  ['a reserved word as a name', 'let in = 3', 'BL1001', 'in', '`in` is reserved'],
  ['a chain', 'let a = 0 < b <= c', 'BL1034', '0 < b <= c', '`0 < b and b <= c`'],
  ['a range as a value', 'let a = f(0 .. 9)', 'BL1037', '..', 'only in an index'],
  ['a product without its sign', 'let a = 2x', 'BL1032', '2x', 'write `2 * x`'],
  ['a call of a call', 'let a = f(x)(y)', 'BL1045', '(y)', 'only a name can be called'],
  ['not behind an operator', 'let a = b + not c', 'BL1036', 'not', '`(not c)`'],
  ['not in a comparison', 'let a = b == not c', 'BL1036', 'not', '`==`'],
  ['an empty index', 'let a = A[]', 'BL1001', '[', 'an index'],
  ['nothing in parentheses', 'let a = ()', 'BL1040', '()', 'no expression'],
  ['a fold count missing', 'split n into a, b by', 'BL1001', 'by', 'a number of folds'],
  ['a column that is none', 'data X: [n] from "x.csv" columns [a, @]', 'BL1001', '@', 'a header name'],
  ['a position that is none', 'data X: [n] from "x.csv" column 1.5', 'BL1001', '1.5', 'whole number'],
  ['a solver missing', 'solve inner with', 'BL1001', 'with', 'a name'],
  ['an import inside', 'import { f } from "f.bilevel"', 'BL1006', 'import', 'inside a problem'],
];

describe('a mistake is reported once, at its place, with what to do', () => {
  it.each(mistakes)('%s', (_, statement, code, at, says) => {
    const text = inProblem(`hyper before: real = 1\n${statement}\nreport after = 2`);
    const { value, diagnostics } = parse(text, 'page.bilevel');
    const [first] = diagnostics;
    expect(diagnostics.map((one) => `${one.code} ${one.message}`)).toHaveLength(1);
    expect(first?.code).toBe(code);
    expect(text.slice(first?.span?.start, first?.span?.end)).toBe(at);
    expect([first?.message, ...(first?.hints ?? [])].join('\n')).toContain(says);
    const problem = value.items.find((item) => item.kind === 'problem');
    const kinds = problem?.declarations.map((declaration) => declaration.kind) ?? [];
    expect(kinds[0]).toBe('hyper');
    expect(kinds.at(-1)).toBe('report');
    expect(hasMissing(problem?.declarations.at(-1))).toBe(false);
  });
});
