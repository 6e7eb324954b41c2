/** Rows of the ops without operands. */
import { InternalError } from '../../diagnostics/internal-error.ts';
import { number, one } from '../ir/dims.ts';
import { constantFacts, signOf } from './facts.ts';
import { eyeMatrix, withMatrix } from './matrix-facts.ts';
import type { OpName } from '../../plan/op-names.ts';
import { isShort, roundingsOf } from '../ir/attributes.ts';
import { asWritten, exact, least, type RadiusRule } from './radius.ts';
import { attribute, batchLeaf, gathered, moved, needs, nullary, result, withoutOperands, wrong } from './rules.ts';
import type { Cost, OpRow } from './spec.ts';
import type { Node } from '../ir/graph.ts';

type Leaf = Extract<OpName, 'input' | 'constant' | 'dim_size' | 'iota' | 'eye'>;

const written = (node: Node): Cost => ({ flops: number(0), moved: moved(node) });

/** A whole unit more in float32, where also a constant that is exact in float64 is rounded; the least one where it may vanish. */
const asRead: RadiusRule = (b, node) => {
  const [value, v] = [attribute(node, 'value'), result(node)];
  if (v.type.dtype !== 'real' && Math.abs(value) < 2 ** 24) return undefined;
  const count = roundingsOf(v);
  if (count === 0 && isShort(value) && node.attributes.single === undefined) return undefined;
  const off = b.mul(b.byPrecision(count * 2 ** -53, (1 + count * 2 ** -29) * 2 ** -24), b.abs(v));
  return Math.abs(value) < 2 ** -126 ? b.add(off, least(b)) : off;
};

export const leafRows: Readonly<Record<Leaf, OpRow>> = {
  // An input is constant unless whoever analyses a graph says that it is the variable.
  input: {
    shape: nullary(({ name, role, shape, dtype }) => {
      if (name === undefined || role === undefined) return needs(name === undefined ? 'name' : 'role');
      if (shape === undefined || dtype === undefined) return needs(shape === undefined ? 'shape' : 'dtype');
      return [{ dtype, shape }];
    }),
    derivative: withoutOperands,
    batch: batchLeaf,
    pick: gathered,
    radius: asWritten,
    facts: () => constantFacts('unknown'),
    cost: () => ({ flops: number(0), moved: number(0) }),
    reference: (node) => {
      throw new InternalError('interpret', `input '${attribute(node, 'name')}' has no value`);
    },
  },

  constant: {
    shape: nullary(({ value, dtype }) => {
      if (value === undefined) return needs('value');
      if (dtype === undefined) return needs('dtype');
      if (dtype === 'int' && !Number.isInteger(value)) return wrong(`${value} is not an int`);
      if (dtype === 'bool' && value !== 0 && value !== 1) return wrong(`${value} is not a bool (0 or 1)`);
      return [{ dtype, shape: [] }];
    }),
    derivative: withoutOperands,
    batch: batchLeaf,
    radius: asRead,
    facts: (node) => constantFacts(signOf(attribute(node, 'value'))),
    cost: () => ({ flops: number(0), moved: one }),
    reference: (node) => [{ shape: [], data: Float64Array.of(attribute(node, 'value')) }],
  },

  dim_size: {
    shape: nullary(({ dim, dtype }) => {
      if (dim === undefined) return needs('dim');
      return dtype === 'bool' ? wrong('a size is not a bool') : [{ dtype: dtype ?? 'real', shape: [] }];
    }),
    derivative: withoutOperands,
    batch: batchLeaf,
    radius: exact,
    facts: () => constantFacts('nonnegative'),
    cost: () => ({ flops: number(0), moved: one }),
    reference: (node, _operands, context) => [{ shape: [], data: Float64Array.of(context.size(attribute(node, 'dim'))) }],
  },

  iota: {
    shape: nullary(({ dim }) => (dim === undefined ? needs('dim') : [{ dtype: 'int', shape: [dim] }])),
    derivative: withoutOperands,
    batch: batchLeaf,
    pick: gathered,
    radius: exact,
    facts: () => constantFacts('nonnegative'),
    cost: written,
    reference: (node, _operands, context) => {
      const length = context.size(attribute(node, 'dim'));
      return [{ shape: [length], data: Float64Array.from({ length }, (_, i) => i) }];
    },
  },

  eye: {
    shape: nullary(({ dim }) => (dim === undefined ? needs('dim') : [{ dtype: 'real', shape: [dim, dim] }])),
    derivative: withoutOperands,
    batch: batchLeaf,
    pick: gathered,
    radius: exact,
    facts: withMatrix(() => constantFacts('nonnegative'), eyeMatrix),
    cost: written,
    reference: (node, _operands, context) => {
      const length = context.size(attribute(node, 'dim'));
      const data = new Float64Array(length * length);
      for (let i = 0; i < length; i++) data[i * length + i] = 1;
      return [{ shape: [length, length], data }];
    },
  },
};
