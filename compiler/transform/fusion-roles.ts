/** What fusion may do with each op; the tables of kernels are exhaustive by it. */
import type { OpName } from '../../plan/op-names.ts';

/**
 * `input`: is there. `leaf`, `view`: computed where it is read. `pointwise`: element by element. `reduction`: a sum or maximum over axes.
 * `product`: a product of tensors. `whole`: only all of it at once.
 */
export type FusionRole = 'input' | 'leaf' | 'view' | 'pointwise' | 'reduction' | 'product' | 'whole';

export const fusionRoles = {
  input: 'input',
  constant: 'leaf',
  dim_size: 'leaf',
  iota: 'leaf',
  eye: 'leaf',
  random_uniform: 'whole',
  neg: 'pointwise',
  abs: 'pointwise',
  sign: 'pointwise',
  floor: 'pointwise',
  exp: 'pointwise',
  log: 'pointwise',
  log1p: 'pointwise',
  expm1: 'pointwise',
  sqrt: 'pointwise',
  sin: 'pointwise',
  cos: 'pointwise',
  tanh: 'pointwise',
  sigmoid: 'pointwise',
  softplus: 'pointwise',
  erf: 'pointwise',
  not: 'pointwise',
  is_finite: 'pointwise',
  stop_gradient: 'view',
  add: 'pointwise',
  sub: 'pointwise',
  mul: 'pointwise',
  div: 'pointwise',
  pow: 'pointwise',
  maximum: 'pointwise',
  minimum: 'pointwise',
  guarded_mul: 'pointwise',
  equal: 'pointwise',
  less: 'pointwise',
  less_equal: 'pointwise',
  and: 'pointwise',
  or: 'pointwise',
  select: 'pointwise',
  broadcast_in_dim: 'view',
  reshape: 'view',
  transpose: 'view',
  slice: 'view',
  pad: 'whole',
  concat: 'whole',
  reverse: 'view',
  gather: 'whole',
  scatter_add: 'whole',
  argmax: 'whole',
  argsort: 'whole',
  cumsum: 'whole',
  reduce_sum: 'reduction',
  reduce_max: 'reduction',
  dot_general: 'product',
  cholesky: 'whole',
  triangular_solve: 'whole',
  solve: 'whole',
  eigh: 'whole',
  scan: 'whole',
  iterate: 'whole',
} as const satisfies Readonly<Record<OpName, FusionRole>>;

/** The ops of a role. */
export type OpsWith<Role extends FusionRole> = { [Op in OpName]: (typeof fusionRoles)[Op] extends Role ? Op : never }[OpName];
