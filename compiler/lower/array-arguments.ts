/** Arguments of the inner solver that are arrays: a schedule, a number for each step, or a number for each coordinate of the params. */
import { argumentIsBoth, argumentShape } from '../../diagnostics/levels.ts';
import { sameDim, type Dim, type Shape } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import { printTensorType } from '../check/types.ts';
import { pack } from '../problem.ts';
import type { ParamInfo } from '../program.ts';
import { stretch } from './arithmetic.ts';
import { rankOf, refuse, show, type Context, type Operand } from './context.ts';

export interface Place {
  readonly method: string;
  readonly option: string;
  /** The params of the problem, of which each has to take the array. */
  readonly params: readonly Pick<ParamInfo, 'name' | 'shape' | 'span'>[];
  readonly step: Value;
  /** What `steps` is, if it is given. */
  readonly steps?: Dim | undefined;
}

/**
 * What the solver sees of an argument: a scalar, which may depend on `step`, or a number for each coordinate, `[d]`. A vector whose dim
 * is `steps` is a schedule, so its element at `step`; any other shape is stretched to each param. Reports, and then has no value.
 */
export function placed(c: Context, { value, span }: Operand, place: Place): Value | undefined {
  if (rankOf(value) === 0) return value;
  const { method, option, params, step, steps } = place;
  const [dim] = value.type.shape;
  const isSchedule = rankOf(value) === 1 && dim !== undefined && steps !== undefined && sameDim(dim, steps, c.b.fixed);
  const against = params.filter((p) => !stretches(c, value.type.shape, p.shape));
  const fits = params.length > 0 && against.length === 0;
  const about = { method, option, is: show(value), steps: steps?.key };
  if (isSchedule && fits) return refuse(c, argumentIsBoth({ span }, about));
  if (isSchedule) return c.b.gather(value, step, 0);
  if (fits)
    return pack(
      c.b,
      params.map((p) => stretch(c, value, p.shape)),
    );
  const labels = against.map((p) => ({ span: p.span, message: `\`${p.name}\` is ${printTensorType({ dtype: 'real', shape: p.shape })}` }));
  return refuse(c, argumentShape({ span, labels }, { ...about, isShared: params.length === 0 }));
}

/** Whether a shape stretches to another, axes aligned at the end; dims that are 1 do where no axis is new. */
function stretches(c: Context, from: Shape, to: Shape): boolean {
  const skipped = to.length - from.length;
  return skipped >= 0 && from.every((dim, i) => sameDim(dim, to[skipped + i] as Dim, c.b.fixed) || (skipped === 0 && dim.key === '1'));
}
