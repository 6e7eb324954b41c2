/**
 * What work takes on this machine: measured once for each processor, build, backend and precision, and kept with the compilations. Where
 * nothing is kept, and for other backends, it is what work usually takes.
 */
import { choose } from '../plan/choose.ts';
import type { Environment } from '../plan/evaluate.ts';
import type { Calibration, Plan, WorkKind } from '../plan/types.ts';
import { wasmLink } from '../runtime/backends/wasm/backend.ts';
import { calibrate } from '../runtime/calibrate.ts';
import { openCache } from './cache.ts';
import type { BackendFlags, RawFlags } from './flags.ts';
import type { Session } from './session.ts';

/** Milliseconds of one hypergradient below which nothing is won by knowing the machine better. */
const worthMs = 1;

/**
 * For every command alike, so that `plan` shows what `run` takes. Undefined, for what work usually takes: where the choice by that is a
 * matter of less than a millisecond, where a size that decides is not known, and where nothing may be kept.
 */
export async function calibrationFor(
  session: Session,
  raw: RawFlags,
  { backend, precision: asked }: BackendFlags,
  { plan, sizes }: { readonly plan: Plan; readonly sizes: Environment },
): Promise<Calibration | undefined> {
  const { chosen, verdicts } = choose(plan, sizes, raw.strategy === undefined ? {} : { only: raw.strategy });
  const predicted = verdicts.find(({ id }) => id === chosen?.id)?.predicted ?? 0;
  const precision = asked === 'f32' ? 'f32' : 'f64';
  const cache = openCache(session.io, raw, (words) => session.note(words));
  if (predicted < worthMs || backend !== 'wasm' || !cache.keeps) return undefined;
  return cache.kept(['calibration', session.io.processor(), backend, precision], async () => {
    const probes = (await import('../compiler/calibration.ts')).calibrationCode(precision);
    // On one thread: work that is shared out is shared out alike.
    return calibrate(
      probes,
      wasmLink((kind) => probes[kind as WorkKind].code, { threads: 1 }),
    );
  });
}
