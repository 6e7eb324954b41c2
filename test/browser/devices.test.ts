/**
 * The reference problems in Chromium on WebGL and WebGPU, which are SwiftShader's where there is no GPU: pages compiled there, hypergradients
 * by tfjs and gpu.js beside the trusted ones. A backend that does not come up is a failure.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../compiler/pipeline.ts';
import { bindData } from '../../runtime/data/files.ts';
import { nodeSources } from '../../runtime/data/node.ts';
import { everyBindingPart } from '../helpers/binding.ts';
import { referenceCases, type ReferenceCase } from '../helpers/reference.ts';
import { Folder } from '../helpers/cli.ts';
import { launchChromium, openPage, type OpenPage } from './chromium.ts';
import type { Answered, Asked } from './devices/page.ts';
import { isolation, serve, type Site } from './site.ts';

const backends = ['tfjs-webgl', 'tfjs-webgpu', 'gpujs-webgl2', 'gpujs-webgpu'] as const;

const folder = new Folder();
let browser: Browser;
let site: Site;
let opened: OpenPage;

beforeAll(async () => {
  const outDir = join(folder.path, 'devices');
  await build({ root: join(import.meta.dirname, 'devices'), base: './', logLevel: 'error', build: { outDir, target: 'esnext' } });
  site = await serve(outDir, isolation);
  browser = await launchChromium(['--enable-unsafe-webgpu']);
  opened = await openPage(browser, site.url);
});
afterAll(async () => {
  await browser.close();
  await site.close();
  folder.remove();
});

type Numbers = number | readonly Numbers[];
const flat = (value: Numbers): readonly number[] => (typeof value === 'number' ? [value] : value.flatMap(flat));
const shapeOf = (value: Numbers): readonly number[] => (typeof value === 'number' ? [] : [value.length, ...shapeOf(value[0] ?? 0)]);

async function dataOf({ page }: ReferenceCase): Promise<Asked['data']> {
  const [compiled] = compile(readFileSync(page, 'utf8'), page).value;
  if (compiled === undefined) throw new Error(`${page} has no problem`);
  const { description } = compiled.module;
  const { bound } = await bindData(description, nodeSources(), 0, everyBindingPart);
  if (bound === undefined) throw new Error(`${page} is not bound`);
  return Object.fromEntries(
    description.data.map(({ name }) => {
      const tensor = bound.slots[`data:${name}`];
      if (tensor === undefined) throw new Error(`no ${name}`);
      return [name, { shape: tensor.shape, data: [...tensor.data] }];
    }),
  );
}

/** How far the hypergradient of a page that the browser compiles is from the trusted one, at the first of its points. */
async function errorOn(
  reference: ReferenceCase,
  options: Asked['options'],
): Promise<{ readonly answer: Answered; readonly error: number }> {
  const { page, points } = reference;
  const [point] = points;
  if (point === undefined) throw new Error(`${reference.case} has no points`);
  const asked: Asked = {
    page: readFileSync(page, 'utf8').replaceAll(/ from "[^"]*"(?: columns [^\n]*)?/gu, ''),
    data: await dataOf(reference),
    hyper: Object.fromEntries(Object.entries(point.hyper).map(([name, value]) => [name, { shape: shapeOf(value), data: flat(value) }])),
    options,
  };
  const answer: Answered = await opened.page.evaluate(
    (request) => (globalThis as unknown as { hypergradient: (given: unknown) => Promise<Answered> }).hypergradient(request),
    asked,
  );
  const found = Object.keys(point.hypergradient).flatMap((name) => [...(answer.hypergradient?.[name] ?? [])]);
  const trusted = Object.values(point.hypergradient).flatMap(flat);
  return { answer, error: Math.hypot(...trusted.map((x, i) => x - (found[i] ?? Number.NaN))) / Math.hypot(...trusted) };
}

/** float32 cannot tell a Hessian of condition 1e10 from a singular one, and says so. */
const beyondFloat32 = 'quadratic_cond_1e10';

// Those of tfjs are in `tfjs.test.ts`.
describe.each(['gpujs-webgl2', 'gpujs-webgpu'] as const)('%s in float32', (backend) => {
  it.each(referenceCases)('$case', async (reference) => {
    const { answer, error } = await errorOn(reference, { backend, precision: 'f32' });
    if (reference.case === beyondFloat32) {
      expect(answer.failure).toMatch(/not-positive-definite/u);
      return;
    }
    expect(answer.failure).toBeUndefined();
    expect(answer.computedBy).toMatchObject({ backend, precision: 'f32' });
    expect(error).toBeLessThanOrEqual(1e-3);
  });
});

describe.each(backends)('%s, as it is by itself', (backend) => {
  it.each(['ridge_log_penalty', 'logistic_l2', beyondFloat32])('%s is corrected in float64, or computed there', async (name) => {
    const { answer, error } = await errorOn(caseOf(name), { backend });
    expect(answer.failure).toBeUndefined();
    const gaveWay = name === beyondFloat32;
    const by = gaveWay ? { backend: 'wasm', precision: 'f64' } : { backend: `${backend} and wasm`, precision: 'mixed' };
    expect(answer.computedBy).toMatchObject(by);
    expect(answer.computedBy?.declined !== undefined).toBe(gaveWay);
    expect(error).toBeLessThanOrEqual(1e-6);
    expect(answer.error?.estimate).toBeGreaterThan(0);
  });

  it('a recipe is float32, with the reason', async () => {
    const { answer, error } = await errorOn(caseOf('scalar_unrolled'), { backend });
    expect(answer.computedBy).toMatchObject({ backend, precision: 'f32', chosen: expect.stringMatching(/recipe/u) as string });
    expect(error).toBeLessThanOrEqual(1e-3);
  });
});

function caseOf(name: string): ReferenceCase {
  const found = referenceCases.find((reference) => reference.case === name);
  if (found === undefined) throw new Error(`no case ${name}`);
  return found;
}
