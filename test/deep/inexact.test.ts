/** Ehrhardt & Roberts' figures for their quadratic problem, by the script that draws the example's picture. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { compile } from '../../compiler/pipeline.ts';
import { wasmLink } from '../../runtime/backends/wasm/backend.ts';
import { bindData } from '../../runtime/data/files.ts';
import { nodeSources } from '../../runtime/data/node.ts';
import { everyPart } from '../../runtime/every-part.ts';
import { hypergradientAt } from '../../runtime/evaluate.ts';
import { opened } from '../../runtime/open.ts';

const root = join(import.meta.dirname, '..', '..');

interface Point {
  readonly steps: number;
  readonly error: number;
  readonly outerError?: number;
  readonly estimate?: number;
  readonly bound?: number;
}
interface Line {
  readonly name: string;
  readonly points: readonly Point[];
}
interface Figures {
  readonly outer: number;
  readonly norm: number;
  readonly solutions: readonly Line[];
  readonly hypergradients: readonly Line[];
}

/** To the digits that are given. */
const shown = (value: number): string => value.toExponential(3);

it('are what they publish, and what each hypergradient says of its error is true', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'examples/inexact/draw.mjs'), '--json'], { cwd: root });
  const { outer, norm, solutions, hypergradients } = JSON.parse(stdout) as Figures;
  expect(outer).toBeCloseTo(3109.2603871842, 9);
  expect(norm).toBeCloseTo(5322.447244375, 8);
  const points = (lines: readonly Line[], name: string): ReadonlyMap<number, Point> =>
    new Map(lines.find((line) => line.name === name)?.points.map((point) => [point.steps, point]));
  const errors = (lines: readonly Line[], name: string, steps: readonly number[]): readonly string[] =>
    steps.map((k) => shown(points(lines, name).get(k)?.error ?? Number.NaN));
  expect(errors(solutions, 'gradient descent', [20, 40, 60, 80, 100])).toEqual([
    '2.520e-1',
    '7.201e-2',
    '2.105e-2',
    '6.266e-3',
    '1.891e-3',
  ]);
  expect(errors(solutions, 'heavy ball', [20, 40, 60])).toEqual(['1.137e-2', '2.402e-5', '3.904e-8']);
  const plain = [20, 40, 60].map((k) => points(solutions, 'heavy ball').get(k)?.outerError ?? Number.NaN);
  expect(plain.map((error) => error.toExponential(2))).toEqual(['5.97e+1', '1.29e-1', '2.10e-4']);
  expect(errors(hypergradients, 'conjugate gradients', [5])).toEqual(['5.596e-4']);
  expect(errors(hypergradients, 'gradient descent', [5, 10, 20, 50, 100, 200])).toEqual([
    '3.952e+3',
    '3.008e+3',
    '1.700e+3',
    '3.068e+2',
    '1.771e+1',
    '5.905e-2',
  ]);
  // It adds what rounding may have left, 2.4e-11 here.
  for (const { error, estimate = Number.NaN } of hypergradients.flatMap((line) => line.points).filter((point) => point.error > 1e-7))
    expect(Math.abs(estimate / error - 1)).toBeLessThan(1e-3);
  // What is proved is never below the error, and a thousandth above it until rounding counts.
  for (const { error, bound = Number.NaN } of hypergradients.flatMap((line) => line.points)) {
    expect(bound).toBeGreaterThanOrEqual(error * (1 - 1e-6));
    if (error > 1e-5) expect(bound / error).toBeLessThan(1.001);
  }
});

/** The criterion where the inner solver stopped after so many steps: as it is there, and corrected by the adjoint. */
async function criterionAfter(steps: number): Promise<{ readonly plain: number; readonly corrected: number }> {
  const file = join(root, 'examples/inexact/inexact.bilevel');
  const [largest, least] = [Math.sqrt(5108.127831534), Math.sqrt(145.602732355)];
  const [rate, momentum] = [4 / (largest + least) ** 2, ((largest - least) / (largest + least)) ** 2];
  const line = `  solve inner with heavy_ball(rate = ${rate}, momentum = ${momentum}, steps = ${steps}, tolerance = 1e-30)\n}\n`;
  const [problem] = compile(readFileSync(file, 'utf8').replace(/\}\s*$/u, line), file).value;
  if (problem === undefined) throw new Error('the page does not compile');
  const module = { ...problem.module, link: wasmLink((candidate) => problem.code(candidate, 'f64'), { threads: 1, fused: false }) };
  const { bound } = await bindData(module.description, nodeSources(), 0, {});
  const candidate = module.plan.candidates.find(({ id }) => id === 'implicit+cholesky+heavy_ball');
  if (bound === undefined || candidate === undefined) throw new Error('no data, or no such candidate');
  const found = await opened(module, bound, candidate, everyPart, async ({ session, point, start }) => {
    const at = await hypergradientAt(session, point, start, undefined, { when: `after ${steps} steps` });
    if (!at.ok) throw new Error(at.diagnostics.map(({ message }) => message).join());
    return { plain: at.evaluation.outer, corrected: at.evaluation.corrected ?? Number.NaN };
  });
  if ('ok' in found) throw new Error(found.status);
  return found;
}

it('have a criterion that is corrected by the adjoint, to the second order of the distance', async () => {
  const exact = 3109.2603871842;
  const [first, second, third] = await Promise.all([20, 40, 60].map(criterionAfter));
  const error = (value: number | undefined): number => Math.abs((value ?? Number.NaN) - exact);
  expect([first, second, third].map((at) => error(at?.plain).toExponential(2))).toEqual(['5.97e+1', '1.29e-1', '2.10e-4']);
  expect(error(first?.corrected).toExponential(1)).toBe('3.1e-1');
  expect(error(second?.corrected).toExponential(1)).toBe('1.4e-6');
  expect(error(third?.corrected)).toBeLessThan(1e-10);
});

it('are in the picture', () => {
  const picture = readFileSync(join(root, 'examples/inexact/errors.svg'), 'utf8');
  expect(picture.match(/<circle/gu)).toHaveLength(16);
  expect(picture.match(/class="bound"/gu)).toHaveLength(16);
  expect(picture).not.toMatch(/NaN|undefined/u);
});
