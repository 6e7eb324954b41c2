/**
 * Data matrices whose columns meet a param as they are, under one penalty for all: there it matters in which units a column is. Their
 * scales are known when data are bound; here is said where to look.
 */
import type { Builder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import type { Problem } from '../problem.ts';
import type { DataInfo, ParamInfo } from '../program.ts';
import { reach } from '../transform/reach.ts';
import { separableAlong } from '../transform/separable.ts';
import type { OwnTerms } from './own-terms.ts';

export interface Features {
  readonly data: DataInfo;
  /** Along which its features lie. */
  readonly axis: number;
  readonly param: ParamInfo;
}

export function featuresOf(problem: Problem, own: OwnTerms): readonly Features[] {
  const { b, program, inner, params } = problem;
  const found: Features[] = [];
  for (const { inputs, attributes } of reach([inner.value], params.values).nodes) {
    const leaves = inputs.map((v) => leafOf(b, v));
    for (const [i, leaf] of leaves.entries()) {
      const data = program.data.find(({ value }) => value === leaf);
      const param = program.params.find(({ value }) => leaves.includes(value));
      const contracted = attributes.contract?.[i === 0 ? 0 : 1] ?? [];
      const [axis, ...more] = contracted.map((at) => inputs[i]?.type.shape[at]?.key);
      const places = (data?.shape ?? []).flatMap((dim, at) => (dim.key === axis ? [at] : []));
      const [place, ...others] = places;
      if (data?.shape.length !== 2 || param === undefined || place === undefined || more.length + others.length > 0) continue;
      const known = found.some((f) => f.data === data && f.param === param);
      if (!known && hasOnePenalty(problem, own, param, axis)) found.push({ data, axis: place, param });
    }
  }
  return found;
}

/** The input that a value shows, all of it or some rows, in whatever form: nothing was added to it, and nothing multiplied it. */
function leafOf(b: Builder, v: Value): Value | undefined {
  if (v.node.op === 'input') return v;
  const [only, ...others] = v.node.inputs.filter(({ type }) => type.dtype === 'real');
  const { kind } = b.row(v.node.op).derivative;
  const shows = (kind === 'linear' || kind === 'multilinear') && only !== undefined && others.length === 0;
  return shows && v.type.shape.length === only.type.shape.length ? leafOf(b, only) : undefined;
}

/** Whether the loss has terms of the param alone, beside those of the values in which params meet data, and the same along an axis. */
function hasOnePenalty({ b, program }: Problem, { slopes }: OwnTerms, { value, shape }: ParamInfo, dim: string | undefined): boolean {
  const slope = slopes[program.params.findIndex((param) => param.value === value)];
  const axis = shape.findIndex(({ key }) => key === dim);
  return slope !== undefined && axis >= 0 && separableAlong(b, [value], [slope], [axis])?.varies === false;
}
