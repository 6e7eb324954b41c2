/** NumPy’s file of one array, as a format; what is in it is read in `npy-array.ts`. */
import type { Format } from './format.ts';
import { readNpy } from './npy-array.ts';

/** One array of NumPy’s (`.npy`). */
export const npy: Format = { endings: ['.npy'], open: (bytes, file) => ({ read: (request) => readNpy(bytes, request, file) }) };
