/** The committed JSON schemas are what the types say; `npm run schemas` writes them anew. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folder, schemas } from '../../scripts/schemas.mjs';

it('the schemas are what the types say', () => {
  const made = schemas();
  const committed = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
  expect(committed.map((name) => name.replaceAll('\\', '/')).sort()).toEqual([...made.keys()].sort());
  for (const [name, text] of made) expect(readFileSync(join(folder, name), 'utf8'), name).toBe(text);
});
