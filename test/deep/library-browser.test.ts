/** The library where there is no Node: bundled for browsers, in a context that has what the web has and nothing else. */
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { join } from 'node:path';
import type * as library from '../../library/index.ts';
import { root } from '../project/imports.ts';

const page = `problem shrinkage {
  dim n
  data y: [n]
  hyper pull: positive = 0.1
  param x: []
  inner minimize mean((x - y)^2) + pull * x^2
  outer minimize (x - 1.5)^2
}
`;

it('checks, plans, compiles and solves', async () => {
  const { outputFiles, warnings } = await build({
    entryPoints: [join(root, 'library', 'index.ts')],
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'bilevel',
    write: false,
  });
  expect(warnings).toEqual([]);
  // The arrays that its text encoder makes are to be the context's own.
  const context = createContext({
    Uint8Array,
    TextEncoder,
    TextDecoder,
    AbortController,
    AbortSignal,
    atob,
    btoa,
    performance,
    setTimeout,
    MessageChannel,
  });
  runInContext(outputFiles[0]?.text ?? '', context);
  const { check, plan, compile, problem } = runInContext('bilevel', context) as typeof library;
  expect(runInContext('typeof process', context)).toBe('undefined');
  expect(check(page)).toMatchObject({ ok: true });
  expect(plan(page).plan?.chosen).toBe('closed_form+cholesky');
  expect(compile(page, { target: 'js' }).module?.files[0]?.text).toContain("from 'bilevel/runtime'");
  const { hyper } = await problem(page).solve({ y: [1, 2, 6] });
  expect(hyper['pull']).toBeCloseTo(1, 5);
});
