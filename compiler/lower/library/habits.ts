/** What other libraries have a name for, and the language writes in another way: names that it does not have, and what stands in their place. */

/** Of functions; `c` is a condition, `x`, `y` and `b` are vectors, `A` and `B` matrices. */
const functions = {
  all: 'min(c)',
  any: 'max(c)',
  arange: '[i for i in n]',
  argmin: 'argmax(-x)',
  cat: 'concat(x, y)',
  ceil: '-floor(-x)',
  concatenate: 'concat(x, y)',
  einsum: '[sum(A[i] * x) for i in n]',
  expand_dims: 'expand(x, axis = 0)',
  flatten: 'reshape(A, [size(A)])',
  inv: 'solve(A, b)',
  log10: 'log(x) / log(10)',
  log2: 'log(x) / log(2)',
  logit: 'log(x / (1 - x))',
  matmul: 'A @ B',
  pow: 'x^y',
  power: 'x^y',
  range: '[i for i in n]',
  ravel: 'reshape(A, [size(A)])',
  round: 'floor(x + 0.5)',
  square: 'x^2',
  tan: 'sin(x) / cos(x)',
  transpose: 'A.T',
  unsqueeze: 'expand(x, axis = 0)',
  where: 'if c then x else y',
} as const;

/** Of constants. */
const constants = { True: '1', False: '0', e: 'exp(1)', false: '0', true: '1' } as const;

const lookUp = (table: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

export const functionInPlaceOf = (name: string): string | undefined => lookUp(functions, name);
export const constantInPlaceOf = (name: string): string | undefined => lookUp(constants, name);

/** What is written, and what stands in its place. */
export const habits: readonly (readonly [written: string, instead: string])[] = [
  ...Object.entries(functions).map(([name, instead]) => [`${name}(x)`, instead] as const),
  ...Object.entries(constants),
];
