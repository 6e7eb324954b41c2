/** Cross-validation: folds are what separate solves give, held-out rows stay those of a hold-out, and what cannot be cut is said. */
import { describe, expect, it } from 'vitest';
import { problem, type GivenValues } from '../../library/index.ts';
import type { Tensor } from '../../runtime/module.ts';
import type { ProblemError } from '../../runtime/problem-error.ts';
import { body, folded, kinds, study, width, type KindName } from './pages.ts';

const single = (kind: KindName): string => `problem single {
  dim n, m, d
  data X: [n, d]
  data y: [n]
  data V: [m, d]
  data v: [m]
  ${body(kind, 'X, y', 'V, v')}
}`;

const pick = <T>(list: readonly T[], rows: readonly number[]): T[] => rows.map((i) => list[i] as T);
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const all = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** What the rows of each fold give when they are solved by themselves. */
const separately = (kind: KindName, { X, y }: ReturnType<typeof study>, folds: readonly (readonly number[])[], hyper: { a: number }) =>
  Promise.all(
    folds.map(async (held) => {
      const kept = all(y.length).filter((i) => !held.includes(i));
      const data = { X: pick(X, kept), y: pick(y, kept), V: pick(X, held), v: pick(y, held) };
      return problem<GivenValues, { a: number }, { w: Tensor; b: number }>(single(kind)).hypergradient(data, hyper);
    }),
  );

describe.each(Object.keys(kinds) as KindName[])('%s', (kind) => {
  it('gives on folds of 7, 50 and 143 rows what three separate solves give', async () => {
    const rows = study(200, 3);
    const data = { X: rows.X, y: kind.includes('smooth') ? rows.c : rows.y };
    const group = all(200).map((i) => (i % 28 === 0 && i < 196 ? 5 : i % 4 === 1 ? -2 : 9));
    const folds = [-2, 5, 9].map((value) => all(200).filter((i) => group[i] === value));
    expect(folds.map((f) => f.length)).toEqual([50, 7, 143]);
    const page = problem<GivenValues, { a: number }, { w: Tensor; b: Tensor }>(
      folded(kind, 'train, valid by groups g, unshuffled', 'data g: int[n]'),
    );
    const together = await page.hypergradient({ ...data, g: group }, { a: 0.7 });
    const apart = await separately(kind, { ...rows, y: data.y }, folds, { a: 0.7 });
    expect(together.status).toBe('converged');
    expect(together.computedBy.folds).toBe(3);
    expect(together.inners?.map(({ status }) => status)).toEqual(apart.map((r) => r.inner.status));
    together.inners?.forEach(({ loss }, i) => expect(loss).toBeCloseTo(apart[i]?.inner.loss ?? Number.NaN, 11));
    expect(together.outer).toBeCloseTo(mean(apart.map((r) => r.outer)), 12);
    expect(together.hypergradient.a).toBeCloseTo(mean(apart.map((r) => r.hypergradient.a)), 10);
    expect(together.param.w.shape).toEqual([3, width]);
    expect(together.param.b.shape).toEqual([3]);
    const expected = apart.flatMap((r) => [...r.param.w.data]);
    [...together.param.w.data].forEach((w, i) => expect(w).toBeCloseTo(expected[i] ?? Number.NaN, 9));
  });
});

describe('what is held out of all folds', () => {
  const reports = 'report error = loss(X[test], y[test]) report within = loss(X[valid], y[valid]) report size = norm(w)';
  const { X, y } = study(50, 11);

  it('is what a split into shares holds out, and is reported on after one more fit to all the rest', async () => {
    const options = { hyper: { a: 0.5 }, budget: { steps: 0 } };
    type Report = { error: number; within: number; size: number };
    const folds = problem<GivenValues, { a: number }, { w: Tensor }, Report>(
      folded('a quadratic loss', 'train, valid by 5 folds, test 20%, seed 7', '', reports),
    );
    const shares = problem<GivenValues, { a: number }, { w: Tensor; b: number }, Report>(
      folded('a quadratic loss', 'train 80%, test 20%, seed 7', '', reports).replaceAll('[valid]', '[train]'),
    );
    const [a, b] = [await folds.solve({ X, y }, options), await shares.solve({ X, y }, options)];
    expect(a.report.error).toBeCloseTo(b.report.error, 12);
    expect(a.refit?.status).toBe('converged');
    expect((a.refit as unknown as { param: { b: number } }).param.b).toBeCloseTo(b.param.b, 12);
    // Other reports are means over the folds.
    expect(a.report.within).toBeCloseTo(a.outer, 12);
    expect(a.report.size).not.toBeCloseTo(b.report.size, 6);
    const { report } = await folds.evaluate({ X, y }, { a: 0.5 });
    expect(report.error).toBe(a.report.error);
  });

  it('is not reported on where nothing was fitted once more', async () => {
    const folds = problem(folded('a quadratic loss', 'train, valid by 5 folds, test 20%, seed 7', '', reports));
    const solution = await folds.solve({ X, y }, { refit: false, budget: { steps: 1 } });
    expect(Object.keys(solution.report).sort()).toEqual(['size', 'within']);
    expect(solution.refit).toBeUndefined();
  });
});

