/** What the header of an example promises, and that a run through the command line keeps it. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { flat, solve, verify } from './cli.ts';

interface Figure {
  readonly name: string;
  readonly value: number;
  readonly tolerance: number;
}

/** `// figure: NAME = VALUE (TOLERANCE)`: a report, `outer`, or a hyper; the tolerance is absolute. */
export function figuresOf(page: string): readonly Figure[] {
  const lines = readFileSync(page, 'utf8').matchAll(/^\/\/ figure:\s+(?<name>\S+) = (?<value>\S+) \((?<tolerance>\S+)\)$/gmu);
  return [...lines].map(({ groups }) => ({
    name: groups?.['name'] ?? '',
    value: Number(groups?.['value']),
    tolerance: Number(groups?.['tolerance']),
  }));
}

export async function expectFigures(page: string): Promise<void> {
  const document = await solve(page);
  expect(document.status).toBe('converged');
  expect(document.diagnostics).toEqual([]);
  for (const { name, value, tolerance } of figuresOf(page)) {
    const reached = name === 'outer' ? document.outer : (document.report[name] ?? document.hyper[name]);
    if (reached === undefined) throw new Error(`the page reports no ${name}`);
    expect(Math.abs((flat(reached)[0] ?? Number.NaN) - value), name).toBeLessThanOrEqual(tolerance);
  }
}

/** All strategies give one hypergradient at the start. */
export async function expectAgreement(page: string): Promise<void> {
  const document = await verify(page);
  expect(document.agrees).toBe(true);
  expect(document.verify.filter((row) => row.agrees === true).length).toBeGreaterThan(0);
}
