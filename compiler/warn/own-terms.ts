/** What a loss asks of params by themselves, apart from the values in which they meet: a penalty, in most. */
import { given } from '../ir/attributes.ts';
import type { Value } from '../ir/graph.ts';
import type { Problem } from '../problem.ts';
import { meetings } from '../solvers/low-rank-form.ts';
import { reach } from '../transform/reach.ts';
import { replaceOne } from '../transform/replace.ts';
import { gradient } from '../transform/transpose.ts';

export interface OwnTerms {
  /** The values, affine in the params, in which they meet. */
  readonly met: readonly Value[];
  /** The slope of each param with these held; `undefined` where it has none that depends on a param or on what is met. */
  readonly slopes: readonly (Value | undefined)[];
}

export function ownTerms({ b, params }: Problem, loss: Value): OwnTerms {
  const met = meetings(b, loss, params.values);
  const stand = met.map((v) => b.input('met', 'state', v.type));
  const apart = replaceOne(b, loss, new Map(met.map((v, i) => [v, given(stand[i])])));
  const moving = [...params.values, ...stand];
  const slopes = gradient(b, apart, params.values).map((slope) => (reach([slope], moving).depends(slope) ? slope : undefined));
  return { met, slopes };
}
