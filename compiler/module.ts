/**
 * From a lowered problem to what the runtime drives: the plan's candidates with their stages (`stages.ts`), and a description as data.
 * Running a graph is left to whoever links the module.
 */
import type { Diagnostic, Fix, Span } from '../diagnostics/diagnostic.ts';
import { perhaps, replaced } from '../diagnostics/fix.ts';
import { innerMethods } from './check/methods.ts';
import { solverRefused, strategyRefused } from '../diagnostics/strategy.ts';
import { checkedId, refinedId, whyNotRefined } from '../plan/mixed.ts';
import type {
  Candidate,
  CandidateCosts,
  Certifies,
  Condition,
  Cost,
  ErrorPart,
  Expr,
  Plan,
  ProblemDescription,
  Refusal,
  StageName,
  ToleranceDescription,
} from '../plan/types.ts';
import type { Analysis } from './analyse.ts';
import { assumptionsOf, costOfGraph, exprOf, type GraphCost } from './cost.ts';
import { add, multiply, number as dim, scale, symbol, zero, type Dim, type Shape } from './ir/dims.ts';
import { Pieces } from './pieces.ts';
import type { Problem } from './problem.ts';
import type { MethodInfo, MiniBatches, Program, SizeDemand } from './program.ts';
import { numberOption, wordOption } from './solvers/options.ts';
import type { Acceptance, InnerSolver } from './solvers/solver.ts';
import { closedForm } from './solvers/closed-form.ts';
import { innerSolvers } from './solvers/table.ts';
import { CERTIFICATES, certificate, type Certificate } from './strategies/certificate.ts';
import { VALUES } from './strategies/finite-difference.ts';
import { smallEnoughToFactor } from './strategies/limits.ts';
import { certificateStages, mixedStages, stagesOf, type Stages } from './stages.ts';
import type { Built, SolveInputs, StageOutputs, Strategy, StrategyContext } from './strategies/strategy.ts';
import { strategies } from './strategies/table.ts';
import { costOfWork, times } from './work.ts';

export interface Candidates {
  readonly plan: Plan;
  /** By candidate id, those of mixed precision by ids of their own (`plan/mixed.ts`); and those of the certificate, where there can be one. */
  readonly stages: ReadonlyMap<string, () => Stages>;
  readonly certifies: () => Certifies;
  readonly costs: ReadonlyMap<string, () => CandidateCosts>;
  /** What the plan’s candidates have as `cost` where there is a choice, of any candidate. */
  readonly prices: ReadonlyMap<string, () => Cost>;
  /** What the error of each is predicted from. */
  readonly errors: ReadonlyMap<string, () => readonly ErrorPart[]>;
  readonly diagnostics: readonly Diagnostic[];
}

export function buildCandidates(problem: Problem, analysis: Analysis): Candidates {
  const { b, params, program } = problem;
  const type = { dtype: 'real', shape: [params.dimension] } as const;
  const inputs: SolveInputs = {
    x: b.input('x', 'state', type),
    start: b.input('start', 'state', type),
    v: b.input('v', 'state', type),
    vStart: b.input('v:start', 'state', type),
    tolerance: { inner: b.input('tolerance:inner', 'state'), linear: b.input('tolerance:linear', 'state') },
  };
  const { solvers, diagnostics } = solversFor(problem, analysis);
  const context: StrategyContext = { problem, analysis, solvers, innerMethod: program.innerMethod, inputs, pieces: new Pieces(problem) };
  const refusals: Refusal[] = [];
  const built: Built[] = [];
  for (const strategy of strategies) {
    const verdict = strategy.accepts(context);
    if (verdict.ok) built.push(...strategy.build(context, verdict.why));
    else refusals.push({ strategy: strategy.name, code: 'BL5001', because: verdict.because });
  }
  const stages = new Map<string, () => Stages>();
  const costs = new Map<string, () => CandidateCosts>();
  const prices = new Map<string, () => Cost>();
  const errors = new Map<string, () => readonly ErrorPart[]>();
  const isChoice = built.filter(mayBeChosen).length > 1;
  const candidates = built.map((c): Candidate => {
    const own = once(() => stagesOf(problem, analysis, c.stages()));
    const id = c.strategy === c.solver ? c.strategy : `${c.strategy}+${c.solver}`;
    const price = once(() => priceOf(problem, c));
    stages.set(id, own);
    if (
      whyNotRefined({ ...analysis, ...(problem.composite === undefined ? {} : { composite: problem.composite.found }) }, c) === undefined
    ) {
      const mixed = once(() => mixedStages(problem, analysis, c));
      stages.set(refinedId(id), () => mixed().refined);
      stages.set(checkedId(id), () => mixed().checked);
    }
    prices.set(id, price);
    errors.set(id, () => c.error);
    costs.set(
      id,
      once(() => costsOf(problem, c, own())),
    );
    return describeCandidate(id, c, isChoice && mayBeChosen(c) ? price() : undefined);
  });
  const proof = once(() => proofOf(problem, analysis, inputs));
  for (const id of CERTIFICATES)
    stages.set(
      id,
      once(() => certificateStages(problem, analysis, outputsOf(proof(), id))),
    );
  const strategyDiagnostics = checkAsked(program.strategy, strategies, refusals, candidates);
  const askedStrategy = program.strategy?.name === 'auto' ? undefined : program.strategy?.name;
  return {
    plan: {
      candidates,
      refusals,
      asked: askedStrategy === undefined ? {} : { strategy: askedStrategy },
      assumptions: assumptionsOf(exprOf(params.dimension), analysis.innerFacts.degree <= 2),
    },
    stages,
    certifies: () => describeProof(proof()),
    costs,
    prices,
    errors,
    diagnostics: [...diagnostics, ...strategyDiagnostics],
  };
}

