/** The text of the helping threads is their source, minified. */
import { readFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { minifySync } from 'rolldown/utils';
import { expect, it } from 'vitest';
import { root } from '../../module/harness.ts';

it('is what worker.js says', async () => {
  const file = `${root}runtime/backends/wasm/worker-text.ts`;
  const { code, errors } = minifySync('worker.js', readFileSync(`${root}runtime/backends/wasm/worker.js`, 'utf8'), { module: false });
  expect(errors).toEqual([]);
  const text = `/** What \`worker.js\` says, minified; \`npm run accept\` writes it anew. */\nexport const workerText =\n  ${JSON.stringify(code.trim())};\n`;
  await expect(await format(text, { ...(await resolveConfig(file)), filepath: file })).toMatchFileSnapshot(file);
});
