// Builds the extension for VS Code: `dist.vscode/extension`, and packed, `dist.vscode/bilevel-VERSION.vsix`. Extension and server are bundled,
// packages included; colours are made of the lexer's tables. `--unpacked` leaves the packing out, which takes `vsce`: what `BILEVEL_VSCE` names,
// or the registry's.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { licensesOf } from './licenses.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'lsp/vscode');
const folder = join(root, 'dist.vscode');
const extension = join(folder, 'extension');
const vsce = '@vscode/vsce@3.9.2';
const limit = 3_000_000;
// Names stay: what goes wrong says where.
const minify = { compress: false, mangle: false, codegen: { removeWhitespace: true } };

rmSync(extension, { recursive: true, force: true });
mkdirSync(extension, { recursive: true });

const modules = [];
// VS Code loads an extension as CommonJS, and so does Node a worker; a worker of a browser and a view are plain scripts.
for (const [path, platform, format] of [
  ['node', 'node', 'cjs'],
  ['server-node', 'node', 'cjs'],
  ['runner-node', 'node', 'cjs'],
  ['browser', 'browser', 'cjs'],
  ['server-worker', 'browser', 'iife'],
  ['runner-worker', 'browser', 'iife'],
  ['view/view', 'browser', 'iife'],
]) {
  const name = basename(path);
  const bundle = await rolldown({
    input: join(source, `${path}.ts`),
    platform,
    external: ['vscode', /^node:/],
    logLevel: 'warn',
    tsconfig: join(source, dirname(path), 'tsconfig.json'),
  });
  const { output } = await bundle.write({ file: join(extension, `${name}.js`), format, minify });
  modules.push(...output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : [])));
  await bundle.close();
}
writeFileSync(join(extension, 'LICENSES-OF-PACKAGES.txt'), licensesOf(modules));

const made = join(folder, 'textmate.mjs');
const grammar = await rolldown({ input: join(root, 'grammar/textmate.ts'), platform: 'node', logLevel: 'warn' });
await grammar.write({ file: made, format: 'esm' });
await grammar.close();
const { textMateGrammar } = await import(made);
writeFileSync(join(extension, 'bilevel.tmLanguage.json'), `${JSON.stringify(textMateGrammar(), null, 2)}\n`);
rmSync(made);

for (const file of readdirSync(source).filter((each) => /\.(?:json|png|md)$/u.test(each) && each !== 'tsconfig.json'))
  cpSync(join(source, file), join(extension, file));
// The sources are modules; what VS Code loads of them is not.
const { type: _, ...manifest } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
writeFileSync(join(extension, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
cpSync(join(root, 'docs/diagnostics'), join(extension, 'docs'), { recursive: true });
for (const folder of ['icons', 'walkthrough']) cpSync(join(source, folder), join(extension, folder), { recursive: true });
cpSync(join(source, 'view/view.css'), join(extension, 'view.css'));
cpSync(join(root, 'LICENSE'), join(extension, 'LICENSE'));
cpSync(join(root, 'CHANGELOG.md'), join(extension, 'CHANGELOG.md'));

if (!process.argv.includes('--unpacked')) pack();

function pack() {
  const { name, version } = JSON.parse(readFileSync(join(extension, 'package.json'), 'utf8'));
  const file = join(folder, `${name}-${version}.vsix`);
  const [program, ...before] = process.env.BILEVEL_VSCE === undefined ? ['npx', '--yes', vsce] : [process.env.BILEVEL_VSCE];
  const args = ['package', '--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links', '--out', file];
  const { status, error } = spawnSync(program, [...before, ...args], { cwd: extension, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${program} did not pack the extension${error === undefined ? '' : `: ${error.message}`}`);
  const { size } = statSync(file);
  if (size > limit) throw new Error(`${file} has ${size} bytes, and ${limit} are allowed`);
}
