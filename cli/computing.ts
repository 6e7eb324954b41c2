/**
 * What computes, once sizes are known, and what work takes there: for every command alike, so that `plan` shows what `run` takes. What was
 * measured is kept with the compilations, for each processor, build, backend and precision.
 */
import { beyondFloat32 } from '../diagnostics/backend.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { libraryBackends, mostElements, type LibraryBackendName } from '../plan/backends.ts';
import { choose } from '../plan/choose.ts';
import { evaluate, type Environment } from '../plan/evaluate.ts';
import type { Calibration, Plan, ProblemDescription, WorkKind } from '../plan/types.ts';
import { wasmLink } from '../runtime/backends/wasm/backend.ts';
import { calibrate } from '../runtime/calibrate.ts';
import { quickest } from '../runtime/quickest.ts';
import { openCache } from './cache.ts';
import { Failure } from './failure.ts';
import type { Backend, BackendFlags, RawFlags } from './flags.ts';
import { openBackend } from './libraries.ts';
import { openProgress } from './progress.ts';
import type { Session } from './session.ts';

export interface Computing extends BackendFlags {
  readonly backend: Backend;
  /** What work takes there; undefined: what it usually takes on Wasm. */
  readonly calibration: Calibration | undefined;
}

interface Problem {
  readonly description: Pick<ProblemDescription, 'data'>;
  readonly plan: Plan;
  readonly sizes: Environment;
}

/** Milliseconds of one hypergradient below which nothing is won by knowing the machine better. */
const worthMs = 1;

export async function computingFor(session: Session, raw: RawFlags, flags: BackendFlags, problem: Problem): Promise<Computing> {
  const { backend } = flags;
  if (backend === 'auto') return quickestHere(session, raw, flags, problem);
  if (backend === 'wasm') return { ...flags, backend, calibration: await onWasm(session, raw, flags, problem) };
  if (backend === 'reference') return { ...flags, backend, calibration: undefined };
  const tooLarge = tooLargeFor(backend, problem);
  if (tooLarge !== undefined) throw new Failure([tooLarge]);
  return { ...flags, backend, calibration: await onLibrary(session, raw, backend) };
}

async function quickestHere(session: Session, raw: RawFlags, flags: BackendFlags, problem: Problem): Promise<Computing> {
  const calibration = await onWasm(session, raw, flags, problem);
  const onWasmAs = (chosen: string): Computing => ({
    ...flags,
    backend: 'wasm',
    precision: flags.precision === 'auto' ? 'f64' : flags.precision,
    calibration,
    chosen,
  });
  if (flags.precision === 'f64') return onWasmAs('all else computes in float32');
  const calibrations = new Map<LibraryBackendName, Calibration>();
  let progress: ReturnType<typeof openProgress> | undefined;
  try {
    const { backend, chosen } = await quickest(predicted(raw, problem, calibration), async (gpu) => {
      progress ??= openProgress(session);
      progress.phase(`trying ${gpu}`);
      if (tooLargeFor(gpu, problem) !== undefined) return 'cannot count so many elements';
      const own = await onLibrary(session, raw, gpu);
      if (own === undefined) return 'does not come up';
      calibrations.set(gpu, own);
      return predicted(raw, problem, own);
    });
    return backend === 'wasm' ? onWasmAs(chosen) : { ...flags, backend, calibration: calibrations.get(backend), chosen };
  } finally {
    progress?.finish();
  }
}

/** The data that have more elements than a backend counts. */
const tooLargeFor = (backend: LibraryBackendName, { description: { data }, sizes }: Problem): Diagnostic | undefined =>
  data.flatMap(({ name, shape, span }) => {
    const value = shape.reduce<number>((count, dim) => count * (evaluate(dim, sizes) ?? 0), 1);
    const limit = mostElements(backend);
    return value > limit ? [beyondFloat32({ span }, { what: `the elements of \`${name}\` are`, value, limit, backend })] : [];
  })[0];

function predicted(raw: RawFlags, { plan, sizes }: Problem, calibration: Calibration | undefined): number | undefined {
  const { chosen, verdicts } = choose(plan, sizes, { only: raw.strategy, calibration });
  return verdicts.find(({ id }) => id === chosen?.id)?.predicted;
}

/**
 * Undefined, for what work usually takes: where the choice by that is a matter of less than a millisecond, where a size that decides is not
 * known, and where nothing may be kept.
 */
async function onWasm(
  session: Session,
  raw: RawFlags,
  { precision: asked }: BackendFlags,
  problem: Problem,
): Promise<Calibration | undefined> {
  const precision = asked === 'f32' ? 'f32' : 'f64';
  const cache = openCache(session.io, raw, (words) => session.note(words));
  if ((predicted(raw, problem, undefined) ?? 0) < worthMs || !cache.keeps) return undefined;
  return cache.kept(['calibration', session.io.processor(), 'wasm', precision], async () => {
    const probes = (await import('../compiler/calibration.ts')).calibrationCode(precision);
    // On one thread: work that is shared out is shared out alike.
    return calibrate(
      probes,
      wasmLink((kind) => probes[kind as WorkKind].code, { threads: 1 }),
    );
  });
}

/** Of what runs on a device; undefined: it does not come up. */
async function onLibrary(session: Session, raw: RawFlags, backend: LibraryBackendName): Promise<Calibration | undefined> {
  const opening = await openBackend(backend);
  if (!opening.ok) return undefined;
  const cache = openCache(session.io, raw, (words) => session.note(words));
  return cache.kept(['calibration', session.io.processor(), backend, opening.describe().why], async () => {
    const probes = (await import('../compiler/calibration.ts')).calibrationCalls(libraryBackends[backend].library);
    return calibrate(
      probes,
      opening.link((kind) => probes[kind as WorkKind].code),
    );
  });
}
