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
