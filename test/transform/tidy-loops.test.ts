/** Scans that walk alike are walked once; what differs in a start, a constant or a direction stays apart. */
import { describe, expect, it } from 'vitest';
import { Builder } from '../../compiler/ir/builder.ts';
import { number } from '../../compiler/ir/dims.ts';
import type { Tensor, Value } from '../../compiler/ir/graph.ts';
import { interpret } from '../../compiler/ir/interpret.ts';
import { scan } from '../../compiler/ir/loops.ts';
import { mergeLoops } from '../../compiler/transform/tidy-loops.ts';
import { ancestors } from '../../compiler/transform/reach.ts';
import { vjp } from '../../compiler/transform/transpose.ts';

const scalar = (value: number): Tensor => ({ shape: [], data: Float64Array.of(value) });
const scansIn = (outputs: readonly Value[]): number => ancestors(outputs).filter((n) => n.attributes.body !== undefined).length;

/** x ← x − rate · sin x, `steps` times. */
function walk(b: Builder, start: Value, rate: Value, steps: number, stacks: boolean): { readonly end: Value; readonly path?: Value } {
  const { states, stacked } = scan(b, {
    length: number(steps),
    states: [start],
    body: ([x]) => ({
      states: [b.sub(x as Value, b.mul(rate, b.unary('sin', x as Value)))],
      ...(stacks ? { stacked: [x as Value] } : {}),
    }),
  });
  const [path] = stacked;
  return { end: states[0] as Value, ...(path === undefined ? {} : { path }) };
}

describe('merging loops', () => {
  it('walks once what one loop ends and another stacks', () => {
    const b = new Builder();
    const [x, rate] = [b.input('x', 'state'), b.input('rate', 'hyper')];
    const ends = walk(b, x, rate, 5, false).end;
    const path = walk(b, x, rate, 5, true).path as Value;
    const before = [ends, b.sum(path)];
    const after = mergeLoops(b, before);
    expect([scansIn(before), scansIn(after)]).toEqual([2, 1]);
    const run = (outputs: readonly Value[]): readonly Tensor[] =>
      interpret(b.graph('g', [x, rate], outputs), [scalar(1.3), scalar(0.2)], new Map());
    expect(run(after)).toEqual(run(before));
  });

  it('leaves loops apart that differ in start, constant, length or direction', () => {
    const b = new Builder();
    const [x, y, rate, other] = [b.input('x', 'state'), b.input('y', 'state'), b.input('rate', 'hyper'), b.input('other', 'hyper')];
    const outputs = [
      walk(b, x, rate, 5, false).end,
      walk(b, y, rate, 5, false).end,
      walk(b, x, other, 5, false).end,
      walk(b, x, rate, 6, false).end,
    ];
    expect(scansIn(mergeLoops(b, outputs))).toBe(4);
  });

  it('leaves a loop behind the one whose result it starts from', () => {
    const b = new Builder();
    const [x, rate] = [b.input('x', 'state'), b.input('rate', 'hyper')];
    const first = walk(b, x, rate, 5, false).end;
    expect(scansIn(mergeLoops(b, [walk(b, first, rate, 5, false).end]))).toBe(2);
  });

  it('makes a value and its derivative from one forward sweep', () => {
    const b = new Builder();
    const [x, rate] = [b.input('x', 'state'), b.input('rate', 'hyper')];
    const { end } = walk(b, x, rate, 5, false);
    const outputs = [end, ...vjp(b, [end], [b.constant(1)], [x, rate])] as Value[];
    expect([scansIn(outputs), scansIn(mergeLoops(b, outputs))]).toEqual([3, 2]);
  });
});
