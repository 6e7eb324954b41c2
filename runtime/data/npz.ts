/** NumPy’s archive of arrays: a ZIP file of NPY files, of which a declaration names one. Pure. */
import { unzipSync } from 'fflate';
import { malformedFile, missingArray } from '../../diagnostics/data.ts';
import { closestName } from '../tensor.ts';
import { type DataFile, declaredAt, refuse } from './array.ts';
import type { Format } from './format.ts';
import { readNpy } from './npy-array.ts';

/** Several arrays of NumPy’s, compressed or not (`.npz`). */
export const npz: Format = { endings: ['.npz'], open: openNpz };

function openNpz(bytes: Uint8Array, file: string): DataFile {
  const opened = unzip(bytes);
  if (typeof opened === 'string')
    return {
      read: (request) =>
        refuse(malformedFile({ ...declaredAt(request), place: { file } }, { data: request.data, file, format: 'NPZ', reason: opened })),
    };
  const arrays = new Map(Object.entries(opened).map(([name, content]) => [name.replace(/\.npy$/, ''), content]));
  return {
    read(request) {
      const keys = [...arrays.keys()];
      const [only] = keys;
      const key = request.array ?? (keys.length === 1 ? only : undefined);
      const content = key === undefined ? undefined : arrays.get(key);
      if (content !== undefined) return readNpy(content, request, file);
      const closest = request.array === undefined ? undefined : closestName(request.array, keys);
      return refuse(
        missingArray({ ...declaredAt(request), place: { file } }, { data: request.data, file, key: request.array, keys, closest }),
      );
    },
  };
}

/** The entries, or why there are none. */
function unzip(bytes: Uint8Array): Readonly<Record<string, Uint8Array>> | string {
  try {
    return unzipSync(bytes);
  } catch (error) {
    // The archive library throws plain errors for every malformed archive.
    return error instanceof Error ? error.message : String(error);
  }
}
