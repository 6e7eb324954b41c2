/**
 * What each kind of work takes on this machine, from a few milliseconds of small stages: each beside what it takes on the machine that the
 * usual figures were fitted on (`plan/predict.ts`), so that what the figures say of problems holds here in proportion.
 */
import { calibrationBy } from '../plan/predict.ts';
import { workKinds, type Calibration, type Probes, type ProblemModule, type Tensor, type WorkKind } from '../plan/types.ts';
import { turns } from './turn.ts';

/** For how long, in milliseconds, and how often each stage is run at least; the least of its times counts. */
const patience = 4;
const fewestRuns = 12;

/** `link` knows the stages by their kinds of work. Undefined where they cannot be run. */
export async function calibrate<Code>(probes: Probes<Code>, link: ProblemModule['link']): Promise<Calibration | undefined> {
  const control = turns(undefined);
  const least: Partial<Record<WorkKind, number>> = {};
  for (const kind of workKinds) {
    const linked = await link(kind, {});
    if (!linked.ok) return undefined;
    const { executor } = linked;
    try {
      executor.put({ x: filled(probes[kind].x), a: filled(probes[kind].a) });
      const time = await leastTime(async () => {
        await executor.run('value', control);
        await executor.read('y');
      });
      least[kind] = time / probes[kind].amount;
    } finally {
      executor.close();
    }
  }
  return calibrationBy(least as Readonly<Record<WorkKind, number>>);
}

async function leastTime(run: () => Promise<void>): Promise<number> {
  const until = performance.now() + patience;
  let least = Infinity;
  for (let runs = 0; runs < fewestRuns || performance.now() < until; runs += 1) {
    const began = performance.now();
    await run();
    least = Math.min(least, performance.now() - began);
  }
  return least;
}

/** Numbers of no symmetry, between −1 and 1. */
const filled = (shape: readonly number[]): Tensor => ({
  shape,
  data: Float64Array.from({ length: shape.reduce((size, n) => size * n, 1) }, (_, i) => ((37 * i) % 101) / 50 - 1),
});
