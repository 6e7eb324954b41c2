/** What a page becomes: inputs, starts, methods; and how mistakes are told. */
import { describe, expect, it } from 'vitest';
import { printShape } from '../../compiler/ir/dims.ts';
import { checkPage } from '../../compiler/pipeline.ts';
import { evaluate, codes, lower, lowerOne, matrix, scalar, vector } from './harness.ts';

const ridge = `
/// Ridge regression on the diabetes study: learn the penalty that predicts held-out patients best.
problem ridge {
  dim n, d = 10

  data X: [n, d] from "diabetes.csv" columns age .. s6
  data y: [n]    from "diabetes.csv" column progression
  split n into train 60%, valid 20%, test 20%, seed 7

  hyper penalty: positive = 1.0
  param w: [d]
  param b: []

  fn predict(A: [k, d]): [k] = A @ w + b

  inner minimize mean((predict(X[train]) - y[train])^2) + penalty * sum(w^2)
  outer minimize mean((predict(X[valid]) - y[valid])^2)
  report rmse = sqrt(mean((predict(X[test]) - y[test])^2))
}
`;

/** A problem around some declarations; `inner` and `outer` may be replaced. */
const page = (declarations: string, { inner = '(w - 1)^2 + a * w^2', outer = 'w^2', top = '' } = {}): string => `${top}
problem p {
  hyper a: positive
  param w: []
  ${declarations}
  inner minimize ${inner}
  outer minimize ${outer}
}`;

describe('the ridge page of the language page', () => {
  const program = lowerOne(ridge);

  it('has its declarations', () => {
    expect(program.dims.map((d) => [d.name, d.fixed])).toEqual([
      ['n', undefined],
      ['d', 10],
    ]);
    expect(program.data.map((d) => [d.name, printShape(d.shape), d.from])).toEqual([
      ['X', '[n, d]', { file: 'diabetes.csv', columns: [{ from: 'age', to: 's6' }] }],
      ['y', '[n]', { file: 'diabetes.csv', columns: ['progression'] }],
    ]);
    expect(program.splits).toMatchObject([
      { dim: 'n', seed: 7, shuffled: true, parts: [{ name: 'train', percent: 60 }, { name: 'valid' }, { name: 'test' }] },
    ]);
    expect(program.hypers.map((h) => [h.name, h.kind])).toEqual([['penalty', 'positive']]);
    expect(program.params.map((p) => [p.name, printShape(p.shape)])).toEqual([
      ['w', '[d]'],
      ['b', '[]'],
    ]);
    expect(program.doc).toContain('Ridge regression');
  });

  it('gives its inputs their names and roles', () => {
    const inputs = [...program.data, ...program.hypers, ...program.params].map((d) => d.value.node.attributes);
    expect(inputs.map((a) => [a.name, a.role])).toEqual([
      ['data:X', 'data'],
      ['data:y', 'data'],
      ['hyper:penalty', 'hyper'],
      ['param:w', 'state'],
      ['param:b', 'state'],
    ]);
    const set = program.splits[0]?.parts[0]?.value;
    expect(set?.node.attributes).toMatchObject({ name: 'index:train', role: 'data', dtype: 'int' });
    expect(printShape(set?.type.shape ?? [])).toBe('[train]');
  });

  it('means what it says', () => {
    const X = Array.from({ length: 5 }, (_, i) => Array.from({ length: 10 }, (_v, j) => Math.sin(3 * i + j)));
    const y = [1, 2, 3, 4, 5];
    const w = Array.from({ length: 10 }, (_, j) => 0.1 * j);
    const inputs = {
      'data:X': matrix(X),
      'data:y': vector(y),
      'index:train': vector([4, 0, 2]),
      'index:valid': vector([1]),
      'index:test': vector([3]),
      'hyper:penalty': scalar(0.5),
      'param:w': vector(w),
      'param:b': scalar(0.25),
    };
    const sizes = { n: 5, train: 3, valid: 1, test: 1 };
    const residual = (i: number): number => (X[i] ?? []).reduce((s, v, j) => s + v * (w[j] ?? 0), 0.25) - (y[i] ?? 0);
    const expected = (residual(4) ** 2 + residual(0) ** 2 + residual(2) ** 2) / 3 + 0.5 * w.reduce((s, v) => s + v * v, 0);
    expect(evaluate(program, program.inner.value, inputs, sizes).data[0]).toBeCloseTo(expected, 12);
    expect(evaluate(program, program.outer.value, inputs, sizes).data[0]).toBeCloseTo(residual(1) ** 2, 12);
  });

  it('knows the type of every expression', () => {
    const start = ridge.indexOf('A @ w + b');
    const found = checkPage(ridge, 'test.bilevel').expressionTypes.find(
      (e) => e.span.start === start && e.span.end === start + 'A @ w + b'.length,
    );
    expect(printShape(found?.type.shape ?? [])).toBe('[k]');
  });
});

