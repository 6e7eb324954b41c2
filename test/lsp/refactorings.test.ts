/** What each refactoring writes, on pages with marks. That they keep what pages mean is tested beside it, on many. */
import { DiagnosticSeverity, DiagnosticTag } from 'vscode-languageserver-protocol';
import { describe, expect, it } from 'vitest';
import { diagnosticsOf } from '../../lsp/features/diagnostics.ts';
import { analysisOf } from './every-feature.ts';
import { after, offeredIn } from './rewriting.ts';

const page = (inside: string): string => `problem p {
  dim n, d
  data X: [n, d]
  data y: [n]
  hyper a: positive
  param w: [d]
  ${inside}
}
`;
const losses = 'inner minimize mse(X @ w, y) + a * l2(w)\n  outer minimize mse(X @ w, y)';
const titles = (written: string): readonly string[] => offeredIn(written).rewrites.map(({ title }) => title);

/** A part of a page, before and after: the lines that a refactoring is about. */
const rewrites = (title: string, before: string, wanted: string): void => {
  expect(after(page(before), title)).toBe(page(wanted));
};

describe('an expression', () => {
  it('gets a name, before its statement and what is said of that', () => {
    rewrites(
      'Extract to a `let`',
      '/// What it costs.\n  inner minimize mse(⟦X @ w⟧, y) + a * l2(w)\n  outer minimize mse(X @ w, y)',
      'let product = X @ w\n  /// What it costs.\n  inner minimize mse(product, y) + a * l2(w)\n  outer minimize mse(X @ w, y)',
    );
  });
  it('gets one at all its places', () => {
    rewrites(
      'Extract all 2',
      'inner minimize mse(X @ w, y) + a * l2(w)\n  outer minimize mse(⟦X @ w⟧, y)',
      'let product = X @ w\n  inner minimize mse(product, y) + a * l2(w)\n  outer minimize mse(product, y)',
    );
  });
  it('gets one in the function that it stands in, which becomes a block', () => {
    rewrites(
      'Extract to a `let`',
      `fn f(A: [k, d]): [k] = tanh(⟦A @ w⟧) + A @ w\n  ${losses}`,
      `fn f(A: [k, d]): [k] = {\n    let product = A @ w\n    return tanh(product) + A @ w\n  }\n  ${losses}`,
    );
  });
  it('gets one in a scan, of what the scan binds', () => {
    rewrites(
      'Extract to a `let`',
      `let s = scan h = 0 over v in y { h * ⟦(v + 1)⟧ }\n  ${losses}`,
      `let s = scan h = 0 over v in y {\n    let total = v + 1\n    return h * total\n  }\n  ${losses}`,
    );
  });
  it('gets none where what it speaks of is not seen', () => {
    expect(titles(page(`let s = [⟦t + 1⟧ for t in n]\n  ${losses}`))).toEqual(['Extract to a function']);
  });
  it('becomes a function of what it speaks of', () => {
    rewrites(
      'Extract to a function',
      'inner minimize mse(⟦X @ w⟧, y) + a * l2(w)\n  outer minimize mse(X @ w, y)',
      'fn product(X: [n, d], w: [d]): [n] = X @ w\n  inner minimize mse(product(X, w), y) + a * l2(w)\n  outer minimize mse(X @ w, y)',
    );
  });
  it('is offered nothing where it is half of one, or a name', () => {
    expect(titles(page('inner minimize mse(X @ w, y) + ⟦a * l2⟧(w)\n  outer minimize mse(X @ w, y)'))).toEqual([]);
    expect(titles(page('inner minimize mse(X @ w, y) + ⟦a⟧ * l2(w)\n  outer minimize mse(X @ w, y)'))).toEqual([]);
  });
});

describe('a let', () => {
  it('gives way to its value everywhere, with the parentheses that this needs', () => {
    rewrites(
      'Inline `r`',
      'let <|>r = y - X @ w\n  inner minimize mean(r^2) + a * l2(w)\n  outer minimize sum(r)',
      'inner minimize mean((y - X @ w)^2) + a * l2(w)\n  outer minimize sum(y - X @ w)',
    );
  });
  it('gives way at one place', () => {
    rewrites(
      'Inline `r` here',
      'let r = y - X @ w\n  inner minimize mean(<|>r^2) + a * l2(w)\n  outer minimize sum(r)',
      'let r = y - X @ w\n  inner minimize mean((y - X @ w)^2) + a * l2(w)\n  outer minimize sum(r)',
    );
  });
  it('stays where its value would mean something else', () => {
    expect(titles(page(`let <|>r = y[0]\n  fn f(y: [k]): [k] = y + r\n  ${losses}`))).toEqual([]);
  });
  it('leaves a function without a block', () => {
    rewrites(
      'Inline `u`',
      `fn f(A: [k, d]): [k] = {\n    let <|>u = A @ w\n    return u^2\n  }\n  ${losses}`,
      `fn f(A: [k, d]): [k] = (A @ w)^2\n  ${losses}`,
    );
  });
});

