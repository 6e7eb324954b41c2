/** Every page of `examples/` says what it is, is formatted, and stands in their table; the prompt ones reach the figure that they state. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { format } from '../library/index.ts';
import { examples, folderOfExamples, promptExamples, quickTravellers } from './helpers/examples.ts';
import { expectAgreement, expectFigures, figuresOf } from './helpers/figures.ts';

it('finds the examples', () => {
  expect(examples.map(({ name }) => name)).toEqual(expect.arrayContaining(['ridge', 'logistic', 'learning-rate', 'hyper-cleaning']));
});

describe.each(examples)('$name', ({ name, page }) => {
  it('says where its data come from, what it shows, how to run it and what it reaches', () => {
    const [header = ''] = readFileSync(page, 'utf8').split('\n\n');
    expect(header).toMatch(/^\/\/ Source: {2}\S/u);
    expect(header).toMatch(/^\/\/ Shows: {3}\S/mu);
    expect(header).toContain(`// Run:     bilevel run examples/${name}/${name}.bilevel\n`);
    expect(header).toMatch(/^\/\/ figure: /mu);
    expect(figuresOf(page).length).toBeGreaterThan(0);
    expect(readFileSync(join(dirname(page), 'README.md'), 'utf8')).toContain(`bilevel run examples/${name}/${name}.bilevel`);
  });

  it('is in its canonical form', () => {
    const text = readFileSync(page, 'utf8');
    expect(format(text)).toMatchObject({ ok: true, text });
  });
});

describe('the table of the examples', () => {
  const text = readFileSync(join(folderOfExamples, 'README.md'), 'utf8');
  const rows = [...text.matchAll(/^\| [^|]+ \| \[(?<name>[^\]]+)\]\((?<path>[^)]+)\) \| (?<reached>[^|]+) \|$/gmu)].map(({ groups }) => ({
    ...groups,
  }));

  it('has a row for each', () => {
    expect(rows.map(({ path }) => path).sort()).toEqual(examples.map(({ name }) => `${name}/${name}.bilevel`).sort());
  });

  it.each(examples)('gives the figures of $name', ({ name, page }) => {
    const row = rows.find((each) => each['name'] === name);
    for (const figure of figuresOf(page)) expect(row?.['reached']).toContain(`\`${figure.name}\` ${figure.value}`);
  });
});

it.each(promptExamples)('$name reaches its figure', ({ page }) => expectFigures(page));
it.each(quickTravellers)('all strategies agree at the start of $name', ({ page }) => expectAgreement(page));