describe('kinds', () => {
  it('have default starts', () => {
    const program = lowerOne(
      page(
        `
      dim k = 4
      hyper r: real  hyper p: positive  hyper q: nonnegative  hyper u: unit  hyper s: simplex[k]  hyper i: real[k] in [-1, k]
    `,
        { outer: 'w^2 + r + p + q + u + sum(s) + sum(i)' },
      ),
    );
    const starts = program.hypers.map((h) => [h.name, ...evaluate(program, h.init, {}, {}).data]);
    expect(starts).toEqual([
      ['a', 1],
      ['r', 0],
      ['p', 1],
      ['q', 0],
      ['u', 0.5],
      ['s', 0.25, 0.25, 0.25, 0.25],
      ['i', 1.5, 1.5, 1.5, 1.5],
    ]);
  });

  it('keep intervals as arithmetic in dims', () => {
    const program = lowerOne(page('dim n, k = 3  data g: int[n] in [0, k - 1]  data z: [n] in [-0.5, 1 / 2]'));
    expect(program.data.map((d) => d.interval?.map((bound) => bound.key))).toEqual([
      ['0', 'k - 1'],
      ['-0.5', '0.5'],
    ]);
  });

  it('stretch a start to the declared shape, and let it use data', () => {
    const program = lowerOne(
      page('dim d = 3  data x: [d]  hyper c: positive[d] = 2  hyper e: real[d] = 2 * x', { outer: 'w^2 + sum(c) + sum(e)' }),
    );
    const [, c, e] = program.hypers;
    if (c === undefined || e === undefined) throw new Error('two hypers');
    expect([...evaluate(program, c.init, {}, {}).data]).toEqual([2, 2, 2]);
    expect([...evaluate(program, e.init, { 'data:x': vector([1, 2, 3]) }, {}).data]).toEqual([2, 4, 6]);
  });

  it.each([
    ['hyper c: positive = 0', 'BL2025'],
    ['hyper c: positive = -1', 'BL2025'],
    ['hyper c: unit = 1', 'BL2025'],
    ['hyper c: nonnegative = 0', undefined],
    ['hyper c: nonnegative = -1', 'BL2025'],
    ['hyper c: real in [0, 1] = 0', undefined],
    ['hyper c: real in [0, 1] = 2', 'BL2025'],
    ['dim k = 2 hyper c: simplex[k] = [0.5, 0.6]', 'BL2025'],
    ['dim k = 2 hyper c: simplex[k] = [0.4, 0.6]', undefined],
    ['dim k = 2 hyper c: simplex[k] = [0, 1]', 'BL2025'],
    ['hyper c: simplex', 'BL2024'],
    ['hyper c: unit in [0, 0.5]', 'BL2024'],
    ['hyper c: real in [2, 1]', 'BL2026'],
    ['hyper c: real in [0, a]', 'BL2006'],
    ['dim d = 3 hyper c: real[d] = [1, 2]', 'BL2023'],
    ['hyper c: int in [1, 5]', undefined],
    ['hyper c: int in [0.5, 5]', 'BL2024'],
    ['hyper c: int in [1, 5] = 7', 'BL2025'],
    ['hyper c: int in [1, 5] by search', 'BL3090'],
    ['hyper c: choice(tanh, relu)', undefined],
    ['hyper c: choice(tanh, relu) = [0, 1]', undefined],
    ['hyper c: choice(tanh, relu) = [0, 1, 0]', 'BL2023'],
    ['param c: int', 'BL2024'],
    ['data c: choice(tanh, relu)', 'BL2024'],
  ])('%s', (declaration, code) => {
    expect(codes(page(declaration, { inner: declaration.startsWith('param') ? '(w - c)^2 + a * w^2' : '(w - 1)^2 + a * w^2' }))).toEqual(
      code === undefined ? [] : [code],
    );
  });

  it.each([
    ['positive', []],
    ['unit', []],
    ['nonnegative', []],
    ['simplex[k]', []],
    ['real in [0, 1]', []],
  ])('param c: %s', (type, expected) => {
    expect(codes(page(`dim k = 2 param c: ${type}`, { inner: '(w - sum(c))^2 + a * w^2' }))).toEqual(expected);
  });
});

