/** The JSON lines between the harness and a contestant's process. `peers/protocol.py` speaks the same. */
import type { Kind, Numbers } from './rows.ts';

export interface RowRequest {
  readonly row: Kind;
  readonly sizes: Numbers;
  readonly at: Numbers;
  readonly dataDir: string;
  /** To measure, after warming up for `warmSeconds` when the row is new to the process. */
  readonly seconds: number;
  readonly warmSeconds: number;
}

/** Forget what was prepared. */
export interface EndRequest {
  readonly end: true;
}

export interface Measured {
  readonly times_ms: readonly number[];
  /** See `fingerprint.ts`; null is a number that JSON does not have. */
  readonly check: readonly (number | null)[];
  /** CPU time over elapsed time: well above 1 is a thread too many, well below 1 a busy machine. */
  readonly cores: number;
  readonly note?: string;
}

export type Answer =
  | Measured
  | { readonly ready: Readonly<Record<string, string>> }
  | { readonly ended: true }
  /** Takes no part, and why. */
  | { readonly absent: string }
  | { readonly notYet: true }
  | { readonly error: string };
