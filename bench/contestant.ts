/**
 * What a contestant in TypeScript is: for every kind of row a function that prepares, or why there is none.
 * (`peers/protocol.py` is the same for Python.)
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Kind, Numbers } from './rows.ts';

export type Precision = 'float64' | 'float32';

export interface Input {
  readonly sizes: Numbers;
  readonly at: Numbers;
  /** A size or a hyper that must be there. */
  readonly number: (name: string) => number;
  /** An array of the row's data. */
  readonly load: (name: string) => Float64Array;
}

export interface Work {
  /** Does it once: done when it returns, or when its promise resolves. */
  readonly run: () => void | Promise<void>;
  /** What `run` last found. */
  readonly result: () => ArrayLike<number> | Promise<ArrayLike<number>>;
  readonly dispose?: () => void;
  /** Said under the table. */
  readonly note?: string;
}

/** Prepares a row; what it takes is not measured. */
export type Prepare = (input: Input) => Work | Promise<Work>;

/** A string says why a contestant takes no part. */
export type Functions = { readonly [K in Kind]: Prepare | string };

export interface Contestant {
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: Functions;
}

export interface Options {
  /** The folder of the benchmark's sources, for what is not compiled: our pages. */
  readonly folder: string;
  readonly precision: Precision;
  readonly threads: number;
  /** Ours, with fused multiply-add. */
  readonly fused?: boolean;
  /** Which backend of a library, where it has several. */
  readonly backend?: string;
}

/** What a contestant's module exports. */
export interface ContestantModule {
  readonly open: (options: Options) => Contestant | Promise<Contestant>;
}

/** Thrown while preparing a row: this contestant will take part, later. */
export class NotYet extends Error {
  constructor(kind: Kind) {
    super(`${kind} is not written yet`);
    this.name = 'NotYet';
  }
}

export function inputOf(sizes: Numbers, at: Numbers, folder: string): Input {
  return {
    sizes,
    at,
    number: (name) => {
      const value = sizes[name] ?? at[name];
      if (value === undefined) throw new Error(`a row without ${name}`);
      return value;
    },
    load: (name) => {
      const bytes = readFileSync(join(folder, `${name}.f64`));
      return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    },
  };
}

/** The version of an installed package, for the report. */
export const versionOf = (packageName: string, from: string): string => {
  const { version } = JSON.parse(readFileSync(join(from, 'node_modules', packageName, 'package.json'), 'utf8')) as { version: string };
  return version;
};
