/** The closed list of primitive ops: what graphs, calls and kernel tables speak of. Meanings: `docs/decisions/005-primitive-ops.md`; facts: the rows in `compiler/ops/`. */
export const opNames = [
  // leaves
  'input',
  'constant',
  'dim_size',
  'iota',
  'eye',
  // noise
  'random_uniform',
  // pointwise, one operand
  'neg',
  'abs',
  'sign',
  'floor',
  'exp',
  'log',
  'log1p',
  'expm1',
  'sqrt',
  'sin',
  'cos',
  'tanh',
  'sigmoid',
  'softplus',
  'erf',
  'not',
  'is_finite',
  'stop_gradient',
  // pointwise, two operands
  'add',
  'sub',
  'mul',
  'div',
  'pow',
  'maximum',
  'minimum',
  'guarded_mul',
  'equal',
  'less',
  'less_equal',
  'and',
  'or',
  // pointwise, three operands
  'select',
  // form
  'broadcast_in_dim',
  'reshape',
  'transpose',
  'slice',
  'pad',
  'concat',
  'reverse',
  // position
  'gather',
  'scatter_add',
  'argmax',
  'argsort',
  'cumsum',
  // reductions
  'reduce_sum',
  'reduce_max',
  // linear algebra
  'dot_general',
  'cholesky',
  'triangular_solve',
  'solve',
  'eigh',
  // loops
  'scan',
  'iterate',
] as const;

export type OpName = (typeof opNames)[number];
