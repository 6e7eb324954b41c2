/** General systems by products only. */
import { statusCode } from '../../plan/status.ts';
import type { Builder } from '../ir/builder.ts';
import { number as dim, one as dimOne, zero as dimZero } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import { iterateNamed } from '../ir/loops.ts';
import { hypotenuse, isOpen, lanczosPivot, swept, type LinearSolver } from './linear-solver.ts';
import { roundings } from './rounding.ts';
import { RUNNING } from './solver.ts';

/** Basis vectors that are kept until it begins again. */
const BASIS = 30;

/** The position of a 1 in a vector of zeros, `[length]`. */
const unit = (b: Builder, length: number, at: Value): Value =>
  b.select(b.equal(b.iota(dim(length)), at), b.full([dim(length)], 1), b.zeros([dim(length)]));
const outer = (b: Builder, u: Value, v: Value): Value => b.dotGeneral(u, v, [[], []]);

/**
 * Solves A v = rhs by generalised minimal residuals, begun again every 30 steps: the Arnoldi process, its Hessenberg matrix factored by
 * plane rotations as it grows.
 * Shapes: rhs, v `[d]`; `product` maps `[d] → [d]`. Units: `tolerance`, a scalar, is relative to ‖rhs‖.
 * Needs:  A nonsingular.
 * Fails:  returns status `not-positive-definite` where A is singular, `stalled` or `step-limit`; `stationary` where a symmetric A is
 *         solved and was seen to be indefinite; never throws.
 * Source: Saad & Schultz (1986), algorithm 4; Gram–Schmidt twice: Giraud, Langou & Rozložník (2005).
 */
export const gmres: LinearSolver = (b, operator, rhs, goal) =>
  swept(b, operator, rhs, goal, {
    name: 'gmres',
    sweeps: Math.ceil(goal.limit / BASIS),
    progress: 1 + 1e-6,
    from: (from, residual, done, enough) => {
      const zero = b.constant(0);
      const one = b.constant(1);
      const rows = dim(BASIS + 1);
      const size = b.norm(residual);
      const count = Math.min(BASIS, goal.limit);
      const cycle = iterateNamed(b, {
        name: 'gmres',
        limit: count,
        states: {
          // Orthonormal rows; the Hessenberg matrix; the product of all rotations; of these, how many columns.
          basis: outer(b, unit(b, BASIS + 1, zero), b.div(residual, size)),
          hessenberg: b.zeros([rows, dim(BASIS)]),
          rotation: b.eye(rows),
          columns: zero,
          left: size,
          beta: zero,
          pivot: zero,
          status: b.constant(RUNNING),
        },
        test: ({ left, status }) => b.and(b.less(enough, left), isOpen(b, status)),
        body: ({ basis, hessenberg, rotation, columns, beta, pivot, status }) => {
          const [here, below] = [unit(b, BASIS + 1, columns), unit(b, BASIS + 1, b.add(columns, one))];
          const product = operator.product(b.matmul(here, basis));
          const first = b.matmul(basis, product);
          const once = b.sub(product, b.matmul(first, basis));
          const second = b.matmul(basis, once);
          const twice = b.sub(once, b.matmul(second, basis));
          const inside = b.add(first, second);
          const norm = b.norm(product);
          const rest = b.norm(twice);
          // What rounding leaves of a vector that lies in the basis is no direction.
          const betaNext = b.select(b.less(b.mul(roundings(b, 1), norm), rest), rest, zero);
          const direction = b.select(b.less(zero, betaNext), b.div(twice, rest), b.zeros(rhs.type.shape));
          const column = b.add(inside, b.mul(betaNext, below));
          const rotated = b.matmul(rotation, column);
          const [x, y] = [b.inner(here, rotated), b.inner(below, rotated)];
          const length = hypotenuse(b, x, y);
          const singular = b.lessEqual(length, b.mul(roundings(b, 4), norm));
          const [c, s] = [b.div(x, length), b.div(y, length)];
          const [upper, lower] = [b.matmul(here, rotation), b.matmul(below, rotation)];
          const lowerNext = b.sub(b.mul(c, lower), b.mul(s, upper));
          const upperNext = b.add(b.mul(c, upper), b.mul(s, lower));
          const change = b.add(outer(b, here, b.sub(upperNext, upper)), outer(b, below, b.sub(lowerNext, lower)));
          const curved = lanczosPivot(b, b.inner(here, inside), beta, pivot, norm);
          const seen = operator.symmetric ? b.select(curved.negative, b.constant(statusCode('stationary')), status) : status;
          const place = b.slice(here, 0, dimZero, dim(BASIS));
          return {
            basis: b.add(basis, outer(b, below, direction)),
            hessenberg: b.add(hessenberg, outer(b, column, place)),
            rotation: b.add(rotation, change),
            columns: b.add(columns, b.select(singular, zero, one)),
            left: b.abs(b.mul(size, b.inner(lowerNext, unit(b, BASIS + 1, zero)))),
            beta: betaNext,
            pivot: curved.pivot,
            status: b.select(singular, b.constant(statusCode('not-positive-definite')), seen),
          };
        },
      });
      const { basis, hessenberg, rotation, columns, status } = cycle;
      // R y = the rotated residual, over the columns that there are; an identity stands for the others.
      const within = (v: Value): Value => b.slice(v, 0, dimZero, dim(BASIS));
      const used = b.less(b.iota(dim(BASIS)), b.broadcast(columns, [dim(BASIS)], []));
      const wide = b.broadcast(used, [dim(BASIS), dim(BASIS)], [1]);
      const triangle = b.select(wide, within(b.matmul(rotation, hessenberg)), b.eye(dim(BASIS)));
      const turned = within(b.reshape(b.slice(rotation, 1, dimZero, dimOne), [rows]));
      const goalVector = b.select(used, b.mul(size, turned), b.zeros([dim(BASIS)]));
      const y = b.triangularSolve(b.transpose(triangle, [1, 0]), goalVector, true);
      return { v: b.add(from, b.matmul(y, within(basis))), steps: b.add(done, columns), status };
    },
  });
