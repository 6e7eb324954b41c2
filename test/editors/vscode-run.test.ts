/** Problems run in VS Code itself, in a browser: by a runner in a worker, on files that only VS Code can read, their results in a view. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { problem, type PageProblem } from '../../library/problem.ts';
import { figure } from '../../library/figures.ts';
import { readData } from '../../runtime/data/api.ts';
import { csv } from '../../runtime/data/csv.ts';
import type { Ended, FromRunner, ToRunner } from '../../lsp/vscode/run/messages.ts';
import { extension, Workbench } from './workbench.ts';

const page = `import { off } from "./kernels.bilevel"

problem fit {
  dim n
  data x: [n] from "points.csv" column x
  data y: [n] from "points.csv" column y
  split n into train 50%, valid 50%, seed 3
  hyper pull: positive = 5
  hyper bend: real[2]
  param w: []
  let shifted = x[train] + bend[0]
  inner minimize mean(off(w * shifted, y[train])^2) + pull * w^2 + sum(bend^2) * w^2
  outer minimize mean((w * x[valid] + bend[1] - y[valid])^2)
  report slope = w
}

problem slow {
  dim n
  data x: [n] from "points.csv" column x
  hyper pull: positive = 5
  param w: []
  inner minimize mean((w - x)^2) + pull * w^2
  outer minimize (w - 1)^2
  solve outer with gd(rate = 1e-9, steps = 100000000)
}

problem open {
  dim n
  data z: [n]
  hyper pull: positive = 5
  param w: []
  inner minimize mean((w - z)^2) + pull * w^2
  outer minimize (w - 1)^2
}
`;
const kernels = 'fn off(a: [k], b: [k]): [k] = a - b\n';
const points = `x,y\n${Array.from({ length: 24 }, (_, i) => `${(i * 0.37).toFixed(2)},${(1.7 * i * 0.37 + ((i * 7) % 5) - 2).toFixed(2)}`).join('\n')}\n`;
const files = { '/page.bilevel': page, '/kernels.bilevel': kernels, '/points.csv': points };

/** Where somebody wants to look at it. */
async function picture({ page: seen }: Workbench, name: string): Promise<void> {
  const folder = process.env['BILEVEL_ARTEFACTS'];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await seen.screenshot({ path: join(folder, `vscode-run-${name.replaceAll(/\W+/gu, '-')}.png`) });
}

