/** Lowers a text and runs values of its programs on small data. */
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { parse } from '../../grammar/parse.ts';
import { prepare } from '../../compiler/ir/interpret.ts';
import type { Tensor, Value } from '../../compiler/ir/graph.ts';
import { lowerPage } from '../../compiler/lower/program.ts';
import type { Program } from '../../compiler/program.ts';

/** `others`: texts of pages that it may import, by their paths. */
export function lower(
  text: string,
  others: Readonly<Record<string, string>> = {},
): { programs: readonly Program[]; diagnostics: readonly Diagnostic[] } {
  const page = parse(text, 'test.bilevel');
  const { value, diagnostics } = lowerPage(page.value, (file) => others[file]);
  return { programs: value, diagnostics: [...page.diagnostics, ...diagnostics] };
}

/** The one program of a text that has no mistakes. */
export function lowerOne(text: string): Program {
  const { programs, diagnostics } = lower(text);
  const [program] = programs;
  if (program === undefined || diagnostics.length > 0)
    throw new Error(diagnostics.map((d) => `${d.code} ${d.message}`).join('\n') || 'no program');
  return program;
}

export const codes = (text: string, others: Readonly<Record<string, string>> = {}): readonly string[] =>
  lower(text, others).diagnostics.map((d) => d.code);

export const scalar = (x: number): Tensor => ({ shape: [], data: Float64Array.of(x) });
export const vector = (xs: readonly number[]): Tensor => ({ shape: [xs.length], data: Float64Array.from(xs) });
export const matrix = (rows: readonly (readonly number[])[]): Tensor => ({
  shape: [rows.length, rows[0]?.length ?? 0],
  data: Float64Array.from(rows.flat()),
});

/** What a value of a program is, given its inputs by name (`data:X`, `hyper:a`, `param:w`, `index:train`, `step`). */
export function evaluate(
  program: Program,
  value: Value,
  inputs: Readonly<Record<string, Tensor>>,
  sizes: Readonly<Record<string, number>>,
): Tensor {
  const named = new Map<string, Value>([
    ...[...program.data, ...program.hypers, ...program.params].map((d) => [d.value.node.attributes.name ?? '', d.value] as const),
    ...program.splits.flatMap((s) => s.parts.map((p) => [`index:${p.name}`, p.value] as const)),
    ['step', program.step],
  ]);
  const given = Object.entries(inputs).map(([name, tensor]) => {
    const input = named.get(name);
    if (input === undefined) throw new Error(`no input ${name}`);
    return { input, tensor };
  });
  const graph = program.builder.graph(
    'test',
    given.map((g) => g.input),
    [value],
  );
  const [result] = prepare(graph, new Map([...program.builder.fixed, ...Object.entries(sizes)]))(given.map((g) => g.tensor));
  if (result === undefined) throw new Error('no result');
  return result;
}

/** The value of an expression on its own, in a problem with data `x: [n]`, `A: [n, d]`, `S: [d, d]`, `g: int[n]`. */
export function valueOf(expression: string, data: Readonly<Record<string, Tensor>> = {}): Tensor {
  const program = lowerOne(`problem t {
    dim n, d, h = 8
    data x: [n]
    data A: [n, d]
    data S: [d, d]
    data g: int[n]
    hyper a: positive
    param w: []
    inner minimize (w - 1)^2 + a * w^2
    outer minimize w^2
    report r = ${expression}
  }`);
  const value = program.reports[0]?.value;
  if (value === undefined) throw new Error('no report');
  const sizes: Record<string, number> = {};
  for (const [name, dims] of Object.entries({ 'data:x': ['n'], 'data:g': ['n'], 'data:A': ['n', 'd'], 'data:S': ['d', 'd'] })) {
    for (const [i, dim] of dims.entries()) sizes[dim] = data[name]?.shape[i] ?? sizes[dim] ?? 1;
  }
  return evaluate(program, value, data, sizes);
}

/** A repeatable stream of numbers in (−1, 1): a linear congruence (Numerical Recipes' constants). */
export function stream(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}
