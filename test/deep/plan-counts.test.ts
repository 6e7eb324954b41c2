/** `bilevel plan --measure` on a problem of many steps: what it has counted, and what that means for the choice. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bilevel } from '../helpers/cli.ts';

const example = (name: string): string => join(import.meta.dirname, `../../examples/${name}/${name}.bilevel`);
const [logistic, denoising] = [example('logistic'), example('denoising')];

describe('bilevel plan', () => {
  it('--measure says nothing of a choice where none can be made', async () => {
    const flags = ['plan', logistic, '--measure', '--no-cache', '--strategy', 'unrolled'];
    const { stdout } = await bilevel(flags);
    expect(stdout).toMatch(/^Counted: /mu);
    expect(stdout).toContain('no candidate can be chosen');
    expect(stdout).not.toContain('By these counts');
  });

  it('--measure says what it has counted beside what was assumed, what that means, and what the choice would be', async () => {
    const flags = ['plan', denoising, '--measure', '--no-cache'];
    const { counted, chosen } = (await bilevel([...flags, '--json'])).json();
    expect(counted).toMatchObject({ steps: { newton: { assumed: 7 }, lbfgs: { assumed: 18 }, cg: {} }, chosen });
    const { condition, steps } = counted as { condition: number; steps: Record<string, { counted: number }> };
    expect(condition).toBeGreaterThanOrEqual(1);
    for (const { counted: count } of Object.values(steps)) expect(count).toBeGreaterThan(0);
    const { stdout } = await bilevel(flags);
    expect(stdout).toMatch(/^Counted: .*\d+ steps of \w+ where [\d.]+ were assumed/mu);
    expect(stdout.replaceAll(/\s+/gu, ' ')).toContain('By these counts the choice is the same.');
    expect((await bilevel(['plan', denoising, '--json'])).json()['counted']).toBeUndefined();
  });

  it('--measure names another choice where features turn out to be alike, and says when a run goes on with it', async () => {
    const flags = ['plan', logistic, '--measure', '--no-cache'];
    const { counted, chosen } = (await bilevel([...flags, '--json'])).json();
    expect([chosen, (counted as { chosen: string }).chosen]).toEqual(['implicit+pcg+lbfgs', 'implicit+cholesky+lbfgs']);
    expect((await bilevel(flags)).stdout.replaceAll(/\s+/gu, ' ')).toContain(
      'By these counts the choice would be implicit+cholesky+lbfgs: `run`, which counts for itself, goes on with it where that takes at most half',
    );
  });
});
