/**
 * Owns the names that people bring along from other languages and libraries: of functions, numbers, statements and options, each with the way
 * it is said here. Signs are the business of `habits.ts`. Knows nothing of which names a page declares: those come first.
 */

const prefixes: ReadonlySet<string> = new Set(['np', 'numpy', 'jnp', 'jax', 'math', 'torch', 'tf', 'scipy', 'cp', 'F']);

/** Whether a name is one that functions of other languages stand behind, as in `np.sum(x)`. */
export const isLibraryPrefix = (name: string): boolean => prefixes.has(name);

// prettier-ignore
const functions: ReadonlyMap<string, string> = new Map([
  ['pow', 'a power is `x^p`'], ['power', 'a power is `x^p`'], ['square', 'a square is `x^2`'], ['sq', 'a square is `x^2`'],
  ['sum_squares', 'write `sum(x^2)`'], ['sumsq', 'write `sum(x^2)`'], ['quad_form', 'write `x @ A @ x`'], ['norm1', 'write `sum(abs(x))`'],
  ['norm2', 'write `norm(x)`'], ['matmul', 'a product of matrices is `A @ B`'], ['mm', 'a product of matrices is `A @ B`'],
  ['einsum', 'a product of matrices is `A @ B`, and sums take `axis = …`'], ['vdot', 'write `dot(a, b)`'],
  ['inv', 'solve instead of inverting: `solve(A, b)`'], ['pinv', 'solve instead of inverting: `solve(A, b)`'],
  ['lstsq', 'the normal equations are `solve(A.T @ A, A.T @ b)`'], ['det', 'for a positive definite matrix, `exp(logdet(A))`'],
  ['slogdet', 'for a positive definite matrix, `logdet(A)`'], ['transpose', 'write `A.T`'], ['tr', 'write `trace(A)`'],
  ['identity', 'write `eye(n)`'], ['len', 'sizes are dims: use the name of the dim'], ['shape', 'sizes are dims: use the name of the dim'],
  ['range', 'a range is `a .. b`, both ends included; over a dim, `[… for i in n]`'], ['arange', 'a range is `[i for i in a .. b]`, both ends included'],
  ['array', 'numbers in brackets are an array: `[1, 2, 3]`'], ['asarray', 'numbers in brackets are an array: `[1, 2, 3]`'],
  ['tensor', 'numbers in brackets are an array: `[1, 2, 3]`'], ['vector', 'numbers in brackets are an array: `[1, 2, 3]`'],
  ['zeros_like', 'write `zeros(n)` with the dims of the array'], ['ones_like', 'write `ones(n)` with the dims of the array'],
  ['concatenate', 'write `concat(a, b)`'], ['cat', 'write `concat(a, b)`'], ['hstack', 'write `concat(A, B, axis = 1)`'], ['vstack', 'write `concat(A, B, axis = 0)`'],
  ['where', 'write `if c then a else b`'], ['ifelse', 'write `if c then a else b`'], ['cond', 'write `if c then a else b`'],
  ['heaviside', 'a comparison is 0 or 1 in a sum: `x > 0`'], ['clamp', 'write `clip(x, a, b)`'], ['pos', 'write `relu(x)`'],
  ['fabs', 'write `abs(x)`'], ['absolute', 'write `abs(x)`'], ['ln', 'write `log(x)`'], ['log10', 'write `log(x) / log(10)`'],
  ['log2', 'write `log(x) / log(2)`'], ['average', 'write `mean(x)`'], ['avg', 'write `mean(x)`'], ['variance', 'write `var(x)`'],
  ['amax', 'write `max(x)`'], ['amin', 'write `min(x)`'], ['argmin', 'write `argmax(-x)`'], ['expit', 'write `sigmoid(x)`'],
  ['logistic', 'log(1 + exp(x)) is `softplus(x)`, 1 / (1 + exp(-x)) is `sigmoid(x)`'], ['cdist', 'write `sqdist(A, B)`, the squares of the distances'],
  ['pdist', 'write `sqdist(A, A)`, the squares of the distances'], ['mse_loss', 'write `mse(prediction, target)`'],
  ['all', 'write `min(c)` of a condition'], ['any', 'write `max(c)` of a condition'], ['ceil', 'write `-floor(-x)`'],
  ['round', 'write `floor(x + 0.5)`'], ['tan', 'write `sin(x) / cos(x)`'], ['logit', 'write `log(x / (1 - x))`'],
  ['expand_dims', 'write `expand(x, axis = 0)`'], ['unsqueeze', 'write `expand(x, axis = 0)`'],
  ['flatten', 'write `reshape(A, [size(A)])`'], ['ravel', 'write `reshape(A, [size(A)])`'],
  ['reduce_sum', 'write `sum(x)`'], ['reduce_mean', 'write `mean(x)`'], ['reduce_max', 'write `max(x)`'], ['reduce_min', 'write `min(x)`'],
  ['ridge', 'write `sum(w^2)`'], ['lasso', 'write `sum(abs(w))`'], ['float', 'whole numbers become real by themselves'],
]);