describe('VS Code, running problems', () => {
  let workbench: Workbench;
  let solved: Awaited<ReturnType<PageProblem['solve']>>;
  beforeAll(async () => {
    const fit = problem(page, { problem: 'fit', imports: { './kernels.bilevel': kernels } });
    const read = (): Promise<Uint8Array> => Promise.resolve(new TextEncoder().encode(points));
    solved = await fit.solve(await readData(fit, { files: { read }, formats: [csv] }));
    workbench = await Workbench.open(files, { own: { 'editor.inlayHints.enabled': 'on', 'workbench.colorTheme': 'Default Dark Modern' } });
    return () => workbench.close();
  });
  afterEach(({ task }) => picture(workbench, task.name));

  it('shows shapes in lines, and above each problem what can be done with it', async () => {
    await expect.poll(() => workbench.text(), { timeout: 60_000 }).toContain('let shifted: [train]');
    expect(await workbench.lenses()).toEqual(['Run', 'Check gradient', 'Explain plan', 'Compare strategies']);
  });
  it('runs the problem of a lens: a point for each outer step, and what the library computes', async () => {
    await workbench.lens('Run');
    const view = await workbench.results('done');
    expect(await view.locator('[data-chart=criterion] .point').count()).toBe(solved.history.length);
    expect(await view.locator('[data-chart=bend] g').count()).toBe(2);
    const [criterion] = await view.locator('.figure').allInnerTexts();
    expect(criterion).toContain(figure(solved.outer));
    expect(await view.locator('table').first().innerText()).toContain(figure(Number(solved.hyper['pull'])));
  });
  it('says the value at each step, by keyboard too, and takes a logarithm where there is one', async () => {
    const view = await workbench.results('done');
    const chart = view.locator('[data-chart=criterion]');
    await chart.locator('svg').first().focus();
    await chart.locator('svg').first().press('Home');
    expect(await chart.locator('output').innerText()).toContain(`step 0: ${figure(solved.history[0]?.outer ?? Number.NaN)}`);
    expect(await chart.locator('svg').first().getAttribute('aria-label')).toContain(`over ${solved.history.length - 1} outer steps`);
    await chart.locator('button').click();
    expect(await chart.locator('button').getAttribute('aria-pressed')).toBe('true');
    expect(await view.locator('[data-chart=bend] button').isDisabled()).toBe(true);
  });
  it('checks a gradient by differences', async () => {
    await workbench.lens('Check gradient');
    const view = await workbench.results('done', 'Check gradient');
    expect(await view.locator('thead').first().innerText()).toMatch(/hypergradient\s+by differences/u);
    expect(await view.locator('tbody').first().locator('tr').count()).toBe(3);
    expect(await view.locator('.figure', { hasText: 'against differences' }).innerText()).toContain('agrees');
  });
  it('explains a plan: candidates, what they cost, and which is taken', async () => {
    await workbench.lens('Explain plan');
    const view = await workbench.results('done', 'Explain plan');
    const first = view.locator('tbody').first().locator('tr').first();
    expect(await first.innerText()).toMatch(/closed_form\+\w+\s+chosen/u);
  });
  it('compares strategies', async () => {
    await workbench.lens('Compare strategies');
    const view = await workbench.results('done', 'Compare strategies');
    expect(await view.locator('.words').innerText()).toBe('All that accept the problem agree.');
    expect(await view.locator('td.good', { hasText: 'agrees' }).count()).toBeGreaterThan(3);
  });
  it('shows a chart while a problem is solved', async () => {
    await workbench.lens('Run', 1);
    const view = await workbench.results('running', 'Run');
    await view.locator('[data-chart=criterion] path.curve').first().waitFor();
    await expect.poll(() => workbench.page.locator('.notification-list-item').innerText()).toMatch(/Run: slow.*step \d+\/100000000/su);
  });
  it('ends a run that is cancelled, and keeps what it had reached', async () => {
    await workbench.command('Bilevel: Cancel Run');
    const view = await workbench.results('cancelled');
    await workbench.page.locator('.notification-list-item').waitFor({ state: 'detached' });
    expect(await view.locator('table').first().innerText()).toContain('pull');
  });
  it('runs a page once at a time: what is asked for last is what is shown', async () => {
    await workbench.lens('Run', 1);
    await workbench.lens('Run', 1);
    await workbench.lens('Run');
    const view = await workbench.results('done', 'Run');
    expect(await view.locator('h1').innerText()).toBe('fit');
    await workbench.page.locator('.notification-list-item').waitFor({ state: 'detached' });
  });
  it('asks for a file where the page names none, and for the column that is meant', async () => {
    await workbench.lens('Run', 2);
    const view = await workbench.results('failed');
    expect(await view.locator('.said').innerText()).toContain('BL6016');
    const { page: seen } = workbench;
    await workbench.answer('Choose Files…');
    const input = seen.locator('.quick-input-box input');
    await seen.locator('.quick-input-title', { hasText: 'A file for z' }).waitFor();
    await input.fill('/points.csv');
    await input.press('Enter');
    await seen.locator('.quick-input-message', { hasText: 'of points.csv for z' }).waitFor();
    await input.fill('y');
    await input.press('Enter');
    await workbench.results('done', 'Run');
    expect(await view.locator('h1').innerText()).toBe('open');
  });
  it('shows what is wrong with a file at the data that it is for, once, whoever has found it', async () => {
    await workbench.change({ ...files, '/points.csv': points.replace('0.37,', 'zero,') });
    await workbench.lens('Run');
    const view = await workbench.results('failed');
    expect(await view.locator('.said').innerText()).toContain('points.csv:3:1');
    // Two problems have the column.
    const wrong = [/points\.csv:3:1: `x`.*zero.*Ln 5,/su, /points\.csv:3:1: `x`.*zero.*Ln 19,/su].map((each): unknown =>
      expect.stringMatching(each),
    );
    await expect.poll(() => workbench.problems(), { timeout: 20_000 }).toEqual(wrong);
  });
  it('has the same runner as a worker of Node, where it has Node', async () => {
    const worker = new Worker(join(extension, 'runner-node.js'));
    const given: Readonly<Record<string, string>> = { 'points.csv': points, 'kernels.bilevel': kernels };
    const ended = new Promise<Ended>((resolve, reject) => {
      worker.on('error', reject);
      worker.on('message', (message: FromRunner) => {
        if (message.kind === 'ended') resolve(message);
        if (message.kind !== 'question') return;
        const answer: ToRunner = { kind: 'answer', id: message.id, bytes: new TextEncoder().encode(given[message.path]) };
        worker.postMessage(answer);
      });
    });
    const order: ToRunner = {
      kind: 'order',
      action: 'run',
      page: { uri: 'file:///page.bilevel', name: 'page.bilevel', text: page },
      problem: 'fit',
      data: {},
    };
    worker.postMessage(order);
    expect((await ended).finished).toMatchObject({ state: 'done', words: `converged after ${solved.history.length - 1} steps` });
    await worker.terminate();
  });
});

it('VS Code runs nothing in a folder that is not trusted, and says so', async ({ task }) => {
  const workbench = await Workbench.open(files, { trust: true, own: { 'security.workspace.trust.startupPrompt': 'never' } });
  try {
    await workbench.command('Bilevel: Run Problem');
    const said = workbench.page.locator('.notification-list-item', { hasText: 'in trusted folders only' });
    await said.locator('a', { hasText: 'Manage Workspace Trust' }).waitFor();
    expect(await workbench.page.locator('.codelens-decoration').count()).toBe(0);
  } finally {
    await picture(workbench, task.name);
    await workbench.close();
  }
});
