/**
 * One module on every host, unchanged: to the last bit what `bilevel run` gives, on one thread and on two, with the same words for what is
 * wrong. The hosts are those of `docs/hosts.md`.
 */
import { copyFileSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { controlBlock } from '../../plan/kernels.ts';
import { flat, solveAs, type Named, type Numbers } from '../helpers/cli.ts';
import { travellingExamples } from '../helpers/examples.ts';
import { Project, root } from '../module/harness.ts';
import { hosts, output, programOf, type Host } from './hosts.ts';

type Values = Readonly<Record<string, number | { readonly data: readonly number[] }>>;

interface Solved {
  readonly outer: number;
  readonly hyper: Values;
  readonly param: Values;
  readonly report: Values;
  readonly strategy: string;
  readonly solver: string;
  readonly status: string;
  readonly steps: readonly number[];
  /** How many steps were told on the way. */
  readonly told: number;
}

interface Refusal {
  readonly name: string;
  readonly code: string;
  readonly status: string;
  readonly message: string;
  readonly isOurs: boolean;
  readonly cause?: string;
  readonly reached?: number;
}

interface Threaded {
  readonly up: number;
  readonly shared: number;
  readonly computedBy: number;
  readonly alone: { readonly outer: number };
  readonly together: { readonly outer: number };
}

const project = new Project();
beforeAll(async () => {
  copyFileSync(`${root}test/hosts/application.js`, project.path('application.js'));
  for (const { name, page } of travellingExamples) await project.compile(page, `${name}.js`);
});
afterAll(() => project.remove());

/** What each host gave for each task, which it does once. */
const done = new Map<string, Promise<unknown>>();
async function perform<Result>(host: Host, task: Readonly<Record<string, unknown>>): Promise<Result> {
  const text = JSON.stringify(task);
  const key = `${host.name} ${text}`;
  const result = done.get(key) ?? output(host, [...host.options, 'application.js', text], project.folder).then(JSON.parse);
  done.set(key, result);
  return (await result) as Result;
}

const numbersOf = (values: Values): readonly (readonly [string, readonly number[]])[] =>
  Object.entries(values).map(([name, value]) => [name, typeof value === 'number' ? [value] : value.data]);
const inDocument = (named: Named): readonly (readonly [string, readonly number[]])[] =>
  Object.entries(named).map(([name, value]: readonly [string, Numbers]) => [name, flat(value)]);

const ridge = travellingExamples.find(({ name }) => name === 'ridge');
const refusing = { task: 'refuse', module: './ridge.js', folder: dirname(ridge?.page ?? ''), short: 'y' };
/** Enough rows that a kernel is worth sharing out. */
const sharing = {
  task: 'threads',
  module: './logistic.js',
  rows: 10_000,
  columns: 30,
  data: 'X',
  labels: 'malignant',
  // The control block begins at 64 (`controlAddress` of `layout.ts`).
  threadsWord: (64 + controlBlock.threads) / 4,
};
const [thisNode, ...others] = hosts as readonly [Host, ...Host[]];

describe.each(hosts)('$name', (host) => {
  it('is there, in a version that is supported', async () => {
    expect(await output(host, ['--version'])).toMatch(new RegExp(`^${host.version.replaceAll('.', '\\.')}`, 'u'));
  });

  it.each(travellingExamples)('gives for $name to the last bit what the command line gives', async ({ name, page }) => {
    const solved = await perform<Solved>(host, { task: 'solve', module: `./${name}.js`, folder: dirname(page) });
    const run = await solveAs(page, solved);
    expect(solved.outer).toBe(run.outer);
    expect(numbersOf(solved.hyper)).toEqual(inDocument(run.hyper));
    expect(numbersOf(solved.param)).toEqual(inDocument(run.param));
    expect(numbersOf(solved.report)).toEqual(inDocument(run.report));
    expect(solved.steps).toEqual(run.history.map((step) => step.outer));
    expect(solved.told).toBe(run.history.length);
    expect([solved.strategy, solved.status]).toEqual([run.strategy, run.status]);
  });

  it('refuses what does not fit, and ends when it is told to', async () => {
    const refused = await perform<Record<'data' | 'format' | 'file' | 'aborted' | 'stopped', Refusal>>(host, refusing);
    for (const { name, isOurs } of Object.values(refused)) expect([name, isOurs]).toEqual(['ProblemError', true]);
    const { data, format, file, aborted, stopped } = refused;
    expect([data.code, format.code, file.code]).toEqual(['BL6013', 'BL6003', 'BL6001']);
    for (const { message, status } of [data, format, file]) {
      expect(message).toMatch(/^ridge\.bilevel:\d+:\d+: BL6/u);
      expect(status).toBe('not-started');
    }
    expect(aborted).toMatchObject({ status: 'interrupted', cause: 'enough' });
    expect(stopped).toMatchObject({ status: 'interrupted', cause: 'enough', reached: 3 });
  });

  it('shares memory between two threads, which give the bits of one', async () => {
    const { up, shared, computedBy, alone, together } = await perform<Threaded>(host, sharing);
    expect([up, shared, computedBy]).toEqual([2, 1, 2]);
    expect(together).toEqual(alone);
  });
});

describe.each(others)('$name beside this Node', (host) => {
  it('says the same', async () => {
    expect(await perform<object>(host, refusing)).toEqual(await perform<object>(thisNode, refusing));
  });
  it('computes the same of many rows', async () => {
    expect((await perform<Threaded>(host, sharing)).alone).toEqual((await perform<Threaded>(thisNode, sharing)).alone);
  });
});

it('the page about hosts names each, and `.ci/run` says where each is', () => {
  const page = readFileSync(`${root}docs/hosts.md`, 'utf8');
  const script = readFileSync(`${root}.ci/run`, 'utf8');
  for (const { name, variable } of others) {
    expect(page).toContain(`| ${name}`);
    expect(script).toContain(`${variable ?? ''}=`);
  }
  expect(() => programOf({ ...thisNode, variable: 'BILEVEL_NO_SUCH_HOST' })).toThrow('BILEVEL_NO_SUCH_HOST');
});
