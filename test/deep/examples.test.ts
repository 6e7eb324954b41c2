/** Examples of which each strategy takes a while: all agree at the start. */
import { expect, it } from 'vitest';
import { verify } from '../helpers/cli.ts';
import { slowExamples } from '../helpers/examples.ts';

it.each(slowExamples)('all strategies agree at the start of $name', async ({ page }) => {
  const document = await verify(page);
  expect(document.agrees).toBe(true);
  expect(document.verify.filter((row) => row.agrees === true).length).toBeGreaterThan(0);
});
