import { describe, expect, it } from 'vitest';
import { compile } from '../../compiler/pipeline.ts';
import type { Value } from '../../compiler/ir/graph.ts';
import { problemOf } from '../../compiler/problem.ts';
import type { Solution } from '../../compiler/solvers/solver.ts';
import { innerSolvers } from '../../compiler/solvers/table.ts';
import { statusOf } from '../../plan/status.ts';
import { evaluate, numbers, scalar, vector } from '../helpers/evaluate.ts';

/** A program of one page, as a problem. */
function problemFrom(text: string) {
  const { value, diagnostics } = compile(text, 'test.bilevel');
  const [compiled] = value;
  if (compiled === undefined) throw new Error(diagnostics.map((d) => d.message).join('\n'));
  return { problem: problemOf(compiled.program), program: compiled.program };
}

interface Ended {
  readonly x: readonly number[];
  readonly gradientNorm: number;
  readonly steps: number;
  readonly status: string;
}

/** Solves the inner problem of a page by one solver from `from`. */
function solve(
  text: string,
  name: string,
  from: readonly number[],
  data: Readonly<Record<string, ReturnType<typeof vector>>> = {},
  target = 1e-9,
  limit = 5000,
): Ended {
  const { problem, program } = problemFrom(text);
  const { b } = problem;
  const x = b.input('x', 'state', { dtype: 'real', shape: [problem.params.dimension] });
  const solver = innerSolvers[name];
  if (solver === undefined) throw new Error(name);
  const method = program.innerMethod;
  const solution: Solution = solver.solve(problem, {
    from: x,
    target: b.constant(target),
    loose: b.constant(1e-6),
    isLast: b.equal(b.constant(0), b.constant(0)),
    polishes: true,
    limit,
    ...(method === undefined ? {} : { method }),
  });
  const inputs = new Map<Value, ReturnType<typeof vector>>([
    [x, vector(...from)],
    [program.step, scalar(0)],
  ]);
  for (const h of program.hypers) inputs.set(h.value, data[h.name] ?? scalar(1));
  for (const d of program.data) inputs.set(d.value, data[d.name] ?? scalar(1));
  const outputs = [solution.x, solution.gradientNorm, solution.steps, solution.status];
  const [at, norm, steps, status] = evaluate(b, outputs, inputs, {}).map(numbers);
  return { x: at ?? [], gradientNorm: norm?.[0] ?? NaN, steps: steps?.[0] ?? NaN, status: statusOf(status?.[0] ?? NaN) };
}

const page = (inner: string, param = 'param w: []', method = ''): string =>
  `problem p {\n  hyper a: positive = 1.0\n  ${param}\n  inner minimize ${inner}\n  outer minimize sum(w^2)\n  ${method}\n}\n`;

/** Eigenvalues 1 … 1e4 on six params. */
const stiff = page('0.5 * sum([1, 6, 40, 250, 1600, 10000] * (w - [1, 2, 3, 4, 5, 6])^2) + 0 * a', 'param w: [6]');
const away = [0, 0, 0, 0, 0, 0];

describe.each(['newton', 'lbfgs'])('%s', (name) => {
  it('solves a quadratic of condition 1e4', () => {
    const { x, status } = solve(stiff, name, away);
    expect(status).toBe('converged');
    x.forEach((v, i) => expect(v).toBeCloseTo(i + 1, 10));
  });

  it('solves with one param, where an iterate too early would be 0', () => {
    const { x, status } = solve(page('exp(w) - 3 * w + 0 * a'), name, [0]);
    expect(status).toBe('converged');
    expect(x[0]).toBeCloseTo(Math.log(3), 12);
  });

  it('goes down through a curved valley', () => {
    const { x, status } = solve(page('(1 - w[0])^2 + 100 * (w[1] - w[0]^2)^2 + 0 * a', 'param w: [2]'), name, [-1.2, 1]);
    expect(status).toBe('converged');
    expect(x[0]).toBeCloseTo(1, 8);
    expect(x[1]).toBeCloseTo(1, 8);
  });

  it('begins where it is told and stops there when that is the minimiser', () => {
    const { steps, status } = solve(page('(w - 2)^2 + 0 * a'), name, [2]);
    expect(status).toBe('converged');
    expect(steps).toBeLessThanOrEqual(1);
  });

  it('says that it ran out of steps', () => {
    const { status, gradientNorm } = solve(
      page('(1 - w[0])^2 + 100 * (w[1] - w[0]^2)^2 + 0 * a', 'param w: [2]'),
      name,
      [-1.2, 1],
      {},
      1e-12,
      1,
    );
    if (name === 'newton') expect(status).toBe('step-limit');
    expect(status === 'converged' ? gradientNorm : 0).toBeLessThanOrEqual(1e-12);
  });

  it('does not call a point of a loss without a lower bound a minimiser', () => {
    const { status } = solve(page('w^3 + w + 0 * a'), name, [0.5]);
    expect(status).not.toBe('converged');
  });

  it('says that the loss is not finite where it begins', () => {
    expect(solve(page('log(w) + w^2 + 0 * a'), name, [-1]).status).toBe('not-finite');
  });
});

describe('lbfgs by itself', () => {
  it.each([1, 3, 20])('solves with a memory of %i pairs', (memory) => {
    const method = `solve inner with lbfgs(memory = ${memory}, steps = 1000, tolerance = 1e-6)`;
    const { x, status } = solve(
      page('0.5 * sum([1, 6, 40, 250] * (w - [1, 2, 3, 4])^2) + 0 * a', 'param w: [4]', method),
      'lbfgs',
      [0, 0, 0, 0],
      {},
      1e-6,
    );
    expect(status).toBe('converged');
    x.forEach((v, i) => expect(v).toBeCloseTo(i + 1, 5));
  });
});

describe('closed_form', () => {
  it('solves a quadratic in one step', () => {
    const { x, status, steps } = solve(stiff, 'closed_form', away);
    expect([status, steps]).toEqual(['converged', 1]);
    x.forEach((v, i) => expect(v).toBeCloseTo(i + 1, 12));
  });
  it('says when the Hessian is not positive definite', () => {
    expect(solve(page('w[0]^2 - w[1]^2 + 0 * a', 'param w: [2]'), 'closed_form', [0, 0]).status).toBe('not-positive-definite');
  });
});

describe.each([
  ['gd', 'solve inner with gd(rate = 0.1, tolerance = 1e-9)'],
  ['heavy_ball', 'solve inner with heavy_ball(rate = 0.05, momentum = 0.5, tolerance = 1e-9)'],
])('%s to a tolerance', (name, method) => {
  it('converges at a good rate', () => {
    const { x, status } = solve(page('0.5 * sum([1, 2, 5] * (w - 1)^2) + 0 * a', 'param w: [3]', method), name, [0, 0, 0]);
    expect(status).toBe('converged');
    x.forEach((v) => expect(v).toBeCloseTo(1, 8));
  });
  it('says that it diverges at a bad one', () => {
    expect(solve(page('50 * sum(w^2) + 0 * a', 'param w: [3]', method), name, [1, 1, 1]).status).toBe('diverged');
  });
});
