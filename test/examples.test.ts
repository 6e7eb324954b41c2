/** Every page of `examples/`, run from its file through the command line: it reaches the figure that its header states. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { flat, solve, verify } from './helpers/cli.ts';
import { examples, quickExamples } from './helpers/examples.ts';

interface Figure {
  readonly name: string;
  readonly value: number;
  readonly tolerance: number;
}

/** `// figure: NAME = VALUE (TOLERANCE)`: a report, `outer`, or a hyper; the tolerance is absolute. */
function figuresOf(text: string): readonly Figure[] {
  const lines = text.matchAll(/^\/\/ figure:\s+(?<name>\S+) = (?<value>\S+) \((?<tolerance>\S+)\)$/gmu);
  return [...lines].map(({ groups }) => ({
    name: groups?.['name'] ?? '',
    value: Number(groups?.['value']),
    tolerance: Number(groups?.['tolerance']),
  }));
}

it('finds the examples', () => {
  expect(examples.map(({ name }) => name)).toEqual(expect.arrayContaining(['ridge', 'logistic', 'learning-rate', 'hyper-cleaning']));
});

describe.each(examples)('$name', ({ name, page }) => {
  const text = readFileSync(page, 'utf8');

  it('says where its data come from, what it shows, how to run it and what it reaches', () => {
    const [header = ''] = text.split('\n\n');
    expect(header).toMatch(/^\/\/ Source: {2}\S/u);
    expect(header).toMatch(/^\/\/ Shows: {3}\S/mu);
    expect(header).toContain(`// Run:     bilevel run examples/${name}/${name}.bilevel\n`);
    expect(figuresOf(header).length).toBeGreaterThan(0);
    expect(readFileSync(join(dirname(page), 'README.md'), 'utf8')).toContain(`bilevel run examples/${name}/${name}.bilevel`);
  });

  it('reaches its figure', async () => {
    const document = await solve(page);
    expect(document.status).toBe('converged');
    for (const { name: what, value, tolerance } of figuresOf(text)) {
      const reached = what === 'outer' ? document.outer : (document.report[what] ?? document.hyper[what]);
      if (reached === undefined) throw new Error(`the page reports no ${what}`);
      expect(Math.abs((flat(reached)[0] ?? Number.NaN) - value), what).toBeLessThanOrEqual(tolerance);
    }
  });
});

it.each(quickExamples)('all strategies agree at the start of $name', async ({ page }) => {
  const document = await verify(page);
  expect(document.agrees).toBe(true);
  expect(document.verify.filter((row) => row.agrees === true).length).toBeGreaterThan(0);
});