/** All of them, with how each is written here. */
export const foreignFunctions: readonly (readonly [name: string, here: string])[] = [...functions];

/** How what another language calls by a function of this name is written here. */
export const foreignFunction = (name: string): string | undefined => functions.get(name.toLowerCase());

/** Members that others turn a matrix by. */
export const transposes: ReadonlySet<string> = new Set(['t', 'transpose']);

/** What is written in the place of `owner.name`. */
export function memberHint(
  owner: string,
  name: string,
  { isLibrary, isCalled }: { readonly isLibrary: boolean; readonly isCalled: boolean },
): string {
  if (!isLibrary && transposes.has(name)) return `write \`${owner}.T\``;
  const here = foreignFunction(name);
  if (here !== undefined) return here;
  if (isLibrary) return isCalled ? `functions stand alone: \`${name}(…)\`` : `write \`${name}\``;
  return isCalled ? `functions stand alone: \`${name}(${owner})\`` : `write \`${name}(${owner})\``;
}

// prettier-ignore
const names: ReadonlyMap<string, readonly [words: string, right?: string]> = new Map<string, readonly [string, string?]>([
  ['true', ['a condition is a comparison, as in `x > 0`; as a number it is 1']], ['false', ['a condition is a comparison, as in `x > 0`; as a number it is 0']],
  ['inf', ['there is no infinite number']], ['infinity', ['there is no infinite number']], ['nan', ['there is no such number']],
  ['none', ['leave out what is not wanted']], ['null', ['leave out what is not wanted']], ['e', ['Euler’s number is `exp(1)`', 'exp(1)']],
  ['lambda', ['a `hyper` may have that name: `hyper lambda: positive`']],
]);

/** How a value that another language knows by this name is written here: in words, and the text where there is one. */
export const foreignValue = (name: string): readonly [words: string, right?: string] | undefined => names.get(name.toLowerCase());

const level = 'say which level: `inner minimize …` fits the params, `outer minimize …` the hypers';
const constraint = 'constraints are kinds of params: `param w: nonnegative[d]`, `simplex[d]` or `real[d] in [a, b]`';
const loop = 'there are no loops: `[… for i in n]` makes an array, `scan h = … over x in xs { … }` runs a recurrence';

// prettier-ignore
const statements: ReadonlyMap<string, string> = new Map([
  ['minimize', level], ['minimise', level], ['min', level], ['argmin', level], ['maximize', level], ['maximise', level], ['objective', level],
  ['loss', level], ['subject', constraint], ['st', constraint], ['constraint', constraint], ['constraints', constraint], ['such', constraint],
  ['while', loop], ['repeat', loop], ['return', '`return` ends a block: `= { let u = …  return u^2 }`'],
  ['print', 'what is shown at the end is a `report NAME = …`'], ['constant', 'write `let NAME = …`, or `data NAME: …`'],
]);

/** What to write in the place of a statement that begins with this word. */
export const foreignStatement = (word: string): string | undefined => statements.get(word.toLowerCase().replace(/_.*$/u, ''));

/** Reserved words that begin a statement elsewhere, and end no expression here. */
export const foreignClause: ReadonlyMap<string, string> = new Map([
  ['for', loop],
  ['if', 'a choice between two values is `if c then a else b`'],
  ['@', 'statements begin with a word: `inner minimize …`'],
  ['--', 'a comment begins with `//`'],
]);

// prettier-ignore
const options: ReadonlyMap<string, string> = new Map([
  ['lr', 'rate'], ['learning_rate', 'rate'], ['eta', 'rate'], ['step_size', 'rate'], ['stepsize', 'rate'], ['alpha', 'rate'],
  ['iterations', 'steps'], ['iters', 'steps'], ['n_iter', 'steps'], ['max_iter', 'steps'], ['maxiter', 'steps'], ['num_steps', 'steps'], ['n_steps', 'steps'],
  ['tol', 'tolerance'], ['gtol', 'tolerance'], ['beta', 'momentum'], ['batch_size', 'batch'], ['history', 'memory'], ['b1', 'beta1'], ['b2', 'beta2'], ['eps', 'epsilon'],
]);

/** The option that others call by this name. */
export const foreignOption = (name: string): string | undefined => options.get(name.toLowerCase());
