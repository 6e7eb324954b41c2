/**
 * The rows of the two loop ops (decision 001). A rule opens the body where it stands, transforms it there, and closes it again
 * with `ir/loops.ts`, so that what a transform makes invariant leaves the loop by itself.
 */
import { InternalError } from '../../diagnostics/internal-error.ts';
import type { Builder } from '../ir/builder.ts';
import { add, multiply, equalDim, equalShape, size, symbol, zero, number as dimNumber, type Poly, type Sizes } from '../ir/dims.ts';
import type { Attributes, Graph, Node, Tensor, TensorType, Value } from '../ir/graph.ts';
import { iterate, scan } from '../ir/loops.ts';
import { batch, spread } from '../transform/batch.ts';
import { jvp } from '../transform/jvp.ts';
import { reach } from '../transform/reach.ts';
import { at, bodyOf, fresh, lengthOf, parts, present, replaceTangents, settle, touched, where } from './loop-parts.ts';
import { scanTranspose } from './scan-transpose.ts';
import type { Cost, Facts, InterpretContext, OpRow, ShapeAnswer, Tangent } from './spec.ts';

// ---- shape --------------------------------------------------------------------------------------------------------

const sameType = (a: TensorType, b: TensorType, fixed: Sizes): boolean => a.dtype === b.dtype && equalShape(a.shape, b.shape, fixed);

function loopShape(inputs: readonly TensorType[], attributes: Attributes, fixed: Sizes): ShapeAnswer {
  const { body } = attributes;
  if (body === undefined) return { wrong: 'a loop needs a body' };
  const { constants, states, slices } = parts(attributes, inputs);
  const length = lengthOf(attributes);
  for (const s of slices) {
    const [first] = s.shape;
    if (first === undefined || !equalDim(first, length, fixed)) return { wrong: `a slice operand is not ${length.key} long` };
  }
  const given = [...constants, ...states, ...slices.map((s) => ({ dtype: s.dtype, shape: s.shape.slice(1) }))];
  if (given.length !== body.inputs.length) return { wrong: `the body takes ${body.inputs.length} operands, not ${given.length}` };
  const misfit = given.findIndex((t, i) => !sameType(t, at(body.inputs, i).type, fixed));
  if (misfit >= 0) return { wrong: `operand ${misfit} does not fit the body` };
  const moved = states.findIndex((t, i) => body.outputs[i] === undefined || !sameType(t, at(body.outputs, i).type, fixed));
  if (moved >= 0) return { wrong: `state ${moved} changes its type in the body` };
  const stacked = body.outputs.slice(states.length).map((v): TensorType => ({ dtype: v.type.dtype, shape: [length, ...v.type.shape] }));
  return [...states, ...stacked];
}

// ---- scan: derivatives ------------------------------------------------------------------------------------------------

/** Which outputs of the body have a tangent when the flagged inputs do. */
function touchedByJvp(b: Builder, body: Graph, flags: readonly boolean[]): readonly boolean[] {
  const operands = fresh(
    b,
    body.inputs.map((v) => v.type),
    'p',
  );
  const outputs = b.call(body, operands);
  const tangents = new Map(where(flags).map((i) => [at(operands, i), at(operands, i)]));
  return jvp(b, outputs, tangents).map(present);
}

function scanJvp(b: Builder, node: Node, tangents: readonly Tangent[]): readonly Tangent[] {
  const body = bodyOf(node.attributes);
  const operands = parts(node.attributes, node.inputs);
  const given = parts(node.attributes, tangents);
  const real = operands.states.map((v) => v.type.dtype === 'real');
  const { states: moving, outputs: touched } = settle(given.states.map(present), (states) =>
    touchedByJvp(b, body, [...given.constants.map(present), ...states, ...given.slices.map(present)]).map((f, i) => f && real[i] !== false),
  );
  const stateAt = where(moving);
  const sliceAt = where(given.slices.map(present));
  const count = operands.states.length;
  const stackedAt = where(touched.slice(count));
  const result = scan(b, {
    length: lengthOf(node.attributes),
    reversed: node.attributes.reversed ?? false,
    states: [...operands.states, ...stateAt.map((i) => given.states[i] ?? b.zeros(at(operands.states, i).type.shape))],
    slices: [...operands.slices, ...sliceAt.map((i) => at(given.slices, i) as Value)],
    name: `${body.name}_jvp`,
    body: (states, slices) => {
      const primal = [...operands.constants, ...states.slice(0, count), ...slices.slice(0, operands.slices.length)];
      const outputs = b.call(body, primal);
      // Fresh stand-ins: a constant and a state may be the same value, but only one of them may move.
      const doors = fresh(
        b,
        primal.map((v) => v.type),
        'd',
      );
      const opened = b.call(body, doors);
      const seeds = new Map<Value, Value>();
      given.constants.forEach((t, i) => t !== undefined && seeds.set(at(doors, i), t));
      stateAt.forEach((i, k) => seeds.set(at(doors, operands.constants.length + i), at(states, count + k)));
      sliceAt.forEach((i, k) => seeds.set(at(doors, operands.constants.length + count + i), at(slices, operands.slices.length + k)));
      const pushed = replaceTangents(b, jvp(b, opened, seeds), doors, primal);
      return {
        states: [...outputs.slice(0, count), ...stateAt.map((i) => pushed[i] ?? b.zeros(at(operands.states, i).type.shape))],
        stacked: [...outputs.slice(count), ...stackedAt.map((i) => pushed[count + i] ?? b.zeros(at(outputs, count + i).type.shape))],
      };
    },
  });
  const answers: Tangent[] = node.outputs.map(() => undefined);
  stateAt.forEach((i, k) => (answers[i] = result.states[count + k]));
  const ownStacked = node.outputs.length - count;
  stackedAt.forEach((i, k) => (answers[count + i] = result.stacked[ownStacked + k]));
  return answers;
}

