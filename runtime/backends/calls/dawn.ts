/** WebGPU where the host has none of its own: Node has, of the package `webgpu`, which is Dawn. */

interface Dawn {
  readonly create: (flags: readonly string[]) => unknown;
  readonly globals: Readonly<Record<string, unknown>>;
}

/** Why there is no WebGPU here; undefined: `navigator.gpu` is there, and gives an adapter. */
export async function lacksWebGpu(): Promise<{ readonly because: string; readonly hint?: string } | undefined> {
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
        because: `Node has no WebGPU of its own, and the package \`webgpu\` did not load (${textOf(error)})`,
        hint: 'npm install webgpu',
      };
    }
  }
  const gpu = gpuHere();
  if (gpu === undefined) return { because: 'there is no `navigator.gpu` here' };
  try {
    return (await gpu.requestAdapter()) === null ? { because: '`navigator.gpu` gives no adapter' } : undefined;
  } catch (error) {
    return { because: `\`navigator.gpu\` gives no adapter (${textOf(error)})` };
  }
}

interface Gpu {
  readonly requestAdapter: () => Promise<unknown>;
}

interface Here {
  readonly navigator?: { readonly gpu?: Gpu };
}

const gpuHere = (): Gpu | undefined => (globalThis as Here).navigator?.gpu;

/** What an error says, on one line. */
export const textOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String((error as { readonly message?: unknown } | null)?.message ?? error)).split('\n', 1)[0] ??
  '';
