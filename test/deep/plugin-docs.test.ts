/** Every block of `docs/plugins.md`, put into files and executed: each section builds the application of the page, which then runs. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { rollup, type RollupOptions, type OutputOptions } from 'rollup';
import { build, createServer, type HotPayload, type Plugin } from 'vite';
import { afterAll, describe, expect, it, vi } from 'vitest';
import webpack from 'webpack';
import { root } from '../module/harness.ts';
import { Application } from '../plugin/application.ts';

interface Block {
  readonly language: string;
  readonly text: string;
  /** The file that its first line names. */
  readonly file: string | undefined;
}

const blocks: readonly Block[] = [
  ...readFileSync(`${root}docs/plugins.md`, 'utf8').matchAll(/^```(?<language>\w*)\n(?<text>[\s\S]*?)^```$/gmu),
].map(({ groups: { language = '', text = '' } = {} }) => ({
  language,
  text,
  file: /^(?:\/\/|<!--) (?<file>[\w.]+\.\w+)(?: -->)?\n/u.exec(text)?.groups?.['file'],
}));
const texts = (language: string): readonly string[] => blocks.filter((block) => block.language === language).map(({ text }) => text);

const [shrinkage = '', pair = ''] = texts('bilevel');
const application = new Application({
  ...Object.fromEntries(blocks.flatMap(({ file, text }) => (file === undefined ? [] : [[file, text]]))),
  'shrinkage.bilevel': shrinkage,
  'pair.bilevel': pair,
});
symlinkSync(`${root}node_modules/esbuild`, application.path('node_modules/esbuild'));
afterAll(() => application.remove());

const printed = '1.000 1.500\n';
const configOf = async <T>(file: string): Promise<T> =>
  ((await import(/* @vite-ignore */ pathToFileURL(application.path(file)).href)) as { readonly default: T }).default;

/** What bundles for browsers ask of one: that it can preload modules. */
const browser = 'data:text/javascript,globalThis.document={createElement:()=>({relList:{supports:()=>true}})}';

describe('docs/plugins.md', () => {
  it('has only blocks that are executed here', () => {
    expect(blocks.filter(({ file }) => file !== undefined).map(({ file }) => file)).toEqual([
      'app.js',
      'index.html',
      'vite.config.js',
      'hot.js',
      'rollup.config.js',
      'webpack.config.js',
      'build.js',
      'tsconfig.json',
      'typed.ts',
      'pair.js',
      'options.js',
    ]);
    expect(blocks.filter(({ file }) => file === undefined).map(({ language }) => language)).toEqual(['bilevel', 'sh', 'sh', 'bilevel']);
  });

  it('says what the application prints', () => {
    expect(readFileSync(`${root}docs/plugins.md`, 'utf8')).toContain(`It prints \`${printed.trim()}\``);
  });

  it('Vite', async () => {
    await build({
      root: application.folder,
      configFile: application.path('vite.config.js'),
      logLevel: 'silent',
      build: { target: 'es2022' },
    });
    const [script = ''] = readdirSync(application.path('dist/assets')).filter((name) => name.endsWith('.js'));
    expect(await application.run('--import', browser, `dist/assets/${script}`)).toEqual({ stdout: printed, stderr: '', failed: false });
  });

  it('Vite’s server and a module that accepts a page', async () => {
    const server = await createServer({
      root: application.folder,
      configFile: application.path('vite.config.js'),
      logLevel: 'silent',
      server: { middlewareMode: true, watch: null, ws: false },
    });
    try {
      const { client } = server.environments;
      const send = vi.spyOn(client.hot, 'send').mockImplementation(() => undefined);
      await client.transformRequest('/hot.js');
      await client.transformRequest('/shrinkage.bilevel?import');
      application.write('shrinkage.bilevel', shrinkage.replace('0.1', '0.2'));
      server.watcher.emit('change', application.path('shrinkage.bilevel'));
      await vi.waitFor(() => expect(send).toHaveBeenCalled(), { timeout: 10_000 });
      expect(send.mock.calls[0]?.[0] as unknown as HotPayload).toMatchObject({
        type: 'update',
        updates: [{ path: '/hot.js', acceptedPath: '/shrinkage.bilevel' }],
      });
    } finally {
      application.write('shrinkage.bilevel', shrinkage);
      await server.close();
    }
  });

  it('vitest, which takes the plugin of Vite', async () => {
    symlinkSync(`${root}node_modules/vitest`, application.path('node_modules/vitest'));
    application.write(
      'app.test.js',
      `import { expect, it } from 'vitest';
import { solve } from './shrinkage.bilevel';

it('solves', async () => {
  const { hyper, param } = await solve({ y: [1, 2, 6] });
  expect([hyper.pull.toFixed(3), param.x.toFixed(3)]).toEqual(${JSON.stringify(printed.trim().split(' '))});
});
`,
    );
    const { stdout, stderr, failed } = await application.run('node_modules/vitest/vitest.mjs', 'run', 'app.test.js', '--reporter=json');
    expect([stderr, failed]).toEqual(['', false]);
    expect(JSON.parse(stdout)).toMatchObject({ numTotalTests: 1, numPassedTests: 1 });
  });

  it('Rollup', async () => {
    const config = await configOf<RollupOptions & { readonly output: OutputOptions }>('rollup.config.js');
    const bundle = await rollup({ ...config, input: application.path('app.js') });
    await bundle.write({ ...config.output, file: application.path('dist/rollup.js') });
    expect(await application.run('dist/rollup.js')).toEqual({ stdout: printed, stderr: '', failed: false });
  });

  it('webpack', async () => {
    const config = await configOf<webpack.Configuration>('webpack.config.js');
    const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) => {
      const compiler = webpack({ ...config, context: application.folder, output: { path: application.path('dist') } });
      compiler?.run((error, result) => compiler.close(() => (error === null ? resolve(result) : reject(error))));
    });
    expect(stats?.toJson({ errors: true }).errors).toEqual([]);
    expect(await application.run('dist/main.js')).toEqual({ stdout: printed, stderr: '', failed: false });
  });

  it('esbuild', async () => {
    expect(await application.run('build.js')).toMatchObject({ failed: false });
    expect(await application.run('dist/app.js')).toEqual({ stdout: printed, stderr: '', failed: false });
  });

  it('plain Node', async () => {
    const [command = ''] = texts('sh');
    expect(command).toMatch(/^node /u);
    expect(await application.run(...command.trim().split(' ').slice(1))).toEqual({ stdout: printed, stderr: '', failed: false });
    expect(await application.run('--import', 'bilevel/register', 'pair.js')).toEqual({
      stdout: '1.000 2.000\n',
      stderr: '',
      failed: false,
    });
  });

  it('TypeScript', () => {
    const [, commands = ''] = texts('sh');
    for (const command of commands.trim().split('\n')) {
      expect(command).toMatch(/^bilevel types/u);
      execFileSync(process.execPath, [`${root}dist/cli/main.js`, ...command.split(' ').slice(1)], { cwd: application.folder });
    }
    expect(existsSync(application.path('shrinkage.d.bilevel.ts'))).toBe(true);
    execFileSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-p', '.'], { cwd: application.folder });
  });

  it('the options', async () => {
    const plugin = await configOf<Plugin>('options.js');
    expect(plugin.name).toBe('bilevel');
  });
});
