/**
 * All phases on one screen: text → tree → programs → problems → modules.
 * Each phase reports and goes on; a problem with errors has no module.
 */
import { hasErrors, type Diagnostic, type Result } from '../diagnostics/diagnostic.ts';
import type { Sources } from '../diagnostics/render.ts';
import type { Page } from '../grammar/ast.ts';
import { parse, type Parsed } from '../grammar/parse.ts';
import type { CandidateCalls } from '../plan/calls.ts';
import type { CandidateCode, Precision } from '../plan/kernels.ts';
import { libraries, type Library } from '../plan/placement.ts';
import type { CandidateCosts, Certifies, Cost, ErrorPart, Plan, ProblemModule } from '../plan/types.ts';
import { analyse } from './analyse.ts';
import { ofCandidate, type CandidateStages } from './candidate.ts';
import { emitCalls } from './emit/calls/candidate.ts';
import { printCalls } from './emit/calls/print.ts';
import { emitCandidate } from './emit/wasm/candidate.ts';
import { printGraph } from './ir/print.ts';
import { lowerPage, type LoweredPage } from './lower/program.ts';
import { buildCandidates, describe } from './module.ts';
import { stageNames, type Stage, type Stages } from './stages.ts';
import { problemOf } from './problem.ts';
import type { Program } from './program.ts';
import { referenceLink } from './reference-executor.ts';

export interface CompiledProblem {
  readonly program: Program;
  /** The texts that its page was compiled with, as in `CompiledPage`. */
  readonly imports: CompiledPage['imports'];
  /** Linked to the interpreter, until whoever runs it links another backend. */
  readonly module: ProblemModule;
  /** Links candidates to the interpreter. */
  readonly reference: ProblemModule['link'];
  /** The stages of a candidate as compiled kernels, for a backend to link; with `small`, as few bytes as can be. */
  readonly code: (candidate: string, precision: Precision, how?: { readonly small: boolean }) => CandidateCode;
  /** The same as calls on the kernels of a library. */
  readonly calls: (candidate: string, library: Library, how?: { readonly small: boolean }) => CandidateCalls;
  /** Whether a hypergradient's error can be proved; builds the graphs of the proof. */
  readonly certifies: () => Certifies;
  /** What a candidate costs; builds its graphs. */
  readonly costs: (candidate: string) => CandidateCosts;
  /** What it is predicted from, whether or not the plan says it. */
  readonly price: (candidate: string) => Cost;
  /** What its error is predicted from; a plan, and a module, do without. */
  readonly errorParts: (candidate: string) => readonly ErrorPart[];
  /** Text by pass: `lower`, and each stage of each candidate, as a graph `CANDIDATE/STAGE`, and as calls `CANDIDATE/STAGE/LIBRARY`. */
  readonly dumps: ReadonlyMap<string, () => string>;
}

export interface CompiledPage extends Result<readonly CompiledProblem[]> {
  /** Each file that the page's imports speak of, and theirs, with the text that was found there: what else all this depends on. */
  readonly imports: ReadonlyMap<string, string | undefined>;
}

/** What is known of a page before anything is derived: its tree, its programs, and what is wrong with names, kinds and shapes. */
export interface CheckedPage extends LoweredPage {
  readonly page: Page;
}

/** Total: any text gives diagnostics, never an exception. `sources`: see `compile`. */
export const checkPage = (text: string, file: string, sources?: Sources): CheckedPage => checkParsed(parse(text, file), sources);

/** `before`: what an earlier version of the page was found to be; what has not changed since is not checked again. */
export function checkParsed({ value: page, diagnostics, sections }: Parsed, sources?: Sources, before?: CheckedPage): CheckedPage {
  const { diagnostics: found, ...lowered } = lowerPage(page, sources, { sections, kept: before?.kept });
  return { ...lowered, page, diagnostics: [...diagnostics, ...found] };
}

/**
 * Compiles every problem of a page. Total: any text gives diagnostics, never an exception. `sources` has the texts of the pages that may
 * be imported, under names as seen from where `file` is; without it an import is a mistake.
 */
