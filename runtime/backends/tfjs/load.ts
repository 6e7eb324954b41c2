/**
 * Opens a backend of the library: its packages, which are imported here and only when one is asked for, or the application’s own copy. What
 * does not come up is said with its reason; nothing steps in for it.
 */
import type { KernelBackend } from '@tensorflow/tfjs-core';
import { libraryBackends } from '../../../plan/backends.ts';
import { adapterName, textOf, webGpuHere, type AdapterInfo } from '../calls/dawn.ts';
import { openDevice, type DeviceLibrary, type OpenDevice, type Opening } from '../calls/library.ts';
import { tfjsDevice } from './device.ts';
import { variants, type Tf, type Variant } from './library.ts';

type Refusal = Extract<Opening, { readonly ok: false }>;

export const tfjsLibrary: DeviceLibrary = {
  library: 'tfjs',
  open: async (variant, own) => {
    const known = variants.find((name) => name === variant);
    if (known === undefined) return { ok: false, because: `tfjs has no backend \`${variant}\`` };
    // The package looks for it once, when it is imported, and never again.
    const webGpu = known === 'webgpu' ? await webGpuHere(libraryBackends['tfjs-webgpu'].packages) : undefined;
    if (webGpu?.ok === false) return webGpu;
    const tf = await libraryFor(known, own?.tf as Tf | undefined);
    return 'because' in tf ? tf : opened(tf, known);
  },
};

async function libraryFor(variant: Variant, own: Tf | undefined): Promise<Tf | Refusal> {
  const { packages } = libraryBackends[`tfjs-${variant}`];
  const refusal = (error: unknown): Refusal => ({
    ok: false,
    because:
      own === undefined
        ? `its packages did not load (${textOf(error)})`
        : `what was handed in as \`tf\` has no such backend (${textOf(error)})`,
    hint: `npm install ${(own === undefined ? packages : packages.slice(1)).join(' ')}`,
  });
  // Written out inside of the `try`: by that bundlers know that an application may have some of them only.
  try {
    const tf = own ?? (await import('@tensorflow/tfjs-core'));
    if (tf.engine().findBackendFactory(variant) !== null) return tf;
    switch (variant) {
      case 'cpu':
        await import('@tensorflow/tfjs-backend-cpu');
        return tf;
      case 'wasm':
        await import('@tensorflow/tfjs-backend-wasm');
        return tf;
      case 'webgl':
        await import('@tensorflow/tfjs-backend-webgl');
        return tf;
      case 'webgpu':
        await import('@tensorflow/tfjs-backend-webgpu');
        return tf;
    }
  } catch (error) {
    return refusal(error);
  }
}

async function opened(tf: Tf, variant: Variant): Promise<Opening> {
  const refused = (because: string): Refusal => ({ ok: false, because });
  try {
    const factory = tf.engine().findBackendFactory(variant);
    if (factory === null)
      return refused(
        variant === 'webgl' ? 'there is no WebGL here; browsers have it' : 'the library finds nothing here that it could run on',
      );
    if (!(variant in tf.engine().registry)) handOver(tf, variant, await startedBy(factory));
    if (!(await tf.setBackend(variant))) return refused('the library could not start it');
  } catch (error) {
    return refused(`the library could not start it (${textOf(error)})`);
  }
  if (variant === 'webgl') {
    if (tf.env().getNumber('WEBGL_VERSION') < 2) return refused('there is no WebGL 2 here');
    if (!tf.env().getBool('WEBGL_RENDER_FLOAT32_CAPABLE')) return refused('its textures hold no float32 here');
  }
  // Which one is set meanwhile is up to whoever computes.
  const backend = tf.findBackend(variant);
  const known = devices.get(backend);
  if (known !== undefined) return known;
  if (variant === 'cpu') quietly(tf);
  const device = openDevice(tfjsDevice({ tf, variant }, { why: machineOf(backend, variant), failure: failureOf(backend, variant) }));
  devices.set(backend, device);
  return device;
}

type Factory = () => KernelBackend | Promise<KernelBackend>;

/** Backends that are coming up, each once for all who ask. */
const starting = new WeakMap<Factory, Promise<KernelBackend>>();

function startedBy(factory: Factory): Promise<KernelBackend> {
  const known = starting.get(factory);
  if (known !== undefined) return known;
  const started = (async () => factory())().finally(() => starting.delete(factory));
  starting.set(factory, started);
  return started;
}

/** While the library itself waits for a backend none of its others computes; one that is up it takes over at once. */
function handOver(tf: Tf, variant: Variant, backend: KernelBackend): void {
  const { registry, registryFactory } = tf.engine();
  const priority = registryFactory[variant]?.priority;
  if (variant in registry) return;
  tf.removeBackend(variant);
  tf.registerBackend(variant, () => backend, priority);
}

/** Of each backend that is up: one for all, as the library has one of each for all. */
const devices = new WeakMap<KernelBackend, OpenDevice>();

/** A GPU says what went wrong when nobody waits for it any more, and what should have been computed is 0: it is kept until somebody reads. */
function failureOf(backend: KernelBackend, variant: Variant): () => string | undefined {
  if (variant !== 'webgpu') return () => undefined;
  let first: string | undefined;
  const { device } = backend as unknown as { readonly device: Failing };
  device.addEventListener('uncapturederror', ({ error }) => void (first ??= textOf(error)));
  return () => first;
}

interface Failing {
  readonly addEventListener: (type: 'uncapturederror', listener: (event: { readonly error: unknown }) => void) => void;
}

/** The first tensor on the cpu earns an advertisement on the console of Node. */
function quietly(tf: Tf): void {
  const before = tf.env().getBool('PROD');
  tf.env().set('PROD', true);
  tf.scalar(0).dispose();
  tf.env().set('PROD', before);
}

/** What the backend says of what it runs on. */
function machineOf(backend: KernelBackend, variant: Variant): string {
  switch (variant) {
    case 'cpu':
      return 'plain JavaScript';
    case 'wasm':
      return 'WebAssembly';
    case 'webgl': {
      const { gl } = (backend as unknown as { readonly gpgpu: { readonly gl: RenderingContext } }).gpgpu;
      const unmasked = gl.getExtension('WEBGL_debug_renderer_info');
      return String(gl.getParameter(unmasked?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER));
    }
    case 'webgpu': {
      return adapterName((backend as unknown as { readonly device: { readonly adapterInfo?: AdapterInfo } }).device.adapterInfo);
    }
  }
}

interface RenderingContext {
  readonly RENDERER: number;
  readonly getParameter: (name: number) => unknown;
  readonly getExtension: (name: string) => { readonly UNMASKED_RENDERER_WEBGL: number } | null;
}
