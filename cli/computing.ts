/**
 * What computes, once sizes are known, and what work takes there: for every command alike, so that `plan` shows what `run` takes. What was
 * measured is kept with the compilations, for each processor, build, backend and precision.
 */
import { libraryBackends, type LibraryBackendName } from '../plan/backends.ts';
import { choose } from '../plan/choose.ts';
import type { Environment } from '../plan/evaluate.ts';
import type { Calibration, Plan, WorkKind } from '../plan/types.ts';
import { wasmLink } from '../runtime/backends/wasm/backend.ts';
import { calibrate } from '../runtime/calibrate.ts';
import { timeText } from '../library/figures.ts';
import { openCache } from './cache.ts';
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
  readonly plan: Plan;
  readonly sizes: Environment;
}

/** Milliseconds of one hypergradient below which nothing is won by knowing the machine better. */
const worthMs = 1;
/** And below which starting a GPU is not worth it. */
const worthAGpuMs = 20;

/** What may be quicker than Wasm: all else that a library has computes on the processor, too. */
const gpus: readonly LibraryBackendName[] = ['tfjs-webgpu', 'tfjs-webgl', 'gpujs-webgpu', 'gpujs-webgl2'];

export async function computingFor(session: Session, raw: RawFlags, flags: BackendFlags, problem: Problem): Promise<Computing> {
  const { backend } = flags;
  if (backend === 'auto') return quickest(session, raw, flags, problem);
  if (backend === 'wasm') return { ...flags, backend, calibration: await onWasm(session, raw, flags, problem) };
  return { ...flags, backend, calibration: backend === 'reference' ? undefined : await onLibrary(session, raw, backend) };
}

/** By what the plan's choice on each is predicted to take. Where Wasm is quick no GPU is started. */
async function quickest(session: Session, raw: RawFlags, flags: BackendFlags, problem: Problem): Promise<Computing> {
  const calibration = await onWasm(session, raw, flags, problem);
  const here = (chosen: string): Computing => ({
    ...flags,
    backend: 'wasm',
    precision: flags.precision === 'auto' ? 'f64' : flags.precision,
    calibration,
    chosen,
  });
  if (flags.precision === 'f64') return here('all else computes in float32');
  const ms = predicted(raw, problem, calibration);
  if (ms === undefined) return here('what a hypergradient takes elsewhere cannot be predicted');
  if (ms < worthAGpuMs) return here(`predicted to take ${timeText(ms)} a hypergradient, for which no GPU is started`);
  const progress = openProgress(session);
  const told = [`wasm ${timeText(ms)}`];
  let best: { readonly ms: number; readonly backend?: LibraryBackendName; readonly calibration?: Calibration } = { ms };
  try {
    for (const gpu of gpus) {
      progress.phase(`trying ${gpu}`);
      const own = await onLibrary(session, raw, gpu);
      const there = own && predicted(raw, problem, own);
      told.push(there === undefined ? `${gpu} does not come up` : `${gpu} ${timeText(there)}`);
      if (own !== undefined && there !== undefined && there < best.ms) best = { ms: there, backend: gpu, calibration: own };
    }
  } finally {
    progress.finish();
  }
  const chosen = `predicted for a hypergradient: ${told.join(', ')}`;
  if (best.backend === undefined) return here(chosen);
  return { ...flags, backend: best.backend, calibration: best.calibration, chosen };
}

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
