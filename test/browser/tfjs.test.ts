/** Every op of the table, and the reference problems, on the backends of tfjs and gpu.js that need a browser, in Chromium, whose GPU is SwiftShader: a page that runs what Node runs. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { given } from '../../compiler/ir/attributes.ts';
import { beyondFloat32 } from '../backends/cases.ts';
import { examples } from '../backends/shapes.ts';
import { deviceOps } from '../backends/tfjs.ts';
import { referenceCases } from '../helpers/reference.ts';
import { pointwiseOps } from '../ops/special-operands.ts';
import type { Asked, DeviceName } from './backends/ops.ts';
import { launchChromium, openPage, type OpenPage } from './chromium.ts';
import { serve, type Site } from './site.ts';

const folder = mkdtempSync(join(tmpdir(), 'bilevel-tfjs-'));
let site: Site;
let browser: Browser;
let opened: OpenPage;

beforeAll(async () => {
  const entry = join(import.meta.dirname, 'backends/ops.ts');
  await build({ entryPoints: [entry], outfile: join(folder, 'ops.js'), bundle: true, format: 'esm', logLevel: 'error' });
  const wasm = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
  for (const kind of ['', '-simd', '-threaded-simd'])
    cpSync(join(wasm, `tfjs-backend-wasm${kind}.wasm`), join(folder, `tfjs-backend-wasm${kind}.wasm`));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>ops</title><script type="module" src="ops.js"></script>');
  cpSync(join(import.meta.dirname, '../reference'), join(folder, 'reference'), { recursive: true });
  site = await serve(folder);
  browser = await launchChromium(['--enable-unsafe-webgpu']);
  opened = await openPage(browser, site.url);
});

afterAll(async () => {
  await browser.close();
  await site.close();
  rmSync(folder, { recursive: true });
});

type Answer<Name extends keyof Asked> = Awaited<ReturnType<Asked[Name]>>;

const askOf = <Name extends keyof Asked>({ page }: OpenPage, name: Name, ...operands: Parameters<Asked[Name]>): Promise<Answer<Name>> =>
  page.evaluate(
    ([which, given]) =>
      (globalThis as unknown as { readonly asked: Record<string, (...x: readonly unknown[]) => unknown> }).asked[which]?.(...given),
    [name, operands] as const,
  ) as Promise<Answer<Name>>;

const ask = <Name extends keyof Asked>(name: Name, ...operands: Parameters<Asked[Name]>): Promise<Answer<Name>> =>
  askOf(opened, name, ...operands);

// On the other two Node runs everything, and on WebGPU the reference problems (`test/deep/tfjs-*.test.ts`).
const names: readonly DeviceName[] = ['tfjs-webgl', 'tfjs-webgpu', 'gpujs-webgl2'];

it.each(['tfjs-cpu', 'tfjs-wasm'] as const)('%s comes up in a page, too', async (name) => {
  expect(await ask('describe', name)).toMatchObject({ backend: name });
});

describe.each(names)('%s', (name) => {
  it('is what runs', async () => {
    expect(await ask('describe', name)).toMatchObject({ backend: name });
  });

  it.each(deviceOps)('%s', async (op) => {
    const { wrong, checked } = await ask('disagreements', name, op);
    expect(wrong).toEqual([]);
    expect(checked).toBeGreaterThan(0);
  });

  it.each(Object.keys(examples))('%s', async (example) => {
    expect(await ask('exampleError', name, example)).toBeLessThanOrEqual(2e-6);
  });

  it('whole graphs, whatever is made one kernel', async () => {
    expect(await ask('graphsApart', name, 40, 1)).toEqual([]);
  });

  it.each(pointwiseOps)('%s of special numbers', async (op) => {
    expect(await ask('special', name, op)).toEqual([]);
  });
});

describe.each(['tfjs-webgl', 'tfjs-webgpu'] as const)('%s', (name) => {
  it('lets go of what it makes on its way', async () => {
    const left = [];
    for (const example of Object.keys(examples)) left.push(await ask('left', name, example));
    expect(left).toEqual(left.map(() => 0));
  });
});

/** A page takes a second or two until its GPU is there; and browsers give one only so much room for memories of WebAssembly, and take them back late. */
const casesOfPage = 4;

describe('tfjs-webgl', () => {
  let fresh: OpenPage | undefined;
  let asked = 0;

  it.each(referenceCases)('$case', async ({ case: own, page }) => {
    if (asked++ % casesOfPage === 0) {
      await fresh?.page.context().close();
      fresh = await openPage(browser, site.url);
    }
    const error = await askOf(given(fresh), 'hypergradientError', 'tfjs-webgl', `reference/${own}/${basename(page)}`);
    if (beyondFloat32[own] === undefined) expect(error).toBeLessThanOrEqual(1e-3);
    else expect(error).toBe(beyondFloat32[own]);
  });
});

it('the page complained of nothing', () => {
  expect(opened.complaints).toEqual([]);
});
