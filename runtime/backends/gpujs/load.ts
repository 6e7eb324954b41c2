/**
 * Opens a mode of gpu.js: the package, imported when it is asked for, or the application's own class `GPU`. What does not come up is said with its
 * reason, and a first kernel shows that it did: gpu.js by itself would go over to the CPU.
 */
import { libraryBackends } from '../../../plan/backends.ts';
import { textOf, webGpuHere } from '../calls/dawn.ts';
import { openDevice, type DeviceLibrary, type Opening } from '../calls/library.ts';
import { gpujsDevice } from './device.ts';
import { modes, type GpuLibrary, type Mode } from './library.ts';

type Refusal = Extract<Opening, { readonly ok: false }>;

export const gpujsLibrary: DeviceLibrary = {
  library: 'gpujs',
  open: async (variant, own) => {
    const mode = modes.find((name) => name === variant);
    if (mode === undefined) return { ok: false, because: `gpu.js has no mode \`${variant}\`` };
    const webGpu = mode === 'webgpu' ? await webGpuHere(libraryBackends['gpujs-webgpu'].packages) : undefined;
    if (webGpu?.ok === false) return webGpu;
    const GPU = own?.GPU === undefined ? await installed() : (own.GPU as GpuLibrary);
    if ('because' in GPU) return GPU;
    const known = openings.get(GPU) ?? new Map<Mode, Promise<Opening>>();
    openings.set(GPU, known);
    const starting = known.get(mode) ?? opened(GPU, mode, webGpu?.named);
    known.set(mode, starting);
    const opening = await starting;
    // What is not there now may be there when somebody asks again.
    if (!opening.ok && known.get(mode) === starting) known.delete(mode);
    return opening;
  },
};

/** A mode that is open serves all who ask: its kernels are made once. */
const openings = new WeakMap<GpuLibrary, Map<Mode, Promise<Opening>>>();

/** What a mode that the library calls unsupported lacks. */
const needs: Readonly<Partial<Record<Mode, Omit<Refusal, 'ok'>>>> = {
  webgl2: { because: 'there is no WebGL 2 here; browsers have it' },
  headlessgl: {
    because: 'the package `gl` is not there, or finds no OpenGL',
    hint: 'npm install gl, and run under xvfb-run where there is no display',
  },
};

async function opened(GPU: GpuLibrary, mode: Mode, named: string | undefined): Promise<Opening> {
  const refused = (because: string): Refusal => ({ ok: false, because });
  let gpu: InstanceType<GpuLibrary>;
  try {
    gpu = new GPU({ mode });
  } catch (error) {
    return { ok: false, because: textOf(error), ...needs[mode] };
  }
  if (typeof gpu.createKernel !== 'function') return refused('what was handed in as `GPU` is not the class of gpu.js');
  try {
    const device = gpujsDevice(gpu, mode, named);
    const type = { dtype: 'real', shape: [3] } as const;
    const negated = device.kernels.neg({ operands: [type], result: type, attributes: {} });
    const [third, , two] = await device.download(negated(device.upload(Float64Array.of(1 / 3, 1, 2), type)), type);
    return third === -Math.fround(1 / 3) && two === -2 ? openDevice(device) : refused('it does not keep numbers of 32 bits here');
  } catch (error) {
    return refused(`the library could not start it (${textOf(error)})`);
  }
}

async function installed(): Promise<GpuLibrary | Refusal> {
  try {
    const module: unknown = await import('gpu.js');
    const found = libraryIn(module) ?? libraryIn((module as { readonly default?: unknown }).default);
    return found ?? { ok: false, because: 'the package `gpu.js` has no class `GPU`' };
  } catch (error) {
    return { ok: false, because: `the package did not load (${textOf(error)})`, hint: 'npm install gpu.js' };
  }
}

const libraryIn = (module: unknown): GpuLibrary | undefined =>
  typeof module === 'object' && module !== null && 'GPU' in module ? (module.GPU as GpuLibrary) : undefined;
