import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { bilevel, folderWith } from '../cli/harness.ts';
import { Project } from '../module/harness.ts';
import { root } from './imports.ts';

interface Application {
  readonly solution: { readonly status: string; readonly hyper: { readonly penalty: number } };
  readonly hypergradient: { readonly penalty: number };
  readonly error: { readonly estimate: number };
}

interface Fence {
  readonly language: string;
  readonly text: string;
}

const text = readFileSync(join(root, 'README.md'), 'utf8');
const fences: readonly Fence[] = [...text.matchAll(/^```(?<language>[\w-]*)\n(?<text>[\s\S]*?)^```$/gmu)].map((m) => ({
  language: m.groups?.['language'] ?? '',
  text: m.groups?.['text'] ?? '',
}));
const blocks = (language: string): readonly string[] => fences.filter((fence) => fence.language === language).map((fence) => fence.text);
const diabetes = readFileSync(join(root, 'examples/ridge/diabetes.csv'), 'utf8');
const [page = ''] = blocks('bilevel');

/** The page of README.md with lines of its own before the last brace. */
function folderWithPage(lines = ''): ReturnType<typeof folderWith> {
  const end = page.lastIndexOf('}');
  return folderWith({ 'page.bilevel': `${page.slice(0, end)}${lines}${page.slice(end)}`, 'diabetes.csv': diabetes });
}

describe('README.md', () => {
  const folder = folderWithPage();
  afterAll(folder.remove);

  it('has only blocks that a test runs', () => {
    expect([...new Set(fences.map((fence) => fence.language))].sort()).toEqual(['bilevel', 'bilevel-lines', 'console', 'js', 'sh', 'ts']);
    expect(blocks('bilevel')).toHaveLength(1);
    expect(fences[0]?.language).toBe('sh');
  });

  it('begins with the two command lines that a fresh machine needs', () => {
    // They are run as they stand, each in a fresh copy, by `.ci/run` and `test/deep/fresh.test.ts`.
    expect(fences[0]?.text.split('\n').map((line) => line.replace(/ +#.*$/u, ''))).toEqual([
      'npm ci && npx bilevel run examples/ridge/ridge.bilevel',
      'npm ci && npm test',
      '',
    ]);
  });

  it('shows an application that runs', async () => {
    const project = new Project();
    try {
      await project.compile(folder.path('page.bilevel'), 'ridge.js');
      const rows = diabetes
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split(',').map(Number));
      const data = { X: rows.map((row) => row.slice(0, 10)), y: rows.map((row) => row[10]) };
      const [application = ''] = blocks('ts');
      expect(blocks('ts')).toHaveLength(1);
      writeFileSync(
        project.path('application.js'),
        `const { X, y } = ${JSON.stringify(data)};\n${application.replace('./ridge.ts', './ridge.js')}\nexport { solution, hypergradient, error };\n`,
      );
      const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
      const { solution, hypergradient, error } = (await import(
        /* @vite-ignore */ pathToFileURL(project.path('application.js')).href
      )) as Application;
      expect(log.mock.calls.length).toBeGreaterThan(3);
      log.mockRestore();
      expect(solution.status).toBe('converged');
      expect(solution.hyper.penalty).toBeGreaterThan(0);
      expect(Math.abs(hypergradient.penalty)).toBeGreaterThan(error.estimate);
    } finally {
      project.remove();
    }
  });

  it('shows a page that solves', async () => {
    const { code, stderr, json } = await bilevel(['run', folder.path('page.bilevel'), '--json']);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const { status, outer, history } = json() as { status: string; outer: number; history: { outer: number }[] };
    expect(status).toBe('converged');
    expect(outer).toBeLessThan(history[0]?.outer ?? 0);
  });

  it.each(blocks('bilevel-lines').flatMap((block) => block.trim().split('\n')))('shows a line that solves as well: %s', async (line) => {
    const own = folderWithPage(`${line}\n`);
    try {
      const { code, stdout, stderr } = await bilevel(['run', own.path('page.bilevel')]);
      expect(stderr).not.toContain('error');
      expect(stdout).toContain('rmse');
      expect(code).toBe(0);
    } finally {
      own.remove();
    }
  });

  const commands = blocks('console').flatMap((block) => [...block.matchAll(/^\$ bilevel (.*)$/gmu)].map((m) => m[1] ?? ''));
  it.each(commands)('shows a command that works: bilevel %s', async (line) => {
    const words = line
      .split(' ')
      .map((word) =>
        word.startsWith('examples/') ? join(root, word) : ['page.bilevel', 'ridge.ts'].includes(word) ? folder.path(word) : word,
      );
    const { code, stdout, stderr } = await bilevel(words);
    expect(stderr).not.toContain('error');
    expect(code).toBe(0);
    expect(`${stdout}${stderr}`).not.toBe('');
  });

  it('names every command there is', async () => {
    const { stdout } = await bilevel(['--help']);
    const names = [...stdout.matchAll(/^ {2}([a-z]+)(?= [\[<o])/gmu)].map((m) => m[1] ?? '');
    expect(names.length).toBeGreaterThan(4);
    // The language server waits for an editor: it is spoken of, and runs elsewhere.
    const isNamed = (name: string): boolean => commands.some((line) => line.startsWith(`${name} `)) || text.includes(`\`bilevel ${name} `);
    for (const name of names) expect(isNamed(name), name).toBe(true);
  });
});