export function compile(text: string, file: string, sources?: Sources): CompiledPage {
  const { value: programs, imports, diagnostics: found } = checkPage(text, file, sources);
  const diagnostics: Diagnostic[] = [...found];
  const compiled: CompiledProblem[] = [];
  if (hasErrors(diagnostics)) return { value: compiled, diagnostics, imports };
  for (const program of programs) {
    const result = compileProgram(program, imports);
    diagnostics.push(...result.diagnostics);
    if (result.value !== undefined) compiled.push(result.value);
  }
  return { value: compiled, diagnostics, imports };
}

/** One problem of a page without errors; undefined where its levels, curvature or strategies have some. */
export function compileProgram(program: Program, imports: CompiledPage['imports']): Result<CompiledProblem | undefined> {
  const problem = problemOf(program);
  const analysis = analyse(problem);
  if (hasErrors(analysis.diagnostics)) return { value: undefined, diagnostics: analysis.diagnostics };
  const { plan, stages, certifies, costs, prices, errors, diagnostics: planned } = buildCandidates(problem, analysis);
  const diagnostics = [...analysis.diagnostics, ...planned];
  if (hasErrors(diagnostics)) return { value: undefined, diagnostics };
  const reference = referenceLink(stages);
  const module: ProblemModule = {
    description: describe(problem, analysis),
    plan,
    link: reference,
    certifies: () => Promise.resolve(certifies()),
  };
  const compiled: CompiledProblem = {
    program,
    imports,
    module,
    reference,
    code: emitted(stages, plan, emitCandidate),
    calls: emitted(stages, plan, emitCalls),
    certifies,
    costs: (candidate) => ofCandidate(costs, candidate),
    price: (candidate) => ofCandidate(prices, candidate),
    errorParts: (candidate) => ofCandidate(errors, candidate),
    dumps: dumpPoints(program, stages),
  };
  return { value: compiled, diagnostics };
}

/** Emits the stages of a candidate when they are first asked for. */
function emitted<Form extends string, Code>(
  candidates: CandidateStages,
  plan: Plan,
  emit: (stages: Partial<Stages>, form: Form, how: { readonly small: boolean }) => Code,
): (candidate: string, form: Form, how?: { readonly small: boolean }) => Code {
  const made = new Map<string, Code>();
  return (candidate, form, how = { small: false }) => {
    const key = `${form} ${candidate} ${how.small}`;
    const code = made.get(key) ?? emit(neededStages(candidates, plan, candidate), form, how);
    made.set(key, code);
    return code;
  };
}

/** Where there is a graph of the hypergradient that gives the value too, none for `value` alone: it would cost more time than it saves. */
function neededStages(candidates: CandidateStages, plan: Plan, candidate: string): Partial<Stages> {
  const stages = ofCandidate(candidates, candidate);
  const isByGraph = plan.candidates.some((c) => c.id === candidate && c.drive === 'graph');
  const needed = stageNames.filter((name) => stages[name].graph.outputs.length > 0 && !(isByGraph && name === 'value'));
  return Object.fromEntries(needed.map((name) => [name, stages[name]]));
}

function dumpPoints(program: Program, stages: CandidateStages): ReadonlyMap<string, () => string> {
  const { builder, inner, outer } = program;
  const inputs = [...program.data, ...program.hypers, ...program.params].map((d) => d.value);
  const sets = program.splits.flatMap((s) => s.parts.map((p) => p.value));
  const all = [...inputs, ...sets, program.step];
  const dumps = new Map([['lower', () => printGraph(builder.graph('lower', all, [inner.value, outer.value], ['inner', 'outer']))]]);
  for (const [id, own] of stages) {
    for (const name of stageNames) {
      dumps.set(`${id}/${name}`, () => printGraph(own()[name].graph));
      for (const library of libraries) dumps.set(`${id}/${name}/${library}`, () => callsText(own()[name], library));
    }
  }
  return dumps;
}

function callsText(stage: Stage, library: Library): string {
  const calls = emitCalls({ value: stage }, library).stages.value;
  return calls === undefined ? '' : printCalls(calls, calls.inputSlots);
}
