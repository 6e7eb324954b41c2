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

describe.each(backends)('%s', (backend) => {
  it.each(referenceCases)('$case', async (reference) => {
    const { page, points } = reference;
    const data = await dataOf(reference);
    for (const { hyper, hypergradient } of points.slice(0, 1)) {
      const asked: Asked = {
        page: readFileSync(page, 'utf8').replaceAll(/ from "[^"]*"(?: columns [^\n]*)?/gu, ''),
        data,
        hyper: Object.fromEntries(Object.entries(hyper).map(([name, value]) => [name, { shape: shapeOf(value), data: flat(value) }])),
        options: { backend },
      };
      const answer: Answered = await opened.page.evaluate(
        (request) => (globalThis as unknown as { hypergradient: (asked: unknown) => Promise<Answered> }).hypergradient(request),
        asked,
      );
      const found = Object.keys(hypergradient).flatMap((name) => [...(answer.hypergradient?.[name] ?? [])]);
      const trusted = Object.values(hypergradient).flatMap(flat);
      const error = Math.hypot(...trusted.map((x, i) => x - (found[i] ?? Number.NaN))) / Math.hypot(...trusted);
      console.log(
        backend,
        reference.case,
        error.toExponential(1),
        answer.milliseconds.toFixed(0),
        answer.failure ?? '',
        answer.computedBy?.why ?? '',
      );
      expect(answer.computedBy?.backend).toBe(backend);
      expect(error).toBeLessThanOrEqual(1e-3);
    }
  });
});
