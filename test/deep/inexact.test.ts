/** Ehrhardt & Roberts' figures for their quadratic problem, by the script that draws the example's picture. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

interface Point {
  readonly steps: number;
  readonly error: number;
  readonly outerError?: number;
  readonly estimate?: number;
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
});

it('are in the picture', () => {
  const picture = readFileSync(join(root, 'examples/inexact/errors.svg'), 'utf8');
  expect(picture.match(/<circle/gu)).toHaveLength(16);
  expect(picture).not.toMatch(/NaN|undefined/u);
});