describe('a param that is shaped by a fold', () => {
  it('is there for each fold, one after the other', async () => {
    const page = problem<GivenValues, { a: number }, { z: Tensor }>(`problem dual {
      dim n, d
      data X: [n, d]
      data y: [n]
      split n into train, valid by 4 folds, unshuffled
      hyper a: positive = 0.5
      param z: [train]
      let A = X[train]
      inner minimize sum((A @ A.T @ z + a * z - y[train])^2)
      outer minimize mean((X[valid] @ A.T @ z - y[valid])^2)
    }`);
    const { X, y } = study(10, 4);
    const { param, sizes } = { ...(await page.hypergradient({ X, y })), sizes: (await page.bind({ X, y })).sizes };
    expect(param.z.shape).toEqual([30]);
    expect(sizes).toMatchObject({ n: 10, train: 8, valid: 3 });
  });
});

describe('strata', () => {
  it('are in every part to within one member', async () => {
    const classes = all(60).map((i) => (i < 40 ? 0 : i < 57 ? 1 : 2));
    const page = problem<GivenValues, never, never, { first: number; second: number; third: number }>(`problem strata {
      dim n
      data y: int[n]
      split n into train, valid by 3 folds, test 25%, seed 4, stratified by y
      hyper a: positive
      param w: []
      inner minimize mean((w - y[train])^2) + a * w^2
      outer minimize mean((w - y[valid])^2)
      report first = sum(y[test] == 0)
      report second = sum(y[test] == 1)
      report third = sum(y[test] == 2)
    }`);
    const { report } = await page.evaluate({ y: classes });
    expect(Math.abs(report.first - 10)).toBeLessThanOrEqual(1);
    expect(Math.abs(report.second - 17 / 4)).toBeLessThanOrEqual(1);
    expect(Math.abs(report.third - 3 / 4)).toBeLessThanOrEqual(1);
    expect(report.first + report.second + report.third).toBe(15);
  });
});

describe('what cannot be', () => {
  const quadratic = (split: string, data = '', more = ''): string => folded('a quadratic loss', split, data, more);
  const codesOf = async (text: string, data: GivenValues): Promise<readonly string[]> => {
    try {
      await problem(text).hypergradient(data);
      return [];
    } catch (error) {
      if (!(error instanceof Error) || !('diagnostics' in error)) throw error;
      return (error as ProblemError).diagnostics.map((d) => d.code);
    }
  };
  const { X, y, c } = study(8, 2);
  const rare = c.map((_, i) => (i === 0 ? 1 : 0));

  it.each([
    ['one part that varies', quadratic('train, by 5 folds').replaceAll('[valid]', '[train]'), {}, ['BL2027']],
    ['three that do', quadratic('train, valid, test by 5 folds'), {}, ['BL2027']],
    ['shares that leave nothing', quadratic('train, valid by 5 folds, test 100%'), {}, ['BL2027']],
    ['one fold', quadratic('train, valid by 1 folds'), {}, ['BL2012']],
    ['two splits into folds', quadratic('train, valid by 2 folds', 'split d into e, f by 2 folds'), {}, ['BL2027']],
    ['groups that are no data', quadratic('train, valid by groups g'), {}, ['BL2027']],
    ['groups of real numbers', quadratic('train, valid by groups g', 'data g: [n]'), {}, ['BL2027']],
    ['data that vary', quadratic('train, valid by 2 folds', 'data t: [train]'), {}, ['BL2040']],
    ['a hyper that varies', quadratic('train, valid by 2 folds', 'hyper h: positive[train]'), {}, ['BL2040']],
    ['a start that varies', quadratic('train, valid by 2 folds', 'hyper h: real = mean(y[train])'), {}, ['BL2040']],
    ['a report on both', quadratic('train, valid by 2 folds, test 25%', '', 'report r = sum(y[test]) + sum(y[valid])'), {}, ['BL2040']],
    ['more folds than rows', quadratic('train, valid by 9 folds'), {}, ['BL6030']],
    ['one group', quadratic('train, valid by groups g', 'data g: int[n]'), { g: y.map(() => 3) }, ['BL6030']],
    ['a class that is too rare', quadratic('train, valid by 2 folds, stratified by g', 'data g: int[n]'), { g: rare }, ['BL6031']],
  ])('%s', async (_, text, data, codes) => {
    const own = text.includes('hyper h') ? text.replace('outer minimize', 'outer minimize sum(h) +') : text;
    expect(await codesOf(own, { X, y, ...data })).toEqual(expect.arrayContaining(codes));
  });
});
