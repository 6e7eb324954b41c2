// Builds `dist/` anew, so that nothing is shipped whose source is gone, and puts it in place only when it is complete:
// who runs the program meanwhile runs the old one. The library is compiled file by file; the program is bundled, packages
// included, because finding and reading hundreds of files took a quarter of a second more.
// What was built last says from which texts: while they are the same, and it is whole, nothing is done, unless with `--force`.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { licensesOf } from './licenses.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const next = `${root}dist.${process.pid}`;
const record = '.built-from.json';
const compiler = `${root}node_modules/ts-native/bin/tsc`;

// Names of functions stay, for whoever reads where an error came from; those inside of them are nobody's.
const shortNames = {
  compress: true,
  mangle: { toplevel: true, keepNames: { function: true, class: true } },
  codegen: { removeWhitespace: true },
};

const sources = digestOf([
  ...JSON.parse(readFileSync(`${root}tsconfig.build.json`, 'utf8')).include,
  ...['tsconfig.json', 'tsconfig.build.json', 'package.json', 'package-lock.json', 'LICENSE', 'scripts/build.mjs', 'scripts/licenses.mjs'],
]);
// Only says whether it would do anything.
if (process.argv.includes('--check')) process.exit(isBuiltFrom(sources) ? 0 : 1);
if (!process.argv.includes('--force') && isBuiltFrom(sources)) process.exit();

const [{ rolldown }, { dts }, { minifySync, parseSync }] = await Promise.all([
  import('rolldown'),
  import('rolldown-plugin-dts'),
  import('rolldown/utils'),
]);
try {
  const { status } = spawnSync(process.execPath, [compiler, '-p', `${root}tsconfig.build.json`, '--outDir', next], { stdio: 'inherit' });
  if (status !== 0) throw new Error('the sources have errors');
  const bundle = await rolldown({
    input: `${next}/cli/main.js`,
    platform: 'node',
    // What people install where they want it; and what few runs need, which is read from its package, or from the library beside the program.
    external: /^node:|^@tensorflow\/|^gpu\.js$|^webgpu$|^hyparquet$|^fzstd$|\/runtime\/(?:tfjs|gpujs)\.js$/,
    logLevel: 'warn',
    transform: { define: { BILEVEL_BUILD: JSON.stringify(buildOf(next)) } },
  });
  const written = await bundle.write({
    dir: `${next}/program`,
    format: 'esm',
    // A program that runs while another is put in its place finds none of the other's parts.
    chunkFileNames: '[name]-[hash].js',
    minify: shortNames,
  });
  const modules = written.output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
  writeFileSync(`${next}/program/LICENSES-OF-PACKAGES.txt`, licensesOf(modules));
  await bundle.close();
  for (const folder of ['cli', 'lsp']) rmSync(`${next}/${folder}`, { recursive: true });
  renameSync(`${next}/program`, `${next}/cli`);
  chmodSync(`${next}/cli/main.js`, 0o755);
  await buildStandalone();
  dropUnreachable();
  shorten();
  copySchemas();
  const name = basename(next);
  writeFileSync(`${next}/${record}`, JSON.stringify({ sources, built: digestOf([name], name) }));
  const previous = `${root}dist.${process.pid}.previous`;
  if (existsSync(`${root}dist`)) renameSync(`${root}dist`, previous);
  renameSync(next, `${root}dist`);
  rmSync(previous, { recursive: true, force: true });
} catch (error) {
  rmSync(next, { recursive: true, force: true });
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** On one line each: machines read them. */
function copySchemas() {
  const from = `${root}library/schemas`;
  for (const name of readdirSync(from, { recursive: true }).filter((path) => path.endsWith('.json'))) {
    const to = `${next}/schemas/${name}`;
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, `${JSON.stringify(JSON.parse(readFileSync(`${from}/${name}`, 'utf8')))}\n`);
  }
}

/**
 * The runtime as text, for modules that import nothing: a script that declares `runtime`, with what most pages use and with all of it, and its types.
 */
async function buildStandalone() {
  const folder = `${next}/standalone`;
  mkdirSync(folder);
  const { outerMethods } = await import(`${next}/runtime/outer/methods.js`);
  const { version, license } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  const [, copyright] = /^(Copyright .*)$/mu.exec(readFileSync(`${root}LICENSE`, 'utf8'));
  const makers = ['bindOf', 'describeOf', 'evaluateOf', 'hypergradientOf', 'planOf', 'solveOf', 'verifyOf'];
  const always = [
    'adaptive',
    'byDifferences',
    'approximations',
    'brokenSolve',
    'certify',
    'drawnStart',
    'inFloat32',
    'iterative',
    'logits',
    'movedStarts',
    'nearKinks',
    'resampled',
    'shortOfMemory',
    'shortRecipes',
    'shortSolves',
    'softmax',
    'weigh',
  ];
  const binding = ['checkDemands', 'crossValidation', 'dataDoubts', 'drawAll', 'labelDoubts'];
  const relaxed = ['freeLogits', 'wholeOf'];
  const elsewhere = ['givenWay', 'otherPrecisions'];
  const variants = { plain: ['lbfgs'], whole: [...outerMethods.map(({ name }) => name), ...binding, ...relaxed, ...elsewhere] };
  for (const [name, parts] of Object.entries(variants)) {
    const input = `${folder}/${name}.entry.js`;
    const names = [...makers, 'ProblemError', ...always, ...parts, 'unpack'];
    writeFileSync(input, `export { ${names.join(', ')} } from '../runtime/api.js';\n`);
    const bundle = await rolldown({ input, platform: 'neutral', logLevel: 'warn' });
    const { output } = await bundle.generate({ format: 'iife', name: 'runtime', minify: true });
    await bundle.close();
    const notice = `/*! The runtime of bilevel ${version}, ${license} License. ${copyright} */`;
    writeFileSync(`${folder}/${name}.js`, `${notice}\n${output[0].code.trim()}\n`);
    rmSync(input);
  }
  const input = `${folder}/entry.d.ts`;
  const types = ['Matrix', 'Problem', 'Shaped', 'Tensor', 'Vector'].map((name) => `type ${name}`).join(', ');
  writeFileSync(input, `export { ${types}, ProblemError } from '../runtime/api.d.ts';\n`);
  const bundle = await rolldown({ input, plugins: [dts({ dtsInput: true })], logLevel: 'warn' });
  const { output } = await bundle.generate({ format: 'esm' });
  await bundle.close();
  writeFileSync(`${folder}/types.d.ts`, output[0].code);
  rmSync(input);
}

