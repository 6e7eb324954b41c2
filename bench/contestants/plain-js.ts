/** Plain TypeScript, float64: what one writes without a library, and writes well. */
import { type Contestant, type Prepare } from '../contestant.ts';
import { addProduct, cholesky, transposed, whole } from './plain/dense.ts';
import { hyperCleaning, unrolledNetwork } from './plain/digits.ts';
import { hessianProduct, logistic, logisticGradient, unrolledLogistic } from './plain/logistic.ts';
import { ridgeAgain, ridgeFirst } from './plain/ridge.ts';

const matrixProduct: Prepare = (input) => {
  const n = input.number('n');
  const [A, B, C, BT] = [input.load('A'), input.load('B'), new Float64Array(n * n), new Float64Array(n * n)];
  const run = (): void => {
    transposed(B, n, n, BT);
    C.fill(0);
    addProduct(whole(C, n), whole(A, n), whole(BT, n), n, n, n);
  };
  return { run, result: () => C };
};

const choleskyFactor: Prepare = (input) => {
  const n = input.number('n');
  const A = input.load('A');
  const L = new Float64Array(n * n);
  const run = (): void => {
    L.set(A);
    cholesky(L, n);
  };
  return { run, result: () => L };
};

export const open = (): Contestant => ({
  versions: { node: process.version },
  rows: {
    'logistic-gradient': logisticGradient,
    'hessian-product': hessianProduct,
    'matrix-product': matrixProduct,
    cholesky: choleskyFactor,
    'ridge-first': ridgeFirst,
    'ridge-again': ridgeAgain,
    logistic,
    'unrolled-logistic': unrolledLogistic,
    'unrolled-network': unrolledNetwork,
    'hyper-cleaning': hyperCleaning,
  },
});
