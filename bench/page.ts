/** Pages compiled in this process, by the same compiler and the same linker as `bilevel run`, and bound to arrays. Measures nothing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CompiledProblem, compile } from '../compiler/pipeline.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { evaluate } from '../plan/evaluate.ts';
import type { Executor, ProblemModule } from '../plan/types.ts';
import { type WasmOptions, wasmLink } from '../runtime/backends/wasm/backend.ts';
import { bindValues } from '../runtime/bind.ts';
import { drawAll } from '../runtime/draws.ts';
import { crossValidation } from '../runtime/folds/cross-validation.ts';
import type { BoundProblem } from '../runtime/types.ts';
import type { Precision } from './contestant.ts';
import type { Arrays } from './data.ts';
import type { Numbers } from './rows.ts';

/** The text of a page of the benchmark; `bench` is its source folder. */
export const pageText = (bench: string, name: string): string => readFileSync(join(bench, 'pages', `${name}.bilevel`), 'utf8');

/** The page with these statements in the place of its own that say how the inner problem is solved and differentiated. */
export function withMethods(text: string, statements: readonly string[]): string {
  const plain = text.replaceAll(/^ *(?:solve inner|differentiate) with .*\n/gmu, '');
  return plain.replace(/\}\s*$/u, `${statements.map((statement) => `  ${statement}\n`).join('')}}\n`);
}

export const words = (diagnostics: readonly Diagnostic[]): string => diagnostics.map(({ message }) => message).join('; ');

/** The one problem of a page. Throws where it has errors. */
export function compiledPage(text: string, file: string): CompiledProblem {
  const { value, diagnostics } = compile(text, file);
  const [problem] = value;
  if (problem === undefined) throw new Error(`${file}: ${words(diagnostics)}`);
  return problem;
}

/** The problem with its candidates linked to our own backend. */
export function linkedModule({ module, code }: CompiledProblem, precision: Precision, options: WasmOptions): ProblemModule {
  const kind = precision === 'float64' ? 'f64' : 'f32';
  return { ...module, link: wasmLink((candidate) => code(candidate, kind), options) };
}

/** The stages of a candidate at these sizes. Throws where they do not fit. */
export async function executorOf(module: ProblemModule, candidate: string, sizes: Numbers): Promise<Executor> {
  const linked = await module.link(candidate, sizes);
  if (!linked.ok) throw new Error(words(linked.diagnostics));
  return linked.executor;
}

/** Binds the data that a problem declares, of arrays under the same names. Throws where they are not what it declares. */
export async function boundTo({ description }: ProblemModule, arrays: Arrays, sizes: Numbers): Promise<BoundProblem> {
  const values = description.data.map(({ name, shape }) => {
    const data = arrays[name] ?? new Float64Array();
    return [name, { shape: shape.map((dim) => evaluate(dim, sizes) ?? Number.NaN), data }] as const;
  });
  const { bound, diagnostics } = await bindValues(description, Object.fromEntries(values), 0, { crossValidation, drawAll });
  if (bound === undefined) throw new Error(words(diagnostics));
  return bound;
}