/** Declarations and modules that no entry of the package leads to: nobody can see them. What only the program needs is in its bundle. */
function dropUnreachable() {
  const { exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  const entries = Object.values(exports).filter((entry) => entry.types !== undefined);
  const seen = new Set();
  const see = (file, suffix) => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/["'`](\.{1,2}\/[^"'`]+)\.(?:js|ts)["'`]/gu)) {
      const found = join(dirname(file), `${path}${suffix}`);
      if (existsSync(found)) see(found, suffix);
    }
  };
  for (const { types, default: script } of entries) {
    see(join(next, types.replace('./dist/', '')), '.d.ts');
    see(join(next, script.replace('./dist/', '')), '.js');
  }
  for (const file of filesAt(basename(next)).map((path) => root + path))
    if (/\.(?:js|d\.ts)$/u.test(file) && !/^(?:standalone|cli)\//u.test(file.slice(next.length + 1)) && !seen.has(file)) rmSync(file);
}

/**
 * Scripts without what nobody reads: what is for users stands in the declarations. Those of the runtime, which people find in their own
 * applications, and those with a word for bundlers, lose their other comments; the rest, what drives libraries of kernels among it, their
 * lines and the names inside of functions too.
 */
function shorten() {
  const scripts = filesAt(basename(next)).map((path) => root + path);
  for (const file of scripts.filter((path) => path.endsWith('.js') && !/\/(?:cli|standalone)\/[^/]+$/u.test(path))) {
    const text = readFileSync(file, 'utf8');
    const { comments } = parseSync(file, text);
    const isOfLibraries = /\/runtime\/backends\/(?:calls|gpujs|mixed|tfjs)\//u.test(file);
    const isRead = (file.startsWith(`${next}/runtime/`) && !isOfLibraries) || comments.some(isForBundlers);
    writeFileSync(file, isRead ? withoutComments(text, comments) : minified(file, text));
  }
}

function minified(file, text) {
  const { code, errors } = minifySync(file, text, { module: true, ...shortNames });
  if (errors.length > 0) throw new Error(errors.map(({ message }) => `${file}: ${message}`).join('\n'));
  return code;
}

function withoutComments(text, comments) {
  let kept = '';
  let from = 0;
  for (const { start, end } of comments.filter((comment) => !isForBundlers(comment))) {
    const isWhole = /(?:^|\n)[ \t]*$/u.test(text.slice(from, start)) && text[end] === '\n';
    kept += isWhole ? text.slice(from, start).replace(/[ \t]*$/u, '') : text.slice(from, start);
    from = isWhole ? end + 1 : end;
  }
  return kept + text.slice(from);
}

/** Minifying drops these words, and an application would carry all diagnostics for the sake of one, or be warned of what it need not have. */
function isForBundlers({ value }) {
  return /^\s*(?:[@#]__|@vite-ignore|webpackIgnore)/u.test(value);
}

/** Whether `dist` was built from these sources, and is as it was then. */
function isBuiltFrom(digest) {
  try {
    const { sources: before, built } = JSON.parse(readFileSync(`${root}dist/${record}`, 'utf8'));
    return before === digest && built === digestOf(['dist'], 'dist');
  } catch {
    return false;
  }
}

/** What is kept by one build is of no use to another. The packages that are bundled are what the lock file says. */
function buildOf(folder) {
  const name = basename(folder);
  return digestOf([name, 'package-lock.json'], name).slice(0, 16);
}

/** Of files, and all files of folders, with their names; these are seen from `base`, and all from the root. */
function digestOf(paths, base = '') {
  const digest = createHash('sha256');
  for (const path of paths.flatMap(filesAt).filter((file) => basename(file) !== record)) {
    const text = readFileSync(root + path);
    digest.update(`${path.startsWith(base) ? path.slice(base.length) : path}\0${text.length}\0`).update(text);
  }
  return digest.digest('hex');
}

function filesAt(path) {
  if (!statSync(root + path).isDirectory()) return [path];
  const entries = readdirSync(root + path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map((entry) => `${path}${entry.parentPath.slice(root.length + path.length)}/${entry.name}`.replaceAll('\\', '/')).sort();
}
