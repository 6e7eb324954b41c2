/**
 * All phases on one screen: text → tree → programs → problems → modules.
 * Each phase reports and goes on; a problem with errors has no module.
 */
import { hasErrors, type Diagnostic, type Result } from '../diagnostics/diagnostic.ts';
import { parse } from '../grammar/parse.ts';
import type { Executor, ProblemModule, StageName } from '../plan/types.ts';
import { analyse } from './analyse.ts';
import { prepare } from './ir/interpret.ts';
import type { Tensor } from './ir/graph.ts';
import { printGraph } from './ir/print.ts';
import { lowerPage } from './lower/program.ts';
import { buildCandidates, describe, stageNames, type Stages } from './module.ts';
import { problemOf } from './problem.ts';
import type { Program } from './program.ts';

export interface CompiledProblem {
  readonly program: Program;
  readonly module: ProblemModule;
  /** IR text by pass: `lower`, and each stage of each candidate as `CANDIDATE/STAGE`. */
  readonly dumps: ReadonlyMap<string, () => string>;
}

/** Compiles every problem of a page. Total: any text gives diagnostics, never an exception. */
export function compile(text: string, file: string): Result<readonly CompiledProblem[]> {
  const page = parse(text, file);
  const programs = lowerPage(page.value);
  const diagnostics: Diagnostic[] = [...page.diagnostics, ...programs.diagnostics];
  const compiled: CompiledProblem[] = [];
  if (hasErrors(diagnostics)) return { value: compiled, diagnostics };
  for (const program of programs.value) {
    const result = compileProgram(program);
    diagnostics.push(...result.diagnostics);
    if (result.value !== undefined) compiled.push(result.value);
  }
  return { value: compiled, diagnostics };
}

function compileProgram(program: Program): Result<CompiledProblem | undefined> {
  const problem = problemOf(program);
  const analysis = analyse(problem);
  if (hasErrors(analysis.diagnostics)) return { value: undefined, diagnostics: analysis.diagnostics };
  const { plan, stages, diagnostics: planned } = buildCandidates(problem, analysis);
  const diagnostics = [...analysis.diagnostics, ...planned];
  if (hasErrors(diagnostics)) return { value: undefined, diagnostics };
  const module: ProblemModule = {
    description: describe(problem, analysis),
    plan,
    link: (candidate, sizes) => link(candidate, stages, new Map(Object.entries(sizes))),
  };
  return { value: { program, module, dumps: dumpPoints(program, stages) }, diagnostics };
}

function dumpPoints(program: Program, stages: ReadonlyMap<string, () => Stages>): ReadonlyMap<string, () => string> {
  const { builder, inner, outer } = program;
  const inputs = [...program.data, ...program.hypers, ...program.params].map((d) => d.value);
  const sets = program.splits.flatMap((s) => s.parts.map((p) => p.value));
  const all = [...inputs, ...sets, program.step];
  const dumps = new Map([['lower', () => printGraph(builder.graph('lower', all, [inner.value, outer.value], ['inner', 'outer']))]]);
  for (const [id, own] of stages) {
    for (const name of stageNames) dumps.set(`${id}/${name}`, () => printGraph(own()[name].graph));
  }
  return dumps;
}

/** Binds a candidate's stages to sizes, on the reference interpreter. */
function link(candidate: string, stages: ReadonlyMap<string, () => Stages>, sizes: ReadonlyMap<string, number>): Executor {
  const build = stages.get(candidate);
  if (build === undefined) throw new UnknownCandidate(candidate, [...stages.keys()]);
  const own = build();
  const ready = new Map<StageName, (inputs: readonly Tensor[]) => readonly Tensor[]>();
  return {
    run: (name, slots) => {
      const { graph, inputSlots } = own[name];
      const run = ready.get(name) ?? prepare(graph, sizes);
      ready.set(name, run);
      const inputs = inputSlots.map((slot) => {
        const tensor = slots[slot];
        if (tensor === undefined) throw new MissingSlot(name, slot);
        return tensor;
      });
      const results = run(inputs);
      return Object.fromEntries(graph.outputNames.map((slot, i) => [slot, results[i] as Tensor]));
    },
  };
}

/** Misuse of the API: a candidate that the plan does not have. */
class UnknownCandidate extends Error {
  constructor(candidate: string, known: readonly string[]) {
    super(`the plan has no candidate '${candidate}'; it has ${known.join(', ')}`);
  }
}

/** Misuse of the API: a stage was run without one of its slots. */
class MissingSlot extends Error {
  constructor(stage: string, slot: string) {
    super(`stage '${stage}' needs the slot '${slot}'`);
  }
}
