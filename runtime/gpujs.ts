/** What a module that was compiled for gpu.js imports besides: the library as a part. Its package is imported when one of its modes is asked for. */
export { gpujsLibrary as gpujs } from './backends/gpujs/load.ts';
export type { DeviceLibrary } from './backends/calls/library.ts';
