/** Long recipes within a number of bytes: what `bilevel plan` says that they take, and that the hypergradient is the same. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Folder, distance, flatAll, gradient, json } from '../helpers/cli.ts';

const folder = new Folder();
afterAll(() => folder.remove());

interface Plan {
  readonly chosen: string | null;
  readonly memory: { readonly bytes: number } | null;
}
const plan = (page: string, ...flags: readonly string[]): Promise<Plan> => json('plan', page, ...flags);

/** Minutes of work: threads would only wait for each other where other suites run beside it. */
const alone = ['--threads', '1'];

const digits = readFileSync(join(import.meta.dirname, '../../bench/digits/digits.csv'), 'utf8').split('\n');
const train = folder.write('train.csv', digits.slice(0, 500).join('\n'));
const valid = folder.write('valid.csv', digits.slice(500, 1000).join('\n'));

/** Gradient descent on a 64-32-10 tanh network, from a drawn start, on 500 rows; penalty and rate are hypers. */
const network = (steps: number, way = ''): string =>
  folder.page(`
    dim n, m, pixels = 64, h = 32, classes = 10
    data X: [n, pixels] from "${train}" columns 0 .. 63
    data y: int[n] in [0, 9] from "${train}" column 64
    data Xv: [m, pixels] from "${valid}" columns 0 .. 63
    data yv: int[m] in [0, 9] from "${valid}" column 64
    hyper penalty: positive = 0.001
    hyper rate: positive = 0.1
    param W1: [pixels, h] ~ normal(0, 0.1)
    param b1: [h]
    param W2: [h, classes] ~ normal(0, 0.1)
    param b2: [classes]
    fn scores(A: [k, pixels]): [k, classes] = tanh((A / 16) @ W1 + b1) @ W2 + b2
    fn loss(A: [k, pixels], t: int[k]): [] = mean(cross_entropy(scores(A), t))
    inner minimize loss(X, y) + penalty * (sum(W1^2) + sum(W2^2))
    outer minimize loss(Xv, yv)
    solve inner with gd(rate = rate, steps = ${steps})
    ${way}`);

describe('a tanh network on the digits', () => {
  it('10 000 steps in reverse within 64 MB', async () => {
    const page = network(10_000, 'differentiate with unrolled(memory = 64e6)');
    const { chosen, memory } = await plan(page);
    expect(chosen).toBe('unrolled+checkpointed-1+gd');
    expect(memory?.bytes).toBeLessThanOrEqual(64e6);
    const reverse = await gradient(page, ...alone);
    expect(reverse.status).toBe('converged');
    expect(flatAll(reverse.hypergradient).every(Number.isFinite)).toBe(true);
  }, 1_800_000);

  it('1000 steps with a tenth of the memory that all their states take', async () => {
    const whole = network(1000, 'differentiate with unrolled(mode = reverse, memory = 4e9)');
    const { chosen, memory } = await plan(whole);
    expect(chosen).toBe('unrolled+gd');
    const bytes = memory?.bytes ?? 0;
    const tenth = network(1000, `differentiate with unrolled(mode = reverse, memory = ${Math.floor(bytes / 10)})`);
    const few = await plan(tenth);
    expect(few.chosen).toBe('unrolled+checkpointed-1+gd');
    expect(few.memory?.bytes).toBeLessThanOrEqual(bytes / 10);
    const [one, other] = [await gradient(whole, ...alone), await gradient(tenth, ...alone)];
    expect(distance(flatAll(one.hypergradient), flatAll(other.hypergradient))).toBeLessThan(1e-10);
    const forward = await gradient(network(1000, 'differentiate with unrolled(mode = forward)'), ...alone);
    expect(distance(flatAll(one.hypergradient), flatAll(forward.hypergradient))).toBeLessThan(1e-9);
  }, 1_800_000);
});
