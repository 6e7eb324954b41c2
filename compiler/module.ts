/**
 * From a lowered problem to what the runtime drives: the plan's candidates, their stages as graphs, and a description as data.
 * The stages of a candidate share one stage `once`. Running a graph is left to whoever links the module.
 */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { solverRefused, strategyRefused } from '../diagnostics/strategy.ts';
import type { Candidate, CandidateCosts, Condition, Expr, Plan, ProblemDescription, Refusal, StageName } from '../plan/types.ts';
import type { Analysis } from './analyse.ts';
import { assumedSteps, costOfGraph, exprOf, type GraphCost } from './cost.ts';
import { add, multiply, number as dim, scale, zero, type Dim, type Shape, type Sizes } from './ir/dims.ts';
import type { Graph, Value } from './ir/graph.ts';
import type { Problem } from './problem.ts';
import type { MethodInfo, MiniBatches } from './program.ts';
import { numberOption, wordOption } from './solvers/options.ts';
import type { Acceptance, InnerSolver } from './solvers/solver.ts';
import { innerSolvers } from './solvers/table.ts';
import { smallEnoughForNewton, smallEnoughToFactor } from './strategies/limits.ts';
import type { Built, BuiltStages, SolveInputs, StageOutputs, Strategy, StrategyContext } from './strategies/strategy.ts';
import { strategies } from './strategies/table.ts';
import { ancestors } from './transform/reach.ts';
import { replaceOne } from './transform/replace.ts';
import { onceValues } from './transform/staging.ts';
import { tidyLoops } from './transform/tidy-loops.ts';

/** A stage: a graph, and the slot of each of its inputs. */
export interface Stage {
  readonly graph: Graph;
  readonly inputSlots: readonly string[];
  /** Dims with a declared value. */
  readonly fixed: Sizes;
}

export const stageNames: readonly StageName[] = ['hypers', 'start', 'once', 'value', 'hypergradient', 'error', 'report'];

export type Stages = Readonly<Record<StageName, Stage>>;

export interface Candidates {
  readonly plan: Plan;
  /** By candidate id. */
  readonly stages: ReadonlyMap<string, () => Stages>;
  readonly costs: ReadonlyMap<string, () => CandidateCosts>;
  readonly diagnostics: readonly Diagnostic[];
}

export function buildCandidates(problem: Problem, analysis: Analysis): Candidates {
  const { b, params, program } = problem;
  const type = { dtype: 'real', shape: [params.dimension] } as const;
  const inputs: SolveInputs = { x: b.input('x', 'state', type), start: b.input('start', 'state', type), v: b.input('v', 'state', type) };
  const { solvers, diagnostics } = solversFor(problem, analysis);
  const context: StrategyContext = { problem, analysis, solvers, innerMethod: program.innerMethod, inputs };
  const refusals: Refusal[] = [];
  const built: Built[] = [];
  for (const strategy of strategies) {
    const verdict = strategy.accepts(context);
    if (verdict.ok) built.push(...strategy.build(context, verdict.why));
    else refusals.push({ strategy: strategy.name, code: 'BL5001', because: verdict.because });
  }
  const stages = new Map<string, () => Stages>();
  const costs = new Map<string, () => CandidateCosts>();
  const candidates = built.map((c): Candidate => {
    const own = once(() => stagesOf(problem, analysis, c));
    const id = c.strategy === c.solver ? c.strategy : `${c.strategy}+${c.solver}`;
    stages.set(id, own);
    costs.set(
      id,
      once(() => costsOf(problem, c, own())),
    );
    return describeCandidate(id, c);
  });
  const strategyDiagnostics = checkAsked(program.strategy, strategies, refusals, candidates);
  const askedStrategy = program.strategy?.name === 'auto' ? undefined : program.strategy?.name;
  return {
    plan: {
      candidates,
      refusals,
      asked: askedStrategy === undefined ? {} : { strategy: askedStrategy },
      assumptions: assumedSteps,
    },
    stages,
    costs,
    diagnostics: [...diagnostics, ...strategyDiagnostics],
  };
}

