/**
 * A criterion on the very data that the inner problem is fitted to, where hypers weigh penalties: what fits these data best is no penalty
 * at all, so the weights run to their bounds. Only where nothing else speaks for a penalty: the criterion looks at the params through the
 * fit alone, at all of its data and at no others, and the weights do not stand in it.
 */
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { criterionOnTrainingData } from '../../diagnostics/dependence.ts';
import { declaredFacts, factsIn } from '../facts.ts';
import type { Value } from '../ir/graph.ts';
import type { Problem } from '../problem.ts';
import type { DataInfo, HyperInfo, IndexSetInfo } from '../program.ts';
import { ancestors, reach } from '../transform/reach.ts';
import { gradient } from '../transform/transpose.ts';
import type { Acts } from './acts.ts';
import { ownTerms } from './own-terms.ts';

/** Data as an expression reads them: all, or those of an index set. */
interface Read {
  readonly data: DataInfo;
  readonly set: IndexSetInfo | undefined;
}

export function onTrainingData(problem: Problem, acts: ReadonlyMap<HyperInfo, Acts>): readonly Diagnostic[] {
  const { program } = problem;
  const weights = program.hypers.filter((h) => acts.get(h)?.includes('directly') === false && isWeight(problem, h));
  const fitted = readsOf(problem, program.inner.value);
  const judged = readsOf(problem, program.outer.value);
  const isSame = seesTheFit(problem) && alike(fitted, judged);
  if (weights.length === 0 || judged.length === 0 || !(isSame || isPart(problem, fitted, judged))) return [];
  const where = { span: program.outer.span, labels: [{ span: program.inner.span, message: 'what is fitted to the same data' }] };
  return [
    criterionOnTrainingData(where, {
      hypers: weights.map((h) => h.name),
      data: judged.map(({ data, set }) => `${data.name}${set === undefined ? '' : `[${set.name}]`}`),
      hint: hintFor(problem, judged, isSame),
    }),
  ];
}

/** It weighs a penalty of the inner loss: the more of it the larger the loss, whatever the data. */
function isWeight({ b, program, params }: Problem, { value }: HyperInfo): boolean {
  const [slope] = gradient(b, program.inner.value, [value]);
  if (slope === undefined || !reach([slope], params.values).depends(slope)) return false;
  const ofData = ancestors([slope]).some(({ outputs }) => program.data.some((d) => d.value === outputs[0]));
  return !ofData && factsIn(b, slope, params.values, declaredFacts(program)).sign === 'nonnegative';
}

/**
 * Whether params reach the criterion through what the inner loss makes of data too, and there alone, no rows weighed anew: the criterion is then affine in these
 * values, or convex and no less than 0 in all of them, or concave and no less than 0 in one, which rises. A target for one, as in the
 * discrepancy principle, is neither.
 */
function seesTheFit({ b, program, params }: Problem): boolean {
  const inner = new Set(ancestors([program.inner.value]).flatMap(({ outputs }) => outputs));
  const outer = reach([program.outer.value], params.values);
  const isData = (v: Value): boolean => v.node.op === 'input' && v.node.attributes.role === 'data';
  const touches = (v: Value): boolean => ancestors([v]).some(({ outputs: [leaf] }) => leaf !== undefined && isData(leaf));
  const shared = new Set<Value>();
  const stack = [program.outer.value];
  for (let v = stack.pop(); v !== undefined; v = stack.pop()) {
    if (inner.has(v) && outer.depends(v)) {
      if (!touches(v)) return false;
      shared.add(v);
    } else if (outer.depends(v)) stack.push(...v.node.inputs);
    else if (touches(v)) return false;
  }
  const { curvature, sign } = factsIn(b, program.outer.value, [...shared], declaredFacts(program));
  const isOneNumber = [...shared].every((v) => v.type.shape.length === 0);
  if (curvature === 'affine') return true;
  return curvature === (isOneNumber ? 'concave' : 'convex') && sign === 'nonnegative';
}

/** Whether the fit is to all of the data, and the criterion on those of a set; rows may have no weights of their own. */
function isPart(problem: Problem, fitted: readonly Read[], judged: readonly Read[]): boolean {
  const { b, program, params } = problem;
  const set = judged[0]?.set;
  const dim = program.splits.find(({ parts }) => parts.some((part) => part === set))?.dim;
  if (
    set === undefined ||
    !alike(
      fitted,
      judged.map(({ data }) => ({ data, set: undefined })),
    )
  )
    return false;
  const weighsRows = program.hypers.some(({ value }) => value.type.shape.some((d) => d.key === dim));
  const { curvature } = factsIn(b, program.outer.value, params.values, declaredFacts(program));
  const hasTerms = ownTerms(problem, program.outer.value).slopes.some((slope) => slope !== undefined);
  return !weighsRows && !hasTerms && judged.every((read) => read.set === set) && curvature === 'convex';
}

const alike = (some: readonly Read[], others: readonly Read[]): boolean => {
  const within = (a: readonly Read[], all: readonly Read[]): boolean =>
    a.every((one) => all.some(({ data, set }) => data === one.data && set === one.set));
  return within(some, others) && within(others, some);
};

function readsOf({ program }: Problem, output: Value): readonly Read[] {
  const sets = program.splits.flatMap(({ parts }) => parts);
  const reads = ancestors([output]).flatMap(({ inputs }) =>
    inputs.flatMap((v): readonly Read[] => {
      const data = program.data.find((d) => d.value === v);
      return data === undefined ? [] : [{ data, set: sets.find(({ value }) => inputs.includes(value)) }];
    }),
  );
  return reads.filter((read, i) => reads.findIndex(({ data, set }) => data === read.data && set === read.set) === i);
}

/** The smallest change of the page that gives the criterion data of its own. */
function hintFor({ program }: Problem, judged: readonly Read[], isSame: boolean): string {
  const rows = judged.find(({ set }) => set !== undefined) ?? judged[0];
  const names = (set: string): string => judged.map(({ data }) => `\`${data.name}[${set}]\``).join(', ');
  const split = program.splits.find(({ parts, dim }) => parts.some((p) => p === rows?.set) || rows?.data.shape.some((d) => d.key === dim));
  const other = split?.parts.find((part) => part !== rows?.set);
  if (rows?.set !== undefined && other !== undefined)
    return isSame ? `evaluate it on rows that are held out: ${names(other.name)}` : `fit to the other rows: ${names(other.name)}`;
  if (split !== undefined) return `fit to ${names(split.parts[0]?.name ?? '')}, and evaluate on ${names(split.parts[1]?.name ?? '')}`;
  const dim = rows?.data.shape[0]?.key ?? 'n';
  return `hold rows out: \`split ${dim} into train 80%, valid 20%, seed 7\`, fit to ${names('train')} and evaluate on ${names('valid')}`;
}
