/** `choice` and `int` hypers on the page: what they mean, and what is refused. */
import { describe, expect, it } from 'vitest';
import { factsIn, declaredFacts } from '../../compiler/facts.ts';
import { codes, evaluate, lower, lowerOne, scalar, vector } from './harness.ts';

const page = (hyper: string, { inner = 'sum((act(w) - 1)^2)', rest = '' } = {}): string => `problem p {
  dim d = 3, h = 2
  data x: [d]
  hyper a: positive
  hyper c: real
  ${hyper}
  param w: [d]
  ${rest}
  inner minimize ${inner}
  outer minimize sum(w^2)
}`;

const softmax = (logits: readonly number[], temperature = 1): readonly number[] => {
  const weights = logits.map((x) => Math.exp(x / temperature));
  const total = weights.reduce((sum, x) => sum + x, 0);
  return weights.map((x) => x / total);
};

describe('a choice', () => {
  it.each([
    'choice(tanh, relu, half)',
    'choice(tanh, relu, half, temperature = 0.5)',
    'choice(tanh, relu, half, temperature = 2 * a, gumbel = false)',
    'choice(tanh, relu, half, gumbel = true)',
  ])('%s is logits, one an alternative', (type) => {
    const program = lowerOne(page(`hyper act: ${type} = [0.3, -0.7, 1.1]`, { rest: 'fn half(u: [k]): [k] = u / 2  report r = act(x)' }));
    const act = program.hypers.find(({ name }) => name === 'act');
    expect([act?.kind, act?.alternatives, act?.shape.map((dim) => dim.key)]).toEqual(['choice', ['tanh', 'relu', 'half'], ['3']]);
  });

  it('has the value of the mixture, at any shape that a call gives it', () => {
    const program = lowerOne(
      page('hyper act: choice(tanh, relu, temperature = 2 * a)', { rest: 'report r = act(x)  report s = act(x[1])' }),
    );
    const logits = [0.4, -1.2];
    const x = [-0.5, 0.25, 2];
    const [p = 0, q = 0] = softmax(logits, 3);
    const inputs = { 'data:x': vector(x), 'hyper:act': vector(logits), 'hyper:a': scalar(1.5) };
    const mixed = x.map((u) => p * Math.tanh(u) + q * Math.max(u, 0));
    const [all, one] = program.reports.map(({ value }) => [...evaluate(program, value, inputs, {}).data]);
    mixed.forEach((expected, i) => expect(all?.[i]).toBeCloseTo(expected, 14));
    expect(one?.[0]).toBeCloseTo(mixed[1] ?? Number.NaN, 14);
  });

  it('starts even', () => {
    const program = lowerOne(page('hyper act: choice(tanh, relu)'));
    const init = program.hypers.find(({ name }) => name === 'act')?.init;
    expect(init === undefined ? [] : [...evaluate(program, init, {}, {}).data]).toEqual([0, 0]);
  });

  it('takes part where functions of the page call it, with their own dims', () => {
    const rest = 'param V: [h, d]  fn net(A: [k, d]): [k, h] = act(A @ V.T)  fn act2(u: [k]): [k] = act(act(u))';
    expect(codes(page('hyper act: choice(tanh, relu)', { inner: 'sum(net([w, x])) + sum(act2(w))', rest }))).toEqual([]);
  });

  it('is a convex combination: convex alternatives of an affine argument are convex', () => {
    const curvature = (alternatives: string): string => {
      const rest = 'fn square(u: [k]): [k] = u^2  fn bowl(u: [k]): [k] = softplus(u) + softplus(-u)';
      const program = lowerOne(page(`hyper act: choice(${alternatives}, temperature = a)`, { inner: 'sum(act(w - x))', rest }));
      const params = program.params.map(({ value }) => value);
      return factsIn(program.builder, program.inner.value, params, declaredFacts(program)).curvature;
    };
    expect(curvature('square, bowl, softplus')).toBe('convex');
    expect(curvature('square, tanh')).toBe('unknown');
  });

  it.each([
    ['choice(tanh)', 'BL2010'],
    ['choice(tanh, tanh)', 'BL2002'],
    ['choice(tanh, relu)[d]', 'BL2024'],
    ['choice(tanh, x + 1)', 'BL2024'],
    ['choice(tanh, tanhh)', 'BL2009'],
    ['choice(tanh, x)', 'BL2009'],
    ['choice(tanh, relu, heat = 2)', 'BL2011'],
    ['choice(tanh, relu, temperature = 0)', 'BL2025'],
    ['choice(tanh, relu, temperature = -1)', 'BL2025'],
    ['choice(tanh, relu, temperature = x)', 'BL2024'],
    ['choice(tanh, relu, temperature = c)', 'BL2024'],
    ['choice(tanh, relu, temperature = w[0]^2)', 'BL3006'],
    ['choice(tanh, relu, temperature = act(a))', 'BL2008'],
    ['choice(tanh, relu, gumbel = 1)', 'BL2024'],
    ['choice(tanh, maximum)', 'BL2036'],
    ['choice(tanh, clip)', 'BL2036'],
    ['choice(relu, tall)', 'BL2036'],
    ['choice(wide, tall)', 'BL2036'],
    ['choice(wide, other)', undefined],
    ['choice(tanh, sum)', 'BL2036'],
  ])('%s: %s', (type, code) => {
    const rest = `fn wide(u: [k]): [k] = u
  fn tall(u: [k], v: [k]): [k] = u + v
  fn other(z: [m]): [m] = z + 1`;
    expect(codes(page(`hyper act: ${type}`, { rest }))).toEqual(code === undefined ? [] : [code]);
  });

  it('of functions that do not fit says what each of them is, where it is named', () => {
    const text = page('hyper act: choice(wide, tall)', { rest: 'fn wide(u: [k]): [k] = u\n  fn tall(A: [k, m]): [k] = sum(A, axis = 1)' });
    const [found] = lower(text).diagnostics;
    const at = (span: { readonly start: number; readonly end: number } | undefined): string => text.slice(span?.start, span?.end);
    expect([found?.code, at(found?.span)]).toEqual(['BL2036', 'tall']);
    expect(found?.message).toContain('([k, m]): [k]');
    expect(found?.labels.map(({ span, message }) => [at(span), message])).toEqual([['wide', '`wide` is ([k]): [k]']]);
    expect(found?.hints.join()).toContain('in the place of `tall`');
  });

  it('of results of two shapes says so at the call', () => {
    const [found, ...others] = lower(page('hyper act: choice(tanh, sum)')).diagnostics;
    expect(others).toEqual([]);
    expect(found?.message).toBe('`sum` gives a number, and `tanh` beside it in the choice gives [d]');
    expect(found?.labels.map(({ message }) => message)).toEqual(['`tanh` gives [d]', 'in this call']);
  });

  it.each([
    ['sum(act * w)', 'BL2001'],
    ['act[0] + sum(w^2)', 'BL2001'],
    ['sum(act(w, w))', 'BL2010'],
    ['sum(zeros(act)) + sum(w^2)', 'BL2001'],
  ])('is called, and nothing else: %s', (inner, code) => {
    const found = lower(page('hyper act: choice(tanh, relu)', { inner })).diagnostics;
    expect(found.map((d) => d.code)).toEqual([code]);
  });

  it('is a hyper', () => {
    expect(codes('fn f(g: choice(tanh, relu)): [] = 1\n' + page('hyper act: choice(tanh, relu)'))).toEqual(['BL2024']);
    expect(codes(page('hyper act: choice(tanh, relu)\n  data act2: choice(tanh, relu)'))).toEqual(['BL2024']);
  });
});

