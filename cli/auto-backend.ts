/**
 * `--backend auto`: what the plan's best candidate is predicted to take here on Wasm and on each GPU that comes up, each by a calibration of
 * its own, and the least of them, with its reason. Where Wasm is quick no GPU is started.
 */
import { libraryBackends, type LibraryBackendName } from '../plan/backends.ts';
import { choose } from '../plan/choose.ts';
import type { Environment } from '../plan/evaluate.ts';
import type { Calibration, Plan, WorkKind } from '../plan/types.ts';
import { calibrate } from '../runtime/calibrate.ts';
import { timeText } from '../library/figures.ts';
import { openCache } from './cache.ts';
import type { RawFlags } from './flags.ts';
import { openBackend } from './libraries.ts';
import { openProgress } from './progress.ts';
import type { Session } from './session.ts';

/** Milliseconds of one hypergradient below which starting a GPU is not worth it. */
const worthMs = 20;

/** What may be quicker than Wasm; the others of a library compute on the processor, too, and do so with less care. */
const gpus: readonly LibraryBackendName[] = ['tfjs-webgpu', 'tfjs-webgl', 'gpujs-webgpu', 'gpujs-webgl2'];

export interface ChosenBackend {
  readonly backend: 'wasm' | LibraryBackendName;
  readonly why: string;
}

interface Asked {
  readonly plan: Plan;
  readonly sizes: Environment;
  /** Of Wasm. */
  readonly calibration: Calibration | undefined;
}

export async function chosenBackend(session: Session, raw: RawFlags, { plan, sizes, calibration }: Asked): Promise<ChosenBackend> {
  const predicted = (by: Calibration | undefined): number | undefined => {
    const { chosen, verdicts } = choose(plan, sizes, { only: raw.strategy, calibration: by });
    return verdicts.find(({ id }) => id === chosen?.id)?.predicted;
  };
  const onWasm = predicted(calibration);
  if (onWasm === undefined) return { backend: 'wasm', why: 'what a hypergradient takes cannot be predicted here' };
  if (onWasm < worthMs)
    return { backend: 'wasm', why: `a hypergradient is predicted to take ${timeText(onWasm)} there, for which no GPU is started` };
  const progress = openProgress(session);
  try {
    let best: ChosenBackend & { readonly ms: number } = { backend: 'wasm', why: '', ms: onWasm };
    const others: string[] = [];
    for (const backend of gpus) {
      progress.phase(`trying ${backend}`);
      const own = await calibrationOn(session, raw, backend);
      const ms = own === undefined ? undefined : predicted(own);
      if (ms === undefined) others.push(`${backend} does not come up`);
      else {
        others.push(`${backend} ${timeText(ms)}`);
        if (ms < best.ms) best = { backend, why: '', ms };
      }
    }
    return { backend: best.backend, why: `predicted for a hypergradient: wasm ${timeText(onWasm)}, ${others.join(', ')}` };
  } finally {
    progress.finish();
  }
}

/** What work takes on a backend, measured once for each device and kept. Undefined: it does not come up. */
async function calibrationOn(session: Session, raw: RawFlags, backend: LibraryBackendName): Promise<Calibration | undefined> {
  const opening = await openBackend(backend);
  if (!opening.ok) return undefined;
  const { library } = libraryBackends[backend];
  const cache = openCache(session.io, raw, (words) => session.note(words));
  return cache.kept(['calibration', session.io.processor(), backend, opening.describe().why], async () => {
    const probes = (await import('../compiler/calibration.ts')).calibrationCalls(library);
    return calibrate(
      probes,
      opening.link((kind) => probes[kind as WorkKind].code),
    );
  });
}
