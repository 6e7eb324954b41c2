/** The documents of `--json`, as the language page fixes them: snake_case keys, vectors as lists, matrices as lists of rows. */
import type { ExecutorDescription, Tensor } from '../plan/types.ts';
import type { ErrorReport, GradientResult, InnerReport, OuterStep, Point, RunResult, VerifyResult } from '../runtime/types.ts';

export type Json = number | string | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** A scalar is a number, a vector a list, a matrix a list of rows, and so on inwards. */
export function tensorJson({ shape, data }: Tensor): Json {
  const build = (axis: number, offset: number): Json => {
    const size = shape[axis];
    if (size === undefined) return data[offset] ?? null;
    const stride = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    return Array.from({ length: size }, (_, i) => build(axis + 1, offset + i * stride));
  };
  return build(0, 0);
}

export const pointJson = (point: Point): Record<string, Json> =>
  Object.fromEntries(Object.entries(point).map(([name, tensor]) => [name, tensorJson(tensor)]));

const innerJson = ({ loss, gradientNorm, steps, status }: InnerReport) => ({ loss, gradient_norm: gradientNorm, steps, status });

const errorJson = ({ bound, estimate, certified, why }: ErrorReport) => ({ bound, estimate, certified, why });

/** What computed a result. */
const computedJson = ({ backend, precision, threads, why, fused, bytes }: ExecutorDescription) => ({
  backend,
  precision,
  fused,
  threads,
  threads_why: why,
  memory_bytes: bytes,
});

export const gradientJson = (problem: string, result: GradientResult) => ({
  problem,
  ...computedJson(result.computedBy),
  strategy: result.strategy,
  solver: result.solver,
  status: result.status as string,
  outer: result.outer,
  inner: innerJson(result.inner),
  hyper: pointJson(result.hyper),
  hypergradient: pointJson(result.hypergradient),
  error: errorJson(result.error),
  param: pointJson(result.param),
});

export const verifyJson = ({ rows, agrees }: VerifyResult) => ({
  agrees,
  verify: rows.map((row) => ({
    strategy: row.strategy,
    solver: row.solver,
    outer: row.result?.outer,
    hypergradient: row.result === undefined ? undefined : pointJson(row.result.hypergradient),
    error: row.result === undefined ? undefined : errorJson(row.result.error),
    relative_difference: row.relativeDifference,
    allowed: row.allowed,
    agrees: row.agrees,
    because: row.because,
  })),
});

export const stepJson = (step: OuterStep) => ({
  start: step.start,
  step: step.step,
  outer: step.outer,
  gradient_norm: step.gradientNorm,
  inner_steps: step.innerSteps,
  hyper: pointJson(step.hyper),
  elapsed_ms: step.elapsedMs,
});

export const runJson = (problem: string, result: RunResult) => ({
  ...gradientJson(problem, result),
  outer_status: result.outerStatus,
  outer_method: result.outerMethod,
  ...(result.relaxed === undefined ? {} : { relaxed: { outer: result.relaxed.outer, hyper: pointJson(result.relaxed.hyper) } }),
  history: result.history.map(stepJson),
  report: Object.fromEntries(
    Object.entries(result.report).map(([name, value]) => [name, typeof value === 'number' ? value : tensorJson(value)]),
  ),
  /** What each `choice` hyper became; empty where there is none. */
  chosen: {},
  elapsed_ms: result.elapsedMs,
});
