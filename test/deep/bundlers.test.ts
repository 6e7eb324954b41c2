/** Applications put together by each bundler: what they compute, what they are told of a page's mistakes, what is written beside a page. */
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { rowOf } from '../../diagnostics/catalogue.ts';
import { Application, application, bundlers, expectedOf, pages } from '../plugin/application.ts';

const applications: Application[] = [];
const applicationWith = (files: Readonly<Record<string, string>>): Application => {
  const made = new Application(files);
  applications.push(made);
  return made;
};
const expected = await expectedOf(applicationWith(pages));
afterAll(() => applications.forEach((made) => made.remove()));

describe.each(Object.entries(bundlers))('%s', (name, bundle) => {
  it('makes an application that computes to the last bit what the command line does', async () => {
    const made = applicationWith({ ...pages, 'app.js': application });
    expect(await bundle(made, 'app.js')).toEqual({ errors: [], warnings: [] });
    const { stdout, stderr } = await made.run('bundle.js');
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(expected);
    const { sources } = JSON.parse(readFileSync(made.path('bundle.js.map'), 'utf8')) as { readonly sources: readonly string[] };
    expect(sources.map((source) => source.replace(/^webpack:\/\/[^.]*/u, ''))).toEqual(
      expect.arrayContaining([expect.stringMatching(/^(?:\.\/|\.\.\/.*\/)?mean\.bilevel$/u)]),
    );
    expect(readFileSync(made.path('mean.d.bilevel.ts'), 'utf8')).toContain(
      "export declare const solve: Problem<Data, Hyper, Param, Report>['solve'];",
    );
    expect(readFileSync(made.path('two.d.bilevel.ts'), 'utf8')).toContain('export { problem_near as near };');
  });

  it('tells all of a page’s mistakes at once, with their places and codes, and nothing of ours', async () => {
    const made = applicationWith({ ...pages, 'app.js': "import { solve } from './wrong.bilevel';\nconsole.log(solve);\n" });
    const { errors } = await bundle(made, 'app.js');
    expect(errors).toHaveLength(1);
    const [error = { message: '' }] = errors;
    const shown = made.path('wrong.bilevel');
    for (const place of ['4:34', '4:38', '5:19'])
      expect(error.message).toContain(`${shown}:${place}: error BL2001 (unknown-name): nothing here`);
    expect(error.message).toContain('   |                                      ^\n');
    expect(error.message).not.toMatch(/\bat .*\.[jt]s:\d+|plugin\/page/u);
    // webpack knows no places but in words; esbuild counts bytes, from 0.
    if (name === 'webpack') expect(error.message).toMatch(/^Module build failed/u);
    else {
      expect(error.file).toBe(name === 'esbuild' ? 'wrong.bilevel' : shown);
      expect([error.line, error.column]).toEqual([4, name === 'esbuild' ? 33 : 34]);
    }
    expect(existsSync(made.path('wrong.d.bilevel.ts'))).toBe(false);
  });

  it('shows the line of a single mistake', async () => {
    const made = applicationWith({
      'one.bilevel': pages['two.bilevel'].replace('w - 1)', 'w - ω)'),
      'app.js': "import { near } from './one.bilevel';\nconsole.log(near);\n",
    });
    const { errors } = await bundle(made, 'app.js');
    expect(errors).toHaveLength(1);
    // Rollup and Vite hold the frame apart.
    const [{ message, frame } = { message: '', frame: '' }] = errors;
    const isApart = name === 'vite' || name === 'rollup';
    expect(message).toContain('one.bilevel:4:23: error BL2001');
    expect(isApart ? frame : message).toContain(' 4 |   inner minimize (w - ω)^2 + t * w^2\n   |                       ^');
    expect(message.includes(' 4 | ')).toBe(!isApart);
  });

  it('says which problems a page has when another is asked for', async () => {
    const made = applicationWith({ ...pages, 'app.js': "import { solve } from './two.bilevel?problem=fat';\nconsole.log(solve);\n" });
    const { errors } = await bundle(made, 'app.js');
    expect(errors).toHaveLength(1);
    expect(errors[0]?.message).toContain(
      'two.bilevel:1:1: error BL9004 (which-problem): two.bilevel has no problem `fat`; it has `near`, `far`',
    );
    expect(errors[0]?.message).toContain('did you mean `far`?');
  });

  it('refuses an option that a page cannot follow, with the page’s name and nothing of ours', async () => {
    const made = applicationWith({ ...pages, 'app.js': "import { solve } from './mean.bilevel';\nconsole.log(solve);\n" });
    const { errors } = await bundle(made, 'app.js', { strategy: 'implicitt' });
    expect(errors).toHaveLength(1);
    expect(errors[0]?.message).toContain(
      `${made.path('mean.bilevel')}:2:1: error BL9001 (usage): the plugin's option \`strategy\`: \`mean\` has no strategy \`implicitt\``,
    );
    expect(errors[0]?.message).toContain('did you mean `implicit`?');
    expect(errors[0]?.message).not.toMatch(/\bat .*\.[jt]s:\d+|plugin\/page/u);
  });

  it('warns of a size that no page has taken', async () => {
    const made = applicationWith({ ...pages, 'app.js': "import { solve } from './mean.bilevel';\nconsole.log(solve);\n" });
    expect(await bundle(made, 'app.js', { sizes: { n: 4 } })).toEqual({ errors: [], warnings: [] });
    const { errors, warnings } = await bundle(made, 'app.js', { sizes: { n: 4, elsewhere: 9 } });
    expect(errors).toEqual([]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.message).toContain("the plugin's option `sizes`: no page has a dim `elsewhere`: there is `n`");
  });

  it('warns of what is unwise, and bundles', async () => {
    const page = rowOf('BL3102')?.example ?? '';
    const made = applicationWith({
      'page.bilevel': page,
      'page.d.bilevel.ts': '// by hand',
      'app.js': "export { solve } from './page.bilevel';\n",
    });
    const { errors, warnings } = await bundle(made, 'app.js');
    expect(errors).toEqual([]);
    const told = warnings.map(({ message }) => message).join('\n');
    expect(warnings).toHaveLength(2);
    expect(told).toMatch(/page\.bilevel:\d+:\d+: warning BL3102 \(/u);
    expect(told).toMatch(
      /warning BL9010 \(types-not-written\): .*page\.d\.bilevel\.ts: a file of that name is there, and bilevel did not write it/u,
    );
    expect(readFileSync(made.path('page.d.bilevel.ts'), 'utf8')).toBe('// by hand');
    expect(existsSync(made.path('bundle.js'))).toBe(true);
  });
});
