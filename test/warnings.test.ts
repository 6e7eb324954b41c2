/**
 * What is legal and unwise: each warning has pages that earn it and pages that narrowly do not, run through the command line. A first line
 * `// COMMAND FLAGS` names what is run; without one it is `check`. A page that narrowly does not earn a warning earns none at all. That
 * no example and no reference problem earns one by mistake is tested where these are run.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { check, problem } from '../library/index.ts';
import { bilevel, type DiagnosticDocument } from './helpers/cli.ts';

const root = join(import.meta.dirname, 'warnings');

/** By the folder of its pages. */
const codes: Readonly<Record<string, string>> = {
  'hyper-reaches-nothing': 'BL3102',
  'criterion-on-training-data': 'BL3104',
  'minimiser-not-unique': 'BL4011',
  'error-above-tolerance': 'BL9007',
  'criterion-monotone': 'BL8022',
  'tie-broken': 'BL8025',
  'unscaled-features': 'BL6033',
  'few-labels': 'BL6034',
  'labels-apart': 'BL6035',
  'one-class': 'BL6036',
  'missing-label': 'BL6037',
  'recipe-falls-short': 'BL5012',
};

const pages = Object.entries(codes).flatMap(([slug, code]) =>
  readdirSync(join(root, slug)).map((name) => ({ slug, code, name, file: join(root, slug, name) })),
);

const textOf = (file: string): string => readFileSync(file, 'utf8');

async function warningsOf(file: string, ...words: readonly string[]): Promise<readonly DiagnosticDocument[]> {
  const [command = 'check', ...flags] = words;
  const { stdout } = await bilevel([command, file, ...flags, '--json']);
  return (JSON.parse(stdout) as { readonly diagnostics: readonly DiagnosticDocument[] }).diagnostics;
}

const wordsOf = (file: string): readonly string[] => /^\/\/ (?<words>.+)$/mu.exec(textOf(file))?.groups?.['words']?.split(' ') ?? [];

it.each(Object.keys(codes))('%s has a page that earns it and one that narrowly does not', (slug) => {
  const names = pages.filter((page) => page.slug === slug).map(({ name }) => name);
  expect(names.some((name) => name.startsWith('earns'))).toBe(true);
  expect(names.some((name) => name.startsWith('narrowly-not'))).toBe(true);
});

describe.each(pages.filter(({ name }) => name.startsWith('earns')))('$slug/$name', ({ slug, code, file }) => {
  it(`earns ${code}, once, at its place and with a way out`, async () => {
    const words = wordsOf(file);
    const [warning, ...others] = await warningsOf(file, ...words);
    expect(others).toEqual([]);
    expect(warning).toMatchObject({ code, slug, severity: 'warning', file });
    expect(warning?.line).toBeGreaterThan(1);
    expect(warning?.hints.length).toBeGreaterThan(0);
  });
});

it.each(pages.filter(({ name }) => name.startsWith('narrowly-not')))('$slug/$name earns none', async ({ file }) => {
  expect(await warningsOf(file, ...wordsOf(file))).toEqual([]);
});

describe('warnings come wherever the problem is looked at', () => {
  const page = (slug: string, name = 'earns'): string => join(root, slug, `${name}.bilevel`);

  it.each(['check', 'plan', 'gradient', 'run'])('what the text shows, from `%s`', async (command) => {
    const found = await warningsOf(page('criterion-on-training-data'), command);
    expect(found.filter(({ code }) => code === 'BL3104')).toHaveLength(1);
  });

  it.each(['plan', 'gradient', 'run'])('what the data show, from `%s`', async (command) => {
    const found = await warningsOf(page('unscaled-features'), command);
    expect(found.filter(({ code }) => code === 'BL6033')).toHaveLength(1);
  });

  it('from the library', async () => {
    const { diagnostics } = check(textOf(page('criterion-on-training-data')));
    expect(diagnostics.map(({ code }) => code)).toEqual(['BL3104']);
    const numbers = textOf(join(root, 'above.csv')).trim().split('\n');
    const X = numbers.map((line) => line.split(',').map(Number));
    const unscaled = await problem(textOf(page('unscaled-features'))).evaluate({ X, y: X.map(([x = 0]) => x) });
    expect(unscaled.warnings.map(({ code }) => code)).toEqual(['BL6033']);
    const short = await problem(textOf(page('recipe-falls-short'))).hypergradient({});
    expect(short.warnings.map(({ code }) => code)).toEqual(['BL5012']);
    const open = await problem(textOf(page('criterion-monotone', 'earns-open'))).solve({});
    expect(open.warnings.map(({ code }) => code)).toEqual(['BL8022']);
  });
});

it('the tolerance that is offered is enough', async () => {
  const [warning] = await warningsOf(join(root, 'error-above-tolerance', 'earns.bilevel'), 'gradient', '--hypergradient-tolerance', '1e-6');
  const offered = /`(?<tolerance>tolerance = \S+)` in/u.exec(warning?.hints[0] ?? '')?.groups?.['tolerance'];
  expect(textOf(join(root, 'error-above-tolerance', 'narrowly-not.bilevel'))).toContain(offered);
});