function solversFor(problem: Problem, analysis: Analysis): { solvers: StrategyContext['solvers']; diagnostics: readonly Diagnostic[] } {
  const { program, params } = problem;
  const facts = { innerDegree: analysis.innerFacts.degree };
  const conditionsOf = (solver: InnerSolver): readonly Condition[] => {
    if (solver.name === 'closed_form') return smallEnoughToFactor(params.dimension);
    const assembles = solver.name === 'support_newton' || (solver.name === 'newton' && program.innerMethod?.name !== 'newton');
    return assembles ? smallEnoughForNewton(params.dimension) : [];
  };
  const verdictOf = (solver: InnerSolver): Acceptance => whyNotProximal(problem, analysis, solver) ?? solver.accepts(problem, facts);
  const offered = (names: readonly string[]): readonly InnerSolver[] =>
    names.flatMap((n) => innerSolvers[n] ?? []).filter((s) => verdictOf(s).ok);
  const method = program.innerMethod;
  const own = method === undefined ? undefined : innerSolvers[method.name];
  if (method !== undefined && own !== undefined) {
    const verdict = verdictOf(own);
    if (verdict.ok) return { solvers: [{ solver: own, conditions: conditionsOf(own) }], diagnostics: [] };
    const valid = offered(['newton', 'lbfgs', 'gd', 'fista', 'proximal_gradient']).map((s) => s.name);
    return { solvers: [], diagnostics: [solverRefused({ span: method.span }, { solver: method.name, because: verdict.because, valid })] };
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
  return [strategyRefused({ span: asked.span }, { strategy: asked.name, because, valid })];
}

// ---- stages -------------------------------------------------------------------------------------------------------------

/** A thing that is made when it is first asked for. */
function once<T>(make: () => T): () => T {
  const made: T[] = [];
  return () => (made[0] ??= make());
}

function stagesOf(problem: Problem, analysis: Analysis, built: Built): Stages {
  const { program, declaredStart } = problem;
  const { value, hypergradient, error } = mapStages(built.stages(), (outputs) => tidyOutputs(problem, outputs));
  const kept = onceValues([...Object.values(value), ...Object.values(hypergradient), ...Object.values(error)]);
  const slots = new Map(kept.map((v, i) => [v, `once:${i}`]));
  const stage = (name: string, outputs: StageOutputs, given: ReadonlyMap<Value, string> = new Map()): Stage =>
    closeStage(problem, name, outputs, given);
  const starts: StageOutputs = analysis.meaning === 'recipe' ? {} : { start: declaredStart };
  return {
    hypers: stage('hypers', Object.fromEntries(program.hypers.map((h) => [`hyper:${h.name}`, h.init]))),
    start: stage('start', starts),
    once: stage('once', Object.fromEntries(kept.map((v, i) => [`once:${i}`, v]))),
    value: stage('value', value, slots),
    hypergradient: stage('hypergradient', hypergradient, slots),
    error: stage('error', error, slots),
    report: reportStage(problem),
  };
}

function mapStages(stages: BuiltStages, change: (outputs: StageOutputs) => StageOutputs): BuiltStages {
  return { value: change(stages.value), hypergradient: change(stages.hypergradient), error: change(stages.error) };
}

function tidyOutputs({ b }: Problem, outputs: StageOutputs): StageOutputs {
  const tidy = tidyLoops(b, Object.values(outputs));
  return Object.fromEntries(Object.keys(outputs).map((slot, i) => [slot, tidy[i] as Value]));
}

/** Reports and params at `x`: the params' inputs are cut out of the vector. */
function reportStage(problem: Problem): Stage {
  const { b, program, params } = problem;
  const x = b.input('x', 'state', { dtype: 'real', shape: [params.dimension] });
  const here = params.point(x);
  const outputs: StageOutputs = {
    ...Object.fromEntries(program.reports.map((r) => [`report:${r.name}`, replaceOne(b, r.value, here)])),
    ...Object.fromEntries(program.params.map((p) => [`param:${p.name}`, replaceOne(b, p.declared, here)])),
  };
  return closeStage(problem, 'report', outputs, new Map());
}

/** A graph from named inputs, and from the values of `given`, to the outputs. */
function closeStage(problem: Problem, name: string, outputs: StageOutputs, given: ReadonlyMap<Value, string>): Stage {
  const values = Object.values(outputs);
  const inputs: Value[] = [];
  const slots: string[] = [];
  const take = (v: Value, slot: string): void => {
    inputs.push(v);
    slots.push(slot);
  };
  const needed = ancestors(values, new Set(given.keys()));
  const used = new Set([...values, ...needed.flatMap((n) => n.inputs)]);
  for (const [v, slot] of given) if (used.has(v)) take(v, slot);
  for (const node of needed) {
    const [v] = node.outputs;
    if (node.op === 'input' && v !== undefined) take(v, node.attributes.name ?? '');
  }
  return { graph: problem.b.graph(name, inputs, values, Object.keys(outputs)), inputSlots: slots, fixed: problem.b.fixed };
}

// ---- description ----------------------------------------------------------------------------------------------------------

const stageWords: Readonly<Record<StageName, string>> = {
  hypers: 'the declared starts of the hypers',
  start: 'the declared start of the params',
  once: 'what depends on data alone: at binding',
  value: 'the inner solve and the criterion: every trial of the outer solver',
  hypergradient: 'the inner solve, the criterion and the hypergradient: every outer step',
  error: 'the error estimate: when it is asked for',
  report: 'reports and params: at the end',
};

const describeCandidate = (
  id: string,
  { strategy, solver, innerSolver = solver, why, exact, checkingOnly, conditions, preferred = [], rank, drive }: Built,
): Candidate => ({
  id,
  strategy,
  solver,
  innerSolver,
  why,
  exact,
  checkingOnly,
  conditions,
  preferred,
  rank,
  drive,
});

function costsOf(problem: Problem, { drive }: Built, stages: Stages): CandidateCosts {
  const cost = (stage: StageName): GraphCost => costOfGraph(problem.b, stages[stage].graph);
  const hyperCount = add(zero, ...problem.program.hypers.map((h) => multiply(dim(1), ...h.shape)));
  // Richardson's scheme on central differences: about ten values a coordinate.
  const times = drive === 'graph' ? dim(1) : scale(hyperCount, 10);
  const total = cost(drive === 'graph' ? 'hypergradient' : 'value');
  return {
    flops: exprOf(multiply(total.flops, times)),
    bytes: exprOf(scale(multiply(total.moved, times), 8)),
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
    degree: { inner: degreeOf(analysis.innerFacts), outer: degreeOf(analysis.outerFacts) },
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
