/**
 * The examples that are pages: folders `examples/NAME/` with a `NAME.bilevel`. Others, such as an application, hold what is made of them.
 *
 * What is true of every page is tested on every page, what takes time of it in the deep suite. Where one page is run in many places, on hosts, in
 * browsers, as modules of every kind, a handful travels that differ in what they need of the runtime.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface Example {
  readonly name: string;
  /** The path of its page. */
  readonly page: string;
}

/** Where they are. */
export const folderOfExamples = join(import.meta.dirname, '..', '..', 'examples');

export const examples: readonly Example[] = readdirSync(folderOfExamples)
  .map((name) => ({ name, page: join(folderOfExamples, name, `${name}.bilevel`) }))
  .filter(({ page }) => existsSync(page));

const of = (names: readonly string[]): readonly Example[] => examples.filter(({ name }) => names.includes(name));

/** A closed form, a minimiser that is searched, a recipe, a matrix of params with a hyper a row, and data that are not CSV. */
export const travellingExamples: readonly Example[] = of(['ridge', 'logistic', 'learning-rate', 'hyper-cleaning', 'inexact']);

/** Those of them that are compiled and solved in moments. */
export const quickTravellers: readonly Example[] = of(['ridge', 'learning-rate']);

/** Those of which the suite asks their figures, the travelling ones and one more of a kind; of the others the deep suite does. */
export const promptExamples: readonly Example[] = [
  ...travellingExamples,
  ...of(['poisson', 'kernel-ridge', 'portfolio', 'rate-schedule', 'few-shot']),
];
