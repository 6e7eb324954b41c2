/** Problems run in VS Code itself, in a browser: by a runner in a worker, on files that only VS Code can read, their results in a view. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { problem, type PageProblem } from '../../library/problem.ts';
import { figure } from '../../library/figures.ts';
import { readData } from '../../runtime/data/api.ts';
import { csv } from '../../runtime/data/csv.ts';
import { Workbench } from './workbench.ts';

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
`;
const kernels = 'fn off(a: [k], b: [k]): [k] = a - b\n';
const points = `x,y\n${Array.from({ length: 24 }, (_, i) => `${(i * 0.37).toFixed(2)},${(1.7 * i * 0.37 + ((i * 7) % 5) - 2).toFixed(2)}`).join('\n')}\n`;
const files = { '/page.bilevel': page, '/kernels.bilevel': kernels, '/points.csv': points };

describe('VS Code, running problems', () => {
  let workbench: Workbench;
  let solved: Awaited<ReturnType<PageProblem['solve']>>;
  beforeAll(async () => {
    const fit = problem(page, { problem: 'fit', imports: { './kernels.bilevel': kernels } });
    const read = (): Promise<Uint8Array> => Promise.resolve(new TextEncoder().encode(points));
    solved = await fit.solve(await readData(fit, { files: { read }, formats: [csv] }));
    workbench = await Workbench.open(files, { own: { 'editor.inlayHints.enabled': 'on', 'editor.codeLens': true } });
    return () => workbench.close();
  });
  afterEach(async ({ task }) => {
    const pictures = process.env['BILEVEL_ARTEFACTS'];
    if (pictures === undefined) return;
    mkdirSync(pictures, { recursive: true });
    await workbench.page.screenshot({ path: join(pictures, `vscode-run-${task.name.replaceAll(/\W+/gu, '-')}.png`) });
  });

  it('shows shapes in lines, and above each problem what can be done with it', async () => {
    await expect.poll(() => workbench.text(), { timeout: 30_000 }).toContain('let shifted: [train]');
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
});
