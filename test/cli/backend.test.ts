/** `--backend`, `--precision` and `--threads`: that they are what computes, that the results say so, and that they agree. */
import { afterAll, describe, expect, it } from 'vitest';
import { bilevel, folderWith } from './harness.ts';

const pages = {
  scalar: `problem scalar {
  hyper a: positive = 2.0
  param w: []
  inner minimize (w - 1)^2 + a * w^2
  outer minimize (w - 0.5)^2
  report twice = 2 * w
}
`,
  logistic: `problem logistic {
  dim n, d
  data X: [n, d] from "X.csv"
  data y: [n] from "y.csv"
  split n into train 50%, valid 50%, unshuffled, seed 1
  hyper v: positive[d] = 0.5
  param w: [d]
  inner minimize sum(log(1 + exp(-y[train] * (X[train] @ w)))) + sum(v * w^2)
  outer minimize sum((X[valid] @ w - y[valid])^2)
}
`,
  recipe: `problem recipe {
  hyper rate: positive = 0.1
  param w: [] = 2
  inner minimize 0.5 * w^2
  outer minimize w^2
  solve inner with gd(rate = rate, steps = 3)
}
`,
};

const folder = folderWith({
  ...Object.fromEntries(Object.entries(pages).map(([name, text]) => [`${name}.bilevel`, text])),
  'X.csv': '1,0\n0.5,1\n-1,2\n2,1\n0,1\n1,1\n',
  'y.csv': '1\n-1\n1\n1\n-1\n1\n',
});
afterAll(folder.remove);

interface Document {
  readonly outer: number;
  readonly hypergradient: Readonly<Record<string, number | number[]>>;
  readonly report?: Readonly<Record<string, number>>;
}

async function documentOf(command: string, page: string, ...flags: string[]): Promise<Document> {
  const { code, json, stderr } = await bilevel([command, folder.path(`${page}.bilevel`), '--json', ...flags]);
  expect(code, stderr).toBe(0);
  return json() as unknown as Document;
}

const numbersOf = ({ outer, hypergradient }: Document): readonly number[] => [outer, ...Object.values(hypergradient).flat()];

function expectClose(found: Document, expected: Document, relative: number): void {
  const [a, b] = [numbersOf(found), numbersOf(expected)];
  expect(a).toHaveLength(b.length);
  for (const [i, x] of a.entries()) expect(Math.abs(x - (b[i] ?? Number.NaN))).toBeLessThanOrEqual(relative * Math.max(...b.map(Math.abs)));
}

describe.each(Object.keys(pages))('the page %s', (page) => {
  it('has the same hypergradient on both backends, in both precisions', async () => {
    const reference = await documentOf('gradient', page, '--backend', 'reference');
    const wasm = await documentOf('gradient', page, '--backend', 'wasm');
    const float32 = await documentOf('gradient', page, '--backend', 'wasm', '--precision', 'f32');
    expect(reference).toMatchObject({ backend: 'reference', precision: 'f64', threads: 1 });
    expect(wasm).toMatchObject({ backend: 'wasm', precision: 'f64', threads: 1, memory_bytes: expect.any(Number) as unknown });
    expect(float32).toMatchObject({ backend: 'wasm', precision: 'f32' });
    expectClose(wasm, reference, 1e-9);
    expectClose(float32, reference, 1e-3);
  });

  it('is solved to the same criterion on both', async () => {
    const [reference, wasm] = [await documentOf('run', page, '--backend', 'reference'), await documentOf('run', page, '--backend', 'wasm')];
    expect(Math.abs(wasm.outer - reference.outer)).toBeLessThanOrEqual(1e-7 * Math.max(1, Math.abs(reference.outer)));
  });
});

describe('--threads', () => {
  it('are as many as were asked for, and change no bit', async () => {
    const alone = await documentOf('gradient', 'logistic', '--backend', 'wasm', '--threads', '1');
    const three = await documentOf('gradient', 'logistic', '--backend', 'wasm', '--threads', '3');
    expect(three).toMatchObject({ threads: 3, threads_why: 'asked for' });
    expect(numbersOf(three)).toEqual(numbersOf(alone));
  });
});

describe('plan', () => {
  it('knows what memory the choice takes, where sizes are known', async () => {
    const argv = ['plan', folder.path('logistic.bilevel'), '--backend', 'wasm'];
    const { memory } = (await bilevel([...argv, '--json'])).json() as {
      memory: { bytes: number; largest: { what: string; bytes: number }[] };
    };
    expect(memory.largest).toHaveLength(3);
    expect(memory.largest.every((b) => b.bytes < memory.bytes && b.what !== '')).toBe(true);
    const { stdout } = await bilevel(argv);
    expect(stdout).toMatch(/\n +memory +[\d.]+ KiB; the largest are .+ \([\d.]+ (?:B|KiB)\)/u);
    const half = (await bilevel([...argv, '--precision', 'f32', '--json'])).json() as { memory: { bytes: number } };
    expect(half.memory.bytes).toBeLessThan(memory.bytes);
  });

  it('says so where they are not', async () => {
    const elsewhere = folderWith({ 'page.bilevel': pages.logistic });
    const { stdout } = await bilevel(['plan', elsewhere.path('page.bilevel'), '--backend', 'wasm']);
    elsewhere.remove();
    expect(stdout).toMatch(/\n +memory +n\/a: not all sizes are known\n/u);
  });
});