describe('dims', () => {
  it('are polynomials, and equal a literal of the same value', () => {
    expect(codes(page('dim h = 8 data x: [h + 1] data y: [9]', { outer: 'sum(x + y) + w' }))).toEqual([]);
    expect(codes(page('dim h = 8, k = 8 data x: [h] data y: [k]', { outer: 'sum(x + y) + w' }))).toEqual(['BL2003']);
    expect(codes(page('dim u, d = 2 * u data x: [d] data y: [2 * u]', { outer: 'sum(x + y) + w' }))).toEqual([]);
    expect(codes(page('dim u data x: [2 * u + 1] data y: [u + u + 1]', { outer: 'sum(x + y) + w' }))).toEqual([]);
  });
  it('may stand after their use, and not go round', () => {
    expect(codes(page('data x: [e] dim e = f + 1 dim f = 2', { outer: 'sum(x) + w' }))).toEqual([]);
    expect(codes(page('dim e = f dim f = e'))).toEqual(['BL2007']);
  });
  it('say where they came from', () => {
    const [diagnostic] = lower(
      page('dim n data x: [n] data y: [n] split n into train 50%, valid 50%, seed 1', { outer: 'sum(x[train] - y[valid]) + w' }),
    ).diagnostics;
    expect(diagnostic?.code).toBe('BL2003');
    expect(diagnostic?.message).toContain('[train] and [valid]');
    expect(diagnostic?.labels.map((l) => l.message)).toEqual([
      'this is [train]',
      'this is [valid]',
      '`train` is an index set of `n`',
      '`valid` is an index set of `n`',
    ]);
  });
});

