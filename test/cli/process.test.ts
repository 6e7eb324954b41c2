import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../project/imports.ts';
import { folderWith } from './harness.ts';

const program = join(root, 'dist', 'cli', 'main.js');

/** Far from its optimum, with steps so small that it never gets there. */
const slow = `problem slow {
  hyper a: real = 5.0
  param w: []
  inner minimize (w - a)^2
  outer minimize (w - 1)^2
  solve outer with gd(rate = 1e-9, steps = 1000000)
}
`;

/** Its first inner solve alone would take hours. */
const slowInside = `problem slow_inside {
  hyper a: real = 5.0
  param w: []
  inner minimize (w - a)^2 + 1e-3 * w^4
  outer minimize (w - 1)^2
  solve inner with gd(rate = 1e-12, steps = 2000000000, tolerance = 1e-12)
}
`;

const folder = folderWith({ 'slow.bilevel': slow, 'slow-inside.bilevel': slowInside });
afterAll(folder.remove);

describe('the built program', () => {
  beforeAll(() => {
    const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs'), '--check']);
    expect(status, 'dist/ was built from other sources: npm run build').toBe(0);
  });

  it('can be executed as it is', () => {
    accessSync(program, constants.X_OK);
    expect(readFileSync(program, 'utf8').startsWith('#!/usr/bin/env node\n')).toBe(true);
    const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
    expect([status, stdout.trim()]).toEqual([
      0,
      (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version,
    ]);
  });

  it('ends with the exit code of its command', () => {
    expect(spawnSync(process.execPath, [program, 'check', 'absent.bilevel']).status).toBe(2);
  });

  it('stops at an interrupt, writes what there is, and ends with 130', async () => {
    const child = spawn(process.execPath, [program, 'run', folder.path('slow.bilevel'), '--json=ndjson']);
    let stdout = '';
    let stderr = '';
    let isInterrupted = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (isInterrupted || !stdout.includes('"event":"step"')) return;
      isInterrupted = true;
      child.kill('SIGINT');
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code, stderr).toBe(130);
    const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
    expect(last).toMatchObject({ event: 'result', problem: 'slow', status: 'interrupted' });
    expect((last['history'] as unknown[]).length).toBeGreaterThan(0);
  });

  it('stops in the middle of an inner solve', async () => {
    const page = folder.path('slow-inside.bilevel');
    const child = spawn(process.execPath, [program, 'run', page, '--backend', 'wasm', '--threads', '2', '--json']);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (stderr === '' && text.includes('inner s')) child.kill('SIGINT');
      stderr += text;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code, stderr).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'interrupted', exit_code: 130 });
  });

  it('does not mind a reader that goes away', () => {
    const { status, stderr } = spawnSync('bash', ['-c', `set -o pipefail; "$0" "$1" explain | head -n 1`, process.execPath, program], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
  });
});
