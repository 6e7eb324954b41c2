/**
 * Forward derivatives of a solution in all hypers at once: one tangent a coordinate, carried along side by side.
 */
import { given } from '../ir/attributes.ts';
import { add, size, zero, type Dim } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import type { Problem } from '../problem.ts';
import { batch } from '../transform/batch.ts';
import { jvp } from '../transform/jvp.ts';

/** p, the number of coordinates of all hypers. */
export const hyperCount = ({ hypers }: Problem): Dim => add(zero, ...hypers.map((h) => size(h.type.shape)));

/**
 * d f(x(θ), θ) / dθ = ∇_θ f + Zᵀ ∇_x f with Z = dx/dθ pushed forward. One tensor a hyper, in its own space.
 * Shapes: x `[d]`, Z `[p, d]` by rows. Source: Franceschi et al. (2017), forward mode.
 */
export function forwardGradient({ b, hypers, outer, ...problem }: Problem, x: Value): readonly Value[] {
  const total = hyperCount({ b, hypers, outer, ...problem });
  const directions = hypers.map((h) => b.input('direction', 'state', h.type));
  const [tangent] = jvp(b, [x], new Map(hypers.map((h, i) => [h, given(directions[i])])));
  const direct = outer.hyperGradientAt(x, hypers);
  const blocks: { readonly offset: Dim; readonly size: Dim }[] = [];
  let offset = zero;
  for (const h of hypers) {
    blocks.push({ offset, size: size(h.type.shape) });
    offset = add(offset, size(h.type.shape));
  }
  // Row k is the k-th unit vector of all hypers’ coordinates, cut to this hyper’s.
  const units = hypers.map((h, i) => {
    const own = given(blocks[i]);
    return b.reshape(b.slice(b.eye(total), 1, own.offset, own.size), [total, ...h.type.shape]);
  });
  const [sensitivity] = tangent === undefined ? [] : batch(b, [tangent], new Map(directions.map((d, i) => [d, given(units[i])])), total);
  const through = sensitivity === undefined ? b.zeros([total]) : b.matmul(sensitivity, outer.gradientAt(x));
  return hypers.map((h, i) => {
    const own = given(blocks[i]);
    const part = b.reshape(b.slice(through, 0, own.offset, own.size), h.type.shape);
    const f = direct[i];
    return f === undefined ? part : b.add(f, part);
  });
}
