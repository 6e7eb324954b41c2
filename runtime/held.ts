/**
 * Data bound to the code of a module: what every call of an application begins with, and how results and failures leave it. Knows no
 * drive: a bundle has those that its application calls.
 */
import { absentBackend, absentPrecision } from '../diagnostics/backend.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { InternalError } from '../diagnostics/internal-error.ts';
import { noStrategy } from '../diagnostics/numerics.ts';
import type { Environment } from '../plan/evaluate.ts';
import type { Precision } from '../plan/kernels.ts';
import type { Candidate, ProblemModule, Tensor as AnyTensor } from '../plan/types.ts';
import { wasmLink } from './backends/wasm/backend.ts';
import { bindValues } from './bind.ts';
import { bindRules, checkOptions, object, type Rules } from './call-options.ts';
import type { BindOptions, CallOptions, Evaluation, Hypergradient, ModuleCode, Some } from './module.ts';
import { candidateOf, isFailure, notStarted } from './open.ts';
import { pointOf } from './point.ts';
import { ProblemError } from './problem-error.ts';
import type { BoundProblem, DriveOptions, Failure, EvaluationResult, GradientResult, Point } from './types.ts';
import type { TensorLike } from './values.ts';

export interface Held {
  readonly code: ModuleCode;
  readonly module: ProblemModule;
  /** Copies. */
  readonly data: BoundProblem;
  readonly options: BindOptions;
  readonly warnings: readonly Diagnostic[];
}

/** Checks and copies data. `own`: the options of the call besides those of `bind`. Fails: rejects with `ProblemError`. */
export async function hold(code: ModuleCode, data: object, options: BindOptions = {}, own: Rules = {}): Promise<Held> {
  checkOptions(code.source, options, { ...bindRules, ...own });
  const values = { ...data } as Readonly<Record<string, TensorLike>>;
  const { bound, diagnostics } = await bindValues(code.description, values, options.seed, code);
  if (bound === undefined) throw new ProblemError(code.source, { status: 'not-started', diagnostics });
  const module = await linked(code, options, bound.sizes);
  return { code, module, data: bound, options, warnings: diagnostics };
}

/** The module with what is to compute it; the code of a candidate is unpacked when it is linked. */
async function linked(
  code: ModuleCode,
  { backend = 'wasm', library, ...options }: BindOptions,
  sizes: Environment,
): Promise<ProblemModule> {
  const { description, plan, certifies, source, otherLink } = code;
  const present = [...new Set(Object.values(code.code).flatMap((own) => Object.keys(own)))] as Precision[];
  const usual = code.usual ?? (present.includes('f64') ? 'f64' : present[0]);
  if (usual === undefined) throw new InternalError('module', 'it carries no code');
  const { precision: asked = 'auto', threads = 'auto', fused = false } = options;
  const isOnWasm = backend === 'wasm' || backend === 'auto';
  const own = (numbers: Precision): ProblemModule['link'] =>
    wasmLink(
      (candidate) => {
        const unpack = code.code[candidate]?.[numbers];
        if (unpack === undefined) throw new InternalError('module', `it does not carry ${candidate} in ${numbers}`);
        return unpack();
      },
      { threads, fused },
    );
  const other = await otherLink?.({ code, backend, precision: asked, usual, library, threads, own, sizes });
  const precision = asked === 'auto' ? usual : asked;
  const found =
    other ??
    (!isOnWasm
      ? absentBackend({}, { asked: backend, present: ['wasm'] })
      : present.includes(precision as Precision)
        ? { link: own(precision as Precision) }
        : absentPrecision({}, { asked: precision, present }));
  if (!('link' in found)) throw new ProblemError(source, { status: 'not-started', diagnostics: [found] });
  const proved = certifies === undefined ? {} : { certifies: () => Promise.resolve(certifies) };
  return { description, plan, ...found, ...proved };
}

/** The candidate asked for, or the choice at these sizes, if the module has what drives it. */
export function candidateOfHeld({ code, module, data, options }: Held): Candidate | Failure {
  const candidate = candidateOf(module, data, options.strategy, code.shortOfMemory, code.weigh);
  if (isFailure(candidate) || candidate.drive === 'graph' || code.byDifferences !== undefined) return candidate;
  const why = 'the module carries it for `verify` alone: compile it with this strategy by name';
  return notStarted([noStrategy({ span: code.description.outerSpan }, { asked: candidate.strategy, verdicts: [why] })]);
}

export const driveOptions = ({ options: { seed, strategy } }: Held, { signal, onInnerSteps }: CallOptions): DriveOptions => ({
  ...(seed === undefined ? {} : { seed }),
  ...(strategy === undefined ? {} : { candidate: strategy }),
  ...(signal === undefined ? {} : { signal }),
  ...(onInnerSteps === undefined ? {} : { onInnerSteps }),
});

/** Values that a caller gives for hypers. Throws a `ProblemError`. */
export function pointGiven<Hyper>({ code, module }: Held, hyper: Some<Hyper>): Point {
  checkOptions(code.source, { hyper }, { hyper: object });
  const { point, diagnostics } = pointOf(module.description, hyper);
  if (diagnostics.length > 0) throw new ProblemError(code.source, { status: 'not-started', diagnostics });
  return point;
}

export function fail({ code }: Held, { status, diagnostics }: Failure, { signal }: CallOptions, lastGood?: unknown): never {
  const cause: unknown = status === 'interrupted' ? signal?.reason : undefined;
  throw new ProblemError(code.source, { status, diagnostics, lastGood, cause });
}

/** Scalars as numbers, arrays as tensors. */
export const named = <Named>(point: Readonly<Record<string, AnyTensor>>): Named =>
  Object.fromEntries(
    Object.entries(point).map(([name, tensor]) => [name, tensor.shape.length === 0 ? (tensor.data[0] ?? Number.NaN) : tensor]),
  ) as Named;

/** A result under the declared names. */
export function evaluated<Hyper, Param, Report>(
  held: Held,
  result: EvaluationResult,
  report: Readonly<Record<string, number | AnyTensor>>,
): Evaluation<Hyper, Param, Report> {
  const { candidate: _, hyper, param, warnings, ...rest } = result;
  return { ...rest, hyper: named(hyper), param: named(param), report: report as Report, warnings: [...held.warnings, ...warnings] };
}

export const differentiated = <Hyper, Param, Report>(
  held: Held,
  { hypergradient, error, ...result }: GradientResult,
  report: Readonly<Record<string, number | AnyTensor>>,
): Hypergradient<Hyper, Param, Report> => ({
  ...evaluated<Hyper, Param, Report>(held, result, report),
  hypergradient: named(hypergradient),
  error,
});
