/** Times a piece of work: warms up, then takes samples. Kept alike with `measure` in `peers/protocol.py`. */
import type { Work } from './contestant.ts';

/** A sample takes this long at least: what runs for microseconds is timed in batches. */
const shortestSampleMs = 0.5;
const fewestSamples = 3;
const defaultSlowMs = 2000;
const mostSamples = 2000;

export interface Samples {
  readonly times: readonly number[];
  readonly cores: number;
}

/** An `await` costs as much as a small row: only what returns a promise pays for one. */
async function repeat(run: Work['run'], count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    const pending = run();
    if (pending !== undefined) await pending;
  }
}

/** `slowMs`: of what takes longer, one sample is enough. */
export async function measure(run: Work['run'], seconds: number, warmSeconds: number, slowMs = defaultSlowMs): Promise<Samples> {
  const warmUntil = performance.now() + warmSeconds * 1000;
  let fastest = Infinity;
  do {
    const start = performance.now();
    await repeat(run, 1);
    fastest = Math.min(fastest, performance.now() - start);
  } while (performance.now() < warmUntil);
  const batch = Math.max(1, Math.ceil(shortestSampleMs / fastest));

  const times: number[] = [];
  const cpuBefore = process.cpuUsage();
  const begin = performance.now();
  const fewest = fastest > slowMs ? 1 : fewestSamples;
  while (times.length < fewest || (performance.now() - begin < seconds * 1000 && times.length < mostSamples)) {
    const start = performance.now();
    await repeat(run, batch);
    times.push((performance.now() - start) / batch);
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  return { times, cores: (user + system) / 1000 / (performance.now() - begin) };
}