describe('functions', () => {
  it('solve their own dims from their arguments', () => {
    expect(
      codes(
        page('dim n data x: [n]', {
          top: 'fn pairs(x: [k], y: [k]): [2 * k] = concat(x, y)',
          outer: 'sum(pairs(x, x) + concat(x, x)) + w',
        }),
      ),
    ).toEqual([]);
    expect(
      codes(
        page('dim n, m data x: [n] data y: [m]', {
          top: 'fn pairs(x: [k], y: [k]): [2 * k] = concat(x, y)',
          outer: 'sum(pairs(x, y)) + w',
        }),
      ),
    ).toEqual(['BL2020']);
  });
  it('speak of the problem’s dims by name', () => {
    const { diagnostics } = lower(page('dim k = 3, n data x: [n] fn total(x: [k]): [] = sum(x)', { outer: 'total(x) + w' }));
    expect(diagnostics.map((d) => d.code)).toEqual(['BL2020']);
    expect(diagnostics[0]?.message).toContain("`k` here is the problem's `dim k = 3`");
  });
  it('outside of problems see no problem’s dims', () => {
    const top = 'fn first(x: [k]): [k] = x + zeros(k)';
    expect(codes(page('dim k = 3, n data x: [n]', { top, outer: 'sum(first(x)) + w' }))).toEqual([]);
    expect(codes(page('dim k = 3', { top: 'fn f(x: []): [] = x * k', outer: 'f(w)' }))).toEqual(['BL2001']);
  });
  it('are checked once, also if nobody calls them, and are silent where they are called', () => {
    expect(codes(page('fn f(x: []): [] = x + unknown', { outer: 'f(w) + f(2 * w)' }))).toEqual(['BL2001']);
    expect(codes(page('fn f(x: [r], y: [s]): [r] = x + y'))).toEqual(['BL2003']);
  });
  it('do not call themselves', () => {
    expect(codes(page('fn f(x: []): [] = g(x) fn g(x: []): [] = f(x)', { outer: 'f(w)' }))).toEqual(['BL2022']);
  });
  it('and loops hide no name with another', () => {
    const hidden = (declarations: string, outer: string): readonly string[] => codes(page(declarations, { outer }));
    expect(hidden('dim n data x: [n]', 'sum([w for x in 3])')).toEqual(['BL2055']);
    expect(hidden('dim n data x: [n]', 'sum([w for n in 3])')).toEqual(['BL2055']);
    expect(hidden('', 'sum([sum([w for i in 3]) for i in 2])')).toEqual(['BL2055']);
    expect(hidden('', 'sum(scan i = 0 over i in 3 { i + w })')).toEqual(['BL2055']);
    expect(hidden('fn f(x: []): [] = { let x = 2 return x }', 'f(w)')).toEqual(['BL2055']);
    expect(hidden('fn f(x: []): [] = { let y = x let y = 2 * y return y }', 'f(w)')).toEqual(['BL2055']);
    expect(hidden('fn f(x: []): [] = { let f = 2 return x * f }', 'f(w)')).toEqual(['BL2055']);
    expect(hidden('fn f(w: []): [] = w', 'f(2)')).toEqual([]);
    expect(hidden('', 'sum([sum for sum in [1, 2]]) + sum([w for i in 3]) + sum([w for i in 3])')).toEqual([]);
    expect(codes(page('solve inner with gd(rate = 0.1, steps = 3)', { inner: '(w - 1)^2 + a * sum([w for step in 3])' }))).toEqual([]);
    expect(lower(page('dim n data x: [n]', { outer: 'sum([w for x in 3])' })).diagnostics[0]?.labels).toMatchObject([
      { message: 'data of that name' },
    ]);
  });
  it('show each other, where they do', () => {
    const [circle] = lower(page('', { top: 'fn f(x: []): [] = g(x)\nfn g(x: []): [] = f(x)', outer: 'f(w)' })).diagnostics;
    expect(circle).toMatchObject({
      code: 'BL2022',
      message: '`f` calls itself, by way of `g`',
      span: { start: 41, end: 45 },
      labels: [
        { message: 'declared here', span: { start: 3, end: 4 } },
        { message: '`g` is called here', span: { start: 18, end: 22 } },
      ],
    });
    expect(lower(page('', { top: 'fn f(x: []): [] = f(x)', outer: 'f(w)' })).diagnostics).toMatchObject([
      { code: 'BL2022', message: '`f` calls itself', labels: [{ message: 'declared here' }] },
    ]);
  });
  it('have defaults, which may speak of the parameters before them', () => {
    const top = 'fn f(x: [n], y: [m] = 2 * x, by: [] = sum(y)): [] = by * sum(x)';
    const valueOf = (outer: string): number | undefined => {
      const program = lowerOne(page('', { top, outer }));
      return evaluate(program, program.outer.value, { 'param:w': scalar(5) }, {}).data[0];
    };
    expect(valueOf('f([w, 1])')).toBe(72);
    expect(valueOf('f([w, 1], [1, 1, w])')).toBe(42);
    expect(valueOf('f([w, 1], by = 10)')).toBe(60);
    expect(codes(page('', { top, outer: 'f(w)' }))).toEqual(['BL2020']);
    expect(codes(page('', { top, outer: 'f()' }))).toEqual(['BL2010']);
    expect(codes(page('fn f(x: [], y: [] = z, z: [] = 1): [] = x'))).toEqual(['BL2001']);
    expect(codes(page('fn f(x: [n], y: [n] = 1): [n] = x + y'))).toEqual(['BL2020']);
    expect(codes(page('fn f(x: [] = 1, y: []): [] = x + y'))).toEqual(['BL2054']);
    const inside = lowerOne(page('fn f(x: [], by: [] = a): [] = by * x', { outer: 'f(w)' }));
    expect(evaluate(inside, inside.outer.value, { 'param:w': scalar(5), 'hyper:a': scalar(3) }, {}).data[0]).toBe(15);
  });
  it('are of any number of dims where they say so', () => {
    const top = 'fn rows(x: [...s, k], by: [k]): [...s] = sum(x * by, axis = -1)\nfn centred(x: [...s]): [...s] = x - mean(x)';
    const valueOf = (outer: string): readonly number[] => {
      const program = lowerOne(page('', { top, outer: `sum(${outer}) + w` }));
      return [...evaluate(program, program.outer.value, { 'param:w': scalar(5) }, {}).data];
    };
    expect(valueOf('rows([w, 1], [1, 2])')).toEqual([12]);
    expect(valueOf('rows([[w, 1], [0, 1]], [1, 2])')).toEqual([14]);
    expect(valueOf('rows([[[w, 1], [0, 1]]], [1, 2])')).toEqual([14]);
    expect(valueOf('rows([[[[w, 1], [0, 1]]]], [1, 2])')).toEqual([14]);
    expect(valueOf('centred(w) + centred([1, 2, 3])')).toEqual([5]);
    const said = (outer: string): readonly (string | undefined)[] =>
      lower(page('', { top, outer })).diagnostics.map((d) => `${d.code} ${d.message}`);
    expect(said('rows(w, [1])')).toEqual(['BL2020 `x` of `rows` is [...s, k], and this is a number: it has 0 axes, and needs 1 at least']);
    const pair = 'fn pair(x: [...s], y: [...s]): [...s] = x + y';
    expect(lower(page('dim n, m data u: [n] data v: [m]', { top: pair, outer: 'sum(pair(u, v))' })).diagnostics).toMatchObject([
      { code: 'BL2020', message: '`y` of `pair` is [...s], and this is [m]: `...s` is [n] in this call, not [m]' },
    ]);
  });
  it('of any number of dims are tried with several', () => {
    const [wrong] = lower(page('', { top: 'fn f(x: [...s]): [...s] = x @ x' })).diagnostics;
    expect(wrong).toMatchObject({ code: 'BL2013' });
    expect(wrong?.labels.at(-1)?.message).toBe('where `...` stands for no dims');
    expect(codes(page('', { top: 'fn f(x: [...s]): [] = x' }))).toEqual(['BL2021']);
    expect(codes(page('', { top: 'fn f(x: []): [...s] = x' }))).toEqual(['BL2019']);
    expect(codes(page('', { top: 'fn f(x: [...s, ...t]): [] = sum(x)' }))).toEqual(['BL2053']);
    expect(codes(page('data x: [...s]'))).toEqual(['BL2053']);
  });
  it('take arguments by name', () => {
    const program = lowerOne(page('fn f(x: [], y: []): [] = x - y', { outer: 'f(y = 1, x = w)' }));
    expect(evaluate(program, program.outer.value, { 'param:w': scalar(5) }, {}).data[0]).toBe(4);
    expect(codes(page('fn f(x: [], y: []): [] = x - y', { outer: 'f(w, z = 1)' }))).toEqual(['BL2011']);
    expect(codes(page('fn f(x: [], y: []): [] = x - y', { outer: 'f(w)' }))).toEqual(['BL2010']);
  });
  it('replace functions of the library, and nothing else', () => {
    const program = lowerOne(page('fn relu(x: []): [] = 7 * x', { outer: 'relu(w)' }));
    expect(evaluate(program, program.outer.value, { 'param:w': scalar(-1) }, {}).data[0]).toBe(-7);
    expect(codes(page('fn a(x: []): [] = x'))).toEqual(['BL2002']);
    expect(codes(page('fn f(x: []): [] = x', { top: 'fn f(x: []): [] = x' }))).toEqual(['BL2002']);
  });
});

