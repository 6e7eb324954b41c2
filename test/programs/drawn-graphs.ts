/** Graphs of a few ops at random, as backends are asked for them: what is fused, and what stands beside it, has to give the same numbers. */
import fc from 'fast-check';
import { Builder } from '../../compiler/ir/builder.ts';
import { number, symbol, type Shape } from '../../compiler/ir/dims.ts';
import type { Graph, Tensor, Value } from '../../compiler/ir/graph.ts';
import { prepare } from '../../compiler/ir/interpret.ts';
import { printGraph } from '../../compiler/ir/print.ts';
import type { Subject } from '../ops/agreement.ts';
import { Draw } from './drawing.ts';

export const [n, d] = [symbol('n'), symbol('d')];

export function problem() {
  const b = new Builder();
  const X = b.input('X', 'data', { dtype: 'real', shape: [n, d] });
  const y = b.input('y', 'data', { dtype: 'real', shape: [n] });
  const w = b.input('w', 'data', { dtype: 'real', shape: [d] });
  return { b, X, y, w };
}

export const filled = ({ type }: Value, sizes: { readonly n: number; readonly d: number }): Tensor => {
  const shape = type.shape.map((dim) => (dim.key === n.key ? sizes.n : dim.key === d.key ? sizes.d : 1));
  return { shape, data: Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.fround(Math.sin(1 + 3 * i))) };
};

/** Drawn from a generator of numbers, and not made smaller. */
export abstract class Drawn<T> extends fc.Arbitrary<T> {
  abstract draw(draw: Draw): T;
  abstract show(value: T): string;

  override generate(random: fc.Random): fc.Value<T> {
    const value = this.draw(new Draw(random));
    return new fc.Value({ ...value, [fc.toStringMethod]: () => this.show(value) }, undefined);
  }

  override canShrinkWithoutContext(_: unknown): _ is T {
    return false;
  }

  override shrink(): fc.Stream<fc.Value<T>> {
    return fc.Stream.nil();
  }
}

export interface Drawing {
  readonly b: Builder;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
}

/** Makes a value of some that are there. */
export type Another = (b: Builder, draw: Draw, pool: readonly Value[]) => Value;

export class DrawnGraph extends Drawn<Drawing> {
  private readonly next: Another;

  constructor(next: Another = another) {
    super();
    this.next = next;
  }

  override draw(draw: Draw): Drawing {
    const { b, X, y, w } = problem();
    const pool: Value[] = [X, y, w];
    for (let i = 0; i < 14; i++) pool.push(this.next(b, draw, pool));
    return { b, inputs: [X, y, w], outputs: [pool.at(-1), pool.at(-2), draw.pick(pool.slice(3))] as Value[] };
  }

  override show({ b, inputs, outputs }: Drawing): string {
    return printGraph(graphOf(b, inputs, outputs));
  }
}

export const graphOf = (b: Builder, inputs: readonly Value[], outputs: readonly Value[]): Graph =>
  b.graph(
    'value',
    inputs,
    outputs,
    outputs.map((_, i) => `y${i}`),
  );

/** Of so many graphs, those of which an output is further from the reference than float32 explains, as text. */
export async function graphsApart(subject: Subject, count: number, seed: number): Promise<readonly string[]> {
  const apart: string[] = [];
  for (const { b, inputs, outputs } of fc.sample(new DrawnGraph(), { numRuns: count, seed })) {
    const graph = graphOf(b, inputs, outputs);
    // Long enough for sums in parts, on the devices that take them so.
    const tensors = inputs.map((input) => filled(input, { n: 601, d: 3 }));
    const sizes = new Map([
      ['n', 601],
      ['d', 3],
    ]);
    const expected = prepare(graph, sizes)(tensors);
    const found = await subject.compile(graph)(tensors, sizes);
    const isNear = expected.every(({ data }, i) => {
      const size = data.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-3);
      return data.every((x, k) => Math.abs(x - (found[i]?.data[k] ?? Number.NaN)) <= 1e-4 * size);
    });
    if (!isNear) apart.push(printGraph(graph));
  }
  return apart;
}

/** A value made of some that are there, of about the same size. */
export function another(b: Builder, draw: Draw, pool: readonly Value[]): Value {
  const x = draw.pick(pool);
  const { shape } = x.type;
  const rank = shape.length;
  const axis = draw.whole(0, Math.max(0, rank - 1));
  const same = pool.filter((v) => v.type.shape.length === rank && v.type.shape.every((dim, i) => dim.key === shape[i]?.key));
  switch (
    draw.pick(['unary', 'unary', 'binary', 'binary', 'binary', 'sum', 'max', 'view', 'spread', 'product', 'position', 'placed', 'running'])
  ) {
    case 'unary':
      return b.unary(draw.pick(['tanh', 'neg', 'sigmoid', 'abs']), x);
    case 'sum':
      return rank === 0 ? b.unary('tanh', x) : b.scale(b.sum(x, [axis]), 0.3);
    case 'max':
      return rank === 0 ? b.neg(x) : b.max(x, [axis]);
    case 'view':
      return rank === 0 ? b.reshape(x, [number(1)]) : viewOf(b, draw, x, axis);
    case 'spread':
      return rank > 1
        ? b.sum(x, [0])
        : b.broadcast(
            x,
            [n, ...shape],
            shape.map((_, i) => i + 1),
          );
    case 'placed':
      return rank === 0
        ? b.neg(x)
        : b.slice(b.concat([x, draw.pick(same), x], axis), axis, draw.pick([number(0), number(2)]), shape[axis] ?? n);
    case 'product':
      return rank === 0 ? b.abs(x) : b.scale(b.dotGeneral(x, x, [[axis], [axis]]), 0.2);
    case 'running':
      return rank === 0 ? b.neg(x) : b.scale(b.one('cumsum', [x], { axis, reversed: draw.pick([true, false]) }), 0.3);
    case 'position':
      return rank === 0 ? b.scale(b.dimSize(n), 0.1) : b.mul(x, b.broadcast(b.iota(shape[axis] ?? n), shape, [axis]));
    default:
      return b[draw.pick(['add', 'mul', 'maximum', 'sub'] as const)](x, draw.pick(same));
  }
}

function viewOf(b: Builder, draw: Draw, x: Value, axis: number): Value {
  const { shape } = x.type;
  const turned: Shape = shape.toReversed();
  switch (draw.pick(['transpose', 'flat', 'reverse', 'slice'])) {
    case 'transpose':
      return b.transpose(
        x,
        shape.map((_, i) => shape.length - 1 - i),
      );
    case 'flat':
      return b.flatten(x);
    case 'reverse':
      return b.one('reverse', [x], { axes: [axis] });
    default:
      return turned.length === 0 ? x : b.slice(x, axis, number(0), number(1));
  }
}
