/**
 * The transpose of a scan, the reverse sweep. What is not linear runs forward first and leaves what the way back is to read of it
 * (`transform/saved.ts`); then the steps are taken back, and what else each needs of its primal part is made again of that.
 * Source: Griewank & Walther (2008), ch. 12.
 */
import type { Builder } from '../ir/builder.ts';
import type { Node, Value } from '../ir/graph.ts';
import { scan } from '../ir/loops.ts';
import { replace } from '../transform/replace.ts';
import { savedValues } from '../transform/saved.ts';
import { transpose } from '../transform/transpose.ts';
import { at, bodyOf, fresh, lengthOf, parts, replaceTangents, settle, sliceType, touched, where } from './loop-parts.ts';
import type { Tangent } from './spec.ts';

/** Positions among the parts of a scan of what is linear, and of what is fixed to it. */
interface Split {
  readonly constants: readonly number[];
  readonly states: readonly number[];
  readonly slices: readonly number[];
  /** Among what it stacks: with a cotangent. */
  readonly stacked: readonly number[];
  readonly fixedStates: readonly number[];
  readonly fixedSlices: readonly number[];
}

function splitOf(node: Node, isLinear: (v: Value) => boolean, cotangents: readonly Tangent[]): Split {
  const { constants, states, slices } = parts(node.attributes, node.inputs.map(isLinear));
  const linear = settle(states, (flags) => touched(bodyOf(node.attributes), [...constants, ...flags, ...slices]));
  return {
    constants: where(constants),
    states: where(linear.states),
    slices: where(slices),
    stacked: where(linear.outputs.slice(states.length)).filter((i) => cotangents[states.length + i] !== undefined),
    fixedStates: where(linear.states.map((f) => !f)),
    fixedSlices: where(slices.map((f) => !f)),
  };
}

/** One step, forth and back, on inputs of its own. */
interface Step {
  readonly fixedStates: readonly Value[];
  readonly fixedSlices: readonly Value[];
  /** Those of the states after it that are fixed. */
  readonly next: readonly Value[];
  /** Of the states after it that are linear, and of what it stacks. */
  readonly arriving: readonly Value[];
  /** Cotangents of the linear states before it, of constants, and of slices. */
  readonly pulled: readonly Tangent[];
}

function stepOf(b: Builder, node: Node, split: Split): Step {
  const body = bodyOf(node.attributes);
  const { constants, states, slices } = parts(node.attributes, node.inputs);
  const typeOf = (v: Value): Value['type'] => v.type;
  // Fresh stand-ins: a constant and a state may be the same value, but only one of them be linear.
  const doors = {
    constants: fresh(b, constants.map(typeOf), 'c'),
    states: fresh(b, states.map(typeOf), 's'),
    slices: fresh(b, slices.map(sliceType), 'x'),
  };
  const among = (list: readonly Value[], positions: readonly number[]): readonly Value[] => positions.map((i) => at(list, i));
  const outputs = b.call(body, [
    ...constants.map((v, i) => (split.constants.includes(i) ? at(doors.constants, i) : v)),
    ...doors.states,
    ...doors.slices,
  ]);
  const watched = [...among(outputs, split.states), ...among(outputs.slice(states.length), split.stacked)];
  const arriving = fresh(b, watched.map(typeOf), 'ct');
  const linear = [...among(doors.states, split.states), ...among(doors.constants, split.constants), ...among(doors.slices, split.slices)];
  return {
    fixedStates: among(doors.states, split.fixedStates),
    fixedSlices: among(doors.slices, split.fixedSlices),
    next: among(outputs, split.fixedStates),
    arriving,
    pulled: transpose(b, watched, arriving, linear),
  };
}

export function scanTranspose(b: Builder, node: Node, isLinear: (v: Value) => boolean, cotangents: readonly Tangent[]): readonly Tangent[] {
  const { name } = bodyOf(node.attributes);
  const { constants, states, slices } = parts(node.attributes, node.inputs);
  const length = lengthOf(node.attributes);
  const reversed = node.attributes.reversed ?? false;
  const split = splitOf(node, isLinear, cotangents);
  const step = stepOf(b, node, split);
  const fixedSlices = split.fixedSlices.map((i) => at(slices, i));
  const saved = savedValues(b, {
    results: step.pulled.filter((v) => v !== undefined),
    cotangents: step.arriving,
    states: step.fixedStates,
    slices: step.fixedSlices,
    forth: step.next,
  });
  const forth = (): readonly Value[] =>
    scan(b, {
      length,
      reversed,
      states: split.fixedStates.map((i) => at(states, i)),
      slices: fixedSlices,
      name,
      body: (fixed, given) => {
        const now = new Map([...step.fixedStates, ...step.fixedSlices].map((v, i) => [v, at([...fixed, ...given], i)]));
        const results = replace(b, [...step.next, ...saved], now);
        return { states: results.slice(0, fixed.length), stacked: results.slice(fixed.length) };
      },
    }).stacked;

  const zeroOf = (v: Value): Value => b.zeros(v.type.shape);
  const linearStates = split.states.length;
  const linearInputs = linearStates + split.constants.length;
  const back = scan(b, {
    length,
    reversed: !reversed,
    states: [...split.states.map((i) => cotangents[i] ?? zeroOf(at(states, i))), ...split.constants.map((i) => zeroOf(at(constants, i)))],
    slices: [
      ...(saved.length === 0 ? [] : forth()),
      ...fixedSlices,
      ...split.stacked.map((i) => at(cotangents, states.length + i) as Value),
    ],
    name: `${name}_transpose`,
    body: (carried, given) => {
      const sums = carried.slice(linearStates);
      const stacked = given.slice(saved.length + fixedSlices.length);
      const now = [...given.slice(0, saved.length + fixedSlices.length), ...carried.slice(0, linearStates), ...stacked];
      const pulled = replaceTangents(b, step.pulled, [...saved, ...step.fixedSlices, ...step.arriving], now);
      return {
        states: [
          ...split.states.map((i, k) => pulled[k] ?? zeroOf(at(states, i))),
          ...sums.map((sum, k) => {
            const more = pulled[linearStates + k];
            return more === undefined ? sum : b.add(sum, more);
          }),
        ],
        stacked: split.slices.map((i, k) => pulled[linearInputs + k] ?? b.zeros(sliceType(at(slices, i)).shape)),
      };
    },
  });
  const answers: Tangent[] = node.inputs.map(() => undefined);
  split.states.forEach((i, k) => (answers[constants.length + i] = back.states[k]));
  split.constants.forEach((i, k) => (answers[i] = back.states[linearStates + k]));
  split.slices.forEach((i, k) => (answers[constants.length + states.length + i] = back.stacked[k]));
  return answers;
}
