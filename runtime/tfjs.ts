/** What a module that was compiled for tfjs imports besides: the library as a part. Its packages are imported when one of its backends is asked for. */
export { tfjsLibrary as tfjs } from './backends/tfjs/load.ts';
export type { DeviceLibrary } from './backends/calls/library.ts';