// ---- batching ---------------------------------------------------------------------------------------------------------

/** Axis 0 behind axis 1: a batched stack `[size, length, …]` becomes slices `[length, size, …]`, and back. */
const swapFirstTwo = (b: Builder, v: Value): Value => b.transpose(v, [1, 0, ...v.type.shape.slice(2).map((_, i) => i + 2)]);

function batchScan(b: Builder, node: Node, operands: readonly Value[], batched: readonly boolean[], width: Poly): readonly Value[] {
  const body = bodyOf(node.attributes);
  const wide = parts(node.attributes, batched);
  const given = parts(node.attributes, operands);
  const count = given.states.length;
  const { states: wideStates } = settle(wide.states, (flags) => touched(body, [...wide.constants, ...flags, ...wide.slices]));
  const result = scan(b, {
    length: lengthOf(node.attributes),
    reversed: node.attributes.reversed ?? false,
    states: given.states.map((v, i) => (wideStates[i] === true && wide.states[i] !== true ? spread(b, v, width) : v)),
    slices: given.slices.map((v, i) => (wide.slices[i] === true ? swapFirstTwo(b, v) : v)),
    name: `${body.name}_batch`,
    body: (states, slices) => {
      const outputs = callBatched(
        b,
        body,
        [...given.constants, ...states, ...slices],
        [...wide.constants, ...wideStates, ...wide.slices],
        width,
      );
      return {
        states: outputs.slice(0, count).map((v, i) => (wideStates[i] === true ? v.wide : (v.plain ?? v.wide))),
        stacked: outputs.slice(count).map((v) => v.wide),
      };
    },
  });
  return [
    ...result.states.map((v, i) => (wideStates[i] === true ? v : spread(b, v, width))),
    ...result.stacked.map((v) => swapFirstTwo(b, v)),
  ];
}

/** The body with some operands batched; each output both with the axis and, where it needs none, without. */
function callBatched(
  b: Builder,
  body: Graph,
  operands: readonly Value[],
  flags: readonly boolean[],
  width: Poly,
): readonly { wide: Value; plain?: Value }[] {
  const doors = operands.map((v, i) =>
    flags[i] === true ? b.input('door', 'state', { dtype: v.type.dtype, shape: v.type.shape.slice(1) }) : v,
  );
  const outputs = b.call(body, doors);
  const map = new Map(where(flags).map((i) => [at(doors, i), at(operands, i)]));
  const depends = reach(outputs, map.keys()).depends;
  const results = batch(b, outputs, map, width);
  return outputs.map((v, i) => (depends(v) ? { wide: at(results, i) } : { wide: at(results, i), plain: v }));
}

/** Masked: a task that has stopped keeps its state while others go on. */
function batchIterate(b: Builder, node: Node, operands: readonly Value[], batched: readonly boolean[], width: Poly): readonly Value[] {
  const body = bodyOf(node.attributes);
  const test = node.attributes.test;
  if (test === undefined) throw new InternalError('loops', 'iterate without a test');
  const wide = parts(node.attributes, batched);
  const given = parts(node.attributes, operands);
  const all = given.states.map(() => true);
  const goesOn = (states: readonly Value[]): Value => {
    const [answer] = callBatched(b, test, [...given.constants, ...states], [...wide.constants, ...all], width);
    if (answer === undefined) throw new InternalError('loops', 'a test without an answer');
    return answer.wide;
  };
  return iterate(b, {
    limit: node.attributes.limit ?? 0,
    name: `${body.name}_batch`,
    states: given.states.map((v, i) => (wide.states[i] === true ? v : spread(b, v, width))),
    test: (states) => b.less(b.constant(0), b.sum(b.select(goesOn(states), b.constant(1), b.constant(0)))),
    body: (states) => {
      const active = goesOn(states);
      const next = callBatched(b, body, [...given.constants, ...states], [...wide.constants, ...all], width);
      return states.map((v, i) => b.select(b.broadcast(active, v.type.shape, [0]), at(next, i).wide, v));
    },
  });
}

