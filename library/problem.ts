/** A problem of a page, compiled and run in this process: what its module would give, to the last bit, without a module. */
import { lineStarts, type CarriedCalls, type CarriedCode } from '../compiler/emit/module/module.ts';
import { carriedCode, type CarryOptions } from '../compiler/emit/module/request.ts';
import type { CompiledProblem } from '../compiler/pipeline.ts';
import type { CandidateCode, Precision } from '../plan/kernels.ts';
import { libraries } from '../plan/placement.ts';
import type { Matrix, ModuleCode, Problem, Shaped, Tensor, Vector } from '../runtime/module.ts';
import { weigh } from '../plan/predict.ts';
import { certify as proveErrors } from '../runtime/certify.ts';
import type { DeviceLibrary } from '../runtime/backends/calls/library.ts';
import { gpujsLibrary } from '../runtime/backends/gpujs/load.ts';
import { tfjsLibrary } from '../runtime/backends/tfjs/load.ts';
import { dataDoubts } from '../runtime/data-doubts.ts';
import { checkDemands } from '../runtime/demands.ts';
import { drawAll } from '../runtime/draws.ts';
import { labelDoubts } from '../runtime/label-doubts.ts';
import { everyPart } from '../runtime/every-part.ts';
import { crossValidation } from '../runtime/folds/cross-validation.ts';
import { noneChosen } from '../runtime/open.ts';
import { otherBackends, type CarriedLibrary } from '../runtime/other-backends.ts';
import { outerMethods } from '../runtime/outer/methods.ts';
import { problem as problemOf } from '../runtime/problem.ts';
import { shortOfMemory } from '../runtime/short-of-memory.ts';
import { chosenProblem } from './chosen.ts';
import { located, sourcesOf, type LocatedDiagnostic } from './located.ts';
import { digestOf, type NamedPage } from './module.ts';
import { arithmetics, pageOf, solvingOptions, type SolvingOptions } from './options.ts';
import { PageError } from './page-error.ts';
import { version } from './version.ts';

/** Their packages are imported when one of their backends is asked for. */
const libraryParts: readonly DeviceLibrary[] = [tfjsLibrary, gpujsLibrary];

/** Data by name: a number, a list, rows, or anything with `shape` and `data`. */
export type GivenValues = Readonly<Record<string, number | Vector | Matrix | Shaped>>;

/** Results by name: numbers, and tensors where the page declares a shape. */
export type NamedValues = Readonly<Record<string, number | Tensor>>;

/** What `choice` and `int` hypers became: names of functions, and whole numbers. */
export type ChosenValues = Readonly<Record<string, string | number | Tensor>>;

/** A problem as its module would export it, under names that only the page knows. */
export interface PageProblem<
  Data extends object = GivenValues,
  Hyper = NamedValues,
  Param = NamedValues,
  Report = NamedValues,
> extends Problem<Data, Hyper, Param, Report, never, ChosenValues> {
  /** What is unwise in the page, and no error. */
  readonly warnings: readonly LocatedDiagnostic[];
}

/**
 * Compiles a problem and gives it as its module would: `solve`, `hypergradient`, `evaluate`, `bind`, `plan`, `verify`, `describe`. Results
 * are those of the module, to the last bit. Kernels are emitted when they are first needed, in float64 or float32.
 * Fails: throws a `PageError` where the page has errors, and a `UsageError` for options that do not exist.
 *
 * ```js
 * import { problem } from 'bilevel';
 *
 * const mean = problem('problem mean {\n  dim n\n  data y: [n]\n  hyper a: positive\n  param x: []\n' +
 *   '  inner minimize mean((x - y)^2) + a * x^2\n  outer minimize (x - 1)^2\n}\n');
 * const { outer, hypergradient } = await mean.hypergradient({ y: [1, 2, 6] }, { a: 1 });
 * console.log(outer, hypergradient.a);
 * // 0.25 -0.75
 * ```
 */
export function problem<Data extends object = GivenValues, Hyper = NamedValues, Param = NamedValues, Report = NamedValues>(
  text: string,
  options: SolvingOptions = {},
): PageProblem<Data, Hyper, Param, Report> {
  const page = pageOf('problem', text, options, solvingOptions);
  const { value, diagnostics: found } = chosenProblem(page, options);
  const warnings = located(found, page);
  const sources = sourcesOf(page);
  if (value === undefined) throw new PageError(warnings, sources);
  const { sizes, problem: compiled } = value;
  const { strategy, certify } = options;
  const code = codeOf(compiled, page, { sizes, strategy, certify });
  if (code === undefined)
    throw new PageError([...warnings, ...located([noneChosen(compiled.module, sizes, strategy, shortOfMemory)], page)], sources);
  return { ...problemOf<Data, Hyper, Param, Report, never, ChosenValues>(code), warnings };
}

/** What a module would carry, its kernels not emitted yet. Undefined where no candidate is valid at these sizes. */
function codeOf(compiled: CompiledProblem, page: NamedPage, asked: Omit<CarryOptions, 'precisions'>): ModuleCode | undefined {
  // What is described and run on Wasm is what a module for Wasm would carry.
  const onWasm = carriedCode(compiled, { ...asked, precisions: arithmetics });
  const carried = carriedCode(compiled, { ...asked, precisions: arithmetics, libraries, every: true });
  if (onWasm === undefined || carried === undefined) return undefined;
  const { description, plan } = onWasm;
  const { certifies, code, calls } = carried;
  return {
    compiler: version,
    source: { file: page.name, sha256: digestOf(page, compiled), lines: lineStarts(page.text) },
    description,
    plan,
    ...(certifies === undefined ? {} : { certifies, certify: proveErrors }),
    code: byCandidate(code),
    otherLink: otherBackends(
      libraryParts.map((part) => carriedBy(part, calls)),
      carried.plan,
    ),
    outerMethods,
    ...everyPart,
    shortOfMemory,
    weigh,
    checkDemands,
    crossValidation,
    dataDoubts,
    drawAll,
    labelDoubts,
  };
}

const carriedBy = (part: DeviceLibrary, all: readonly CarriedCalls[]): CarriedLibrary => ({
  part,
  calls: Object.fromEntries(
    all.filter(({ library }) => library === part.library).flatMap(({ candidates, calls }) => candidates.map((id) => [id, calls])),
  ),
});

function byCandidate(code: readonly CarriedCode[]): ModuleCode['code'] {
  const table: Record<string, Partial<Record<Precision, () => CandidateCode>>> = {};
  for (const { candidates, precision, code: emit } of code) for (const id of candidates) table[id] = { ...table[id], [precision]: emit };
  return table;
}
