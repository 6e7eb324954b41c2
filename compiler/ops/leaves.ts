/** Rows of the ops without operands. */
import { InternalError } from '../../diagnostics/internal-error.ts';
import { number, one } from '../ir/dims.ts';
import { constantFacts, signOf } from './facts.ts';
import type { OpName } from './names.ts';
import { attribute, batchLeaf, moved, needs, nullary, withoutOperands, wrong } from './rules.ts';
import type { Cost, OpRow } from './spec.ts';
import type { Node } from '../ir/graph.ts';

type Leaf = Extract<OpName, 'input' | 'constant' | 'dim_size' | 'iota' | 'eye'>;

const written = (node: Node): Cost => ({ flops: number(0), moved: moved(node) });

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
    facts: () => constantFacts('nonnegative'),
    cost: () => ({ flops: number(0), moved: one }),
    reference: (node, _operands, context) => [{ shape: [], data: Float64Array.of(context.size(attribute(node, 'dim'))) }],
  },

  iota: {
    shape: nullary(({ dim }) => (dim === undefined ? needs('dim') : [{ dtype: 'int', shape: [dim] }])),
    derivative: withoutOperands,
    batch: batchLeaf,
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
    facts: () => constantFacts('nonnegative'),
    cost: written,
    reference: (node, _operands, context) => {
      const length = context.size(attribute(node, 'dim'));
      const data = new Float64Array(length * length);
      for (let i = 0; i < length; i++) data[i * length + i] = 1;
      return [{ shape: [length, length], data }];
    },
  },
};
