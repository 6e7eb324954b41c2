/** Libraries of kernels, each loaded when one of its backends is asked for. */
import { libraryBackends, type LibraryBackendName } from '../plan/backends.ts';
import type { Library } from '../plan/placement.ts';
import type { DeviceLibrary, Opening } from '../runtime/backends/calls/library.ts';

const parts: Readonly<Record<Library, () => Promise<DeviceLibrary>>> = {
  tfjs: async () => (await import('../runtime/tfjs.ts')).tfjs,
  gpujs: async () => (await import('../runtime/gpujs.ts')).gpujs,
};

export async function openBackend(name: LibraryBackendName): Promise<Opening> {
  const { library, variant } = libraryBackends[name];
  return (await parts[library]()).open(variant);
}
