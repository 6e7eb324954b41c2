/** Other ways to write an expression: more stable ones, shorter ones, and those that say the same the other way round. */

export interface Form {
  /** In the language; names of one letter stand for any expression, the same wherever they stand. */
  readonly from: string;
  readonly to: string;
  /** What is better about it; without that, it is another way only. */
  readonly why?: string;
  /** What has to hold for it: that these have one shape, or so many axes. */
  readonly where?: { readonly alike?: readonly string[]; readonly rank?: Readonly<Record<string, number>> };
}

const overflow = 'which does not overflow';
const small = 'which is exact where the argument is small';

/** The first that fits an expression is offered; the parts of a sum or a product may stand in either order. */
export const forms: readonly Form[] = [
  { from: '-log(sigmoid(x))', to: 'softplus(-x)', why: overflow },
  { from: 'log(sigmoid(x))', to: '-softplus(-x)', why: overflow },
  { from: 'c - log(sigmoid(x))', to: 'c + softplus(-x)', why: overflow },
  { from: 'log(1 - sigmoid(x))', to: '-softplus(x)', why: overflow },
  { from: 'log(1 + exp(x))', to: 'softplus(x)', why: overflow },
  { from: 'log1p(exp(x))', to: 'softplus(x)', why: overflow },
  { from: 'log(sum(exp(x)))', to: 'logsumexp(x)', why: overflow },
  { from: 'log(sum(exp(x), axis = a))', to: 'logsumexp(x, axis = a)', why: overflow },
  { from: 'log(softmax(x))', to: 'log_softmax(x)', why: overflow },
  { from: 'log(softmax(x, axis = a))', to: 'log_softmax(x, axis = a)', why: overflow },
  { from: 'exp(x) / sum(exp(x))', to: 'softmax(x)', why: overflow, where: { rank: { x: 1 } } },
  { from: '1 / (1 + exp(-x))', to: 'sigmoid(x)', why: overflow },
  { from: 'exp(x) / (1 + exp(x))', to: 'sigmoid(x)', why: overflow },
  { from: 'log(1 + x)', to: 'log1p(x)', why: small },
  { from: 'exp(x) - 1', to: 'expm1(x)', why: small },
  { from: '1 - exp(x)', to: '-expm1(x)', why: small },
  { from: '2 * sum(log(diag(cholesky(A))))', to: 'logdet(A)' },
  { from: 'sqrt(sum(x^2))', to: 'norm(x)' },
  { from: 'sqrt(sum(x^2, axis = a))', to: 'norm(x, axis = a)' },
  { from: 'norm(x)^2', to: 'sum(x^2)', why: 'which has no kink' },
  { from: 'sqrt(var(x))', to: 'std(x)' },
  { from: 'sqrt(var(x, axis = a))', to: 'std(x, axis = a)' },
  { from: 'x * sigmoid(x)', to: 'silu(x)' },
  { from: 'maximum(x, 0)', to: 'relu(x)' },
  { from: 'maximum(0, x)', to: 'relu(x)' },
  { from: 'relu(x)', to: 'maximum(x, 0)' },
  { from: 'mean((a - b)^2)', to: 'mse(a, b)', where: { alike: ['a', 'b'] } },
  { from: 'mse(a, b)', to: 'mean((a - b)^2)' },
  { from: 'sum(x^2)', to: 'l2(x)' },
  { from: 'l2(x)', to: 'sum(x^2)' },
  { from: 'sum(abs(x))', to: 'l1(x)' },
  { from: 'l1(x)', to: 'sum(abs(x))' },
  { from: 'sum(a * b)', to: 'a @ b', where: { alike: ['a', 'b'], rank: { a: 1 } } },
  { from: 'a @ b', to: 'sum(a * b)', where: { rank: { a: 1, b: 1 } } },
  { from: '[sum(r) for r in A]', to: 'sum(A, axis = 1)', where: { rank: { A: 2 } } },
  { from: '[mean(r) for r in A]', to: 'mean(A, axis = 1)', where: { rank: { A: 2 } } },
  { from: 'x.T.T', to: 'x' },
  { from: '(A @ B).T', to: 'B.T @ A.T' },
  { from: 'A.T @ B.T', to: '(B @ A).T' },
  { from: 'not not c', to: 'c' },
];
