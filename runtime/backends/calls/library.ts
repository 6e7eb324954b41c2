/** A library of kernels as a part that is handed in, so that only who uses it carries it: how one of its backends is opened. */
import type { CandidateCalls } from '../../../plan/calls.ts';
import type { Library } from '../../../plan/placement.ts';
import type { ProblemModule } from '../../../plan/types.ts';
import type { Device } from './device.ts';
import { callsLink } from './executor.ts';

/** An application's own copy of a library, by the name that it goes by. */
export interface OwnLibrary {
  readonly tf?: unknown;
  readonly GPU?: unknown;
}

export interface DeviceLibrary {
  readonly library: Library;
  /**
   * Opens one of its backends, by the library's own name for it; the same one for all who ask. `own`: the application's copy of the library,
   * in the place of the package. Never rejects where something is not there.
   */
  readonly open: (variant: string, own?: OwnLibrary) => Promise<Opening>;
}

/** What came up, or why it did not, and what would help. */
export type Opening = OpenDevice | { readonly ok: false; readonly because: string; readonly hint?: string };

export interface OpenDevice {
  readonly ok: true;
  /** What computes, and on what. */
  readonly describe: () => { readonly backend: string; readonly why: string };
  /** Links candidates to it. */
  readonly link: (codeOf: (candidate: string) => CandidateCalls | Promise<CandidateCalls>) => ProblemModule['link'];
}

export const openDevice = <T>(device: Device<T>): OpenDevice => ({
  ok: true,
  describe: device.describe,
  link: (codeOf) => callsLink(codeOf, device),
});
