/** The reference problems of `test/reference/`: what their `expected.json` holds. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Named } from './cli.ts';

export interface ReferencePoint {
  readonly id: string;
  readonly hyper: Named;
  readonly outer: number;
  readonly hypergradient: Named;
  /** Of a recipe, with all before its last twenty steps held constant. */
  readonly hypergradient_truncated_last_20?: Named;
  readonly inner: { readonly solution: readonly number[] };
  /** Absent for a recipe, and where not all coordinates are free. */
  readonly inner_hessian_condition?: number;
  /** The coordinates that are free at the solution. */
  readonly active?: { readonly support: readonly number[] };
}

/** What gradient descent with a fixed rate reaches, from the declared start. */
export interface FixedBudget {
  /** The page's own. */
  readonly rate: number;
  /** `[step, criterion]`. */
  readonly trajectory: readonly (readonly [number, number])[];
  readonly final: Named;
  readonly report?: readonly { readonly step: number; readonly validation_accuracy: number; readonly test_accuracy: number }[];
}

interface Expected {
  readonly case: string;
  readonly suggested_rtol: { readonly outer: number; readonly hypergradient: number };
  readonly points: readonly ReferencePoint[];
  readonly optimum?: { readonly hyper?: Named; readonly outer: number };
  readonly fixed_budget?: Omit<FixedBudget, 'rate'>;
}

export interface ReferenceCase extends Expected {
  readonly page: string;
  readonly fixedBudget?: FixedBudget;
}

const root = join(import.meta.dirname, '..', 'reference');

function readCase(name: string): ReferenceCase {
  const folder = join(root, name);
  const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expected;
  const page = join(folder, `${name}.bilevel`);
  if (expected.case !== name || !existsSync(page))
    throw new Error(`test/reference/${name} holds no ${name}.bilevel, or the answers of another case`);
  const budget = expected.fixed_budget;
  const rate = Number(outerMethod.exec(readFileSync(page, 'utf8'))?.groups?.['rate']);
  if (budget !== undefined && !(rate > 0)) throw new Error(`${page} does not descend with the fixed rate that its answers belong to`);
  return {
    ...expected,
    page,
    ...(budget === undefined ? {} : { fixedBudget: { ...budget, rate } }),
  };
}

const outerMethod = /solve outer with gd\(rate = (?<rate>[\d.]+), steps = \d+\)/u;

/** The page's text, to be written elsewhere: its data are named by their full paths. */
const textOf = ({ page }: ReferenceCase): string =>
  readFileSync(page, 'utf8').replaceAll('from "', () => `from "${dirname(page).replaceAll('\\', '/')}/`);

/** The page with one more statement. */
export const pageWith = (reference: ReferenceCase, statement: string): string =>
  textOf(reference).replace(/\}\s*$/u, `  ${statement}\n}\n`);

/** The page with another number of outer steps. */
export function pageWithSteps(reference: ReferenceCase, steps: number): string {
  return textOf(reference).replace(outerMethod, (_, rate: string) => `solve outer with gd(rate = ${rate}, steps = ${steps})`);
}

/** Every folder of `test/reference/`. */
export const referenceCases: readonly ReferenceCase[] = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => readCase(entry.name));
