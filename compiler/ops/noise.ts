/** The row of the op that makes noise: uniform numbers of a key and a counter, each with no regard to the others. */
import { equalShape, number, literal, type Shape } from '../ir/dims.ts';
import type { Builder } from '../ir/builder.ts';
import type { Node, Value } from '../ir/graph.ts';
import { keyOfLimbs, uniformPair } from '../../plan/random.ts';
import { elements } from './arrays.ts';
import { opaque } from './facts.ts';
import { jumping, uniformRadius } from './radius.ts';
import { at, attribute, costPerElement, describe, gathered, needs, operand, range, repeated, wrong } from './rules.ts';
import type { OpRow } from './spec.ts';

/** Operations of a block of bits, by each of its two numbers. */
const BLOCK = 40;

/** Axes that the operands have in front: a draw for each position along them. */
const draws = (node: Node): Shape => operand(node, 1).type.shape;

/**
 * The members at some positions of the first axis are rows that are drawn alone; others are picked from the whole. Element and counter stay
 * together: what a member has does not hang on who else is there.
 */
function pick(b: Builder, node: Node, positions: Value, axis: number): Value {
  const [key, step, row] = [operand(node, 0), operand(node, 1), operand(node, 2)];
  const [count] = positions.type.shape;
  const isFirstRow = row.node.op === 'constant' && row.node.attributes.value === 0;
  if (draws(node).length > 0 || axis !== 1 || count === undefined || !isFirstRow) return gathered(b, node, positions, axis);
  const shape = attribute(node, 'shape').slice(1);
  const rows = b.one('random_uniform', [repeated(b, key, count), repeated(b, step, count), positions], { shape });
  return b.transpose(rows, [1, 0, ...range(shape.length, 2)]);
}

export const noiseRows: Readonly<Record<'random_uniform', OpRow>> = {
  random_uniform: {
    shape: ([key, step, row, ...more], { shape }, fixed) => {
      if (key === undefined || step === undefined || row === undefined || more.length > 0) return wrong('takes a key, a step and a row');
      if (shape === undefined) return needs('shape');
      const int = [key, step, row].find(({ dtype }) => dtype !== 'int');
      if (int !== undefined) return wrong(`is keyed by whole numbers, got ${describe(int)}`);
      const limbs = key.shape.at(-1);
      const fits = limbs !== undefined && literal(limbs) === 4 && equalShape(key.shape.slice(0, -1), step.shape, fixed);
      if (!fits || !equalShape(step.shape, row.shape, fixed))
        return wrong(`takes four limbs of a key for each step and row, got ${describe(key)}, ${describe(step)} and ${describe(row)}`);
      return [{ dtype: 'real', shape: [...step.shape, number(2), ...shape] }];
    },
    derivative: { kind: 'zero', because: 'noise is what it is, whatever it is added to' },
    batch: (b, node, operands, batched, length) => [
      b.one(
        'random_uniform',
        operands.map((v, i) => (batched[i] === true ? v : repeated(b, v, length))),
        node.attributes,
      ),
    ],
    pick,
    facts: opaque('nonnegative'),
    radius: (b, node, radii) => jumping(b, node, radii) ?? uniformRadius(b, node, radii),
    cost: costPerElement(BLOCK),
    reference: (node, operands, context) => {
      const [keys, steps, rows] = [at(operands, 0), at(operands, 1), at(operands, 2)];
      const shape = attribute(node, 'shape').map(context.size);
      const count = elements(shape);
      const data = new Float64Array(2 * count * steps.data.length);
      for (const [draw, t] of steps.data.entries()) {
        const key = keyOfLimbs(keys.data.subarray(4 * draw, 4 * draw + 4));
        const first = (rows.data[draw] as number) * count;
        for (let i = 0; i < count; i++) {
          const [u, v] = uniformPair(key, first + i, t);
          data[2 * draw * count + i] = u;
          data[(2 * draw + 1) * count + i] = v;
        }
      }
      return [{ shape: [...steps.shape, 2, ...shape], data }];
    },
  },
};
