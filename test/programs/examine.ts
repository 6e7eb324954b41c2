/** What is asked of every random program. Everything that was met and decided is counted. */
import { renderDiagnostic } from '../../diagnostics/render.ts';
import { parseGraph } from '../../compiler/ir/parse.ts';
import { printGraph } from '../../compiler/ir/print.ts';
import { verify } from '../../compiler/ir/verify.ts';
import { lowerPage } from '../../compiler/lower/program.ts';
import { compile, type CompiledProblem } from '../../compiler/pipeline.ts';
import type { Program as Lowered } from '../../compiler/program.ts';
import type { Graph } from '../../compiler/ir/graph.ts';
import { parse } from '../../grammar/parse.ts';
import { print } from '../../grammar/print-ast.ts';
import { decide } from '../../plan/decide.ts';
import type { Candidate } from '../../plan/types.ts';
import { meaning, parseWell } from '../grammar/strip.ts';
import { boundTo, foundBy, onWasm, slopeBy, type Found } from './numbers.ts';
import type { Program } from './pages.ts';
import { constructsOf, opsOf, type Tally } from './tally.ts';

const file = 'random.bilevel';

export async function examine(program: Program, tally: Tally): Promise<void> {
  const { text, shared } = program;
  const { value, diagnostics } = compile(text, file, () => shared);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const [problem] = value;
  if (errors.length > 0 || problem === undefined)
    throw new Error(`it does not compile:\n${errors.map((d) => renderDiagnostic(d, () => text)).join('\n')}`);
  for (const construct of constructsOf(parse(text, file).value)) tally.add(construct);
  for (const op of opsOf(graphOf(problem.program))) tally.add(op);
  isPrinted(program, problem.program);
  await agrees(problem, program, tally);
}

// ---- texts ------------------------------------------------------------------------------------------------------------

/** The page prints to a page of the same tree, comments and graph, that prints to itself; the graph to one of the same text. */
function isPrinted({ text, shared, seed }: Program, lowered: Lowered): void {
  const tree = parseWell(text);
  const graph = graphOf(lowered);
  for (const width of [100, ...(seed % 4 === 0 ? [1] : [])]) {
    const printed = print(tree, { width });
    const again = parseWell(printed);
    same(meaning(again), meaning(tree), `the tree of what it is printed as:\n${printed}`);
    same(print(again, { width }), printed, 'what is printed, printed again');
    same(
      again.comments.map((c) => c.text),
      tree.comments.map((c) => c.text),
      'the comments',
    );
    if (width !== 100) continue;
    const [formatted] = lowerPage(again, () => shared).value;
    same(formatted && printGraph(graphOf(formatted)), printGraph(graph), 'the graph of the formatted page');
  }
  isReadBack(graph, lowered);
}

/** The two losses, the starts and the reports. */
function graphOf(lowered: Lowered): Graph {
  const { builder, data, hypers, params, splits, noises, step, inner, outer, reports } = lowered;
  const sets = splits.flatMap(({ parts }) => parts.map((part) => part.value));
  const draws = params.flatMap(({ init }) => (init.node.op === 'input' ? [init] : []));
  const inputs = [...[...data, ...hypers, ...params].map((d) => d.value), ...sets, ...draws, ...noises.map((n) => n.key), step];
  return builder.graph(
    'lower',
    [...new Set(inputs)],
    [inner.value, outer.value, ...[...hypers, ...params].map((d) => d.init), ...reports.map((r) => r.value)],
  );
}

function isReadBack(graph: Graph, { builder }: Lowered): void {
  const text = printGraph(graph, { spans: true });
  const back = parseGraph(text, { fixed: builder.fixed, file });
  same(printGraph(back, { spans: true }), text, 'the graph that was read back');
  same([...verify(graph, builder.fixed), ...verify(back, builder.fixed)], [], 'what is wrong with the graph');
}

function same(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what} differs:\n${a}\nand not\n${b}`);
}

// ---- numbers ----------------------------------------------------------------------------------------------------------

const norm = (v: Float64Array): number => Math.hypot(...v);
const distance = (a: Float64Array, b: Float64Array): number => norm(a.map((x, i) => x - (b[i] ?? Number.NaN)));

/** What exact ways may differ by as a share of the hypergradient, and what of a difference is that of its values' rounding. */
const rounding = { ways: 1e-7, slopes: 1e-6, least: 1e-6 };
/** Beyond this share of the hypergradient an estimate of an error compares nothing. */
const vague = 1e-3;

async function agrees(problem: CompiledProblem, program: Program, tally: Tally): Promise<void> {
  const { module } = problem;
  const bound = await boundTo(problem, program);
  const [first, ...others] = taken(problem, bound.sizes, program.seed);
  if (first === undefined) throw new Error('no strategy takes it');
  const found = await foundBy(module, bound, first);
  if (found === 'not-started') throw new Error('its start is refused');
  if (typeof found === 'string') return tally.add(`outcome: ${found}`);
  tally.add(`way: ${first.id}`);
  const scale = Math.max(norm(found.hypergradient), rounding.least * Math.max(1, Math.abs(found.outer)));
  const compare = (other: Found | string): void => {
    if (typeof other === 'string') return tally.add(`other way: ${other}`);
    const allowed = rounding.ways * scale + 3 * (found.error + other.error);
    if (allowed > vague * scale) return tally.add('other way: too vague');
    const gap = distance(other.hypergradient, found.hypergradient);
    if (!(gap <= allowed) || !(Math.abs(other.outer - found.outer) <= rounding.ways * Math.max(1, Math.abs(found.outer))))
      throw new Error(
        `two ways differ by ${gap}, where ${allowed} is allowed; ${[found, other].map((f) => `${f.by}: F = ${f.outer}, dF = [${f.hypergradient.join(', ')}], to ${f.error}`).join('; ')}`,
      );
    tally.add('other way: agrees');
  };
  for (const candidate of others) {
    const other = await foundBy(module, bound, candidate);
    compare(other);
    if (typeof other !== 'string') tally.add(`way: ${candidate.id}`);
  }
  if (program.seed % 6 === 0) {
    compare(await foundBy(onWasm(problem), bound, first));
    tally.add('way: WebAssembly');
  }
  const slope = await slopeBy(module, bound, first, program.seed);
  if (slope === undefined) return tally.add('outcome: no differences');
  const predicted = found.hypergradient.reduce((sum, x, i) => sum + x * (slope.direction[i] ?? 0), 0);
  const allowed = rounding.slopes * scale + 3 * slope.error + found.error;
  if (allowed > vague * scale) return tally.add('outcome: not smooth, or too vague');
  if (!(Math.abs(predicted - slope.derivative) <= allowed))
    throw new Error(`${found.by} gives the slope ${predicted}, differences ${slope.derivative}, where ${allowed} is allowed`);
  tally.add('outcome: compared');
}

/** Two ways of those that are exact at these sizes, in turns: all of them take long to compile. */
function taken({ module: { plan } }: CompiledProblem, sizes: Readonly<Record<string, number>>, seed: number): readonly Candidate[] {
  const { verdicts } = decide(plan, sizes);
  const held = new Set(verdicts.flatMap(({ id, verdict }) => (verdict === 'chosen' || verdict === 'valid' ? [id] : [])));
  const exact = plan.candidates.filter(({ id, exact: isExact, checkingOnly }) => held.has(id) && isExact && !checkingOnly);
  const at = seed % Math.max(1, exact.length);
  return [...exact.slice(at), ...exact.slice(0, at)].slice(0, 2);
}