describe('a call', () => {
  it('gives way to what the function does', () => {
    rewrites(
      'Inline `f`',
      'fn f(A: [k, d], by: [] = 2): [k] = by * A @ w\n  inner minimize mse(<|>f(X), y) + a * l2(w)\n  outer minimize sum(y)',
      'inner minimize mse(2 * X @ w, y) + a * l2(w)\n  outer minimize sum(y)',
    );
  });
  it('of a function with a block takes its lets along', () => {
    rewrites(
      'Inline `f` here',
      'fn f(A: [k, d]): [k] = {\n    let u = A @ w\n    return u + 1\n  }\n  inner minimize mse(<|>f(X), y) + a * l2(w)\n  outer minimize sum(f(X))',
      'fn f(A: [k, d]): [k] = {\n    let u = A @ w\n    return u + 1\n  }\n  inner minimize mse(X @ w + 1, y) + a * l2(w)\n  outer minimize sum(f(X))',
    );
  });
  it('stays where the function speaks of a dim of its own, or hides a name of an argument', () => {
    expect(titles(page(`fn f(x: [k]): [] = sum(x) / k\n  let s = <|>f(y)\n  ${losses}`))).toEqual([]);
    expect(titles(page(`fn f(x: [k]): [k] = [x[0] * t for t in k]\n  let s = [sum(<|>f(y + t)) for t in n]\n  ${losses}`))).toEqual([]);
  });
});

describe('another form', () => {
  const form = (before: string, wanted: string): void => {
    rewrites('Write', `let u = ${before}\n  ${losses}`, `let u = ${wanted}\n  ${losses}`);
  };
  it('is stable', () => {
    form('<|>log(1 + exp(y))', 'softplus(y)');
    form('<|>log(exp(y - 1) + 1)', 'softplus(y - 1)');
    form('2 * <|>log(sum(exp(X), axis = 1))', '2 * logsumexp(X, axis = 1)');
    form('y - <|>log(sigmoid(y))', 'y - -softplus(-y)');
    form('<|>-log(sigmoid(y))', 'softplus(-y)');
    form('<|>exp(y) - 1', 'expm1(y)');
  });
  it('is shorter', () => {
    form('<|>sqrt(sum(y^2))', 'norm(y)');
    form('<|>[sum(row) for row in X]', 'sum(X, axis = 1)');
    form('<|>mean((X @ w - y)^2)', 'mse(X @ w, y)');
    form('(<|>X @ X.T).T', 'X.T.T @ X.T');
  });
  it('is none where shapes differ, or a function of the page has the name', () => {
    expect(titles(page(`let u = <|>mean((y - 1)^2)\n  ${losses}`))).toEqual([]);
    expect(titles(page(`fn exp(x: []): [] = x\n  let u = <|>log(1 + exp(y[0]))\n  ${losses}`))).toEqual([
      'Write `log1p(exp(y[0]))`, which is exact where the argument is small',
    ]);
  });
  it('of an `if` is the other way round', () => {
    rewrites('Flip', `let u = <|>if y > 0 then y else -y\n  ${losses}`, `let u = if not y > 0 then -y else y\n  ${losses}`);
    rewrites('Flip', `let u = <|>if not (y > 0) then y else -y\n  ${losses}`, `let u = if y > 0 then -y else y\n  ${losses}`);
  });
});

describe('a split', () => {
  it('becomes folds, and folds one split', () => {
    rewrites(
      'Cross-validate',
      `split n into <|>train 60%, valid 20%, test 20%, seed 7\n  ${losses}`,
      `split n into train, valid by 5 folds, test 20%, seed 7\n  ${losses}`,
    );
    rewrites(
      'Hold out',
      `split n into <|>train, valid by 5 folds, seed 7\n  ${losses}`,
      `split n into train 80%, valid 20%, seed 7\n  ${losses}`,
    );
  });
  it('stays where what is reported of its last part speaks of the others', () => {
    const split = 'split n into <|>train 60%, valid 20%, test 20%, seed 7\n  let center = mean(y[train])';
    expect(titles(page(`${split}\n  ${losses}\n  report r = mean(y[test] - center)`))).toEqual([]);
    expect(titles(page(`${split}\n  ${losses}\n  report r = mean(y[test])`))).toEqual(['Cross-validate over 5 folds']);
  });
  it('stays where a hyper is as long as one of its parts', () => {
    expect(titles(page(`split n into <|>train 60%, valid 40%\n  hyper trust: unit[train]\n  ${losses}`))).toEqual([]);
  });
});

