/** The package as people get it: packed, installed in an empty project, used as README.md and docs/hosts.md say. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../module/harness.ts';
import { importsOf } from '../project/imports.ts';

type Target = string | { readonly types: string; readonly default: string };
interface Manifest {
  readonly exports: Readonly<Record<string, Target>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
}
interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

const project = realpathSync(mkdtempSync(join(tmpdir(), 'bilevel-package-')));
const path = (name: string): string => join(project, name);
const npm = (folder: string, ...words: readonly string[]): string =>
  execFileSync('npm', words, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const [packed] = JSON.parse(npm(root, 'pack', '--ignore-scripts', '--json', '--pack-destination', project)) as readonly [Packed];
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as Manifest;
const installed = path('node_modules/bilevel');
const files = packed.files.map((file) => file.path);

/** What is exported, as an application names it; a pattern is what it stands for. */
const entries = Object.entries(manifest.exports).flatMap(([name, target]): readonly (readonly [string, Target])[] => {
  const entry = `bilevel${name.slice(1)}`;
  if (typeof target !== 'string' || !target.includes('*')) return [[entry, target]];
  const [before = '', after = ''] = target.slice(2).split('*');
  return files
    .filter((file) => file.startsWith(before) && file.endsWith(after))
    .map((file) => {
      const part = file.slice(before.length, file.length - after.length);
      return [entry.replace('*', part), target.replace('*', part)] as const;
    });
});
const modules = entries.filter(([, target]) => typeof target !== 'string').map(([entry]) => entry);

const readme = readFileSync(`${root}README.md`, 'utf8');
const [, page = ''] = /^```bilevel\n([\s\S]*?)^```$/mu.exec(readme) ?? [];
const commands = [...readme.matchAll(/^```console\n([\s\S]*?)^```$/gmu)].flatMap(([, block = '']) =>
  [...block.matchAll(/^\$ bilevel (.*)$/gmu)].map(([, line = '']) => line),
);

