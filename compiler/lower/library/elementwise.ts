/** Functions of each element, with their names and meanings from `jax.numpy`, `jax.nn` and `jax.scipy.special`. */
import type { OpName } from '../../../plan/op-names.ts';
import type { Value } from '../../ir/graph.ts';
import type { Builder } from '../../ir/builder.ts';
import { pairwise } from '../arithmetic.ts';
import { needed, type LibraryRow, type LibraryTable } from './row.ts';

const ofOne = (make: (b: Builder, x: Value) => Value): LibraryRow => ({
  parameters: [needed('x')],
  lower: (a) => make(a.c.b, a.real('x')),
});

const op = (name: OpName): LibraryRow => ofOne((b, x) => b.unary(name, x));

const ofTwo = (make: (b: Builder, x: Value, y: Value) => Value): LibraryRow => ({
  parameters: [needed('a'), needed('b')],
  lower: (a) => pairwise(a.c, `\`${a.name}\``, a.operand('a'), a.operand('b'), a.call.span, (x, y) => make(a.c.b, x, y)),
});

/** ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))), the default form of `jax.nn.gelu`. */
function gelu(b: Builder, x: Value): Value {
  const cube = b.mul(b.mul(x, x), x);
  const inside = b.scale(b.add(x, b.scale(cube, 0.044715)), Math.sqrt(2 / Math.PI));
  return b.mul(b.scale(x, 0.5), b.add(b.constant(1), b.unary('tanh', inside)));
}

export const elementwise = {
  exp: op('exp'),
  log: op('log'),
  log1p: op('log1p'),
  expm1: op('expm1'),
  sqrt: op('sqrt'),
  abs: op('abs'),
  sign: op('sign'),
  floor: op('floor'),
  sin: op('sin'),
  cos: op('cos'),
  tanh: op('tanh'),
  sigmoid: op('sigmoid'),
  softplus: op('softplus'),
  erf: op('erf'),
  // Not `maximum`, whose derivative at a tie is a half: at 0 that of relu is 0, as in jax.nn.
  relu: ofOne((b, x) => b.select(b.less(b.constant(0), x), x, b.constant(0))),
  gelu: ofOne(gelu),
  silu: ofOne((b, x) => b.mul(x, b.unary('sigmoid', x))),
  maximum: ofTwo((b, x, y) => b.maximum(x, y)),
  minimum: ofTwo((b, x, y) => b.minimum(x, y)),
  clip: {
    parameters: [needed('x'), needed('min'), needed('max')],
    lower: (a) => {
      const { span } = a.call;
      const raised = pairwise(a.c, '`clip`', a.operand('x'), a.operand('min'), span, (x, low) => a.c.b.maximum(x, low));
      if (raised === undefined) return undefined;
      return pairwise(a.c, '`clip`', { value: raised, span: a.operand('x').span }, a.operand('max'), span, (x, high) =>
        a.c.b.minimum(x, high),
      );
    },
  },
} satisfies LibraryTable;
