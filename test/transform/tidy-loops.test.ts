/** Scans that walk alike are walked once; what differs in a start, a constant or a direction stays apart. */
import { describe, expect, it } from 'vitest';
import { Builder } from '../../compiler/ir/builder.ts';
import { number } from '../../compiler/ir/dims.ts';
import type { Tensor, Value } from '../../compiler/ir/graph.ts';
import { interpret } from '../../compiler/ir/interpret.ts';
import { scan } from '../../compiler/ir/loops.ts';
import { jvp } from '../../compiler/transform/jvp.ts';
import { mergeLoops, tidyLoops } from '../../compiler/transform/tidy-loops.ts';
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

  it('walks a derivative and what it is the derivative of together', () => {
    const b = new Builder();
    const [x, rate, direction] = [b.input('x', 'state'), b.input('rate', 'hyper'), b.input('direction', 'state')];
    const { end } = walk(b, x, rate, 5, false);
    const [tangent] = jvp(b, [end], new Map([[rate, direction]]));
    const before = [end, tangent as Value];
    const after = mergeLoops(b, before);
    expect([scansIn(before), scansIn(after)]).toEqual([2, 1]);
    const run = (outputs: readonly Value[]): readonly Tensor[] =>
      interpret(b.graph('g', [x, rate, direction], outputs), [scalar(1.3), scalar(0.2), scalar(1)], new Map());
    expect(run(after)).toEqual(run(before));
  });
});

describe('pruning loops', () => {
  /** Carries y along, which moves by x and moves nothing that is read; a loop in a loop. */
  const nested = (b: Builder, x: Value, y: Value): readonly Value[] =>
    scan(b, {
      length: number(3),
      states: [x, y],
      body: (outer) => ({
        states: scan(b, {
          length: number(2),
          states: outer,
          body: ([u, v]) => ({ states: [b.unary('sin', u as Value), b.add(v as Value, u as Value)] }),
        }).states,
      }),
    }).states;

  it('drops a state that only moves itself, through all loops that carry it', () => {
    const b = new Builder();
    const [x, y] = [b.input('x', 'state'), b.input('y', 'state')];
    const [before] = nested(b, x, y);
    const [after] = tidyLoops(b, [before as Value]);
    const outer = (after as Value).node;
    const inner = outer.attributes.body?.nodes.find((n) => n.attributes.body !== undefined);
    expect([outer.attributes.states, inner?.attributes.states]).toEqual([1, 1]);
    expect(interpret(b.graph('g', [x], [after as Value]), [scalar(1.3)], new Map())).toEqual(
      interpret(b.graph('g', [x, y], [before as Value]), [scalar(1.3), scalar(0)], new Map()),
    );
  });

  it('keeps it where it is read', () => {
    const b = new Builder();
    const both = nested(b, b.input('x', 'state'), b.input('y', 'state'));
    expect(tidyLoops(b, both)).toEqual(both);
  });
});

describe('states that never move', () => {
  /** The first two move only where the other is not 0, the third counts, the last is handed on. */
  function walked(starts: (b: Builder, x: Value) => readonly Value[]) {
    const b = new Builder();
    const x = b.input('x', 'state');
    const { states, stacked } = scan(b, {
      length: number(4),
      states: starts(b, x),
      body: ([a, c, d, e]) => {
        const [p, q, r, s] = [a, c, d, e] as [Value, Value, Value, Value];
        return { states: [b.mul(q, s), b.mul(p, s), b.add(b.add(r, p), b.constant(1)), s], stacked: [b.add(p, r)] };
      },
    });
    const before = [...states, ...stacked];
    const after = tidyLoops(b, before);
    const run = (outputs: readonly Value[]): readonly Tensor[] => interpret(b.graph('g', [x], outputs), [scalar(0.7)], new Map());
    expect(run(after)).toEqual(run(before));
    const [loop] = ancestors(after).filter((node) => node.attributes.body !== undefined);
    return loop?.attributes.states;
  }

  it('are no states: neither those that are 0 as long as others are, nor one that is handed on', () => {
    expect(walked((b, x) => [b.constant(0), b.constant(0), x, x])).toBe(1);
  });

  it('are states as soon as one of those that hold each other moves', () => {
    expect(walked((b, x) => [b.constant(0), b.constant(1), x, x])).toBe(3);
  });
});
