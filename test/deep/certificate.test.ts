/** Proved bounds against the truth: the reference problems stopped at ten accuracies each, singular Hessians, folds, float32. */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { compile } from '../../compiler/pipeline.ts';
import type { ProblemModule } from '../../plan/types.ts';
import { wasmLink } from '../../runtime/backends/wasm/backend.ts';
import { certify } from '../../runtime/certify.ts';
import { bindData } from '../../runtime/data/files.ts';
import { nodeSources } from '../../runtime/data/node.ts';
import { drawAll } from '../../runtime/draws.ts';
import { everyPart } from '../../runtime/every-part.ts';
import { hypergradientAt } from '../../runtime/evaluate.ts';
import { crossValidation } from '../../runtime/folds/cross-validation.ts';
import { opened } from '../../runtime/open.ts';
import { pointOf } from '../../runtime/point.ts';
import type { BoundProblem, Point } from '../../runtime/types.ts';
import { Folder, flatAll, gradient } from '../helpers/cli.ts';
import { curved } from '../helpers/pages.ts';
import { referenceCases, type ReferenceCase } from '../helpers/reference.ts';

const folder = new Folder();
afterAll(() => folder.remove());

describe('a proof', () => {
  it('holds beside a singular Hessian, and widens', async () => {
    const bounds: number[] = [];
    for (const gap of [1, 1e-3, 1e-6]) {
      const { hypergradient, error } = await gradient(folder.page(curved(gap - 1)), '--certify');
      const w = 1 / gap;
      // The gap as it is in float64 is not the decimal that was asked for: dF/dt = 2 (w − 0.4) · (−w²) at the gap that was written.
      const truth = 2 * (w - 0.4) * -(w ** 2);
      expect(error.certified).toBe(true);
      expect(error.bound).toBeGreaterThanOrEqual(Math.abs(Number(hypergradient['t']) - truth));
      bounds.push((error.bound ?? Number.NaN) / Math.abs(truth));
    }
    expect(bounds).toEqual([...bounds].sort((a, b) => a - b));
  });

  it('is the same bound whatever gave the hypergradient, but for that hypergradient', async () => {
    const page = folder.page(`problem p {
  hyper t: positive = 0.5
  param w: [2]
  inner minimize softplus(w[0] + 2 * w[1]) + t * sum(w^2) - w[1]
  outer minimize (w[0] - 0.1)^2 + w[1]^2
}`);
    const errors = await Promise.all(
      ['implicit+cholesky+newton', 'implicit+cg+lbfgs'].map(async (strategy) => gradient(page, '--strategy', strategy, '--certify')),
    );
    for (const { error } of errors) expect(error).toMatchObject({ certified: true });
    const [a, b] = errors;
    const gap = Math.abs(Number(a?.hypergradient['t']) - Number(b?.hypergradient['t']));
    expect(gap).toBeLessThanOrEqual((a?.error.bound ?? 0) + (b?.error.bound ?? 0));
  });

  it('is of every fold, and the mean', async () => {
    const page = folder.page(`problem p {
  dim n
  data x: [n]
  data y: [n]
  split n into train, valid by 4 folds, seed 1
  hyper t: positive = 0.5
  param w: []
  inner minimize mean((x[train] * w - y[train])^2) + t * w^2
  outer minimize mean((x[valid] * w - y[valid])^2)
}`);
    const x = [1, -0.5, 2, 0.25, -1.5, 0.75, 1.25, -2, 0.5, 1.75];
    const data = [
      '--data',
      `x=${folder.csv('x.csv', x)}`,
      '--data',
      `y=${folder.csv(
        'y.csv',
        x.map((v) => 0.7 * v + 0.1),
      )}`,
    ];
    const certified = await gradient(page, ...data, '--certify');
    expect(certified.error).toMatchObject({ certified: true });
    expect(certified.error.why).toContain('in each fold');
    expect(certified.error.bound).toBeGreaterThan(0);
    expect(certified.error.bound).toBeLessThan(1e-12);
  });

  it('in float32 counts what float32 rounds', async () => {
    const page = folder.page(curved(0.1));
    const { hypergradient, error } = await gradient(page, '--certify', '--precision', 'f32');
    const truth = (2 * (1 / 1.1 - 0.4) * -1) / 1.1 ** 2;
    expect(error).toMatchObject({ certified: true });
    expect(error.bound).toBeGreaterThanOrEqual(Math.abs(Number(hypergradient['t']) - truth));
    expect(error.bound).toBeLessThan(1e-4);
  });
});

/** A page on the wasm backend, bound to its data, with the iterative candidates that may be stopped anywhere. */
async function bound({ page }: ReferenceCase): Promise<{ readonly module: ProblemModule; readonly data: BoundProblem }> {
  const [problem] = compile(readFileSync(page, 'utf8'), page).value;
  if (problem === undefined) throw new Error(`${page} does not compile`);
  const module = { ...problem.module, link: wasmLink((candidate) => problem.code(candidate, 'f64'), { threads: 1, fused: false }) };
  const { bound: data } = await bindData(module.description, nodeSources(), 0, { crossValidation, drawAll });
  if (data === undefined) throw new Error(`${page} has no data`);
  return { module, data };
}

/** Quadratic problems, likelihoods and what is smooth besides; recipes and composite problems are refused. */
const smooth = referenceCases.filter(({ points: [point] }) => point?.inner_hessian_condition !== undefined);

describe.each(smooth)('$case, stopped at ten accuracies', (reference) => {
  it('is certified at each, and no bound is below the true error', { timeout: 600_000 }, async () => {
    const { module, data } = await bound(reference);
    const [first] = reference.points;
    if (first === undefined) throw new Error('no points');
    const { point } = pointOf(module.description, first.hyper);
    const names = Object.keys(first.hyper);
    const truth = flatAll(first.hypergradient, names);
    const candidate = module.plan.candidates.find(({ id }) => id === 'implicit+cg+lbfgs');
    if (candidate === undefined) throw new Error('no candidate to stop');
    const flat = (at: Point): readonly number[] => names.flatMap((name) => [...(at[name]?.data ?? [])]);
    const stops = await opened(module, data, candidate, { ...everyPart, hyper: point }, async (open) => {
      const found: { readonly error: number; readonly bound: number }[] = [];
      for (let k = 1; k <= 10; k++) {
        const session = { ...open.session, accuracy: 10 ** -k };
        const at = await hypergradientAt(session, open.point, open.start, undefined, { when: `at an accuracy of 1e-${k}` });
        if (!at.ok) throw new Error(at.diagnostics.map(({ message }) => message).join());
        const proof = await certify(session, at);
        const most = proof.error?.bound;
        if (most === undefined) throw new Error(proof.warnings.map(({ message }) => message).join());
        found.push({ error: Math.hypot(...flat(at.hypergradient).map((x, i) => x - (truth[i] ?? Number.NaN))), bound: most });
      }
      return found;
    });
    if ('ok' in stops) throw new Error(stops.diagnostics.map(({ message }) => message).join());
    // The truth is a double: half a unit of its last place is not known.
    const unknown = 2 ** -53 * Math.hypot(...truth);
    for (const { error, bound: most } of stops) expect(most).toBeGreaterThanOrEqual(error - unknown);
    // Until rounding counts, the bound is the error.
    for (const { error, bound: most } of stops) if (error > 1e-4 * Math.hypot(...truth)) expect(most).toBeLessThanOrEqual(1.1 * error);
  });
});
