/** The runner of the VS Code extension without VS Code: messages in, messages out. */
import { describe, expect, it } from 'vitest';
import { problem } from '../../library/problem.ts';
import { readData } from '../../runtime/data/api.ts';
import { csv } from '../../runtime/data/csv.ts';
import { after, type Results } from '../../lsp/vscode/run/results.ts';
import type { Ended, FromRunner, Order, Question, ToRunner } from '../../lsp/vscode/run/messages.ts';
import { runner } from '../../lsp/vscode/run/runner.ts';

const text = `import { off } from "./functions/off.bilevel"

problem p {
  dim n
  data x: [n] from "data/points.csv" column x
  data y: [n] from "data/points.csv" column y
  split n into train 50%, valid 50%, seed 3
  hyper pull: positive = 0.5
  hyper scale: positive[2] = [1, 2]
  param w: []
  inner minimize mean(off(w * x[train], y[train])^2) + pull * w^2 + sum(log(scale)^2) * w^2
  outer minimize mean((w * x[valid] - y[valid])^2)
  report slope = w
}
`;
const points = `x,y\n${[0.3, 1.1, 2.4, 2.9, 3.8, 4.2].map((x, i) => `${x},${2 * x + (i % 3) - 1}`).join('\n')}\n`;
const files = { 'data/points.csv': points, 'functions/off.bilevel': 'fn off(a: [k], b: [k]): [k] = a - b\n' };

interface Told {
  readonly results: Results | undefined;
  readonly ended: Ended;
  readonly asked: readonly string[];
  readonly events: number;
}

/** Carries out an order with these files; `hear` is told what comes, and may answer. */
function told(
  order: Partial<Order>,
  given: Readonly<Record<string, string>> = files,
  hear: (message: FromRunner, send: (message: ToRunner) => void) => void = () => undefined,
): Promise<Told> {
  return new Promise((resolve, reject) => {
    const asked: string[] = [];
    const page = { uri: 'memory:/page.bilevel', name: 'page.bilevel', text };
    const { action = 'run', problem: name = 'p' } = order;
    let results = after(undefined, { kind: 'begun', action, uri: page.uri, page: page.name, problem: name });
    let events = 0;
    let send: (message: ToRunner) => void = () => undefined;
    const answer = ({ id, what, path }: Question): ToRunner => {
      asked.push(path);
      if (what === 'names') return { kind: 'answer', id, names: ['points.csv'] };
      const found = given[path];
      return found === undefined ? { kind: 'answer', id, code: 'ENOENT' } : { kind: 'answer', id, bytes: new TextEncoder().encode(found) };
    };
    runner({
      listen: (listener) => (send = listener),
      post: (message) => {
        hear(message, send);
        switch (message.kind) {
          case 'question':
            queueMicrotask(() => send(answer(message)));
            return;
          case 'advanced':
            events += 1;
            results = after(results, message);
            return;
          case 'ended':
            results = after(results, message.finished);
            return resolve({ results, ended: message, asked, events });
          case 'bug':
            return reject(new Error(message.message));
        }
      },
    });
    send({ kind: 'order', action, page, problem: name, data: {}, ...order });
  });
}

const cells = (results: Results | undefined, title: string): readonly (readonly string[])[] =>
  (results?.tables.find((table) => table.title === title)?.rows ?? []).map((row) =>
    row.map((cell) => (typeof cell === 'string' ? cell : cell.text)),
  );

