/** Every format that there is, for a program that is asked to read whatever a page names. */
import { csv } from './csv.ts';
import type { Format } from './format.ts';
import { json } from './json.ts';
import { npy } from './npy.ts';
import { npz } from './npz.ts';
import { parquet } from './parquet.ts';

export const everyFormat: readonly Format[] = [csv, json, npy, npz, parquet];
