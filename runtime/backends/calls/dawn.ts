/** WebGPU where the host has none of its own: Node has, of the package `webgpu`, which is Dawn. */

interface Dawn {
  readonly create: (flags: readonly string[]) => unknown;
  readonly globals: Readonly<Record<string, unknown>>;
}

/** What a GPU says of itself. */
export interface AdapterInfo {
  readonly vendor?: string;
  readonly architecture?: string;
  readonly description?: string;
}

/** `named`: what `navigator.gpu` computes on, by its own name where it tells one. */
export type WebGpu =
  { readonly ok: true; readonly named: string } | { readonly ok: false; readonly because: string; readonly hint?: string };

/** As people read it. */
export const adapterName = ({ vendor, architecture, description }: AdapterInfo = {}): string =>
  [description, vendor, architecture].filter((text) => text !== undefined && text !== '').join(', ') || 'WebGPU';

/** Whether `navigator.gpu` is there, and gives an adapter. `packages`: what is needed besides. */
export async function webGpuHere(packages: readonly string[]): Promise<WebGpu> {
  const isNode = 'process' in globalThis;
  if (gpuHere() === undefined && isNode) {
    try {
      // A name that no bundler follows: where it is missing nobody needs it.
      const name = 'webgpu';
      const { create, globals } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as Dawn;
      // Who asked at the same time may have been first.
      if (gpuHere() === undefined) {
        Object.assign(globalThis, globals);
        const gpu = { value: create([]), configurable: true };
        const { navigator } = globalThis as Here;
        if (navigator !== undefined) Object.defineProperty(navigator, 'gpu', gpu);
        else Object.defineProperty(globalThis, 'navigator', { value: Object.defineProperty({}, 'gpu', gpu), configurable: true });
      }
    } catch (error) {
      return {
        ok: false,
        because: `Node has no WebGPU of its own, and the package \`webgpu\` did not load (${textOf(error)})`,
        hint: `npm install ${['webgpu', ...packages].join(' ')}`,
      };
    }
  }
  const gpu = gpuHere();
  if (gpu === undefined) return { ok: false, because: 'there is no `navigator.gpu` here' };
  try {
    const adapter = await gpu.requestAdapter();
    return adapter === null ? { ok: false, because: '`navigator.gpu` gives no adapter' } : { ok: true, named: adapterName(adapter.info) };
  } catch (error) {
    return { ok: false, because: `\`navigator.gpu\` gives no adapter (${textOf(error)})` };
  }
}

interface Gpu {
  readonly requestAdapter: () => Promise<{ readonly info?: AdapterInfo } | null>;
}

interface Here {
  readonly navigator?: { readonly gpu?: Gpu };
}

const gpuHere = (): Gpu | undefined => (globalThis as Here).navigator?.gpu;

/** What an error says, on one line. */
export const textOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String((error as { readonly message?: unknown } | null)?.message ?? error)).split('\n', 1)[0] ??
  '';
