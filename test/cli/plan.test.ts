/** `bilevel plan`: predicted times, one strategy in full, and what is measured beside what is predicted; what is counted is in the deep suite. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bilevel } from '../helpers/cli.ts';

const root = join(import.meta.dirname, '../..');
const ridge = join(root, 'examples/ridge/ridge.bilevel');
const logistic = join(root, 'examples/logistic/logistic.bilevel');

interface Row {
  readonly id: string;
  readonly verdict: string;
  readonly predicted?: number;
  readonly work?: readonly { readonly kind: string; readonly ms: number }[];
  readonly error?: { readonly share?: number; readonly parts: readonly { readonly from: string; readonly share?: number }[] };
  readonly measured?: { readonly error?: number; readonly ms?: number; readonly least?: number; readonly because?: string };
}

const rowsOf = (document: Readonly<Record<string, unknown>>): readonly Row[] => document['candidates'] as readonly Row[];

/** Of the logistic regression, asked for once. */
let known: Promise<Readonly<Record<string, unknown>>> | undefined;
const document = () => (known ??= bilevel(['plan', logistic, '--json']).then(({ json }) => json()));

describe('bilevel plan', () => {
  it('orders candidates by predicted time, which is the sum of its parts', async () => {
    const times = rowsOf(await document()).flatMap(({ predicted, verdict }) => (verdict === 'valid' ? (predicted ?? []) : []));
    expect(times.length).toBeGreaterThan(2);
    const [first] = rowsOf(await document());
    expect(first?.verdict).toBe('chosen');
    const parts = first?.work?.reduce((sum, { ms }) => sum + ms, 0);
    expect(parts).toBeCloseTo(first?.predicted ?? Number.NaN, 12);
    expect((await bilevel(['plan', logistic])).stdout).toMatch(/predicted +error +flops +moved +steps/u);
  });

  it('--why says conditions with their numbers, what the time is made of, and what would change the choice', async () => {
    // Which of the two is taken depends on what work takes on the machine.
    const chosen = rowsOf(await document()).find(({ verdict }) => verdict === 'chosen')?.id;
    const other = chosen === 'implicit+cholesky+newton' ? 'implicit+cholesky+lbfgs' : 'implicit+cholesky+newton';
    const { stdout, code } = await bilevel(['plan', logistic, '--why', other]);
    expect(code).toBe(0);
    expect(stdout).toContain('31 ≤ 4000');
    expect(stdout).toMatch(/dense products +[\d.]+ Mflop +× [\d.]+ ns/u);
    expect(stdout).toMatch(/It\s+would\s+be\s+the\s+choice\s+with/u);
    expect(stdout).toContain(`--strategy ${other}`);
  });

  it('--why of a strategy shows all of its candidates, and of one that refuses the reason', async () => {
    expect((await bilevel(['plan', ridge, '--why', 'closed_form'])).stdout).toMatch(
      /cholesky: chosen[^]*tridiagonal: valid[^]*asked for by name/u,
    );
    expect((await bilevel(['plan', ridge, '--why', 'unrolled'])).stdout).toMatch(/unrolled: refused\n.*minimiser/u);
    const slip = await bilevel(['plan', ridge, '--why', 'implict']);
    expect(slip.code).toBe(2);
    expect(slip.stderr).toContain('--why implicit');
  });

  it('predicts the error of each candidate, and says what it is made of', async () => {
    const rows = rowsOf(await document());
    const errorOf = (id: string): Row['error'] => rows.find((row) => row.id === id)?.error;
    const { share = Number.NaN, parts = [] } = errorOf('implicit+cg+newton') ?? {};
    expect(parts.reduce((sum, part) => sum + (part.share ?? Number.NaN), 0)).toBe(share);
    expect(errorOf('implicit+cholesky+newton')?.share).toBeLessThan(share);
    const { stdout } = await bilevel(['plan', logistic, '--why', 'implicit+cg+newton']);
    expect(stdout).toMatch(/the linear solve by cg +≈ 4e-12 +κ\*τ_linear/u);
  });

  it('--why says when another is asked for by name', async () => {
    const { stdout } = await bilevel(['plan', logistic, '--strategy', 'finite_difference', '--why', 'implicit+cg+newton']);
    expect(stdout.replaceAll(/\s+/gu, ' ')).toContain('`finite_difference` is asked for by name, and nothing else is taken. `--strategy');
    expect(stdout).not.toMatch(/would\s+make it the choice/u);
  });

  it('speaks of a condition number where errors depend on it', async () => {
    const said = async (page: string): Promise<string> => (await bilevel(['plan', page])).stdout.replaceAll(/\s+/gu, ' ');
    expect(await said(logistic)).toContain('Errors are shares of the hypergradient, predicted with a condition number of 4: they');
    expect(await said('examples/learning-rate/learning-rate.bilevel')).toContain('Errors are shares of the hypergradient, predicted: they');
  });

  it('--measure runs every valid candidate on the data', async () => {
    const document = (await bilevel(['plan', ridge, '--measure', '--json'])).json();
    const run = rowsOf(document).filter(({ measured }) => measured !== undefined);
    expect(run.map(({ id }) => id)).toContain(document['chosen']);
    expect(run.length).toBeGreaterThan(4);
    for (const { measured } of run) {
      expect(measured?.because).toBeUndefined();
      expect(measured?.least).toBeGreaterThan(0);
      expect(measured?.error).toBeLessThan(1e-9);
      expect(measured?.ms).toBeGreaterThanOrEqual(measured?.least ?? Infinity);
    }
  });
});