const mayBeChosen = ({ checkingOnly, byNameOnly }: Built): boolean => !checkingOnly && byNameOnly === undefined;

/** Of all inner problems of a cross-validation, as far as the page says how many there are. */
function priceOf({ program }: Problem, { work }: Built): Cost {
  const counts = program.splits.flatMap(({ folds, dim: whole }) => {
    if (folds === undefined) return [];
    return folds.by === 'count' ? [dim(folds.count)] : folds.by === 'leave-one-out' ? [symbol(whole)] : [];
  });
  return costOfWork(times(multiply(dim(1), ...counts), work(), { calls: dim(1) }));
}

function solversFor(problem: Problem, analysis: Analysis): { solvers: StrategyContext['solvers']; diagnostics: readonly Diagnostic[] } {
  const { program, params } = problem;
  const facts = { innerDegree: analysis.innerFacts.degree };
  // Who asks for Newton’s steps by name gets them.
  const conditionsOf = (solver: InnerSolver): readonly Condition[] =>
    solver.assembles === true && (solver === closedForm || program.innerMethod === undefined) ? smallEnoughToFactor(params.dimension) : [];
  const verdictOf = (solver: InnerSolver): Acceptance => whyNotProximal(problem, analysis, solver) ?? solver.accepts(problem, facts);
  const offered = (names: readonly string[]): readonly InnerSolver[] =>
    names.flatMap((n) => innerSolvers[n] ?? []).filter((s) => verdictOf(s).ok);
  const method = program.innerMethod;
  const own = method === undefined ? undefined : innerSolvers[method.name];
  if (method !== undefined && own !== undefined) {
    const verdict = verdictOf(own);
    if (verdict.ok) return { solvers: [{ solver: own, conditions: conditionsOf(own) }], diagnostics: [] };
    const valid = offered(['newton', 'lbfgs', 'gd', 'fista', 'proximal_gradient']).map((s) => s.name);
    const { span } = method;
    const fixes = valid.filter((name) => innerMethods[name]?.needs === undefined).map((name) => taking(callOf(name), span));
    return { solvers: [], diagnostics: [solverRefused({ span, fixes }, { solver: method.name, because: verdict.because, valid })] };
  }
  return {
    solvers: offered(['closed_form', 'newton', 'lbfgs', 'support_newton', 'support_newton_cg']).map((solver) => ({
      solver,
      conditions: conditionsOf(solver),
    })),
    diagnostics: [],
  };
}

/** Why a solver without proximal maps does not do for a composite problem. Exactly some steps of one are what they are, while all params are free. */
function whyNotProximal(
  { composite }: Problem,
  { meaning }: Analysis,
  { proximal }: InnerSolver,
): Extract<Acceptance, { ok: false }> | undefined {
  if (composite === undefined || proximal === true || (meaning === 'recipe' && !composite.constrained)) return undefined;
  return { ok: false, because: `it is for smooth inner problems with free params, and this one is not: ${composite.found.join('; ')}` };
}

/** A strategy that the page names must be one that accepts. */
function checkAsked(
  asked: MethodInfo | undefined,
  all: readonly Strategy[],
  refusals: readonly Refusal[],
  candidates: readonly Candidate[],
): readonly Diagnostic[] {
  if (asked === undefined || asked.name === 'auto' || !all.some((s) => s.name === asked.name)) return [];
  if (candidates.some((c) => c.strategy === asked.name)) return [];
  const because =
    refusals.find((r) => r.strategy === asked.name)?.because ?? `no \`${wordOption(asked, 'solver') ?? ''}\` solver for it here`;
  const valid = [...new Set(candidates.filter((c) => !c.checkingOnly).map((c) => c.strategy))];
  const fixes = valid.map((name) => taking(name, asked.span));
  return [strategyRefused({ span: asked.span, fixes }, { strategy: asked.name, because, valid })];
}

