/**
 * Through what each hyper reaches the criterion, and what is to be said of one that does not: no derivative gets through to it, or the
 * minimiser stays where it is. Asks the rows of ops what carries a derivative, and claims nothing that does not follow.
 */
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { criterionIgnoresParams, hyperReachesNothing, rateAtMinimiser, type Unreached } from '../../diagnostics/dependence.ts';
import type { HyperDescription } from '../../plan/types.ts';
import type { Builder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import type { Problem } from '../problem.ts';
import type { HyperInfo } from '../program.ts';
import { ancestors, reach } from '../transform/reach.ts';

export type Acts = HyperDescription['acts'];

/** Whether `output` has a derivative in `seed` that is not zero by its form alone. */
function carries(b: Builder, output: Value, seed: Value): boolean {
  const touched = new Set([seed]);
  for (const { op, inputs, outputs } of ancestors([output], touched))
    if (b.row(op).derivative.kind !== 'zero' && inputs.some((v) => touched.has(v))) for (const v of outputs) touched.add(v);
  return touched.has(output);
}

export function actsOf(
  problem: Problem,
  isRecipe: boolean,
): { readonly acts: ReadonlyMap<HyperInfo, Acts>; readonly diagnostics: readonly Diagnostic[] } {
  const { program, params, inner } = problem;
  const { name: solver = '', options } = program.innerMethod ?? {};
  const acts = new Map<HyperInfo, Acts>();
  const diagnostics: Diagnostic[] = [];
  for (const hyper of program.hypers) {
    const depends = (v: Value): boolean => reach([v], [hyper.value]).depends(v);
    const isCarried = (v: Value): boolean => carries(problem.b, v, hyper.value);
    const inStart = program.params.find((p) => depends(p.init));
    const inOption = [...(options ?? [])].find(([, o]) => o.kind === 'value' && depends(o.value));
    const isInner = inner.gradientBlocks.some(isCarried);
    const still = isInner && !isRecipe ? whyStill(problem, hyper) : undefined;
    const ways: Acts[number][] = [];
    if (isCarried(program.outer.value)) ways.push('directly');
    if (isInner && still === undefined) ways.push('through the inner loss');
    if (isRecipe && (inStart ?? inOption) !== undefined) ways.push('through the solver’s steps');
    acts.set(hyper, ways);
    const place = inOption === undefined ? (inStart === undefined ? undefined : `the start of \`${inStart.name}\``) : `\`${inOption[0]}\``;
    if (!isRecipe && place !== undefined) {
      diagnostics.push(rateAtMinimiser({ span: inOption?.[1].span ?? inStart?.span }, { hyper: hyper.name, place, solver }));
    } else if (ways.length === 0) {
      const isUsed = depends(program.outer.value) || depends(program.inner.value);
      const why = still ?? (isUsed ? ({ is: 'without slope' } as const) : ({ is: 'unused' } as const));
      diagnostics.push(hyperReachesNothing({ span: hyper.span }, { hyper: hyper.name, why }));
    }
  }
  if (!reach([program.outer.value], params.values).depends(program.outer.value))
    diagnostics.push(criterionIgnoresParams({ span: program.outer.span }, {}));
  return { acts, diagnostics };
}

/** Why a minimiser, or all that the criterion sees of it, stays where it is when a hyper of the inner loss moves. */
function whyStill(problem: Problem, hyper: HyperInfo): Unreached | undefined {
  const { b, program, params } = problem;
  const rest = unscaled(b, program.inner.value, params.values);
  if (!reach([rest], [hyper.value]).depends(rest)) return { is: 'scales all' };
  const seen = program.params.filter((p) => carries(b, program.outer.value, p.value));
  const met = metBy(problem, hyper);
  if (seen.length === 0 || seen.some((p) => met.has(p.value))) return undefined;
  const unseen = program.params.filter((p) => met.has(p.value)).map((p) => p.name);
  return { is: 'unseen', params: unseen };
}

/** What is left of a loss without factors and terms that no param reaches: it has the same minimisers. */
function unscaled(b: Builder, loss: Value, params: readonly Value[]): Value {
  const { depends } = reach([loss], params);
  const { kind } = b.row(loss.node.op).derivative;
  const [one, ...more] = loss.node.inputs.filter(depends);
  const isStep = (kind === 'linear' || kind === 'multilinear') && loss.node.inputs.every((v) => v.type.shape.length === 0);
  return isStep && one !== undefined && more.length === 0 ? unscaled(b, one, params) : loss;
}

/** The params whose slopes a hyper moves, and all that are coupled to them, one way or another. */
function metBy({ b, params, inner }: Problem, hyper: HyperInfo): ReadonlySet<Value> {
  const couples = params.values.map((v, i) => ({ v, slope: inner.gradientBlocks[i] ?? v }));
  const met = new Set<Value>();
  let found = couples.filter(({ slope }) => carries(b, slope, hyper.value));
  while (found.length > 0) {
    for (const { v } of found) met.add(v);
    found = couples.filter(({ v, slope }) => !met.has(v) && [...met].some((m) => carries(b, slope, m)));
  }
  return met;
}
