/**
 * Compiled modules in Chromium, bundled by Vite and served as an application is: in the page and in a worker, with memory that can be
 * shared and without, each time with the bits of `bilevel run`.
 */
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Worker } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Named as Numbered } from '../helpers/cli.ts';
import { flat, solve, solveAs } from '../helpers/cli.ts';
import { travellingExamples, type Example } from '../helpers/examples.ts';
import { dataOf, Project } from '../module/harness.ts';
import { launchChromium, openPage, type OpenPage } from './chromium.ts';
import { isolation, serve, type Site } from './site.ts';

interface Tensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
type Named = Readonly<Record<string, number | Tensor>>;

interface Request {
  readonly problem: string;
  readonly data: Readonly<Record<string, Tensor | readonly number[]>>;
  readonly options?: { readonly threads?: number | 'auto'; readonly backend?: string; readonly accuracy?: 'fixed' };
  readonly abortAtStep?: number;
}

interface Solution {
  readonly outer: number;
  readonly outerStatus: string;
  readonly strategy: string;
  readonly solver: string;
  readonly hyper: Named;
  readonly param: Named;
  readonly report: Named;
  readonly history: readonly { readonly outer: number }[];
  readonly computedBy: { readonly backend: string; readonly threads: number; readonly why: string };
}

interface Answer {
  readonly solution?: Solution;
  readonly error?: Readonly<Record<'name' | 'code' | 'status' | 'message' | 'cause', string>> & { readonly lastGood?: Solution };
  /** Of an answer from a worker: how many steps it told of before. */
  readonly steps?: number;
}

const project = new Project();
const data: Record<string, Request['data']> = {};
const sites: Site[] = [];
let browser: Browser;
let shared: OpenPage;
let alone: OpenPage;

const nameOf = ({ name }: Example): string => name.replaceAll('-', '_');

beforeAll(async () => {
  cpSync(join(import.meta.dirname, 'application'), project.folder, { recursive: true });
  for (const example of travellingExamples) {
    const { name, page } = example;
    await project.compile(page, `${name}.js`);
    data[name] = Object.fromEntries(
      Object.entries(await dataOf(await project.load(`${name}.js`), page)).map(([key, tensor]) => [
        key,
        { shape: tensor.shape, data: [...tensor.data] },
      ]),
    );
  }
  const exports = travellingExamples.map((example) => `export { default as ${nameOf(example)} } from './${example.name}.js';\n`);
  writeFileSync(project.path('problems.js'), exports.join(''));
  // Problems and their kernels are looked for in no file of their own: the bundle is what Vite makes without a word of configuration.
  await build({ root: project.folder, configFile: false, logLevel: 'error' });
  sites.push(await serve(project.path('dist'), isolation), await serve(project.path('dist')));
  browser = await launchChromium();
  [shared, alone] = (await Promise.all(sites.map(({ url }) => openPage(browser, url)))) as [OpenPage, OpenPage];
});

afterAll(async () => {
  await browser.close();
  for (const site of sites) await site.close();
  project.remove();
});

/** Runs a call in the page, or in a module worker of it. */
const call = ({ page }: OpenPage, where: 'here' | 'inWorker', request: Request): Promise<Answer> =>
  page.evaluate<Answer>(`${where}(${JSON.stringify(request)})`);

const listsOf = (named: Named): Record<string, readonly number[]> =>
  Object.fromEntries(Object.entries(named).map(([name, value]) => [name, typeof value === 'number' ? [value] : value.data]));
const flatOf = (named: Numbered): Record<string, readonly number[]> =>
  Object.fromEntries(Object.entries(named).map(([name, value]) => [name, flat(value)]));

const pageOf = (problem: string): string => travellingExamples.find(({ name }) => name === problem)?.page ?? '';

async function expectSameBits(solution: Solution | undefined, problem: string): Promise<void> {
  const document = await solveAs(pageOf(problem), solution ?? { strategy: '', solver: '' });
  expect(solution?.strategy).toBe(document.strategy);
  expect(solution?.outer).toBe(document.outer);
  expect(listsOf(solution?.hyper ?? {})).toEqual(flatOf(document.hyper));
  expect(listsOf(solution?.param ?? {})).toEqual(flatOf(document.param));
  expect(listsOf(solution?.report ?? {})).toEqual(flatOf(document.report));
  expect(solution?.history.map(({ outer }) => outer)).toEqual(document.history.map(({ outer }) => outer));
}

describe.each(travellingExamples)('$name', (example) => {
  const { name } = example;
  const request = (options: Request['options']): Request => ({
    problem: nameOf(example),
    data: data[name] ?? {},
    ...(options === undefined ? {} : { options }),
  });

  it.each(['here', 'inWorker'] as const)('%s, with memory that is shared: on one thread and on two', async (where) => {
    for (const threads of [1, 2]) {
      const { solution, steps } = await call(shared, where, request({ threads }));
      await expectSameBits(solution, name);
      expect(solution?.computedBy).toMatchObject({ backend: 'wasm', threads, why: 'asked for' });
      if (where === 'inWorker') expect(steps).toBe(solution?.history.length);
    }
  });

  it.each(['here', 'inWorker'] as const)('%s, with memory that cannot be shared: on one thread, whatever was asked for', async (where) => {
    for (const threads of ['auto', 2] as const) {
      const { solution } = await call(alone, where, request({ threads }));
      await expectSameBits(solution, name);
      expect(solution?.computedBy.threads).toBe(1);
      expect(solution?.computedBy.why).toContain('not cross-origin isolated');
    }
  });
});