/** A solver that goes step by step is to go on until it has arrived. */
const callOf = (solver: string): string => (innerMethods[solver]?.stepwise === true ? `${solver}(tolerance = 1e-8)` : solver);

const taking = (method: string, span: Span): Fix => perhaps(`take \`${method}\``, replaced(span, method));

/** A thing that is made when it is first asked for. */
function once<T>(make: () => T): () => T {
  const made: T[] = [];
  return () => (made[0] ??= make());
}

/** The same for every candidate: a proof asks how far off a hypergradient is, not how it was found. */
function proofOf(problem: Problem, analysis: Analysis, { x }: SolveInputs): Certificate {
  if (analysis.meaning === 'recipe')
    return { ok: false, because: 'a recipe has no minimiser to be close to; the error of its derivative is rounding alone' };
  const reported = problem.program.hypers.map((h) => problem.b.input(`hypergradient:${h.name}`, 'state', h.value.type));
  return certificate(problem, x, reported);
}

const describeProof = (proof: Certificate): Certifies =>
  proof.ok ? { ok: true, ways: proof.ways.map(({ id, conditions }) => ({ id, conditions })) } : proof;

const outputsOf = (proof: Certificate, id: string): StageOutputs =>
  (proof.ok ? proof.ways.find((way) => way.id === id)?.outputs() : undefined) ?? {};

// ---- description ----------------------------------------------------------------------------------------------------------

const stageWords: Readonly<Record<StageName, string>> = {
  hypers: 'the declared starts of the hypers',
  start: 'the declared start of the params',
  once: 'what depends on data alone: at binding',
  value: 'the inner solve and the criterion: every trial of the outer solver',
  hypergradient: 'the inner solve, the criterion and the hypergradient: every outer step',
  error: 'the error estimate: when it is asked for',
  residual: 'what is left at a point, in float64: every round of a refinement',
  refine: 'what corrects it, in float32: every round of a refinement',
  report: 'reports and params: at the end',
};

const describeCandidate = (
  id: string,
  { strategy, solver, innerSolver = solver, linearSolver, why, exact, checkingOnly, byNameOnly, conditions, tolerances, drive }: Built,
  cost: Cost | undefined,
): Candidate => ({
  id,
  strategy,
  solver,
  innerSolver,
  ...(linearSolver === undefined ? {} : { linearSolver }),
  why,
  exact,
  checkingOnly,
  ...(byNameOnly === undefined ? {} : { byNameOnly }),
  conditions,
  ...(tolerances === undefined ? {} : { tolerances }),
  ...(cost === undefined ? {} : { cost }),
  drive,
});

function costsOf(problem: Problem, { drive }: Built, stages: Stages): CandidateCosts {
  const cost = (stage: StageName): GraphCost => costOfGraph(problem.b, stages[stage].graph);
  const hyperCount = add(zero, ...problem.program.hypers.map((h) => multiply(dim(1), ...h.shape)));
  const often = drive === 'graph' ? dim(1) : scale(hyperCount, VALUES);
  const total = cost(drive === 'graph' ? 'hypergradient' : 'value');
  return {
    flops: exprOf(multiply(total.flops, often)),
    bytes: exprOf(scale(multiply(total.moved, often), 8)),
    stages: (['once', 'value', 'hypergradient', 'error', 'report'] as const)
      .filter((s) => stages[s].graph.outputs.length > 0)
      .map((s) => ({ stage: s, flops: exprOf(cost(s).flops), what: stageWords[s] })),
  };
}

