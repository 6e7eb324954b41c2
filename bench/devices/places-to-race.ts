/** Where a backend runs: a thread of Node, or a page of Chromium. Gives a function that races there. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build as bundle } from 'esbuild';
import type { Browser } from 'playwright-core';
import { build } from 'vite';
import type { LibraryBackendName } from '../../plan/backends.ts';
import { launchChromium, openPage } from '../../test/browser/chromium.ts';
import { isolation, serve, type Site } from '../../test/browser/site.ts';
import type { Places } from '../places.ts';
import type { Answered, Asked } from './race.ts';

export type Told = { readonly answered: Answered } | { readonly failure: string };

export interface Place {
  readonly race: (asked: Asked) => Promise<Told>;
  readonly close: () => Promise<void>;
}

export interface PlacesToRace {
  readonly open: (backend: LibraryBackendName) => Promise<Place>;
  readonly close: () => Promise<void>;
}

const inNode: readonly LibraryBackendName[] = ['tfjs-cpu', 'tfjs-wasm', 'gpujs-cpu', 'gpujs-webasm'];
const inChromium: readonly LibraryBackendName[] = ['tfjs-webgl', 'tfjs-webgpu', 'gpujs-webgl2', 'gpujs-webgpu'];
export const raced = [...inNode, ...inChromium];

/** For Node the library is one file, and the derivatives of its ops are modules that only bundlers read: bundled here. */
async function gradientsOfTfjs(built: string): Promise<string> {
  const outfile = join(built, 'tfjs-gradients.js');
  const entry = '@tensorflow/tfjs-core/dist/register_all_gradients.js';
  await bundle({ entryPoints: [entry], outfile, bundle: true, format: 'esm', platform: 'node', logLevel: 'error' });
  return pathToFileURL(outfile).href;
}

function inThread(gradients: string): Place {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: { gradients } });
  return {
    race: (asked) =>
      new Promise((resolve) => {
        const failed = (error: Error): void => resolve({ failure: error.message });
        worker.once('error', failed);
        worker.once('message', (told: Told) => {
          worker.off('error', failed);
          resolve(told);
        });
        worker.postMessage(asked);
      }),
    close: async () => void (await worker.terminate()),
  };
}

async function inPage(browser: Browser, url: string): Promise<Place> {
  const { page } = await openPage(browser, url);
  return {
    race: async (asked) => {
      try {
        const answered = await page.evaluate(
          (request) => (globalThis as unknown as { race: (asked: unknown) => Promise<Answered> }).race(request),
          asked,
        );
        return { answered };
      } catch (error) {
        return { failure: error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error) };
      }
    },
    close: () => page.context().close(),
  };
}

/** `flags`: more of Chromium's own. */
async function openChromium(
  { bench, built }: Places,
  flags: readonly string[],
): Promise<{ readonly browser: Browser; readonly site: Site }> {
  const outDir = join(built, 'devices-page');
  await build({ root: join(bench, 'devices'), base: './', logLevel: 'error', build: { outDir, target: 'esnext', emptyOutDir: true } });
  return { browser: await launchChromium(['--enable-unsafe-webgpu', ...flags]), site: await serve(outDir, isolation) };
}

/** Opens only what is asked for. */
export function placesToRace(places: Places, flags: readonly string[]): PlacesToRace {
  let gradients: Promise<string> | undefined;
  let chromium: ReturnType<typeof openChromium> | undefined;
  return {
    open: async (backend) => {
      if (inNode.includes(backend)) return inThread(await (gradients ??= gradientsOfTfjs(places.built)));
      const { browser, site } = await (chromium ??= openChromium(places, flags));
      return inPage(browser, site.url);
    },
    close: async () => {
      if (chromium === undefined) return;
      const { browser, site } = await chromium;
      await browser.close();
      await site.close();
    },
  };
}
