import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../project/imports.ts';

const [, firstBlock = ''] = /^```sh\n([\s\S]*?)^```$/mu.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
const [firstLine = ''] = firstBlock.split('\n').map((line) => line.replace(/ +#.*$/u, ''));

/** The same sources are built once; others, and a build that lacks a file, anew. */
function expectBuildsOnce(copy: string): void {
  const isBuiltAnew = (): boolean => {
    const before = statSync(join(copy, 'dist')).ino;
    execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: copy });
    return statSync(join(copy, 'dist')).ino !== before;
  };
  expect(isBuiltAnew()).toBe(false);
  rmSync(join(copy, 'dist/runtime/api.js'));
  expect(isBuiltAnew()).toBe(true);
  expect(existsSync(join(copy, 'dist/runtime/api.js'))).toBe(true);
  appendFileSync(join(copy, 'library/version.ts'), '// changed\n');
  expect([isBuiltAnew(), isBuiltAnew()]).toEqual([true, false]);
}

describe('on a fresh copy', () => {
  it('the first command line of README.md installs, builds and solves', () => {
    const files = execFileSync('git', ['-c', `safe.directory=${root}`, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: root,
      encoding: 'utf8',
    });
    const copy = mkdtempSync(join(tmpdir(), 'bilevel-fresh-'));
    try {
      for (const file of files.split('\0').filter((name) => name !== '')) cpSync(join(root, file), join(copy, file), { recursive: true });
      const stdout = execFileSync('bash', ['-euo', 'pipefail', '-c', firstLine], {
        cwd: copy,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      expect(firstLine).toContain('npx bilevel run');
      expect(stdout).toContain('penalty');
      expect(stdout).toContain('converged');
      expectBuildsOnce(copy);
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  });
});
