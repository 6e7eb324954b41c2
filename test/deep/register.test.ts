/** Plain Node: programs that import pages, in processes of their own. */
import { afterAll, describe, expect, it } from 'vitest';
import { rowOf } from '../../diagnostics/catalogue.ts';
import { Application, application, expectedOf, pages } from '../plugin/application.ts';

const warned = rowOf('BL3102')?.example ?? '';
const made = new Application({
  ...pages,
  'warned.bilevel': warned,
  'both.bilevel': `${warned}\n${warned.replace(/problem (\w+)/u, 'problem second')}`,
  'both.js': "import * as both from './both.bilevel';\nconsole.log(Object.keys(both).length);\n",
  'app.js': `import { findSourceMap } from 'node:module';
const heard = [];
process.on('warning', ({ code }) => heard.push(code));
await import('./warned.bilevel');
${application}
const map = findSourceMap(new URL('./mean.bilevel', import.meta.url).href);
const lines = (map?.payload.mappings ?? '').split(';');
const entry = map?.findEntry(lines.findIndex((line) => line !== ''), 0);
console.log(JSON.stringify({ source: entry?.originalSource, line: entry?.originalLine, heard }));
`,
  'wrong.js': "import { solve } from './wrong.bilevel';\nconsole.log(solve);\n",
});
afterAll(() => made.remove());

const run = async (...words: readonly string[]): ReturnType<Application['run']> => made.run('--import', 'bilevel/register', ...words);

describe('node --import bilevel/register', () => {
  it('imports pages, computes to the last bit what the command line does, warns as Node does, and maps modules into their pages', async () => {
    const { stdout, stderr } = await run('--enable-source-maps', 'app.js');
    const [computed = '', mapped = ''] = stdout.split('\n');
    expect(JSON.parse(computed)).toEqual(await expectedOf(made));
    const { source, line, heard } = JSON.parse(mapped) as { readonly source: string; readonly line: number; readonly heard: unknown };
    expect(heard).toEqual(['BL3102']);
    expect(source).toMatch(/\/mean\.bilevel$/u);
    expect(pages['mean.bilevel'].split('\n')[line]).toMatch(/outer minimize/u);
    expect(stderr).toMatch(/\[BL3102\] BilevelWarning: warned\.bilevel:\d+:\d+: warning BL3102/u);
    expect(stderr).not.toContain('rror');
  });

  it('says once what is unwise on a page with several problems', async () => {
    const { stdout, stderr } = await run('both.js');
    expect(stdout).toBe('2\n');
    expect(stderr.match(/BilevelWarning: both\.bilevel:\d+:\d+: warning BL3102/gu)).toHaveLength(2);
  });

  it('tells all mistakes of a page with their places, and nothing of ours', async () => {
    const { stderr, failed } = await run('wrong.js');
    expect(failed).toBe(true);
    for (const place of ['4:34', '4:38', '5:19']) expect(stderr).toContain(`wrong.bilevel:${place}: error BL2001 (unknown-name)`);
    expect(stderr).toContain("code: 'BL2001'");
    expect(stderr).not.toMatch(/^\s+at /mu);
  });
});
