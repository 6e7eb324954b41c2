/**
 * What work usually takes on the backends of libraries, in nanoseconds, as `usualCalibration` says it of Wasm: the stages of `compiler/calibration.ts`,
 * on an AMD EPYC, beside Wasm on that machine. A kernel is some calls there, and what is left to the host is in `factors`.
 */
import type { LibraryBackendName } from './backends.ts';
import type { Calibration } from './types.ts';

/**
 * Estimates, of none in particular: a product reads a number and what is computed of an element is read and written, at some 40 GB/s; a kernel is
 * waited for, and to read back is dear.
 */
const gpu = { products: 0.1, factors: 10, elements: 0.25, calls: 2_000_000 };

const libraryCalibrations: Readonly<Record<LibraryBackendName, Calibration>> = {
  'tfjs-cpu': { products: 0.8, factors: 1, elements: 4, kernels: 6000, calls: 50_000 },
  'tfjs-wasm': { products: 0.12, factors: 0.6, elements: 1.5, kernels: 8000, calls: 60_000 },
  'gpujs-cpu': { products: 1.8, factors: 0.6, elements: 2.5, kernels: 4600, calls: 30_000 },
  'gpujs-webasm': { products: 2.2, factors: 0.6, elements: 1.5, kernels: 2500, calls: 50_000 },
  'tfjs-webgl': { ...gpu, kernels: 100_000 },
  'tfjs-webgpu': { ...gpu, kernels: 60_000 },
  'gpujs-webgl2': { ...gpu, kernels: 40_000 },
  'gpujs-headlessgl': { ...gpu, kernels: 40_000 },
  'gpujs-webgpu': { ...gpu, kernels: 20_000 },
};

/**
 * Of a GPU that a processor plays: round figures of what rows of `bench:devices` took with Chromium's SwiftShader on two cores of that machine, not
 * fitted to its stages. It computes as slowly as it is told to.
 */
const software = { products: 4, factors: 1, elements: 4, calls: 1_000_000 };

const softwareCalibrations: Readonly<Partial<Record<LibraryBackendName, Calibration>>> = {
  'tfjs-webgl': { ...software, kernels: 100_000 },
  'tfjs-webgpu': { ...software, kernels: 400_000 },
  'gpujs-webgl2': { ...software, kernels: 60_000 },
  'gpujs-headlessgl': { ...software, kernels: 60_000 },
  'gpujs-webgpu': { ...software, kernels: 40_000 },
};

/** Names of processors that play one. */
const playedBy = /swiftshader|llvmpipe|softpipe|lavapipe|basic render/iu;

/** `device`: what the backend says that it runs on. */
export const libraryCalibration = (backend: LibraryBackendName, device: string): Calibration =>
  (playedBy.test(device) ? softwareCalibrations[backend] : undefined) ?? libraryCalibrations[backend];

/** Whatever the backend may turn out to run on. */
export function calibrationsOf(backend: LibraryBackendName): readonly Calibration[] {
  const played = softwareCalibrations[backend];
  return [libraryCalibrations[backend], ...(played === undefined ? [] : [played])];
}
