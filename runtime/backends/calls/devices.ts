/** The libraries of kernels that a module carries calls for, as one part of its code: opens the backend that is asked for. */
import { absentBackend, unavailableBackend } from '../../../diagnostics/backend.ts';
import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { InternalError } from '../../../diagnostics/internal-error.ts';
import { isLibraryBackend, libraryBackendNames, libraryBackends } from '../../../plan/backends.ts';
import type { CandidateCalls } from '../../../plan/calls.ts';
import type { ProblemModule } from '../../../plan/types.ts';
import { closestName } from '../../tensor.ts';
import type { DeviceLibrary, OwnLibrary } from './library.ts';

/** A library with the calls of each candidate on it; unpacked when they are first asked for. */
export interface CarriedLibrary {
  readonly part: DeviceLibrary;
  readonly calls: Readonly<Record<string, () => CandidateCalls | Promise<CandidateCalls>>>;
}

/** Links candidates to a backend by its name; `own` is the application's copy of the library. A diagnostic: it is not to be had here. */
export type Devices = (backend: string, own: OwnLibrary | undefined) => Promise<ProblemModule['link'] | Diagnostic>;

export const devicesOf =
  (libraries: readonly CarriedLibrary[]): Devices =>
  async (backend, own) => {
    const carried = isLibraryBackend(backend) ? libraries.find(({ part }) => part.library === libraryBackends[backend].library) : undefined;
    if (carried === undefined || !isLibraryBackend(backend)) {
      const present = [
        'wasm',
        ...libraryBackendNames.filter((name) => libraries.some(({ part }) => part.library === libraryBackends[name].library)),
      ];
      return absentBackend({}, { asked: backend, present, suggestion: closestName(backend, present) });
    }
    const opening = await carried.part.open(libraryBackends[backend].variant, own);
    if (!opening.ok) return unavailableBackend({}, { asked: backend, because: opening.because, hint: opening.hint });
    return opening.link((candidate) => {
      const unpack = carried.calls[candidate];
      if (unpack === undefined) throw new InternalError('module', `it carries no calls of ${candidate} on ${carried.part.library}`);
      return unpack();
    });
  };