describe('levels and methods', () => {
  it('know the step in a recipe', () => {
    const program = lowerOne(page('solve inner with gd(rate = a / (1 + step), steps = 3, momentum = 0.5)', { inner: '(w - step)^2' }));
    const rate = program.innerMethod?.options.get('rate');
    if (rate?.kind !== 'value') throw new Error('a rate');
    expect(evaluate(program, rate.value, { 'hyper:a': scalar(2), step: scalar(3) }, {}).data[0]).toBe(0.5);
    expect(evaluate(program, program.inner.value, { 'param:w': scalar(1), step: scalar(3) }, {}).data[0]).toBe(4);
    const steps = program.innerMethod?.options.get('steps');
    expect(steps?.kind === 'value' ? steps.value.node.attributes.value : undefined).toBe(3);
  });
  it('read words and flags', () => {
    const program = lowerOne(
      page('solve inner with gd(rate = 0.1, nesterov = true, tolerance = 1e-8) differentiate with implicit(solver = cg)'),
    );
    expect(program.innerMethod?.options.get('nesterov')).toMatchObject({ kind: 'flag', flag: true });
    expect(program.strategy).toMatchObject({ name: 'implicit' });
    expect(program.strategy?.options.get('solver')).toMatchObject({ kind: 'word', word: 'cg' });
  });
  it.each([
    ['solve inner with gd(rate = [0.1, 0.2], steps = 2)', []],
    ['solve inner with gd(rate = [0.1, 0.2], momentum = [0, -1], steps = 2)', ['BL3011']],
    ['solve inner with gd(rate = [0.1, 0.2], steps = 3)', ['BL3020']],
    ['solve inner with gd(rate = [0.1, 0.2], tolerance = 1e-3)', ['BL3020']],
    ['solve inner with gd(rate = 0.1, steps = [1, 2])', ['BL3011']],
    ['solve inner with gd(rate = 0, steps = 2)', ['BL3011']],
    ['solve inner with gd(rate = 0.1)', ['BL3012']],
    ['solve inner with gd(rate = w, steps = 2)', ['BL3013']],
    ['solve inner with gd(rate = 0.1, steps = a)', ['BL3013']],
    ['solve inner with gd(0.1, steps = 2, rate = 1)', ['BL3010']],
    ['solve inner with gd(rate = step, tolerance = 1e-3)', ['BL3007']],
    ['solve inner with gd(rate = 0.1, steps = 2, batch = 16, over = n)', ['BL3022']],
    ['solve inner with adam(rate = 0.1, beta1 = 1, steps = 2)', ['BL3011']],
    ['solve inner with newton(starts = 2)', ['BL3010']],
    ['solve outer with adam(rate = a)', ['BL3013']],
    ['solve outer with trust_region(rate = 0.1)', ['BL3010']],
    ['solve outer with newton', ['BL3009']],
    ['solve outer with lbfgs(starts = 0)', ['BL3011']],
    ['differentiate with implicit(solver = gmres, steps = 20)', []],
    ['differentiate with implicit(solver = chol)', ['BL3011']],
    ['differentiate with unrolled(mode = sideways)', ['BL3011']],
    ['differentiate with unrolled(truncate = -1)', ['BL3011']],
    ['solve inner with lbfgs solve inner with newton', ['BL3001']],
  ])('%s', (statement, expected) => {
    expect(codes(page(`dim n data x: [n] ${statement}`))).toEqual(expected);
  });
  it('let the start of a recipe’s param use hypers', () => {
    const start = 'hyper c: real param v: [] = c';
    expect(codes(page(`${start} solve inner with gd(rate = 0.1, steps = 2)`, { inner: '(w - 1)^2 + a * v^2' }))).toEqual([]);
    expect(codes(page(start, { inner: '(w - 1)^2 + a * v^2' }))).toEqual(['BL3006']);
  });
  it('draw starts', () => {
    const program = lowerOne(page('dim d = 2 param v: [d] ~ normal(0, sd = 0.1)', { inner: '(w - 1)^2 + a * sum(v^2)' }));
    expect(program.params[1]?.distribution).toEqual({ name: 'normal', arguments: [0, 0.1] });
    expect(program.params[1]?.init.node.attributes).toMatchObject({ name: 'draw:v', role: 'data' });
  });
  it('want both levels, once, as numbers', () => {
    expect(codes('problem p { hyper a: positive param w: [] }')).toEqual(['BL3002', 'BL3002']);
    expect(codes(page('param v: []'))).toEqual(['BL3004']);
    expect(codes(page('dim n data x: [n]', { inner: 'w * x', outer: 'x' }))).toEqual(['BL3003', 'BL3003']);
  });
});

