// How much an application ships: what it imports of the built package, bundled for browsers, minified, gzipped. `--json` for programs.
// What is above its limit is a failure.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const backends = /[\\/]runtime[\\/]backends[\\/]/u;

/** What is imported, and the most bytes that it may be, gzipped, where there is a limit. */
const cases = [
  { name: 'the runtime, without backends', text: `export * from 'bilevel/runtime';`, external: backends, limit: 60_000 },
  { name: 'the module of ridge, for `solve`', text: `import { solve } from './ridge.js'; console.log(solve);`, limit: 40_000 },
  { name: 'the same with `hypergradient` of `bind`', text: `import { bind } from './ridge.js'; console.log(bind);` },
  { name: 'bilevel/data', text: `export * from 'bilevel/data';` },
  ...['csv', 'json', 'npy', 'npz', 'parquet', 'folder'].map((entry) => ({
    name: `bilevel/data/${entry}`,
    text: `export * from 'bilevel/data/${entry}';`,
  })),
  {
    name: 'ridge from its CSV file on a server',
    text: `import { describe, solve } from './ridge.js'; import { fromUrl, readData } from 'bilevel/data'; import { csv } from 'bilevel/data/csv';
console.log(solve(await readData({ describe, solve }, { files: fromUrl('data'), formats: [csv] })));`,
  },
];

const folder = mkdtempSync(join(tmpdir(), 'bilevel-sizes-'));
try {
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules', 'bilevel'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  const page = join(root, 'examples/ridge/ridge.bilevel');
  const compiled = spawnSync(process.execPath, [
    join(root, 'dist/cli/main.js'),
    'compile',
    page,
    '-o',
    join(folder, 'ridge.js'),
    '--quiet',
  ]);
  if (compiled.status !== 0) throw new Error(`ridge does not compile:\n${compiled.stderr}`);
  const rows = [];
  for (const each of cases) rows.push(await measure(each));
  if (rows.some(({ gzip, limit = Infinity }) => gzip > limit)) process.exitCode = 1;
  process.stdout.write(process.argv.includes('--json') ? `${JSON.stringify(rows, undefined, 2)}\n` : table(rows));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure({ name, text, external = [], limit }) {
  const entry = join(folder, 'entry.js');
  writeFileSync(entry, text);
  const bundle = await rolldown({
    input: entry,
    cwd: folder,
    platform: 'browser',
    external: [/^node:/u, external].flat(),
    logLevel: 'silent',
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  await bundle.close();
  const chunks = output.filter((file) => file.type === 'chunk');
  const code = chunks.map((chunk) => chunk.code).join('');
  const modules = chunks.flatMap((chunk) => Object.entries(chunk.modules).filter(([, { renderedLength }]) => renderedLength > 0));
  return {
    name,
    minified: Buffer.byteLength(code),
    gzip: gzipSync(code, { level: 9 }).length,
    ...(limit === undefined ? {} : { limit }),
    modules: modules.map(([id]) => relative(root, id).replaceAll('\\', '/')).sort(),
  };
}

function table(rows) {
  const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  const lines = rows.map(({ name, minified, gzip, limit }) => [
    name,
    kilobytes(minified),
    kilobytes(gzip),
    limit === undefined ? '' : `${gzip <= limit ? 'below' : 'ABOVE'} ${kilobytes(limit)}`,
  ]);
  const all = [['what', 'minified', 'gzip', ''], ...lines];
  const widths = all[0].map((_, i) => Math.max(...all.map((line) => line[i].length)));
  return all
    .map(
      (line) =>
        `${line
          .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
