/** Loops of a few ops at random: a scan, one over what it stacks, and one with a test, among ops before and between them. */
import { given } from '../../compiler/ir/attributes.ts';
import { number } from '../../compiler/ir/dims.ts';
import type { Value } from '../../compiler/ir/graph.ts';
import { iterate, scan } from '../../compiler/ir/loops.ts';
import { printGraph } from '../../compiler/ir/print.ts';
import type { Draw } from './drawing.ts';
import { another, type Another, Drawn, graphOf, problem, type Drawing } from './drawn-graphs.ts';

export class DrawnLoops extends Drawn<Drawing> {
  private readonly next: Another;

  constructor(next: Another = another) {
    super();
    this.next = next;
  }

  override draw(draw: Draw): Drawing {
    const { b, X, y, w } = problem();
    const more = (some: readonly Value[], count: number): readonly Value[] => {
      const pool = [...some];
      for (let i = 0; i < count; i++) pool.push(this.next(b, draw, pool));
      return pool;
    };
    const outside = more([X, y, w], 4);
    const step = (states: readonly (Value | undefined)[], slices: readonly (Value | undefined)[]) => {
      const own = more([...[...states, ...slices].map((value) => given(value)), X, ...outside.slice(3)], 9);
      const next = (state: Value): Value => {
        const { shape } = state.type;
        const same = own.filter(
          ({ type }) => type.shape.length === shape.length && type.shape.every(({ key }, i) => key === shape[i]?.key),
        );
        return b.unary('tanh', draw.pick(same));
      };
      return { states: states.map((state) => next(given(state))), stacked: [draw.pick(own.slice(-6)), draw.pick(own)] };
    };
    const length = number(3);
    const reversed = draw.pick([true, false]);
    const start = [draw.pick(outside), draw.pick(outside)];
    const there = scan(b, { name: 'there', length, reversed, states: start, body: (states) => step(states, []) });
    const back = scan(b, { name: 'back', length, reversed: !reversed, states: there.states, slices: there.stacked, body: step });
    const end = iterate(b, {
      name: 'on',
      limit: 3,
      states: back.states,
      test: ([state]) => b.less(b.sum(b.flatten(given(state))), b.constant(1)),
      body: (states) => step(states, []).states,
    });
    return { b, inputs: [X, y, w], outputs: [...end, ...back.states, ...back.stacked, ...there.states] };
  }

  override show({ b, inputs, outputs }: Drawing): string {
    return printGraph(graphOf(b, inputs, outputs));
  }
}
