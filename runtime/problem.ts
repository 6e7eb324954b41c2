/**
 * A compiled problem as an application holds it: values in, values out, failures as `ProblemError`. What an emitted module exports is
 * made here from the code that it carries. Knows no file, no flag and no compiler.
 */
import { absentBackend, absentPrecision } from '../diagnostics/backend.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { InternalError } from '../diagnostics/internal-error.ts';
import { choose } from '../plan/choose.ts';
import type { CandidateCode, Precision } from '../plan/kernels.ts';
import type { ProblemModule, Tensor as AnyTensor } from '../plan/types.ts';
import { wasmLink } from './backends/wasm/backend.ts';
import { bindValues } from './bind.ts';
import { run, verify } from './drive.ts';
import { gradientResult, hypergradientAt } from './evaluate.ts';
import type {
  BindOptions,
  Bound,
  CallOptions,
  Evaluation,
  Hypergradient,
  ModuleCode,
  ModuleDescription,
  Problem,
  Solution,
  SolveOptions,
  Some,
  Step,
  Verification,
} from './module.ts';
import { candidateOf, isFailure, openAt } from './open.ts';
import { pointOf } from './point.ts';
import { ProblemError } from './problem-error.ts';
import { openSession, type Session } from './session.ts';
import { interrupted, turns } from './turn.ts';
import type { BoundProblem, DriveOptions, Failure, GradientResult, OuterStep, Point, RunResult } from './types.ts';
import type { TensorLike } from './values.ts';

/** The problem that a module carries. `Data`, `Hyper`, `Param`, `Report`: interfaces of the declared names. */
export function problem<Data extends object, Hyper, Param, Report>(code: ModuleCode): Problem<Data, Hyper, Param, Report> {
  const { description, plan, compiler, source } = code;
  const { file, sha256 } = source;
  const describe: ModuleDescription = { ...description, plan, compiler, source: { file, sha256 } };
  const bind = async (data: Data, options: BindOptions = {}): Promise<Bound<Hyper, Param, Report>> => {
    const module = linked(code, options);
    const { bound, diagnostics } = await bindValues(description, { ...data } as Readonly<Record<string, TensorLike>>, options.seed);
    if (bound === undefined) throw new ProblemError(source, { status: 'not-started', diagnostics });
    return new BoundToData<Hyper, Param, Report>(code, module, bound, options, diagnostics);
  };
  /** One call on data of its own. */
  const once = async <Result>(
    data: Data,
    options: BindOptions | undefined,
    use: (bound: Bound<Hyper, Param, Report>) => Promise<Result>,
  ): Promise<Result> => {
    const bound = await bind(data, options);
    try {
      return await use(bound);
    } finally {
      bound.close();
    }
  };
  return {
    describe,
    plan: (sizes = {}) => {
      const { chosen, verdicts } = choose(plan, { ...fixedSizes(description), ...sizes });
      return { chosen: chosen?.id, verdicts };
    },
    bind,
    solve: (data, options) => once(data, options, (bound) => bound.solve(options)),
    hypergradient: (data, hyper, options) => once(data, options, (bound) => bound.hypergradient(hyper, options)),
    evaluate: (data, hyper, options) => once(data, options, (bound) => bound.evaluate(hyper, options)),
    verify: (data, options) => once(data, options, (bound) => bound.verify(options)),
  };
}

const fixedSizes = ({ dims }: ModuleCode['description']): Record<string, number> =>
  Object.fromEntries(dims.flatMap(({ name, fixed }) => (fixed === undefined ? [] : [[name, fixed]])));

