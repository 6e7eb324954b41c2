import { describe, expect, it } from 'vitest';
import type { Declaration, Expression } from '../../grammar/ast.ts';
import { parse } from '../../grammar/parse.ts';
import { closest } from '../../grammar/spelling.ts';
import { meaning, parseWell } from './strip.ts';

const declarationsOf = (statements: string): readonly Declaration[] => {
  const [problem] = parseWell(`problem p { ${statements} }`).items;
  return problem?.kind === 'problem' ? problem.declarations : [];
};

/** A tree with every operator in parentheses. */
function shape(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return expression.text;
    case 'name':
      return expression.name;
    case 'unary':
      return `(${expression.operator} ${shape(expression.operand)})`;
    case 'binary':
      return `(${shape(expression.left)} ${expression.operator} ${shape(expression.right)})`;
    case 'if':
      return `(if ${shape(expression.condition)} then ${shape(expression.then)} else ${shape(expression.otherwise)})`;
    case 'transposed':
      return `${shape(expression.operand)}.T`;
    case 'call':
      return `${expression.callee.name}(${expression.positional.map(shape).join(', ')})`;
    default:
      return expression.kind;
  }
}

const shapeOf = (text: string): string => {
  const [only] = declarationsOf(`let a = ${text}`);
  return only?.kind === 'let' ? shape(only.value) : 'no let';
};

describe('precedence', () => {
  it.each([
    ['-x^2', '(- (x ^ 2))'],
    ['2^-1', '(2 ^ (- 1))'],
    ['2^-x^2', '(2 ^ (- (x ^ 2)))'],
    ['2^3^4', '(2 ^ (3 ^ 4))'],
    ['2^-1 * 3', '((2 ^ (- 1)) * 3)'],
    ['-x.T', '(- x.T)'],
    ['-a * b', '((- a) * b)'],
    ['a * -b', '(a * (- b))'],
    ['a / b @ c * d', '(((a / b) @ c) * d)'],
    ['a - b + c * d', '((a - b) + (c * d))'],
    ['a + b < c - d', '((a + b) < (c - d))'],
    ['not a < b', '(not (a < b))'],
    ['not a and b or not c and d', '(((not a) and b) or ((not c) and d))'],
    ['a or b and c == d', '(a or (b and (c == d)))'],
    ['if a then b else c + 1', '(if a then b else (c + 1))'],
    ['if a then b else if c then d else f', '(if a then b else (if c then d else f))'],
    ['1 + if a then b else c + 1', '(1 + (if a then b else (c + 1)))'],
    ['(a < b) == c', '((a < b) == c)'],
    ['outer(x, y) + solve(A, b)', '(outer(x, y) + solve(A, b))'],
  ])('%s', (text, tree) => {
    expect(shapeOf(text)).toBe(tree);
  });
});

describe('what a statement holds', () => {
  it('a bare method is a call without arguments, and arguments keep their order', () => {
    const [bare, full] = declarationsOf('solve inner with adam solve outer with grid(3, 4, width = 2)');
    expect(bare?.kind === 'solve-inner' && meaningOf(bare.method)).toEqual({ callee: 'adam', positional: [], named: [] });
    expect(full?.kind === 'solve-outer' && meaningOf(full.method)).toEqual({
      callee: 'grid',
      positional: ['3', '4'],
      named: ['width = 2'],
    });
  });

  it('a split tells its parts from its options', () => {
    const [split] = declarationsOf('split n into unshuffled, seed 60%, train 40%, stratified by y, seed 7 + k');
    expect(split?.kind === 'split' && split.parts.map((part) => [part.name.name, part.percent])).toEqual([
      ['seed', 60],
      ['train', 40],
    ]);
    expect(split?.kind === 'split' && split.seed !== undefined && shape(split.seed)).toBe('(7 + k)');
    expect(split?.kind === 'split' && split.stratifiedBy?.name).toBe('y');
    expect(split?.kind === 'split' && split.unshuffled).toBeDefined();
  });

  it('an unshaped type and `[]` are both scalars, and a kind may be left out', () => {
    const types = declarationsOf('param a: [] param b: real param c: positive[n] in [0, 1]').map((one) =>
      one.kind === 'param' ? one.type : undefined,
    );
    expect(types.map((type) => [type?.kindName?.name, type?.shape.length, type?.interval !== undefined])).toEqual([
      [undefined, 0, false],
      ['real', 0, false],
      ['positive', 1, true],
    ]);
  });

  it('spans cover what was written', () => {
    const text = 'problem p {\n  let a = (b + c)[0] * d // end\n  hyper h: real = 1 by search\n}';
    const [problem] = parseWell(text).items;
    const spans = problem?.kind === 'problem' ? problem.declarations.map((one) => text.slice(one.span.start, one.span.end)) : [];
    expect(spans).toEqual(['let a = (b + c)[0] * d', 'hyper h: real = 1 by search']);
    const [first] = problem?.kind === 'problem' ? problem.declarations : [];
    const product = first?.kind === 'let' && first.value.kind === 'binary' ? first.value : undefined;
    expect(text.slice(product?.left.span.start, product?.left.span.end)).toBe('(b + c)[0]');
    expect(text.slice(product?.span.start, product?.span.end)).toBe('(b + c)[0] * d');
  });

  it('strings have the escapes of JSON', () => {
    const [data] = declarationsOf(String.raw`data a: [n] from "a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"`);
    expect(data?.kind === 'data' && data.from?.file).toBe('a"\\/\b\f\n\r\té😀');
  });

  it('a comment goes on where only an editor may break the line', () => {
    const { value, diagnostics } = parse('// see\u2028problem below\n/// docs\u2029fn too\nproblem p {}\n', 'page.bilevel');
    expect([value.items.map(({ kind }) => kind), value.comments.length, diagnostics]).toEqual([['problem'], 1, []]);
  });

  it('newlines mean nothing', () => {
    const text =
      'fn f(A: [k, d]): [k] = { let u = A @ W1.T  let v = tanh(u)  return v @ W2.T } problem p { let a = 1 let b = -a let c = [b] let d = (c) }';
    expect(meaning(parseWell(text.replaceAll(' ', '\n')))).toEqual(meaning(parseWell(text)));
  });
});

function meaningOf(method: Expression & { kind: 'call' }): unknown {
  const named = method.named.map(({ name, value }) => `${name.name} = ${shape(value)}`);
  return { callee: method.callee.name, positional: method.positional.map(shape), named };
}

describe('closest', () => {
  it.each([
    ['hypre', ['param', 'hyper'], 'hyper'],
    ['lte', ['fn', 'let'], 'let'],
    ['penaltyy', ['penalty', 'penal'], 'penalty'],
    ['Train', ['train'], 'train'],
    ['learning_rat', ['learning_rate', 'rate'], 'learning_rate'],
    ['a', ['b'], undefined],
    ['x', ['X'], 'X'],
    ['foo', ['bar', 'bat'], undefined],
    ['cat', ['bat', 'hat'], 'bat'],
    ['same', ['same'], undefined],
    ['𝛼𝛽𝛾', ['𝛼𝛽𝛿'], '𝛼𝛽𝛿'],
    ['word', [], undefined],
  ] as const)('%s among %j is %s', (name, candidates, nearest) => {
    expect(closest(name, candidates)).toBe(nearest);
  });
});