describe('a hyper', () => {
  it('is of the kind that it is spoken of as', () => {
    rewrites(
      'Make `b`',
      'hyper <|>b: [d] = zeros(d)\n  inner minimize sum(exp(b) * w^2) + a * l2(w)\n  outer minimize sum(y)',
      'hyper b: positive[d] = exp(zeros(d))\n  inner minimize sum(b * w^2) + a * l2(w)\n  outer minimize sum(y)',
    );
    rewrites('Make `b`', `hyper <|>b: []\n  let u = sigmoid(b)\n  ${losses}`, `hyper b: unit\n  let u = b\n  ${losses}`);
  });
  it('stays where it is spoken of otherwise too', () => {
    for (const value of ['exp(b) + b', 'cos(b)', 'toString(b)'])
      expect(titles(page(`hyper <|>b: []\n  let u = ${value}\n  ${losses}`))).toEqual([]);
  });
});

describe('the strategy', () => {
  it('is written out as it is chosen, and left open again', () => {
    rewrites('Write out', losses.replace('inner', '<|>inner'), `${losses}\n  differentiate with closed_form`);
    rewrites('Let the strategy', `${losses}\n  <|>differentiate with implicit(solver = cg)`, losses);
    rewrites('Let the solver', `${losses}\n  <|>solve inner with lbfgs`, losses);
  });
  it('that is on purpose another derivative stays', () => {
    expect(titles(page(`${losses}\n  solve inner with <|>gd(rate = 0.1, steps = 10)`))).toEqual([]);
    expect(titles(page(`${losses}\n  solve inner with gd(rate = 0.1, steps = 10)\n  <|>differentiate with one_step`))).toEqual([]);
  });
});

describe('what is not used', () => {
  const shown = (written: string): readonly (readonly [string, string, boolean])[] => {
    const analysis = analysisOf(written);
    return diagnosticsOf(analysis, { read: () => undefined }).map(({ range, severity, tags }) => [
      analysis.document.getText(range),
      severity === DiagnosticSeverity.Hint ? 'hint' : 'more',
      tags?.includes(DiagnosticTag.Unnecessary) === true,
    ]);
  };

  it('is shown, and where the compiler says so, once', () => {
    const split = 'split n into train 60%, valid 20%, test 20%';
    const more = 'hyper b: positive\n  random e: [n] ~ normal(0, 1)\n  let u = sum(y)\n  fn f(x: []): [] = x';
    expect(
      shown(page(`${split}\n  ${more}\n  ${losses.replaceAll('X @ w, y', 'X[train] @ w, y[train]')}\n  report r = sum(y[valid])`)),
    ).toEqual([
      ['b', 'more', true],
      ['mse(X[train] @ w, y[train])', 'more', false],
      ['test', 'hint', true],
      ['e', 'hint', true],
      ['u', 'hint', true],
      ['f', 'hint', true],
    ]);
  });
  it('is nothing where a name may be misspelt', () => {
    expect(shown(page(`let total = sum(y)\n  ${losses}\n  report r = totl`)).map(([text]) => text)).toEqual(['totl']);
  });
  it('is not data that tell a size, or a function that others may import', () => {
    const text = 'fn f(x: []): [] = x\n\nproblem p {\n  dim n, k\n  data y: [n]\n  data z: [k]\n  hyper a: positive[k]\n  param w: [k]\n';
    expect(shown(`${text}  inner minimize sum(a * w^2) + sum(w) * sum(y)\n  outer minimize sum(w)\n}\n`)).toEqual([]);
  });
  it('goes, with what is said of it', () => {
    rewrites(
      'Remove `u`',
      `// The scale.\n\n  /// Not this.\n  let <|>u = sum(y) // of y\n  let v = sum(X)\n  ${losses}\n  report r = v`,
      `// The scale.\n\n  let v = sum(X)\n  ${losses}\n  report r = v`,
    );
    rewrites('Remove `u`', `${losses}\n\n  // By itself.\n  let <|>u = sum(y)`, losses);
    rewrites(
      'Remove `k`',
      `dim <|>k, m = 3\n  let u = m\n  ${losses}\n  report r = u`,
      `dim m = 3\n  let u = m\n  ${losses}\n  report r = u`,
    );
  });
  it('goes with what is used by that alone', () => {
    rewrites('Remove all 3', `data z: [n]\n  let v = sum(z)\n  let <|>u = v\n  ${losses}`, losses);
    rewrites('Remove all 4', `dim k\n  data z: [k]\n  let v = sum(z)\n  let <|>u = v\n  ${losses}`, losses);
  });
  it('of an import is a name, or all', () => {
    const text = (imported: string): string => `${imported}problem p {\n}\n`;
    expect(after(text('import { <|>f } from "./a.bilevel"\n\n'), 'Remove `f`')).toBe(text(''));
  });
  it('stays where the rest would be another problem', () => {
    expect(titles(page(`split n into train 60%, valid 20%, <|>test 20%\n  ${losses}\n  report r = sum(y[train]) + sum(y[valid])`))).toEqual(
      ['Cross-validate over 5 folds'],
    );
    expect(titles('problem p {\n  hyper <|>a: positive\n  param w: []\n  inner minimize w^2\n  outer minimize w\n}\n')).toEqual([]);
  });
});