beforeAll(() => {
  writeFileSync(path('package.json'), '{ "private": true, "type": "module" }\n');
  npm(project, 'install', `./${packed.filename}`, '--no-audit', '--no-fund');
  cpSync(`${root}examples/ridge`, path('examples/ridge'), { recursive: true });
  writeFileSync(path('page.bilevel'), page);
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** A program of the installed packages, or another of the machine, in the project. */
function run(
  program: string,
  ...words: readonly string[]
): { readonly code: number | null; readonly stdout: string; readonly stderr: string } {
  const own = path(`node_modules/.bin/${program}`);
  const { status, stdout, stderr } = spawnSync(existsSync(own) ? own : program, words, {
    cwd: project,
    encoding: 'utf8',
    env: { ...process.env, BILEVEL_CACHE: 'off' },
  });
  return { code: status, stdout, stderr };
}

describe('what is packed', () => {
  it('is what runs, its types and its papers, and small', () => {
    const wanted =
      /^(?:package\.json|README\.md|CHANGELOG\.md|LICENSE|dist\/.+\.(?:js|d\.ts|json)|dist\/cli\/LICENSES-OF-PACKAGES\.txt|docs\/.+\.md|examples\/.+)$/u;
    expect(files.filter((file) => !wanted.test(file))).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', 'dist/cli/main.js']));
    expect(files.filter((file) => /^examples\/.*(?:node_modules|dist)\//u.test(file))).toEqual([]);
    // A tenth of it are the tables of the examples.
    expect(packed.size).toBeLessThan(1_200_000);
  });

  it('speaks of no file that is not there: no map, and nothing of the machine that packed it', () => {
    for (const file of files.filter((name) => name.endsWith('.js'))) {
      const text = readFileSync(join(installed, file), 'utf8');
      expect([file, /^\/\/# sourceMappingURL=/mu.test(text), text.includes(root)]).toEqual([file, false, false]);
    }
  });

  it('asks for the packages that it imports, and for no other', () => {
    const imported = files
      .filter((file) => file.endsWith('.js') && !file.startsWith('dist/cli/'))
      .flatMap((file) => importsOf({ path: file, text: readFileSync(join(installed, file), 'utf8') }))
      .map(({ specifier }) => specifier)
      .filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
      .map((specifier) => /^(?:@[^/]+\/)?[^/]+/u.exec(specifier)?.[0] ?? specifier);
    expect([...new Set(imported)].sort()).toEqual(Object.keys(manifest.dependencies).sort());
  });
});

describe('an entry', () => {
  it.each(entries)('%s is there, with its types', (_, target) => {
    const { types, default: code } = typeof target === 'string' ? { types: target, default: target } : target;
    for (const file of [types, code]) expect(files).toContain(file.slice(2));
    if (typeof target !== 'string') expect([types, code]).toEqual([code.replace(/\.js$/u, '.d.ts'), code]);
  });

  it('can be imported, each of them', () => {
    writeFileSync(
      path('entries.js'),
      `for (const entry of ${JSON.stringify(modules)}) {
  const module = await import(entry);
  console.log(entry, Object.keys(module).length > 0 || entry === 'bilevel/register');
}
const hidden = await import('bilevel/dist/runtime/problem.js').catch(({ code }) => code);
console.log(hidden);
`,
    );
    const { stdout, stderr } = run(process.execPath, 'entries.js');
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toEqual([...modules.map((entry) => `${entry} true`), 'ERR_PACKAGE_PATH_NOT_EXPORTED']);
  });

  it('is bundled where it is imported for what it does alone', async () => {
    const { outputFiles } = await build({
      stdin: { contents: "import 'bilevel/register'; import 'bilevel/runtime';", resolveDir: project },
      bundle: true,
      format: 'esm',
      platform: 'node',
      logLevel: 'silent',
      write: false,
    });
    const [{ text } = { text: '' }] = outputFiles;
    expect(text).toContain('./hooks.js');
    expect(text.length).toBeLessThan(1000);
  });

  /** Those of plugins speak of bundlers and of Prettier, which an application that has none of them does not install. */
  const isOfPlugin = (entry: string): boolean => /^bilevel\/(?:vite|rollup|webpack|esbuild|prettier)$/u.test(entry);
  const cases = ['typescript', 'ts-native'].flatMap((compiler) =>
    ['NodeNext', 'Bundler'].flatMap((resolution) => [false, true].map((withPlugins) => ({ compiler, resolution, withPlugins }))),
  );

  it.each(cases)('has types: $compiler, $resolution, plugins $withPlugins', ({ compiler, resolution, withPlugins }) => {
    const named = modules.filter((entry) => isOfPlugin(entry) === withPlugins);
    const imports = named.map((entry, i) => `import * as entry${i} from '${entry}';\n`).join('');
    writeFileSync(path('types.ts'), `${imports}export const all: readonly object[] = [${named.map((_, i) => `entry${i}`).join(', ')}];\n`);
    const compilerOptions = {
      module: resolution === 'Bundler' ? 'ESNext' : 'NodeNext',
      moduleResolution: resolution,
      target: 'ES2023',
      lib: ['ES2023', 'DOM'],
      types: [],
      strict: true,
      skipLibCheck: withPlugins,
      noEmit: true,
    };
    writeFileSync(path('tsconfig.json'), JSON.stringify({ compilerOptions, files: ['types.ts'] }));
    const { code, stdout } = run(process.execPath, `${root}node_modules/${compiler}/bin/tsc`, '-p', project);
    expect(stdout).toBe('');
    expect(code).toBe(0);
  });
});

describe('an application', () => {
  it('is shown command lines', () => {
    expect(commands.length).toBeGreaterThan(6);
  });

  it.each(commands)('runs what README.md shows: bilevel %s', (line) => {
    const { code, stdout, stderr } = run('bilevel', ...line.split(' '));
    expect(stderr).not.toContain('error');
    expect(code).toBe(0);
    expect(`${stdout}${stderr}`).not.toBe('');
  });

  it('solves by npx', () => {
    const { code, stdout } = run('npx', '--no-install', 'bilevel', 'run', 'examples/ridge/ridge.bilevel');
    expect(code).toBe(0);
    expect(stdout).toContain('converged');
  });

  it('runs what docs/hosts.md shows, to the last bit as the command line', () => {
    const [, text = ''] = /^```ts\n([\s\S]*?)^```$/mu.exec(readFileSync(`${root}docs/hosts.md`, 'utf8')) ?? [];
    expect(run('bilevel', 'compile', 'examples/ridge/ridge.bilevel', '-o', 'ridge.js').code).toBe(0);
    writeFileSync(path('application.js'), `${text}\nconsole.log(JSON.stringify([solution.outer, solution.hyper.penalty]));\n`);
    const application = run(process.execPath, 'application.js');
    expect(application.stderr).toBe('');
    const document = JSON.parse(run('bilevel', 'run', 'examples/ridge/ridge.bilevel', '--json').stdout) as {
      readonly outer: number;
      readonly hyper: { readonly penalty: number };
    };
    expect(JSON.parse(application.stdout)).toEqual([document.outer, document.hyper.penalty]);
  });

  it('may have no library of kernels, and is bundled all the same: what it then asks for says what to install', async () => {
    writeFileSync(
      path('gpu.js'),
      "import { tfjs } from 'bilevel/runtime/tfjs';\nimport { gpujs } from 'bilevel/runtime/gpujs';\nexport { tfjs, gpujs };\n",
    );
    const { errors, outputFiles } = await build({
      entryPoints: [path('gpu.js')],
      bundle: true,
      format: 'esm',
      platform: 'node',
      write: false,
      logLevel: 'silent',
    });
    expect(errors).toEqual([]);
    writeFileSync(path('bundled.mjs'), outputFiles[0]?.text ?? '');
    writeFileSync(
      path('asks.mjs'),
      "import { tfjs, gpujs } from './bundled.mjs';\nconsole.log(JSON.stringify([await tfjs.open('wasm'), await gpujs.open('webasm')]));\n",
    );
    const { stdout } = run('node', 'asks.mjs');
    expect(JSON.parse(stdout)).toMatchObject([
      { ok: false, hint: 'npm install @tensorflow/tfjs-core @tensorflow/tfjs-backend-wasm' },
      { ok: false, hint: 'npm install gpu.js' },
    ]);
  });

  it('has its pages formatted by Prettier, as `bilevel fmt` does', () => {
    writeFileSync(path('untidy.bilevel'), page.replaceAll('  ', ' '));
    writeFileSync(path('.prettierrc'), '{ "plugins": ["bilevel/prettier"] }\n');
    const printed = run(process.execPath, `${root}node_modules/prettier/bin/prettier.cjs`, 'untidy.bilevel');
    expect(printed.stderr).toBe('');
    expect(run('bilevel', 'fmt', 'untidy.bilevel').code).toBe(0);
    expect(readFileSync(path('untidy.bilevel'), 'utf8')).toBe(printed.stdout);
  });

  it('installs few packages, none of which has an install script', () => {
    const lock = JSON.parse(readFileSync(path('package-lock.json'), 'utf8')) as {
      readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean }>>;
    };
    const packages = Object.entries(lock.packages).filter(([name]) => name !== '');
    expect(packages.length).toBeLessThan(25);
    expect(packages.filter(([, { hasInstallScript }]) => hasInstallScript === true)).toEqual([]);
    expect(readdirSync(path('node_modules/.bin'))).toContain(Object.keys(manifest.bin)[0]);
  });
});
