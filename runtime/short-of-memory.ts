/** Problems whose page limits the bytes of a strategy: what to say where nothing fits. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { memoryTooSmall } from '../diagnostics/strategy.ts';
import { candidatesAskedFor } from '../plan/decide.ts';
import { type Environment, evaluate } from '../plan/evaluate.ts';
import { environmentOf } from '../plan/predict.ts';
import type { ProblemModule } from '../plan/types.ts';

/** Where bytes alone stand in the way of every candidate that was asked for: what is allowed, and the least that would do. */
export function shortOfMemory(
  { description, plan }: Pick<ProblemModule, 'description' | 'plan'>,
  sizes: Environment,
  asked: string | undefined,
): Diagnostic | undefined {
  const environment = environmentOf(plan, sizes);
  const needs: number[] = [];
  let memory = 0;
  for (const { conditions } of candidatesAskedFor(plan, asked)) {
    const limit = conditions.find((c) => c.isMemory === true);
    const needed = limit === undefined ? undefined : evaluate(limit.left, environment);
    const allowed = limit === undefined ? undefined : evaluate(limit.right, environment);
    if (needed === undefined || allowed === undefined || needed <= allowed) return undefined;
    needs.push(needed);
    memory = allowed;
  }
  if (needs.length === 0) return undefined;
  const isEach = description.splits.some((s) => s.folds !== undefined);
  return memoryTooSmall({ span: description.strategySpan ?? description.outerSpan }, { memory, least: Math.min(...needs), isEach });
}

export type ShortOfMemory = typeof shortOfMemory;
