/**
 * gpu.js, loaded when it is chosen: the package, or what an application hands in. A mode that does not come up here is refused with the reason, and a first
 * kernel shows that it does: gpu.js by itself would go over to the CPU.
 */
import type { Device } from '../calls/device.ts';
import { openDevice, type DeviceLibrary } from '../calls/library.ts';
import { gpujsDevice } from './device.ts';
import type { Gpu, GpuLibrary, Mode } from './library.ts';
import type { GpuTensor } from './tensor.ts';

export type Loaded =
  { readonly ok: true; readonly device: Device<GpuTensor> } | { readonly ok: false; readonly because: string; readonly help: string };

const elsewhere = 'choose another mode of gpu.js; `webasm` and `cpu` run everywhere';

/** `library` is the class `GPU` of gpu.js. */
export async function loadGpujs(mode: Mode, library?: GpuLibrary): Promise<Loaded> {
  const GPU = library ?? (await installed());
  if (GPU === undefined)
    return { ok: false, because: 'gpu.js is not installed', help: 'install it, `npm install gpu.js`, or hand in its class `GPU`' };
  if (mode === 'webgpu' && !(await GPU.isWebGPUAvailable()))
    return {
      ok: false,
      because: 'there is no WebGPU here: no `navigator.gpu`, or it has no adapter',
      help: `in Node the package \`webgpu\` gives one; otherwise ${elsewhere}`,
    };
  try {
    const gpu = new GPU({ mode });
    const device = gpujsDevice(gpu, mode, () => computing(gpu));
    const type = { dtype: 'real', shape: [3] } as const;
    const probe = await device.download(device.upload(Float64Array.of(1 / 3, 1, 2), type), type);
    if (probe[0] === Math.fround(1 / 3) && probe[2] === 2) return { ok: true, device };
    return { ok: false, because: `\`${mode}\` does not keep numbers of 32 bits`, help: elsewhere };
  } catch (error) {
    return {
      ok: false,
      because: `\`${mode}\` does not come up: ${error instanceof Error ? error.message : String(error)}`,
      help: elsewhere,
    };
  }
}

async function installed(): Promise<GpuLibrary | undefined> {
  try {
    const module: unknown = await import('gpu.js');
    return libraryIn(module) ?? libraryIn((module as { readonly default?: unknown }).default);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

const libraryIn = (module: unknown): GpuLibrary | undefined =>
  typeof module === 'object' && module !== null && 'GPU' in module ? (module.GPU as GpuLibrary) : undefined;

/** The device’s own name, where it tells one. */
function computing({ context }: Gpu): string {
  if (context instanceof Object && 'getParameter' in context) {
    const gl = context as {
      readonly getExtension: (name: string) => { readonly UNMASKED_RENDERER_WEBGL: number } | null;
      readonly getParameter: (of: number) => unknown;
    };
    const names = gl.getExtension('WEBGL_debug_renderer_info');
    return names === null ? 'WebGL' : String(gl.getParameter(names.UNMASKED_RENDERER_WEBGL));
  }
  return '';
}

const modes: readonly string[] = ['cpu', 'webasm', 'webgl2', 'webgpu', 'headlessgl'];

export const gpujsLibrary: DeviceLibrary = {
  library: 'gpujs',
  open: async (variant, own) => {
    if (!modes.includes(variant)) return { ok: false, because: `gpu.js has no mode \`${variant}\`` };
    const loaded = await loadGpujs(variant as Mode, own as GpuLibrary | undefined);
    return loaded.ok ? openDevice(loaded.device) : { ok: false, because: loaded.because, hint: loaded.help };
  },
};
