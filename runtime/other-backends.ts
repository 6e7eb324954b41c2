/** What a module needs to compute on the backends of libraries of kernels, or on the one that is quickest. Handed in where it was compiled for that. */
import { absentBackend, absentPrecision, unavailableBackend } from '../diagnostics/backend.ts';
import { callOption } from '../diagnostics/usage.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { InternalError } from '../diagnostics/internal-error.ts';
import { isLibraryBackend, libraryBackendNames, libraryBackends } from '../plan/backends.ts';
import type { CandidateCalls } from '../plan/calls.ts';
import { decide } from '../plan/decide.ts';
import { libraryCalibration } from '../plan/library-calibrations.ts';
import type { Library } from '../plan/placement.ts';
import type { Arithmetic, Calibration, Plan, ProblemModule } from '../plan/types.ts';
import type { DeviceLibrary, OwnLibrary } from './backends/calls/library.ts';
import { chosenBy, linkIn } from './backends/mixed/link.ts';
import { otherPrecisions, type Asked, type OtherLink } from './other-link.ts';
import { quickest } from './quickest.ts';
import { closestName } from './tensor.ts';

/** A library with the calls of each candidate on it; unpacked when they are first asked for. */
export interface CarriedLibrary {
  readonly part: DeviceLibrary;
  readonly calls: Readonly<Record<string, () => CandidateCalls | Promise<CandidateCalls>>>;
}

/** `plan`: of what is carried for the libraries, where that is more than is carried for Wasm. */
export const otherBackends =
  (libraries: readonly CarriedLibrary[], plan?: Plan): OtherLink =>
  async (asked) => {
    const { code, backend, precision, library, threads, own } = asked;
    if (backend === 'auto') return quickestLink(libraries, plan, asked);
    if (backend === 'wasm') return otherPrecisions(asked);
    if (!ofLibraries.includes(precision)) return absentPrecision({}, { asked: precision, backend, present: ofLibraries });
    const single = misplaced(backend, library, threads) ?? (await onLibrary(libraries, backend, library));
    if (!('link' in single)) return single;
    const there = { ...code, ...(plan === undefined ? {} : { plan }) };
    return { link: linkIn(precision, there, single.link, own('f64')), plan: there.plan, calibration: single.calibration };
  };

/** That of the backend which is predicted to be quickest, and comes up, with why it is that. */
async function quickestLink(libraries: readonly CarriedLibrary[], plan: Plan | undefined, asked: Asked): ReturnType<OtherLink> {
  const { code, precision, usual, library, threads, own, sizes } = asked;
  const predicted = (of: Plan, calibration?: Calibration): number | undefined => {
    const { chosen, verdicts } = decide(of, sizes, { weigh: code.weigh, calibration });
    return verdicts.find(({ id }) => id === chosen?.id)?.predicted;
  };
  const onWasm = await otherPrecisions({ ...asked, backend: 'wasm' });
  const isOnWasm = precision === 'auto' || precision === usual || (onWasm !== undefined && 'link' in onWasm);
  const { backend, chosen } = isOfWasm(precision)
    ? ({ backend: 'wasm', chosen: 'all else computes in float32' } as const)
    : await quickest(isOnWasm ? predicted(code.plan) : `has no code in ${precision}`, async (gpu) => {
        const carried = libraries.find(({ part }) => part.library === libraryBackends[gpu].library);
        if (carried === undefined || misplaced(gpu, library, threads) !== undefined) return undefined;
        const opening = await carried.part.open(libraryBackends[gpu].variant, library);
        return opening.ok ? predicted(plan ?? code.plan, libraryCalibration(gpu, opening.describe().why)) : 'does not come up';
      });
  const usually = backend === 'wasm' && (precision === 'auto' || precision === usual) ? { link: own(usual) } : undefined;
  const found = usually ?? (await otherBackends(libraries, plan)({ ...asked, backend }));
  if (found === undefined || !('link' in found)) return found;
  return { ...found, link: async (candidate, at) => chosenBy(await found.link(candidate, at), chosen) };
}

/** What no library computes in. */
const isOfWasm = (precision: Arithmetic | 'auto'): boolean => !ofLibraries.includes(precision);

/** The precisions of a library's backend; a caller may have asked for any text. */
const ofLibraries: readonly (Arithmetic | 'auto')[] = ['auto', 'mixed', 'f32'];

const ownNames: Readonly<Record<Library, keyof OwnLibrary>> = { tfjs: 'tf', gpujs: 'GPU' };

/** An option that a library's backend would not heed. */
function misplaced(backend: string, library: OwnLibrary | undefined, threads: number | 'auto'): Diagnostic | undefined {
  if (!isLibraryBackend(backend)) return undefined;
  if (threads !== 'auto' && threads > 1) {
    const form = `\`auto\` or 1, as the backend \`${backend}\` computes on one thread`;
    return callOption({}, { name: 'threads', form, given: String(threads) });
  }
  const name = ownNames[libraryBackends[backend].library];
  const given = Object.keys(library ?? {});
  if (given.length === 0 || given.includes(name)) return undefined;
  return callOption({}, { name: 'library', form: `\`{ ${name} }\` for the backend \`${backend}\``, given: `\`{ ${given.join(', ')} }\`` });
}

type OnLibrary = Required<Pick<ProblemModule, 'link' | 'calibration'>>;

async function onLibrary(
  libraries: readonly CarriedLibrary[],
  backend: string,
  own: OwnLibrary | undefined,
): Promise<OnLibrary | Diagnostic> {
  const carriedBy = (name: string): CarriedLibrary | undefined =>
    isLibraryBackend(name) ? libraries.find(({ part }) => part.library === libraryBackends[name].library) : undefined;
  const carried = carriedBy(backend);
  if (carried === undefined || !isLibraryBackend(backend)) {
    const present = ['wasm', ...libraryBackendNames.filter((name) => carriedBy(name) !== undefined)];
    return absentBackend({}, { asked: backend, present, suggestion: closestName(backend, present) });
  }
  const opening = await carried.part.open(libraryBackends[backend].variant, own);
  if (!opening.ok) return unavailableBackend({}, { asked: backend, because: opening.because, hint: opening.hint });
  const link = opening.link((candidate) => {
    const unpack = carried.calls[candidate];
    if (unpack === undefined) throw new InternalError('module', `it carries no calls of ${candidate} on ${carried.part.library}`);
    return unpack();
  });
  return { link, calibration: libraryCalibration(backend, opening.describe().why) };
}
