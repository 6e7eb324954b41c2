/** A page compiled to the files of a module, as texts. */
import type { Target } from '../compiler/emit/module/module.ts';
import type { Library } from '../plan/placement.ts';
import type { Arithmetic } from '../plan/types.ts';
import { chosenProblem } from './chosen.ts';
import { located, type LocatedDiagnostic } from './located.ts';
import { compiledModule, ownName, writtenFiles, type WrittenFile } from './module.ts';
import { demandOneOf, librariesOf, pageOf, precisionsOf, solvingOptions, type SolvingOptions } from './options.ts';

/** Options of `compile`. */
export interface CompileOptions extends SolvingOptions {
  /** `ts`: one file; `js`: JavaScript and a declaration file. Default `ts`. */
  readonly target?: Target;
  /** Of the kernels that the module carries; `mixed`: float32 that is corrected in float64. Default `['f64']`. */
  readonly precisions?: readonly Arithmetic[];
  /** Libraries of kernels on which the module is to run, too: `tfjs`, `gpujs`. Default: none. */
  readonly libraries?: readonly Library[];
}

/** A module as texts. */
export interface EmittedModule {
  /** Its name on the page. */
  readonly problem: string;
  /** Ids of the candidates that the module carries, in the order of decision. */
  readonly candidates: readonly string[];
  /** To be written side by side, with the page, under their names; each `map` under that name with `.map` behind it. */
  readonly files: readonly WrittenFile[];
}

/** What `compile` answers. `module` is there where `ok` is true. */
export type Compilation =
  | { readonly ok: true; readonly diagnostics: readonly LocatedDiagnostic[]; readonly module: EmittedModule }
  | { readonly ok: false; readonly diagnostics: readonly LocatedDiagnostic[]; readonly module?: undefined };

const targets: readonly Target[] = ['ts', 'js'];

/**
 * Compiles a problem to a typed module that imports `bilevel/runtime` and carries its kernels: the texts that `bilevel compile` writes,
 * the same on every machine. Where no strategy is valid at the sizes given, a diagnostic says why.
 *
 * ```js
 * import { compile } from 'bilevel';
 *
 * const text = 'problem p {\n  hyper a: positive\n  param w: []\n  inner minimize (w - 1)^2 + a * w^2\n  outer minimize (w - 0.4)^2\n}\n';
 * const { ok, module } = compile(text, { file: 'p.bilevel', target: 'js' });
 * console.log(ok, module?.files.map((file) => file.name).join(', '));
 * // true p.js, p.d.ts
 * ```
 */
export function compile(text: string, options: CompileOptions = {}): Compilation {
  const page = pageOf('compile', text, options, [...solvingOptions, 'target', 'precisions', 'libraries']);
  const { target = 'ts', strategy, certify } = options;
  demandOneOf('target', target, targets);
  const [precisions, libraries] = [precisionsOf(options.precisions), librariesOf(options.libraries)];
  const { value, diagnostics: found } = chosenProblem(page, options);
  const diagnostics = located(found, page);
  if (value === undefined) return { ok: false, diagnostics };
  const { problem, sizes } = value;
  const { value: module, diagnostics: more } = compiledModule(problem, page, { target, precisions, libraries, sizes, strategy, certify });
  if (module === undefined) return { ok: false, diagnostics: [...diagnostics, ...located(more, page)] };
  const name = ownName(page);
  const files = writtenFiles(module, name.replace(/\.bilevel$/u, ''), () => name);
  return { ok: true, diagnostics, module: { problem: problem.module.description.name, candidates: module.candidates, files } };
}
