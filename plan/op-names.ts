/** The closed list of primitive ops: what graphs, calls and kernel tables speak of. Meanings: `docs/decisions/005-primitive-ops.md`; facts: the rows in `compiler/ops/`. */

const leaves = ['input', 'constant', 'dim_size', 'iota', 'eye'] as const;
const noise = ['random_uniform'] as const;

/** Pointwise ops, of one operand, two and three. */
const unaryOps = [
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
] as const;
const binaryOps = [
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
] as const;
const ternaryOps = ['select'] as const;

const forms = ['broadcast_in_dim', 'reshape', 'transpose', 'slice', 'pad', 'concat', 'reverse'] as const;
const positions = ['gather', 'scatter_add', 'argmax', 'argsort', 'cumsum'] as const;
const reductions = ['reduce_sum', 'reduce_max'] as const;
const linearAlgebra = ['dot_general', 'cholesky', 'triangular_solve', 'solve', 'eigh'] as const;
const loops = ['scan', 'iterate'] as const;

export const opNames = [
  ...leaves,
  ...noise,
  ...unaryOps,
  ...binaryOps,
  ...ternaryOps,
  ...forms,
  ...positions,
  ...reductions,
  ...linearAlgebra,
  ...loops,
] as const;

export type OpName = (typeof opNames)[number];
export type UnaryOp = (typeof unaryOps)[number];
export type BinaryOp = (typeof binaryOps)[number];
export type TernaryOp = (typeof ternaryOps)[number];

/** What a backend computes element by element; `stop_gradient` is gone when there is code. */
export type PointwiseOp = Exclude<UnaryOp, 'stop_gradient'> | BinaryOp | TernaryOp;
