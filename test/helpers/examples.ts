/** The examples that are pages: folders `examples/NAME/` with a `NAME.bilevel`. Others, such as an application, hold what is made of them. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface Example {
  readonly name: string;
  /** The path of its page. */
  readonly page: string;
}

const root = join(import.meta.dirname, '..', '..', 'examples');

export const examples: readonly Example[] = readdirSync(root)
  .map((name) => ({ name, page: join(root, name, `${name}.bilevel`) }))
  .filter(({ page }) => existsSync(page));

const slow: readonly string[] = ['logistic', 'hyper-cleaning', 'inexact'];

/** Those that are compiled and solved in moments. As modules of every kind all of them are in the deep suite (`module-targets.test.ts`). */
export const quickExamples: readonly Example[] = examples.filter(({ name }) => !slow.includes(name));

/** The others: what takes seconds of them is for the deep suite. */
export const slowExamples: readonly Example[] = examples.filter(({ name }) => slow.includes(name));