it('a second thread is a worker that is started from text, and that ends with the call', async () => {
  const { page } = shared;
  const threads: Worker[] = [];
  let ended = 0;
  page.on('worker', (worker) => {
    threads.push(worker);
    worker.on('close', () => (ended += 1));
  });
  await call(shared, 'here', { problem: 'hyper_cleaning', data: data['hyper-cleaning'] ?? {}, options: { threads: 2 } });
  expect(threads.map((worker) => worker.url().slice(0, 5))).toEqual(['blob:']);
  await expect.poll(() => ended, { timeout: 20_000 }).toBe(1);
});

describe('a Content-Security-Policy', () => {
  const scripts = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
  const request = (): Request => ({ problem: 'hyper_cleaning', data: data['hyper-cleaning'] ?? {}, options: { threads: 2 } });

  it.each([
    [`${scripts}; worker-src 'self' blob:`, 2, /^asked for$/u],
    // The one error is the browser's own, of what the policy forbids.
    [`${scripts}; worker-src 'self'`, 1, /^asked for; 1 could not be started: /u],
  ])('%s: %i threads', async (policy, threads, why) => {
    const site = await serve(project.path('dist'), { ...isolation, 'Content-Security-Policy': policy });
    try {
      const opened = await openPage(browser, site.url);
      const { solution } = await call(opened, 'here', request());
      await expectSameBits(solution, 'hyper-cleaning');
      expect(solution?.computedBy.threads).toBe(threads);
      expect(solution?.computedBy.why).toMatch(why);
      expect(opened.complaints).toHaveLength(2 - threads);
      await opened.page.context().close();
    } finally {
      await site.close();
    }
  });
});

describe('what is wrong', () => {
  it('is a ProblemError with a place in the page, in the page and in a worker', async () => {
    const { X } = data['ridge'] ?? {};
    for (const where of ['here', 'inWorker'] as const) {
      const { error } = await call(alone, where, { problem: 'ridge', data: { X: X ?? [], y: [1, 2, 3] } });
      expect(error).toMatchObject({ name: 'ProblemError', code: 'BL6013', status: 'not-started' });
      expect(error?.message).toMatch(/^ridge\.bilevel:\d+:\d+: BL6013 /u);
      const missing = await call(alone, where, { problem: 'ridge', data: { X: X ?? [] } });
      expect(missing.error).toMatchObject({ name: 'ProblemError', code: 'BL6016' });
      const unknown = await call(alone, where, { problem: 'ridge', data: data['ridge'] ?? {}, options: { backend: 'tfjs' } });
      expect(unknown.error).toMatchObject({ name: 'ProblemError', code: 'BL7001' });
    }
  });

  it('leaves the page as it was: the next call has the same bits', async () => {
    const { solution } = await call(alone, 'here', { problem: 'ridge', data: data['ridge'] ?? {} });
    await expectSameBits(solution, 'ridge');
  });
});

it.each(['here', 'inWorker'] as const)('a signal stops a solve %s, with what it had reached', async (where) => {
  // An adaptive run evaluates its last step once more, and this one ends earlier.
  const options = { accuracy: 'fixed' } as const;
  const { error } = await call(shared, where, { problem: 'hyper_cleaning', data: data['hyper-cleaning'] ?? {}, options, abortAtStep: 3 });
  expect(error).toMatchObject({ name: 'ProblemError', status: 'interrupted', cause: 'stopped by the test' });
  const reached = error?.lastGood;
  expect(reached?.outerStatus).toBe('interrupted');
  const { strategy = '', solver = '' } = reached ?? {};
  const { history } = await solve(pageOf('hyper-cleaning'), '--strategy', `${strategy}+${solver}`, '--accuracy', 'fixed');
  expect(reached?.history.map(({ outer }) => outer)).toEqual(history.slice(0, 4).map(({ outer }) => outer));
});

describe('the thread of the page', () => {
  interface Times {
    readonly longest: number;
    readonly all: number;
  }
  const longestTask = ({ page }: OpenPage, code: string): Promise<Times> => page.evaluate<Times>(`longestTask(${code})`);
  const long = (where: string): string =>
    `() => ${where}(${JSON.stringify({ problem: 'hyper_cleaning', data: data['hyper-cleaning'], options: { threads: 1 } })})`;

  it('is seen to be busy when it is', async () => {
    const { longest } = await longestTask(alone, 'async () => { const end = performance.now() + 120; while (performance.now() < end); }');
    expect(longest).toBeGreaterThan(100);
  });

  it('is free while a worker solves', async () => {
    // A task of less than 50 ms is not counted; what is above stands for a machine that does other things too.
    expect((await longestTask(alone, long('inWorker'))).longest).toBeLessThan(75);
  });

  it('has turns even when it solves itself', async () => {
    // How long a task is hangs on what else the machine does; that it is a small part of the whole does not.
    const { longest, all } = await longestTask(alone, long('here'));
    expect(longest).toBeLessThan(all / 4);
  });
});

it('no page complained', () => {
  expect([shared.complaints, alone.complaints]).toEqual([[], []]);
});