describe('the runner', () => {
  it('solves a problem: a point for each outer step, and what the library computes', async () => {
    const { results, asked } = await told({ action: 'run' });
    const solved = problem(text, { imports: { './functions/off.bilevel': files['functions/off.bilevel'] } });
    const given = { read: (path: string) => Promise.resolve(new TextEncoder().encode(files[path as keyof typeof files])) };
    const solution = await solved.solve(await readData(solved, { files: given, formats: [csv] }));
    expect(results?.state).toBe('done');
    expect(results?.steps.map(({ criterion }) => criterion)).toEqual(solution.history.map(({ outer }) => outer));
    expect(results?.hypers.map(({ elements }) => elements)).toEqual([['pull'], ['scale[0]', 'scale[1]']]);
    expect(results?.steps.at(-1)?.hypers[0]).toEqual([solution.history.at(-1)?.hyper['pull']]);
    expect(JSON.parse(results?.json ?? '')).toMatchObject({
      problem: 'p',
      outer: solution.outer,
      report: { slope: solution.report['slope'] },
    });
    expect(cells(results, 'hypers').map(([name, start]) => [name, start])).toEqual([
      ['pull', '0.5'],
      ['scale', '[2] 1, 2'],
    ]);
    // Each file once, and the page that is imported before anything is computed.
    expect(asked).toEqual(['functions/off.bilevel', 'data/points.csv']);
  });

  it('checks the gradient by differences, hyper by hyper', async () => {
    const { results } = await told({ action: 'gradient' });
    const rows = cells(results, 'hypergradient');
    expect(rows.map(([name, at]) => [name, at])).toEqual([
      ['pull', '0.5'],
      ['scale[0]', '1'],
      ['scale[1]', '2'],
    ]);
    for (const [, , derivative, byDifferences] of rows) expect(Number(byDifferences)).toBeCloseTo(Number(derivative), 5);
    expect(results?.figures.find(({ name }) => name === 'against differences')).toMatchObject({ value: 'agrees', tone: 'good' });
  });

  it('compares strategies', async () => {
    const { results } = await told({ action: 'verify' });
    expect(results?.words).toBe('All that accept the problem agree.');
    const rows = cells(results, 'strategies, against the one that is chosen');
    expect(rows.filter((row) => row[4] === 'agrees').length).toBeGreaterThan(2);
    expect(rows.filter((row) => row[4] === 'chosen').length).toBe(1);
  });

  it('explains the plan, with data and without', async () => {
    const { results } = await told({ action: 'plan' });
    expect(cells(results, 'candidates')[0]?.slice(0, 2)).toEqual(['closed_form+cholesky', 'chosen']);
    expect(cells(results, 'the problem').find(([name]) => name === 'sizes')?.[1]).toContain('n = 6');
    const { results: without, ended } = await told({ action: 'plan' }, { 'functions/off.bilevel': files['functions/off.bilevel'] });
    expect(without?.state).toBe('done');
    expect(cells(without, 'the problem').find(([name]) => name === 'data')?.[1]).toContain('the file of `x` does not exist');
    expect(ended.diagnostics).toEqual([]);
  });

  it('shows a wrong number in a file at its data, with its place in the file', async () => {
    const { results, ended } = await told({}, { ...files, 'data/points.csv': points.replace('1.1,', 'one,') });
    expect(results?.state).toBe('failed');
    expect(results?.said.map(({ code, where }) => [code, where])).toEqual([['BL6005', 'data/points.csv:3:1']]);
    const [shown, ...more] = ended.diagnostics;
    expect(more).toEqual([]);
    expect(shown?.message).toContain('data/points.csv:3:1');
    expect(shown?.range.start).toEqual({ line: 4, character: 7 });
    expect(shown?.relatedInformation?.map(({ location }) => location.uri)).toEqual(['data/points.csv']);
  });

  it('says which data have no file, and takes those that are chosen', async () => {
    const open = { uri: 'memory:/page.bilevel', name: 'page.bilevel', text: text.replaceAll(/ from "[^"]+" column \w/gu, '') };
    const { ended } = await told({ page: open });
    expect(ended.finished.said.map(({ code }) => code)).toEqual(['BL6016', 'BL6016']);
    expect(ended.finished.said[0]?.hints[0]).toContain('Choose Data Files');
    expect(ended.unbound.map(({ declared }) => declared)).toEqual(['x: real[n]', 'y: real[n]']);
    const named = await told({ page: { ...open, text: open.text.replaceAll(/\bx\b/gu, 'toString') } });
    expect(named.ended.unbound.map(({ name }) => name)).toEqual(['toString', 'y']);
    const bound = (key: string) => ({ file: 'data/points.csv', key });
    const { results } = await told({ page: open, data: { x: bound('x'), y: bound('y') } });
    expect(results?.state).toBe('done');
  });

  it('leaves a page that is wrong to the server, and says so', async () => {
    const { ended } = await told({
      page: { uri: 'memory:/page.bilevel', name: 'page.bilevel', text: text.replace('pull * w', 'pul * w') },
    });
    expect(ended.finished).toMatchObject({ state: 'failed', words: 'the page has errors' });
    expect(ended.finished.said.map(({ code, where }) => [code, where])).toEqual([['BL2001', 'page.bilevel:11:56']]);
    expect(ended.diagnostics).toEqual([]);
  });

  it('ends when it is cancelled, with what it had reached', async () => {
    const page = {
      uri: 'memory:/page.bilevel',
      name: 'page.bilevel',
      text: text.replace('report', 'solve outer with gd(rate = 1e-9, steps = 1000000)\n  report'),
    };
    let sent = false;
    const { results } = await told({ page }, files, (message, send) => {
      if (sent || message.kind !== 'advanced' || message.steps.length === 0) return;
      sent = true;
      send({ kind: 'cancel' });
    });
    expect(results?.state).toBe('cancelled');
    expect(results?.steps.length).toBeGreaterThan(0);
    expect(results?.steps.length).toBeLessThan(100_000);
    expect(cells(results, 'hypers')[0]?.[0]).toBe('pull');
  });

  it('tells steps a few at a time', async () => {
    const page = {
      uri: 'memory:/page.bilevel',
      name: 'page.bilevel',
      text: text.replace('report', 'solve outer with gd(rate = 1e-9, steps = 400)\n  report'),
    };
    const { results, events } = await told({ page });
    expect(results?.steps.length).toBe(401);
    expect(events).toBeLessThan(100);
  });
});
