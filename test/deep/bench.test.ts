/** The benchmark of strategies runs, on small sizes of one problem, and all that accept that problem agree. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'bilevel-bench-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Report {
  readonly groups: readonly { readonly id: string; readonly rows: readonly { readonly name: string; readonly verdict: string }[] }[];
}

it('npm run bench:strategies', () => {
  const file = join(folder, 'out.json');
  const { status, stderr } = spawnSync('npm', ['run', '--silent', 'bench:strategies', '--', '--quick', '--rows', 'steps.adam', '--json', file], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  const { groups } = JSON.parse(readFileSync(file, 'utf8')) as Report;
  expect(groups.map(({ id }) => id)).toEqual(['steps.adam']);
  const verdicts = new Map(groups[0]?.rows.map(({ name, verdict }) => [name, verdict]));
  expect(verdicts.get('unrolled+adam')).toBe('exact');
  expect(verdicts.get('unrolled+forward+adam')).toBe('exact');
  expect(verdicts.get('one_step+adam')).toBe('approximate');
});
