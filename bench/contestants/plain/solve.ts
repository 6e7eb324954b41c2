/** The iterative solvers of the plain contestant. */
import { add, dot, norm, scale } from './dense.ts';

/** Until ‖product(x) − rhs‖ ≤ stop. `product` and `precondition` write into their second argument. */
export function conjugateGradient(
  product: (v: Float64Array, out: Float64Array) => void,
  rhs: Float64Array,
  stop: number,
  precondition: (r: Float64Array, out: Float64Array) => void = (r, out) => out.set(r),
): Float64Array {
  const x = new Float64Array(rhs.length);
  const r = rhs.slice();
  const z = new Float64Array(rhs.length);
  const q = new Float64Array(rhs.length);
  precondition(r, z);
  const p = z.slice();
  let rz = dot(r, z);
  for (;;) {
    product(p, q);
    const step = rz / dot(p, q);
    add(x, step, p);
    add(r, -step, q);
    if (norm(r) <= stop) return x;
    precondition(r, z);
    const before = rz;
    rz = dot(r, z);
    scale(p, rz / before);
    add(p, 1, z);
  }
}

interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  readonly rho: number;
}

const remembered = 10;

/** Products with limited-memory BFGS' approximation of an inverse Hessian. */
function quasiNewton(pairs: readonly Pair[], first: number, g: Float64Array): Float64Array {
  const q = g.slice();
  const weights: number[] = [];
  for (const { step, change, rho } of pairs.toReversed()) {
    const weight = rho * dot(step, q);
    weights.unshift(weight);
    add(q, -weight, change);
  }
  scale(q, first);
  pairs.forEach(({ step, change, rho }, i) => add(q, (weights[i] ?? 0) - rho * dot(change, q), step));
  return q;
}

/** A convex function's minimiser from 0, by its gradient alone. `firstScale` is the length of the first step along −g. */
export function minimise(
  d: number,
  gradient: (w: Float64Array) => Float64Array,
  firstScale: (g: Float64Array) => number,
  stop: number,
): Float64Array {
  let w = new Float64Array(d);
  let g = gradient(w);
  let pairs: readonly Pair[] = [];
  let factor = firstScale(g);
  while (norm(g) > stop) {
    const step = quasiNewton(pairs, factor, g);
    scale(step, -1);
    for (;;) {
      const next = w.slice();
      add(next, 1, step);
      const gradientThere = gradient(next);
      if (norm(gradientThere) > 2 * norm(g)) {
        scale(step, 0.5);
        continue;
      }
      const change = gradientThere.slice();
      add(change, -1, g);
      const curvature = dot(step, change);
      pairs = [...pairs.slice(1 - remembered), { step, change, rho: 1 / curvature }];
      factor = curvature / dot(change, change);
      [w, g] = [next, gradientThere];
      break;
    }
  }
  return w;
}
