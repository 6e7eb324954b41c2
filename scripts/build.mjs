// Builds `dist/` anew, so that nothing is shipped whose source is gone, and puts it in place only when it is complete:
// who runs the program meanwhile runs the old one. The library is compiled file by file; the program is bundled, because
// reading a few files takes a tenth of the time of reading hundreds. Packages stay packages.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const next = `${root}dist.${process.pid}`;
const compiler = `${root}node_modules/typescript/bin/tsc`;

try {
  const { status } = spawnSync(process.execPath, [compiler, '-p', `${root}tsconfig.build.json`, '--outDir', next], { stdio: 'inherit' });
  if (status !== 0) throw new Error('the sources have errors');
  const worker = 'runtime/backends/wasm/worker.js';
  copyFileSync(`${root}${worker}`, `${next}/${worker}`);
  const bundle = await rolldown({ input: `${next}/cli/main.js`, platform: 'node', external: /^node:/, logLevel: 'warn' });
  await bundle.write({ dir: `${next}/program`, format: 'esm', chunkFileNames: '[name].js' });
  await bundle.close();
  // Wherever the code of the threads ended up, it looks for the worker beside itself.
  copyFileSync(`${root}${worker}`, `${next}/program/worker.js`);
  rmSync(`${next}/cli`, { recursive: true });
  renameSync(`${next}/program`, `${next}/cli`);
  chmodSync(`${next}/cli/main.js`, 0o755);
  rmSync(`${root}dist`, { recursive: true, force: true });
  renameSync(next, `${root}dist`);
} catch (error) {
  rmSync(next, { recursive: true, force: true });
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
