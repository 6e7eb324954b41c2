/** Ends of solves in float32. */
import { statusOf } from '../../../plan/status.ts';
import type { Executor } from '../../../plan/types.ts';

/** How a solve ended of which nothing can be made. What only fell short is corrected like what did not. */
export async function failureOf(executor: Executor, slot: string): Promise<string | undefined> {
  const status = statusOf((await executor.read(slot)).data[0] ?? Number.NaN);
  return status === 'converged' || status === 'step-limit' || status === 'stalled' ? undefined : status;
}
