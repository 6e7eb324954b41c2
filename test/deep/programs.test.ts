/**
 * A thousand random programs: each compiles, prints to a page of the same tree and graph, and has hypergradients that agree between strategies
 * and with finite differences, where it is smooth at the point that was drawn. What they are made of is counted, and asked for.
 */
import { expect, it } from 'vitest';
import { libraryNames } from '../../compiler/lower/library/table.ts';
import { examineMany } from '../programs/run.ts';

const runs = 1000;

// prettier-ignore
const nodes = [
  'all', 'array', 'binary', 'call', 'comprehension', 'fn', 'folds', 'if', 'index', 'let', 'random', 'range', 'rest', 'scan', 'transposed', 'unary',
].map((kind) => `node: ${kind}`);
const operators = ['^', '*', '/', '@', '+', '-', '<', '<=', '>', '>=', '==', '!=', 'and', 'or'].map(
  (operator) => `operator: binary ${operator}`,
);
const unary = ['-', '+', 'not'].map((operator) => `operator: unary ${operator}`);
const functions = [...libraryNames(), 'of the page'].map((name) => `function: ${name}`);
// prettier-ignore
const hypers = ['real', 'real in an interval', 'positive', 'nonnegative', 'unit', 'simplex', 'int in an interval', 'choice'].map((kind) => `hyper: ${kind}`);
const params = ['real', 'real in an interval', 'positive', 'nonnegative', 'unit', 'simplex'].map((kind) => `param: ${kind}`);
const loops = ['loop: over name', 'loop: over range', 'loop: over index', 'scan: 1', 'scan: 2', 'fn: block', 'fn: expression'];
// prettier-ignore
const ops = [
  'cholesky', 'concat', 'cumsum', 'dot_general', 'eigh', 'gather', 'pad', 'pow', 'random_uniform', 'reduce_max', 'scan', 'select', 'solve',
].map((op) => `op: ${op}`);
const inner = ['newton', 'lbfgs', 'closed_form', 'fista', 'proximal_gradient', 'gd', 'sgd', 'heavy_ball', 'nesterov', 'adam', 'rmsprop'];
const solvers = inner.map((solver) => `solve-inner: ${solver}`);
// prettier-ignore
const ways = [
  'closed_form+cholesky', 'closed_form+low_rank', 'closed_form+tridiagonal', 'implicit+cholesky+newton', 'implicit+cholesky+lbfgs',
  'implicit+cholesky+closed_form', 'implicit+cg+newton', 'implicit+cg+lbfgs', 'implicit+cg+support_newton', 'implicit+cholesky+support_newton_cg',
  'implicit+minres+newton', 'implicit+gmres+newton', 'implicit+neumann+newton', 'unrolled+gd', 'unrolled+forward+gd', 'unrolled+adam',
  'unrolled+forward+adam', 'unrolled+nesterov', 'unrolled+heavy_ball', 'unrolled+rmsprop', 'WebAssembly',
].map((way) => `way: ${way}`);

it('a thousand random programs', async () => {
  const tally = await examineMany(1976, runs);
  const expected = [...nodes, ...operators, ...unary, ...functions, ...hypers, ...params, ...loops, ...ops, ...solvers, ...ways];
  expect(tally.missing(expected, 4), tally.toString()).toEqual([]);
  process.stdout.write(
    `${['outcome', 'other way'].flatMap((group) => tally.under(group).map(([what, count]) => `${what} ${count}`)).join('; ')}\n`,
  );
}, 900_000);
