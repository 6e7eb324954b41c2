/** What can compute, by name: `wasm`, and each way in which a library of kernels runs. Names alone: what is there is found by asking it. */
import type { Library } from './placement.ts';

interface LibraryBackend {
  readonly library: Library;
  /** The library's own name for it. */
  readonly variant: string;
  /** What an application installs for it. */
  readonly packages: readonly string[];
}

export const libraryBackends = {
  'tfjs-cpu': { library: 'tfjs', variant: 'cpu', packages: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu'] },
  'tfjs-wasm': { library: 'tfjs', variant: 'wasm', packages: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-wasm'] },
  'tfjs-webgl': { library: 'tfjs', variant: 'webgl', packages: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-webgl'] },
  'tfjs-webgpu': { library: 'tfjs', variant: 'webgpu', packages: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-webgpu'] },
  'gpujs-cpu': { library: 'gpujs', variant: 'cpu', packages: ['gpu.js'] },
  'gpujs-webasm': { library: 'gpujs', variant: 'webasm', packages: ['gpu.js'] },
  'gpujs-webgl2': { library: 'gpujs', variant: 'webgl2', packages: ['gpu.js'] },
  'gpujs-webgpu': { library: 'gpujs', variant: 'webgpu', packages: ['gpu.js'] },
  'gpujs-headlessgl': { library: 'gpujs', variant: 'headlessgl', packages: ['gpu.js', 'gl'] },
} as const satisfies Readonly<Record<string, LibraryBackend>>;

export type LibraryBackendName = keyof typeof libraryBackends;
export const libraryBackendNames = Object.keys(libraryBackends) as readonly LibraryBackendName[];

/** Elements that an array may have there: gpu.js reckons their places in float32, but for plain JavaScript. */
export const mostElements = (name: LibraryBackendName): number =>
  libraryBackends[name].library === 'gpujs' && name !== 'gpujs-cpu' ? 2 ** 24 : Infinity;

export const isLibraryBackend = (name: string): name is LibraryBackendName => Object.hasOwn(libraryBackends, name);
