/**
 * What users get wrong about solving: strategies and solvers that do not accept a problem, arguments that could mean two things, kinks,
 * sets, Hessians that are singular, folds, budgets. Each is one located diagnostic with its code, a reason and a way out.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { Folder, bilevel } from './helpers/cli.ts';

const folder = new Folder();
afterAll(() => folder.remove());

folder.csv('y.csv', [1, 2, 3, 4, 5, 7]);
folder.csv('one.csv', [1]);
folder.csv('same.csv', [0, 0, 0, 0, 0, 0]);
folder.csv('rare.csv', [0, 0, 0, 0, 0, 1]);

interface Page {
  readonly hyper?: string;
  readonly param?: string;
  readonly inner?: string;
  readonly more?: string;
}

const smooth = 'sum(softplus(w) - 0.3 * w) + a * sum(w^2)';
const lasso = 'sum((w - [1, 2])^2) + a * sum(abs(w))';
const plain = 'sum((w - [1, 2])^2)';
const gd = 'solve inner with gd(rate = 0.1, steps = 5)';

const page = ({ hyper = 'a: positive = 0.5', param = 'w: [2]', inner = smooth, more = '' }: Page): string => `
  hyper ${hyper}
  param ${param}
  inner minimize ${inner}
  outer minimize sum((w - 0.5)^2)
  ${more}`;

const folds = (split: string, more = '', data = 'same.csv', rows = 'y.csv'): string => `
  dim n
  data y: [n] from "${rows}"
  data g: int[n] from "${data}"
  split n into train, valid ${split}
  hyper a: positive = 0.5
  param w: []
  inner minimize mean((w - y[train])^2) + a * w^2
  outer minimize mean((w - y[valid])^2)
  ${more}`;

interface Row {
  readonly what: string;
  readonly page: string;
  readonly exit: number;
  readonly code: string;
  /** Part of the line where it is told. */
  readonly at: string;
  readonly says: RegExp;
  readonly flags?: readonly string[];
}

const row = (what: string, text: string, exit: number, code: string, at: string, says: RegExp, ...flags: readonly string[]): Row => ({
  what,
  page: text,
  exit,
  code,
  at,
  says,
  flags,
});