/** The module with what is to compute it; the code of a candidate is unpacked when it is linked. */
function linked({ description, plan, code, source }: ModuleCode, options: BindOptions): ProblemModule {
  const { backend = 'wasm', precision = 'f64', threads = 'auto', fused = false } = options;
  const refuse = (diagnostic: Diagnostic): never => {
    throw new ProblemError(source, { status: 'not-started', diagnostics: [diagnostic] });
  };
  if (backend !== 'wasm') refuse(absentBackend({}, { asked: backend, present: ['wasm'] }));
  const present = [...new Set(Object.values(code).flatMap((own) => Object.keys(own)))] as Precision[];
  if (!present.includes(precision)) refuse(absentPrecision({}, { asked: precision, backend, present }));
  const codeOf = (candidate: string): CandidateCode | Promise<CandidateCode> => {
    const unpack = code[candidate]?.[precision];
    if (unpack === undefined) throw new InternalError('module', `it does not carry ${candidate} in ${precision}`);
    return unpack();
  };
  return { description, plan, link: wasmLink(codeOf, { threads, fused }) };
}

class BoundToData<Hyper, Param, Report> implements Bound<Hyper, Param, Report> {
  readonly sizes: Readonly<Record<string, number>>;
  private readonly code: ModuleCode;
  private readonly module: ProblemModule;
  private readonly data: BoundProblem;
  private readonly options: BindOptions;
  private readonly warnings: readonly Diagnostic[];
  private session: Promise<Session | Failure> | undefined;
  private isClosed = false;
  /** Ends when the call before has ended. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(code: ModuleCode, module: ProblemModule, data: BoundProblem, options: BindOptions, warnings: readonly Diagnostic[]) {
    this.code = code;
    this.module = module;
    this.data = data;
    this.options = options;
    this.warnings = warnings;
    this.sizes = data.sizes;
  }

  hypergradient = (hyper: Some<Hyper> = {}, options: CallOptions = {}): Promise<Hypergradient<Hyper, Param, Report>> =>
    this.inTurn(async () => {
      const opened = await (this.session ??= this.open(options));
      if (isFailure(opened)) {
        // Interrupted, say: the next call may come further.
        this.session = undefined;
        return this.fail(opened, options);
      }
      const session: Session = { ...opened, control: turns(options.signal, options.onInnerSteps) };
      const start = await openAt(session, this.point(hyper));
      if (isFailure(start)) return this.fail(start, options);
      const at = await hypergradientAt(session, start.point, start.start, undefined, { when: 'at the hypers given' });
      if (!at.ok) return this.fail(at, options);
      const { result, report } = await gradientResult(session, at, start.start);
      return this.differentiated(result, report);
    });

  evaluate = async (hyper: Some<Hyper> = {}, options: CallOptions = {}): Promise<Evaluation<Hyper, Param, Report>> => {
    const { hypergradient: _, error: __, ...rest } = await this.hypergradient(hyper, options);
    return rest;
  };

  solve = (options: SolveOptions<Hyper> = {}): Promise<Solution<Hyper, Param, Report>> =>
    this.inTurn(async () => {
      const { budget = {}, onStep, hyper } = options;
      const module = withSteps(this.module, budget.steps);
      const time = budget.milliseconds === undefined ? undefined : AbortSignal.timeout(budget.milliseconds);
      const signals = [options.signal, time].filter((signal) => signal !== undefined);
      const ended = signals.length === 0 ? {} : { signal: AbortSignal.any(signals) };
      const outcome = await run(module, this.data, {
        ...this.driveOptions(options),
        hyper: this.point(hyper ?? {}),
        ...ended,
        ...(onStep === undefined ? {} : { onStep: (step, total) => onStep(this.step(step), total) }),
      });
      const reached = outcome.ok ? outcome.value : outcome.lastGood;
      const solution = reached === undefined ? undefined : this.solved(reached);
      const isOutOfTime = time?.aborted === true && options.signal?.aborted !== true;
      if (solution !== undefined && (isOutOfTime || (outcome.ok && solution.outerStatus !== 'interrupted'))) return solution;
      return this.fail(outcome.ok ? interrupted : outcome, ended, solution);
    });

  verify = (options: CallOptions = {}): Promise<Verification<Hyper>> =>
    this.inTurn(async () => {
      const outcome = await verify(this.module, this.data, this.driveOptions(options));
      if (!outcome.ok) return this.fail(outcome, options);
      const { rows, agrees } = outcome.value;
      return {
        agrees,
        rows: rows.map(({ strategy, solver, result, relativeDifference, agrees: isSame, because }) => ({
          strategy,
          solver,
          ...(result === undefined ? {} : { hypergradient: named<Hyper>(result.hypergradient) }),
          ...(relativeDifference === undefined ? {} : { relativeDifference }),
          ...(isSame === undefined ? {} : { agrees: isSame }),
          ...(because === undefined ? {} : { because }),
        })),
      };
    });

  close = (): void => {
    this.isClosed = true;
    // Calls that still wait have their turn first, and may be the ones that open it.
    void this.turn.then(async () => {
      const opened = await this.session;
      if (opened !== undefined && !isFailure(opened)) opened.executor.close();
    });
  };

  private inTurn<Result>(call: () => Promise<Result>): Promise<Result> {
    if (this.isClosed) return Promise.reject(new Error('this problem was closed'));
    const result = this.turn.then(call);
    this.turn = result.catch(() => undefined);
    return result;
  }

  private async open({ signal, onInnerSteps }: CallOptions): Promise<Session | Failure> {
    const candidate = candidateOf(this.module, this.data, this.options.strategy);
    if (isFailure(candidate)) return candidate;
    return openSession(this.module, candidate, this.data, turns(signal, onInnerSteps));
  }

  private driveOptions({ signal, onInnerSteps }: CallOptions): DriveOptions {
    const { seed, strategy } = this.options;
    return {
      ...(seed === undefined ? {} : { seed }),
      ...(strategy === undefined ? {} : { candidate: strategy }),
      ...(signal === undefined ? {} : { signal }),
      ...(onInnerSteps === undefined ? {} : { onInnerSteps }),
    };
  }

  private point(hyper: Some<Hyper>): Point {
    const { point, diagnostics } = pointOf(this.module.description, hyper);
    if (diagnostics.length > 0) throw new ProblemError(this.code.source, { status: 'not-started', diagnostics });
    return point;
  }

  private fail({ status, diagnostics }: Failure, { signal }: CallOptions, lastGood?: unknown): never {
    const cause: unknown = status === 'interrupted' ? signal?.reason : undefined;
    throw new ProblemError(this.code.source, { status, diagnostics, lastGood, cause });
  }

  private readonly step = ({ hyper, ...step }: OuterStep): Step<Hyper> => ({ ...step, hyper: named(hyper) });

  private differentiated(
    result: GradientResult,
    report: Readonly<Record<string, number | AnyTensor>>,
  ): Hypergradient<Hyper, Param, Report> {
    const { candidate: _, hyper, hypergradient, param, warnings, ...rest } = result;
    return {
      ...rest,
      hyper: named(hyper),
      hypergradient: named(hypergradient),
      param: named(param),
      report: report as Report,
      warnings: [...this.warnings, ...warnings],
    };
  }

  private solved(result: RunResult): Solution<Hyper, Param, Report> {
    const { outerStatus, outerMethod, relaxed, history, elapsedMs, report, ...found } = result;
    return {
      ...this.differentiated(found, report),
      outerStatus,
      outerMethod,
      ...(relaxed === undefined ? {} : { relaxed: { outer: relaxed.outer, hyper: named<Hyper>(relaxed.hyper) } }),
      history: history.map(this.step),
      elapsedMs,
    };
  }
}

/** Scalars as numbers, arrays as tensors. */
const named = <Named>(point: Readonly<Record<string, AnyTensor>>): Named =>
  Object.fromEntries(
    Object.entries(point).map(([name, tensor]) => [name, tensor.shape.length === 0 ? (tensor.data[0] ?? Number.NaN) : tensor]),
  ) as Named;

function withSteps(module: ProblemModule, steps: number | undefined): ProblemModule {
  if (steps === undefined) return module;
  const { description } = module;
  const { outer } = description;
  return { ...module, description: { ...description, outer: { ...outer, options: { ...outer.options, steps } } } };
}