describe('an int hyper', () => {
  const int = (inner: string, more = ''): string => page('hyper k: int in [1, 8]', { inner: `${inner} + sum((w - k)^2)`, rest: more });

  it('is a real number between its bounds, from their middle', () => {
    const program = lowerOne(int('a'));
    const k = program.hypers.find(({ name }) => name === 'k');
    expect([k?.kind, k?.value.type.dtype, k?.interval?.map((bound) => bound.key)]).toEqual(['int', 'real', ['1', '8']]);
    expect(k === undefined ? [] : [...evaluate(program, k.init, {}, {}).data]).toEqual([4.5]);
  });

  it.each([
    ['x[k]', 'BL2012'],
    ['x[k - 1]', 'BL2012'],
    ['sum(x[0 .. k])', 'BL2006'],
    ['sum(zeros(k))', 'BL2006'],
    ['sum(zeros(2 * k + 1))', 'BL2006'],
    ['sum([x[0] for t in k])', 'BL2006'],
  ])('where only a whole number has a meaning offers `by search`: %s', (inner) => {
    const found = lower(int(inner)).diagnostics;
    expect(found).toHaveLength(1);
    expect(found[0]?.hints.join()).toContain('`by search`');
  });

  it.each([
    ['solve inner with gd(rate = 0.1, steps = k)', 1],
    ['solve inner with gd(rate = 0.1, steps = 10, batch = k, over = d)', 1],
    ['param v: [k]', 1],
  ])('offers it there too: %s', (more, count) => {
    const found = lower(int('a', more)).diagnostics.filter(({ hints }) => hints.join().includes('`by search`'));
    expect(found).toHaveLength(count);
  });
});
