/** Names of all examples and reference problems. */
import { readFileSync } from 'node:fs';
import { examples } from '../helpers/examples.ts';
import { referenceCases } from '../helpers/reference.ts';
import { describeNames } from '../helpers/renaming.ts';

const pages = [...examples.map(({ name, page }) => [name, page] as const), ...referenceCases.map((c) => [c.case, c.page] as const)];

describeNames(pages.map(([name, page]) => [name, readFileSync(page, 'utf8')] as const));