describe('many mistakes in one page', () => {
  const text = `problem p {
    dim n, m
    data x: [n]
    data y: [m]
    data z: [q]
    hyper a: positive = 0
    let u = x + y
    let t = u * 2 + z
    param w: []
    fn f(v: [k]): [] = sum(v) + nothing
    inner minimize (w - 1)^2 + a * w^2 + sum(t) + f(x)
    outer minimize summ(x) * w + sum(u)
    report r = exp(x, 1)
    solve outer with adamm
  }`;

  it('are all told, in order, and nothing follows from them', () => {
    expect(codes(text)).toEqual(['BL2005', 'BL2025', 'BL2003', 'BL2001', 'BL2009', 'BL2010', 'BL3009']);
  });

  it('come with “did you mean”', () => {
    const hints = lower(text).diagnostics.flatMap((d) => d.hints);
    expect(hints).toContain('did you mean `sum`?');
    expect(hints).toContain('did you mean `adam`?');
  });
});
describe('index sets in one index', () => {
  it('select the sub-table of their rows and columns', () => {
    const { reports } = lowerOne(`problem p {
      dim n
      data K: [n, n]
      split n into train 60%, valid 40%
      hyper a: positive
      param w: [train]
      inner minimize sum((w - 1)^2) + a * (w @ K[train, train] @ w)
      outer minimize mean((K[valid, train] @ w)^2)
      report both = sum(K[valid, train]^2)
      report apart = sum(K[valid][:, train]^2)
    }`);
    const [both, apart] = reports.map(({ value }) => value);
    // Equal nodes are made once.
    expect(both).toBe(apart);
  });
});