const refused: readonly Row[] = [
  // A strategy or a solver for a problem that it does not accept.
  row('a closed form of no quadratic', page({ more: 'differentiate with closed_form' }), 1, 'BL5001', 'closed_form', /`implicit`/u),
  row('a closed form of a lasso', page({ inner: lasso, more: 'differentiate with closed_form' }), 1, 'BL5001', 'closed_form', /l1 on `w`/u),
  row(
    'a rate of conjugate gradients',
    page({ more: 'differentiate with implicit(solver = cg, rate = 0.1)' }),
    1,
    'BL5001',
    'implicit',
    /Neumann series/u,
  ),
  row('a closed form of a recipe', page({ more: `${gd}\n differentiate with closed_form` }), 1, 'BL5001', 'closed_form', /`unrolled`/u),
  row('unrolling a minimiser', page({ more: 'differentiate with unrolled' }), 1, 'BL5001', 'unrolled', /no steps/u),
  row('one step of no steps', page({ more: 'differentiate with one_step' }), 1, 'BL5001', 'one_step', /gd\(rate/u),
  row(
    'one step of adam at a minimiser',
    page({ more: 'solve inner with adam(rate = 0.1, tolerance = 1e-3)\n differentiate with one_step' }),
    1,
    'BL5001',
    'one_step',
    /take `gd`/u,
  ),
  row('a strategy that there is not', page({ more: 'differentiate with adjoint' }), 1, 'BL3009', 'adjoint', /one_step/u),
  row(
    'two strategies',
    page({ more: 'differentiate with implicit\n differentiate with closed_form' }),
    1,
    'BL3001',
    'closed_form',
    /second/u,
  ),
  row('a strategy by flag', page({}), 1, 'BL8009', 'outer', /no steps/u, '--strategy', 'unrolled'),
  row('closed_form to solve a lasso', page({ inner: lasso, more: 'solve inner with closed_form' }), 1, 'BL5002', 'solve inner', /`fista`/u),
  row('newton on a lasso', page({ inner: lasso, more: 'solve inner with newton' }), 1, 'BL5002', 'solve inner', /smooth/u),
  row(
    'adam in a box',
    page({ param: 'w: real[2] in [0, 1]', inner: plain, more: 'solve inner with adam(rate = 0.1, steps = 3)' }),
    1,
    'BL5002',
    'solve inner',
    /`proximal_gradient`/u,
  ),
  row('a proximal solver outside', page({ more: 'solve outer with fista(rate = 0.1)' }), 1, 'BL3009', 'fista', /nesterov/u),
  row('an outer solver inside', page({ more: 'solve inner with trust_region' }), 1, 'BL3009', 'trust_region', /lbfgs/u),
  row('a linear solver that there is not', page({ more: 'differentiate with implicit(solver = lu)' }), 1, 'BL3011', 'lu', /cholesky/u),
  row('an option of another strategy', page({ more: 'differentiate with implicit(memory = 1)' }), 1, 'BL3010', 'memory', /tolerance/u),
  row('no steps of a number', page({ more: `${gd}\n differentiate with unrolled(truncate = 2.5)` }), 1, 'BL3011', 'truncate', /whole/u),
  row('a budget that is a hyper', page({ more: `${gd}\n differentiate with unrolled(memory = a)` }), 1, 'BL3013', 'memory', /number/u),
  row(
    'batches of proximal steps',
    page({ inner: lasso, more: 'solve inner with fista(rate = 0.1, steps = 3, batch = 2)' }),
    1,
    'BL3010',
    'batch',
    /restart/u,
  ),
  // What could mean two things, or none.
  row(
    'a vector that is a schedule and a preconditioner',
    page({ hyper: 'a: nonnegative[2] = 0.1', inner: plain, more: 'solve inner with gd(rate = a, steps = 2)' }),
    1,
    'BL3021',
    'rate',
    /rate = a\[step\]|rate = eta\[step\]/u,
  ),
  row(
    'a vector that is neither',
    page({ hyper: 'a: nonnegative[3] = 0.1', inner: plain, more: 'solve inner with gd(rate = a, steps = 4)' }),
    1,
    'BL3020',
    'rate',
    /each of the 4 steps/u,
  ),
  row(
    'a rate for each coordinate of a proximal map',
    page({
      hyper: 'a: positive[2] = 0.1',
      inner: 'sum((w - [1, 2])^2) + sum(a * abs(w))',
      more: 'solve inner with fista(rate = a, steps = 3)',
    }),
    1,
    'BL3020',
    'rate',
    /one number for all coordinates/u,
  ),
  row(
    'a schedule at a minimiser',
    page({ hyper: 'a: nonnegative[4] = 0.1', inner: plain, more: 'solve inner with gd(rate = a, steps = 4, tolerance = 1e-3)' }),
    1,
    'BL3101',
    'rate',
    /recipe/u,
  ),
  row(
    '`step` at a minimiser',
    page({ more: 'solve inner with gd(rate = 0.1 / (1 + step), tolerance = 1e-3)' }),
    1,
    'BL3007',
    'step',
    /recipe/u,
  ),
  row('a rate below 0', page({ more: 'solve inner with gd(rate = -0.1, steps = 4)' }), 1, 'BL3011', 'rate', /above 0/u),
  row('no rate', page({ more: 'solve inner with gd(steps = 4)' }), 1, 'BL3012', 'gd', /rate = 0\.1/u),
  row('a moment of 1', page({ more: 'solve inner with adam(rate = 0.1, beta1 = 1, steps = 4)' }), 1, 'BL3011', 'beta1', /below 1/u),
  row('a start that a hyper moves at a minimiser', page({ param: 'w: [2] = a' }), 1, 'BL3006', 'param', /recipe/u),
  row('a start outside of its set', page({ param: 'w: nonnegative[2] = [-1, 0]' }), 1, 'BL2025', 'param', /within/u),
  // Kinks without a proximal map.
  row('total variation', page({ inner: `${plain} + a * sum(abs(diff(w)))` }), 1, 'BL4003', 'inner', /cumsum/u),
  row('absolute residuals', page({ inner: 'sum(abs([[1, 2], [3, 4]] @ w - a))' }), 1, 'BL4003', 'inner', /sqrt\(u\^2/u),
  row(
    'groups of a vector',
    page({ param: 'w: [4]', inner: 'sum(w^2) + a * (norm(w[0 .. 1]) + norm(w[2 .. 3]))' }),
    1,
    'BL4003',
    'inner',
    /rows of a matrix/u,
  ),
  row('one coordinate penalised', page({ inner: `${plain} + a * abs(w[0])` }), 1, 'BL4003', 'inner', /its weight/u),
  row('a norm in a box', page({ param: 'w: real[2] in [0, 1]', inner: `${plain} + a * norm(w)` }), 1, 'BL4003', 'inner', /interval/u),
  row(
    'groups that overlap',
    page({ param: 'w: [2, 2]', inner: 'sum((w - 1)^2) + a * sum(norm(w, axis = 0)) + sum(norm(w, axis = 1))' }),
    1,
    'BL4003',
    'inner',
    /overlap/u,
  ),
  row('a penalty below 0', page({ inner: `${plain} - a * sum(abs(w))` }), 1, 'BL4003', 'inner', /nonnegative/u),
  row('hinge at its kink', page({ inner: '0.01 * sum(w^2) + a * mean(maximum(1 - w, 0))' }), 4, 'BL8014', 'inner', /softplus/u),
  // Hessians.
  row('a singular Hessian', page({ inner: '(w[0] + w[1] - a)^2' }), 4, 'BL8002', 'inner', /ridge/u),
  row(
    'a singular Hessian on the support',
    page({ param: 'w: [2] = [0.2, 0.1]', inner: '(w[0] + w[1] - 3)^2 + a * sum(abs(w))' }),
    4,
    'BL8002',
    'inner',
    /on the support/u,
  ),
  row(
    'a loss without a floor on a support',
    page({ param: 'w: nonnegative[2]', inner: '-a * sum(w)' }),
    4,
    'BL8002',
    'inner',
    /on the support/u,
  ),
  row(
    'a start that has no logarithm',
    page({ hyper: 'a: real = -1', param: 'w: positive[2] = a', inner: 'sum(exp(w) - w)', more: gd }),
    4,
    'BL8001',
    'inner',
    /a = -1/u,
  ),
  // Folds.
  row('more folds than rows', folds('by 7 folds'), 3, 'BL6030', 'split', /at most/u),
  row('one fold', folds('by 1 folds'), 1, 'BL2012', 'split', /at least 2/u),
  row('one row to leave out', folds('by leave_one_out', '', 'one.csv', 'one.csv'), 3, 'BL6030', 'split', /two positions/u),
  row('one group', folds('by groups g'), 3, 'BL6030', 'split', /one value/u),
  row('groups of real numbers', folds('by groups y'), 1, 'BL2027', 'split', /int\[n\]/u),
  row('a fold of one class', folds('by 3 folds, stratified by g', '', 'rare.csv'), 3, 'BL6031', 'split', /fewer folds/u),
  row('folds that diverge', folds('by 3 folds', 'solve inner with gd(rate = 5.0, tolerance = 1e-8)'), 4, 'BL8003', 'inner', /fold 1 of 3/u),
  // Budgets.
  row('a budget for no schedule', page({ more: `${gd}\n differentiate with unrolled(memory = 10)` }), 1, 'BL5011', 'memory', /least/u),
  row(
    'a budget for no fold',
    folds('by 3 folds', `${gd}\n differentiate with unrolled(memory = 10)`),
    1,
    'BL5011',
    'memory',
    /for each fold/u,
  ),
];

interface Document {
  readonly diagnostics: readonly {
    readonly code: string;
    readonly severity: string;
    readonly message: string;
    readonly line?: number;
    readonly hints: readonly string[];
  }[];
}

/** The one diagnostic of a page, which must stand where it says. */
async function only({ page: text, exit, code, at, flags = [] }: Row): Promise<Document['diagnostics'][number]> {
  const file = folder.page(text);
  const outcome = await bilevel(['gradient', file, ...flags, '--json']);
  expect(outcome.stdout + outcome.stderr).not.toMatch(/^\s+at .*:\d+/mu);
  const { diagnostics } = JSON.parse(outcome.stdout) as Document;
  // What is doubtful about the page besides is not what it is refused for.
  const found = diagnostics.filter(({ severity }) => exit === 0 || severity === 'error');
  expect([outcome.code, found.map((d) => d.code)]).toEqual([exit, [code]]);
  const [diagnostic] = found;
  if (diagnostic === undefined) throw new Error('no diagnostic');
  expect(`problem p {\n${text}`.split('\n')[(diagnostic.line ?? 0) - 1]).toContain(at);
  expect(diagnostic.hints).not.toEqual([]);
  return diagnostic;
}

describe('refused, once', () => {
  it.each(refused)('$what', async (given) => {
    const { message, hints } = await only(given);
    expect([message, ...hints].join('\n')).toMatch(given.says);
  });
});

const doubtful: readonly Row[] = [
  row('a kink', page({ hyper: 'a: positive = 4', param: 'w: []', inner: '(w - 2)^2 + a * abs(w)' }), 0, 'BL8020', 'param', /`w`/u),
  row(
    'a multiplier of 0',
    page({ hyper: 'a: real = 0', param: 'w: nonnegative[2]', inner: 'sum((w - [2, a])^2)' }),
    0,
    'BL8020',
    'param',
    /`w\[1\]`/u,
  ),
  row(
    'a corner of the simplex',
    page({ hyper: 'a: real = 1', param: 'w: simplex[2]', inner: 'sum((w - [a, 0])^2)' }),
    0,
    'BL8020',
    'param',
    /simplex/u,
  ),
  row(
    'a start outside of a box',
    page({ hyper: 'a: real = 3', param: 'w: real[2] in [0, 1] = a', inner: plain, more: 'solve inner with fista(rate = 0.1, steps = 2)' }),
    0,
    'BL8021',
    'param',
    /by 2 /u,
  ),
  row(
    'adam, asked for what it does not reach',
    page({
      inner: 'sum((w - [1, 2])^4) + a * w[0]^2',
      more: 'solve inner with adam(rate = 0.3, beta2 = 0.1, tolerance = 1e-12, steps = 50)',
    }),
    0,
    'BL8004',
    'inner',
    /circle.*lbfgs.*step/su,
  ),
  row(
    'folds that stop short',
    folds('by 3 folds', 'solve inner with gd(rate = 0.01, tolerance = 1e-8, steps = 7)'),
    0,
    'BL8004',
    'inner',
    /limit of 7 steps.*in fold 1 of 3, as in 2 more/u,
  ),
  row(
    'linear solves of folds that stop short',
    folds('by 3 folds', 'differentiate with implicit(solver = cg, steps = 0)'),
    0,
    'BL8007',
    'inner',
    /after 0 steps.*in fold 1 of 3/u,
  ),
  row(
    'one step',
    page({ more: 'solve inner with gd(rate = 0.1, tolerance = 1e-8)\n differentiate with one_step' }),
    0,
    'BL5010',
    'outer',
    /scales with its `rate`/u,
  ),
];

describe('told, once', () => {
  it.each(doubtful)('$what', async (given) => {
    const { severity, message, hints } = await only(given);
    expect(severity).toBe('warning');
    expect([message, ...hints].join('\n')).toMatch(given.says);
  });

  it.each([0, 3, 4, 5])('and not contradicted by --verify: %i', async (i) => {
    const given = doubtful[i];
    if (given === undefined) throw new Error('no such row');
    await only({ ...given, flags: ['--verify'] });
  });
});