// ---- cost, meaning -------------------------------------------------------------------------------------------------------

function bodyCost(graph: Graph | undefined, costOf: (node: Node) => Cost): Cost {
  const costs = (graph?.nodes ?? []).map(costOf);
  return { flops: add(zero, ...costs.map((c) => c.flops)), moved: add(zero, ...costs.map((c) => c.moved)) };
}

function times(cost: Cost, count: Poly): Cost {
  return { flops: multiply(cost.flops, count), moved: multiply(cost.moved, count) };
}

function loopFacts(_node: Node, operands: readonly Facts[]): Facts {
  const constant = operands.every((f) => f.degree === 0);
  return { degree: constant ? 0 : Infinity, curvature: constant ? 'constant' : 'unknown', sign: 'unknown' };
}

function sliceOf(t: Tensor, i: number): Tensor {
  const shape = t.shape.slice(1);
  const length = shape.reduce((a, d) => a * d, 1);
  return { shape, data: t.data.subarray(i * length, (i + 1) * length) };
}

function interpretScan(node: Node, operands: readonly Tensor[], context: InterpretContext): readonly Tensor[] {
  const body = bodyOf(node.attributes);
  const given = parts(node.attributes, operands);
  const length = context.size(lengthOf(node.attributes));
  let states = given.states;
  const stacked = body.outputs.slice(states.length).map((v): Tensor => {
    const shape = [length, ...v.type.shape.map((d) => context.size(d))];
    return { shape, data: new Float64Array(shape.reduce((a, d) => a * d, 1)) };
  });
  for (let k = 0; k < length; k++) {
    const i = node.attributes.reversed === true ? length - 1 - k : k;
    const results = context.run(body, [...given.constants, ...states, ...given.slices.map((t) => sliceOf(t, i))]);
    states = results.slice(0, states.length);
    stacked.forEach((t, j) => t.data.set(at(results, states.length + j).data, i * (t.data.length / Math.max(length, 1))));
  }
  return [...states, ...stacked];
}

function interpretIterate(node: Node, operands: readonly Tensor[], context: InterpretContext): readonly Tensor[] {
  const body = bodyOf(node.attributes);
  const test = node.attributes.test;
  if (test === undefined) throw new InternalError('loops', 'iterate without a test');
  const given = parts(node.attributes, operands);
  let states = given.states;
  for (let k = 0; k < (node.attributes.limit ?? 0); k++) {
    if (at(context.run(test, [...given.constants, ...states]), 0).data[0] === 0) break;
    states = context.run(body, [...given.constants, ...states]);
  }
  return states;
}

/** What stands, in costs, for how many steps an `iterate` takes: `T_NAME`, by the name of its body. */
export const stepsOf = (loop: string): Poly => symbol(`T_${loop}`);

export function loopRows(costOf: (node: Node) => Cost): { readonly scan: OpRow; readonly iterate: OpRow } {
  return {
    scan: {
      shape: loopShape,
      derivative: { kind: 'custom', jvp: scanJvp, transpose: scanTranspose },
      batch: batchScan,
      facts: loopFacts,
      cost: (node) => times(bodyCost(node.attributes.body, costOf), lengthOf(node.attributes)),
      reference: interpretScan,
    },
    iterate: {
      shape: (inputs, attributes, fixed) => {
        const answer = loopShape(inputs, { ...attributes, dim: zero }, fixed);
        const [verdict] = attributes.test?.outputs ?? [];
        if (verdict === undefined || verdict.type.dtype !== 'bool' || size(verdict.type.shape).key !== dimNumber(1).key)
          return { wrong: 'the test of a loop is a bool scalar' };
        const asked = attributes.test?.inputs ?? [];
        if (asked.length !== inputs.length || !asked.every((v, i) => sameType(v.type, at(inputs, i), fixed)))
          return { wrong: 'the test of a loop takes what its body takes' };
        return answer;
      },
      derivative: {
        kind: 'custom',
        jvp: (_b, node) => {
          throw new InternalError(
            'jvp',
            `iterate '${node.attributes.body?.name ?? ''}' is not differentiated: its user carries the derivative (decision 001)`,
          );
        },
      },
      batch: batchIterate,
      facts: loopFacts,
      cost: (node) => {
        const body = bodyCost(node.attributes.body, costOf);
        const test = bodyCost(node.attributes.test, costOf);
        return times({ flops: add(body.flops, test.flops), moved: add(body.moved, test.moved) }, stepsOf(bodyOf(node.attributes).name));
      },
      reference: interpretIterate,
    },
  };
}