export function describe(problem: Problem, analysis: Analysis): ProblemDescription {
  const { program } = problem;
  const shape = (s: Shape): readonly Expr[] => s.map(exprOf);
  const interval = (i: readonly [Dim, Dim] | undefined): { interval?: readonly [Expr, Expr] } =>
    i === undefined ? {} : { interval: [exprOf(i[0]), exprOf(i[1])] };
  return {
    name: program.name,
    ...docOf(program),
    dims: program.dims.map((d) => ({ name: d.name, ...(d.fixed === undefined ? {} : { fixed: d.fixed }), span: d.span })),
    data: program.data.map((d) => ({
      name: d.name,
      ...docOf(d),
      kind: d.kind,
      shape: shape(d.shape),
      ...interval(d.interval),
      ...(d.from === undefined ? {} : { from: d.from }),
      span: d.span,
    })),
    splits: program.splits.map((s) => ({
      dim: s.dim,
      parts: s.parts.map(({ name, percent }) => ({ name, ...(percent === undefined ? {} : { percent }) })),
      ...(s.folds === undefined ? {} : { folds: s.folds }),
      ...(s.stratifiedBy === undefined ? {} : { stratifiedBy: s.stratifiedBy }),
      seed: s.seed,
      shuffled: s.shuffled,
      span: s.span,
    })),
    ...(program.batches === undefined ? {} : { batches: batchesOf(program.batches) }),
    hypers: program.hypers.map((h) => ({
      name: h.name,
      ...docOf(h),
      kind: h.kind,
      shape: shape(h.shape),
      ...interval(h.interval),
      ...(h.alternatives === undefined ? {} : { alternatives: h.alternatives }),
      acts: analysis.acts.get(h) ?? [],
      span: h.span,
    })),
    params: program.params.map((p) => ({
      name: p.name,
      ...docOf(p),
      kind: p.kind,
      shape: shape(p.shape),
      ...(p.distribution === undefined ? {} : { distribution: p.distribution }),
      span: p.span,
    })),
    ...(program.noises.length === 0 ? {} : { noises: program.noises.map(({ name, span }) => ({ name, span })) }),
    reports: program.reports.map((r) => ({
      name: r.name,
      shape: shape(r.value.type.shape),
      ...(r.atRefit ? { atRefit: true } : {}),
      span: r.span,
    })),
    meaning: analysis.meaning,
    direction: program.outer.direction,
    outer: outerMethod(program.outerMethod),
    innerSpan: program.inner.span,
    outerSpan: program.outer.span,
    ...(program.strategy === undefined ? {} : { strategySpan: program.strategy.span }),
    curvature: analysis.curvature,
    kinks: analysis.kinks,
    ...(problem.composite === undefined ? {} : { composite: problem.composite.found }),
    ...tolerancesOf(program),
    ...warnable(analysis, program.innerMethod),
    ...demandsOf(program),
    degree: { inner: degreeOf(analysis.innerFacts), outer: degreeOf(analysis.outerFacts) },
  };
}

function tolerancesOf({ innerMethod, strategy }: Program): Pick<ProblemDescription, 'tolerances'> {
  const of = (method: MethodInfo | undefined): ToleranceDescription | undefined => {
    const tolerance = numberOption(method, 'tolerance');
    return method && tolerance !== undefined ? { method: method.name, tolerance, span: method.span } : undefined;
  };
  const [inner, linear] = [of(innerMethod), of(strategy)];
  return inner === undefined && linear === undefined ? {} : { tolerances: { ...(inner && { inner }), ...(linear && { linear }) } };
}

/** What is looked at again when data are bound, or at the end. */
const warnable = (
  { bentByRows: bent, features, mayFallShort }: Analysis,
  method: MethodInfo | undefined,
): Pick<ProblemDescription, 'bentByRows' | 'features' | 'mayFallShort'> => ({
  ...(mayFallShort && method && { mayFallShort: method.span }),
  ...(bent && { bentByRows: { params: bent.params.map(({ name }) => name), free: exprOf(bent.free), rows: exprOf(bent.rows) } }),
  ...(features.length > 0 && { features: features.map(({ data, axis, param }) => ({ data: data.name, axis, param: param.name })) }),
});

function demandsOf({ demands }: Program): Pick<ProblemDescription, 'demands'> {
  if (demands.sizes.length + demands.positions.length === 0) return {};
  const spans = ({ span, call }: Pick<SizeDemand, 'span' | 'call'>) => ({ span, ...(call === undefined ? {} : { call }) });
  return {
    demands: {
      sizes: demands.sizes.map(({ from, to, of, ...where }) => ({
        ...(from === undefined ? {} : { from: exprOf(from) }),
        to: exprOf(to),
        ...(of === undefined ? {} : { of: exprOf(of) }),
        ...spans(where),
      })),
      positions: demands.positions.map(({ data, among, of, isDeclared, ...where }) => ({
        data,
        ...(among === undefined ? {} : { among }),
        of: exprOf(of),
        ...(isDeclared === true ? { isDeclared } : {}),
        ...spans(where),
      })),
    },
  };
}

const batchesOf = ({ dim, size, steps, span }: MiniBatches): NonNullable<ProblemDescription['batches']> => ({ dim, size, steps, span });

const degreeOf = ({ degree }: { readonly degree: number }): number | null => (Number.isFinite(degree) ? degree : null);

const docOf = ({ doc }: { readonly doc?: string }): { doc?: string } => (doc === undefined ? {} : { doc });

/** L-BFGS unless the page names another. */
function outerMethod(method: MethodInfo | undefined): ProblemDescription['outer'] {
  const options: Record<string, number | boolean | string> = {};
  for (const [name, option] of method?.options ?? []) {
    if (option.kind === 'flag') options[name] = option.flag;
    else if (option.kind === 'word') options[name] = option.word;
    else {
      const value = numberOption(method, name);
      if (value !== undefined) options[name] = value;
    }
  }
  return { name: method?.name ?? 'lbfgs', options };
}
