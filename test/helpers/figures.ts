/** What the header of an example promises, and that a run through the command line keeps it. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { flat, solve, verify } from './cli.ts';

interface Figure {
  readonly name: string;
  /** A number, or the function that a choice became. */
  readonly value: number | string;
  readonly tolerance: number;
}

/** `// figure: NAME = VALUE (TOLERANCE)`: a report, `outer`, or a hyper; the tolerance is absolute. `// figure: NAME = FUNCTION`: what was chosen. */
export function figuresOf(page: string): readonly Figure[] {
  const lines = readFileSync(page, 'utf8').matchAll(/^\/\/ figure:\s+(?<name>\S+) = (?<value>\S+)(?: \((?<tolerance>\S+)\))?$/gmu);
  return [...lines].map(({ groups }) => {
    const [value = '', tolerance] = [groups?.['value'], groups?.['tolerance']];
    return { name: groups?.['name'] ?? '', value: tolerance === undefined ? value : Number(value), tolerance: Number(tolerance ?? 0) };
  });
}

/** Whether the page says how many outer steps are taken, and no tolerance that could end them: then the last of them is the end, of which nothing warns. */
const isPrescribed = (page: string): boolean => /solve outer with \w+\((?=[^)]*steps)(?![^)]*tolerance)/u.test(readFileSync(page, 'utf8'));

export async function expectFigures(page: string): Promise<void> {
  const document = await solve(page);
  expect(document.status).toBe(isPrescribed(page) ? 'step-limit' : 'converged');
  expect(document.diagnostics).toEqual([]);
  for (const { name, value, tolerance } of figuresOf(page)) {
    if (typeof value === 'string') {
      expect(document.chosen?.[name], name).toBe(value);
      continue;
    }
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
