/**
 * The stages of a candidate: what its strategy has built, closed to graphs that name their inputs by slots. What depends on data alone is
 * theirs together, in `once`. Which strategies there are, and what a candidate says of itself, is `module.ts`.
 */
import type { StageName } from '../plan/types.ts';
import type { Analysis } from './analyse.ts';
import type { Sizes } from './ir/dims.ts';
import type { Graph, Value } from './ir/graph.ts';
import { stationarityAt, type Problem } from './problem.ts';
import type { Program } from './program.ts';
import type { Built, StageOutputs } from './strategies/strategy.ts';
import { ancestors } from './transform/reach.ts';
import { replaceOne } from './transform/replace.ts';
import { bindingTimes, onceValues, valuesKnownAt } from './transform/staging.ts';
import { tidyLoops } from './transform/tidy-loops.ts';

/** A stage: a graph, and the slot of each of its inputs. */
export interface Stage {
  readonly graph: Graph;
  readonly inputSlots: readonly string[];
  /** Dims with a declared value. */
  readonly fixed: Sizes;
}

export const stageNames: readonly StageName[] = [
  'hypers',
  'start',
  'once',
  'value',
  'hypergradient',
  'error',
  'residual',
  'refine',
  'report',
];

export type Stages = Readonly<Record<StageName, Stage>>;

type BuiltOutputs = Readonly<Record<'value' | 'hypergradient' | 'error' | 'residual' | 'refine', StageOutputs>>;
/** The stages that strategies build; of those that are left out there is nothing. */
type OwnStages = Partial<BuiltOutputs>;

export function stagesOf(problem: Problem, analysis: Analysis, own: OwnStages): Stages {
  const { b, params, program, declaredStart } = problem;
  const built = mapStages(own, (outputs) => tidyOutputs(problem, outputs));
  const results = Object.values(built).flatMap((outputs) => Object.values(outputs));
  const kept = onceValues(results, program.resamples);
  const slots = new Map(kept.map((v, i) => [v, `once:${i}`]));
  const shared = sharedValues(built, program);
  const ready = new Map([...slots, ...[...shared].map(([slot, v]) => [v, slot] as const)]);
  const stage = (name: string, outputs: StageOutputs, given: ReadonlyMap<Value, string> = new Map()): Stage =>
    closeStage(problem, name, outputs, given);
  const needed = ancestors(Object.values(built.hypergradient));
  const isGuessed = needed.some(({ op, attributes }) => op === 'input' && attributes.name === 'v:start');
  const firstGuess: StageOutputs = isGuessed ? { 'v:start': b.zeros([params.dimension]) } : {};
  const starts: StageOutputs = analysis.meaning === 'recipe' ? {} : { start: declaredStart, ...firstGuess };
  return {
    hypers: stage('hypers', Object.fromEntries(program.hypers.map((h) => [`hyper:${h.name}`, h.init]))),
    start: stage('start', starts),
    once: stage('once', Object.fromEntries(kept.map((v, i) => [`once:${i}`, v]))),
    value: stage('value', built.value, slots),
    hypergradient: stage('hypergradient', { ...built.hypergradient, ...Object.fromEntries(shared) }, slots),
    error: stage('error', built.error, slots),
    residual: stage('residual', built.residual, slots),
    refine: stage('refine', built.refine, ready),
    report: reportStage(problem, analysis),
  };
}

/** What of `refine` the stage `hypergradient` has made already, and x and v do not change: a factor. By slot. */
function sharedValues({ hypergradient, refine }: BuiltOutputs, { resamples }: Program): ReadonlyMap<string, Value> {
  const outputs = Object.values(refine);
  const timeOf = bindingTimes(outputs, resamples);
  const made = new Set(ancestors(Object.values(hypergradient)).flatMap((node) => node.outputs));
  const shared = valuesKnownAt('hyper', outputs, resamples).filter((v) => timeOf(v) === 'hyper' && made.has(v));
  return new Map(shared.map((v, i) => [`kept:${i}`, v]));
}

/** Of a candidate in two precisions: what solves and corrects in the one, and what judges it, and stands in for it, in the other. */
export function mixedStages(problem: Problem, analysis: Analysis, built: Built): { readonly refined: Stages; readonly checked: Stages } {
  const { hypergradient, error, refinement } = built.stages();
  const { residual = {}, refine = {}, corrected = {} } = refinement?.() ?? {};
  return {
    refined: onlyOf(problem, stagesOf(problem, analysis, { hypergradient, refine }), ['once', 'hypergradient', 'refine']),
    checked: stagesOf(problem, analysis, { hypergradient, error: { ...error, ...corrected }, residual }),
  };
}

/** Of a proof there is `error`, with what of it depends on data alone. */
export const certificateStages = (problem: Problem, analysis: Analysis, error: StageOutputs): Stages =>
  onlyOf(problem, stagesOf(problem, analysis, { error }), ['once', 'error']);

/** The others have no results. */
function onlyOf(problem: Problem, stages: Stages, names: readonly StageName[]): Stages {
  const nothing = closeStage(problem, 'nothing', {}, new Map());
  return Object.fromEntries(stageNames.map((name) => [name, names.includes(name) ? stages[name] : nothing])) as Stages;
}

const mapStages = (stages: OwnStages, change: (outputs: StageOutputs) => StageOutputs): BuiltOutputs => {
  const { value = {}, hypergradient = {}, error = {}, residual = {}, refine = {} } = stages;
  return {
    value: change(value),
    hypergradient: change(hypergradient),
    error: change(error),
    residual: change(residual),
    refine: change(refine),
  };
};

function tidyOutputs({ b }: Problem, outputs: StageOutputs): StageOutputs {
  const tidy = tidyLoops(b, Object.values(outputs));
  return Object.fromEntries(Object.keys(outputs).map((slot, i) => [slot, tidy[i] as Value]));
}

/** Reports and params at `x`: the params' inputs are cut out of the vector. */
function reportStage(problem: Problem, { mayFallShort }: Analysis): Stage {
  const { b, program, params } = problem;
  const x = b.input('x', 'state', { dtype: 'real', shape: [params.dimension] });
  const here = params.point(x);
  const outputs: StageOutputs = {
    ...Object.fromEntries(program.reports.map((r) => [`report:${r.name}`, replaceOne(b, r.value, here)])),
    ...Object.fromEntries(program.params.map((p) => [`param:${p.name}`, replaceOne(b, p.declared, here)])),
  };
  return closeStage(problem, 'report', { ...outputs, ...(mayFallShort ? firstGradient(problem) : {}) }, new Map());
}

const firstGradient = (problem: Problem): StageOutputs => ({
  'recipe:start': problem.b.norm(stationarityAt(problem, problem.declaredStart)),
});

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
