/** As much of gpu.js as is used here, as types: the library itself comes from `load.ts`, or from an application. */

/** The modes that are used, by the names that gpu.js gives them. */
export const modes = ['cpu', 'webasm', 'webgl2', 'headlessgl', 'webgpu'] as const;
export type Mode = (typeof modes)[number];

export interface GpuKernel {
  /** Why it runs on the CPU instead, where it does. */
  readonly fallbackReason?: string | null;
}

export interface Shortcut {
  (...values: readonly unknown[]): unknown;
  readonly kernel: GpuKernel;
  readonly destroy: () => void;
}

export interface PipelineShortcut {
  (...values: readonly unknown[]): Promise<unknown>;
  /** `generic`: kernel by kernel. */
  readonly executorKind: string;
  readonly fallbackReason: string | null;
  readonly destroy: () => Promise<void>;
}

export interface Gpu {
  /** The class of its kernels. */
  readonly Kernel: unknown;
  /** Of WebGL. */
  readonly context?: unknown;
  readonly createKernel: (source: string, settings: Readonly<Record<string, unknown>>) => Shortcut;
  readonly createPipeline: (run: (...values: readonly unknown[]) => unknown, settings?: { readonly threads?: boolean }) => PipelineShortcut;
  readonly destroy: () => Promise<void>;
}

export interface GpuLibrary {
  new (settings: { readonly mode: Mode }): Gpu;
  readonly isWebGPUAvailable: () => Promise<boolean>;
}

/** What a kernel of `webgl2`, `headlessgl` and `webgpu` gives: a texture or a buffer. */
export interface Resident {
  readonly toArray: () => unknown;
  readonly delete: () => void;
}

/** Asks the class, not the value: what stands for a result while a pipeline is recorded cannot be asked anything. */
export function isResident(value: unknown): value is Resident {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return typeof prototype === 'object' && prototype !== null && 'toArray' in prototype && 'delete' in prototype;
}
