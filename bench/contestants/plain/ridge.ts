/** Ridge regression: one factor serves the solution and its adjoint. */
import type { Prepare } from '../../contestant.ts';
import { cholesky, choleskySolve, dot, gram, scale, times, transposedTimes } from './dense.ts';

/** −vᵀw, where w solves (G + penalty·I) w = b and v the same with the gradient of the criterion at w. */
function hypergradient(
  G: Float64Array,
  d: number,
  b: Float64Array,
  penalty: number,
  criterionGradient: (w: Float64Array) => Float64Array,
): number {
  const L = G.slice();
  for (let i = 0; i < d; i += 1) L[i * d + i] = (L[i * d + i] as number) + penalty;
  cholesky(L, d);
  const w = b.slice();
  choleskySolve(L, d, w);
  const v = criterionGradient(w);
  choleskySolve(L, d, v);
  return -dot(v, w);
}

/** Xᵀy / n. */
function moments(X: Float64Array, n: number, d: number, y: Float64Array): Float64Array {
  const b = new Float64Array(d);
  transposedTimes(X, n, d, y, b);
  scale(b, 1 / n);
  return b;
}

export const ridgeFirst: Prepare = (input) => {
  const [n, m, d, penalty] = [input.number('n'), input.number('m'), input.number('d'), input.number('penalty')];
  const [X, y, Xv, yv] = [input.load('X'), input.load('y'), input.load('Xv'), input.load('yv')];
  const residual = new Float64Array(m);
  let found = 0;
  const run = (): void => {
    found = hypergradient(gram(X, n, d, 1 / n), d, moments(X, n, d, y), penalty, (w) => {
      times(Xv, m, d, w, residual);
      for (let i = 0; i < m; i += 1) residual[i] = 2 * ((residual[i] as number) - (yv[i] as number));
      return moments(Xv, m, d, residual);
    });
  };
  return { run, result: () => [found] };
};

export const ridgeAgain: Prepare = (input) => {
  const [n, m, d, penalty] = [input.number('n'), input.number('m'), input.number('d'), input.number('penalty')];
  const [X, Xv] = [input.load('X'), input.load('Xv')];
  const [G, Gv] = [gram(X, n, d, 1 / n), gram(Xv, m, d, 1 / m)];
  const [b, bv] = [moments(X, n, d, input.load('y')), moments(Xv, m, d, input.load('yv'))];
  const at = (penalty: number): number =>
    hypergradient(G, d, b, penalty, (w) => {
      const g = new Float64Array(d);
      times(Gv, d, d, w, g);
      for (let j = 0; j < d; j += 1) g[j] = 2 * ((g[j] as number) - (bv[j] as number));
      return g;
    });
  let count = 0;
  const run = (): void => {
    count += 1;
    at(penalty * (1 + 1e-3 * (count % 8)));
  };
  return { run, result: () => [at(penalty)] };
};
