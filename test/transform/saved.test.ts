/** What is saved of the way forth through a loop: the least of all choices, on small graphs drawn at random, and what that means for losses. */
import { describe, expect, it } from 'vitest';
import { given } from '../../compiler/ir/attributes.ts';
import { Builder } from '../../compiler/ir/builder.ts';
import { number as dim, symbol } from '../../compiler/ir/dims.ts';
import type { Graph, Node, Value } from '../../compiler/ir/graph.ts';
import { scan } from '../../compiler/ir/loops.ts';
import { ancestors } from '../../compiler/transform/reach.ts';
import { cheapest, type Ways } from '../../compiler/transform/saved.ts';
import { tidyLoops } from '../../compiler/transform/tidy-loops.ts';
import { gradient } from '../../compiler/transform/transpose.ts';
import { randomNumbers } from '../helpers/evaluate.ts';

describe('the choice of what is saved', () => {
  /** What it costs to have `read` where the results of these nodes are made again. */
  function costOf(read: readonly Value[], made: ReadonlySet<Node>, { operandsOf, saving, making }: Ways): number {
    const had = new Set([...read, ...[...made].flatMap(operandsOf)]);
    const saved = [...had].filter((v) => !made.has(v.node));
    return [...made].reduce((sum, node) => sum + making(node), 0) + saved.reduce((sum, v) => sum + saving(v), 0);
  }

  it('costs least of all', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const next = randomNumbers(seed);
      const below = (limit: number): number => Math.floor(((next() + 1) / 2) * limit);
      const b = new Builder();
      const states = ['x', 'y'].map((name) => b.input(name, 'state'));
      const values = [...states];
      const any = (): Value => given(values[below(values.length)]);
      const nodes: Node[] = [];
      while (nodes.length < 8) {
        const made = below(3) === 0 ? b.unary('tanh', any()) : b.one(below(2) === 0 ? 'maximum' : 'guarded_mul', [any(), any()]);
        if (values.includes(made)) continue;
        values.push(made);
        nodes.push(made.node);
      }
      const read = values.filter(() => below(3) === 0);
      const price = (limit: number): ReadonlyMap<Value, number> =>
        new Map(values.map((v) => [v, below(6) === 0 ? Infinity : below(limit)]));
      const [toSave, toMake] = [price(10), price(6)];
      const ways: Ways = {
        nodes,
        operandsOf: (node) => node.inputs,
        saving: (v) => (states.includes(v) ? 7 : given(toSave.get(v))),
        making: (node) => {
          const price = given(toMake.get(given(node.outputs[0])));
          // One of both can be done.
          return price === Infinity && toSave.get(given(node.outputs[0])) === Infinity ? 5 : price;
        },
      };
      const saved = cheapest(read, ways);
      const made = new Set<Node>();
      const make = (v: Value): void => {
        if (saved.includes(v) || made.has(v.node)) return;
        expect(nodes, `seed ${seed}`).toContain(v.node);
        made.add(v.node);
        v.node.inputs.forEach(make);
      };
      read.forEach(make);
      const subsets = Array.from({ length: 2 ** nodes.length }, (_, bits) => new Set(nodes.filter((_node, i) => ((bits >> i) & 1) === 1)));
      expect(costOf(read, made, ways), `seed ${seed}`).toBe(Math.min(...subsets.map((subset) => costOf(read, subset, ways))));
    }
  });
});

const [n, d] = [symbol('n'), symbol('d')];

/** The bodies of the two loops that the derivative of ten steps of descent in the rate has, tidied: forth and back. */
function bodies(slope: (b: Builder, w: Value, X: Value) => Value): { readonly forth: Graph; readonly back: Graph } {
  const b = new Builder();
  const rate = b.input('rate', 'hyper');
  const X = b.input('X', 'data', { dtype: 'real', shape: [n, d] });
  const w = b.input('w', 'data', { dtype: 'real', shape: [d] });
  const { states } = scan(b, {
    length: dim(10),
    states: [w],
    body: ([now]) => ({ states: [b.sub(given(now), b.mul(rate, slope(b, given(now), X)))] }),
  });
  const derivative = tidyLoops(b, gradient(b, b.sum(given(states[0])), [rate]));
  const [forth, back] = ancestors(derivative).flatMap(({ attributes }) => attributes.body ?? []);
  return { forth: given(forth), back: given(back) };
}

const opsOf = (graph: Graph): readonly string[] => graph.nodes.map((node) => node.op);
const count = (graph: Graph, op: string): number => opsOf(graph).filter((name) => name === op).length;

describe('the way back through a recipe', () => {
  it.each(['tanh', 'sigmoid', 'exp'] as const)('reads %s, and makes it no second time', (op) => {
    const { forth, back } = bodies((b, w, X) => b.matmul(b.unary(op, b.matmul(X, w)), X));
    expect(count(forth, op)).toBe(1);
    expect(opsOf(back)).not.toContain(op);
    // Two products with the cotangent and its derivative: none of the way forth.
    expect(count(back, 'dot_general')).toBeLessThanOrEqual(3);
  });

  it('makes again what costs less than to be kept', () => {
    // x ↦ x³: of the product X w alone both 3 z² and z³ are made.
    const { forth, back } = bodies((b, w, X) => {
      const z = b.matmul(X, w);
      return b.matmul(b.mul(z, b.mul(z, z)), X);
    });
    const stacked = forth.outputs.slice(1);
    expect(stacked.filter((v) => v.type.shape[0]?.key === 'n')).toHaveLength(1);
    expect(stacked.find((v) => v.type.shape[0]?.key === 'n')?.node.op).toBe('dot_general');
    expect(opsOf(back)).toContain('mul');
  });

  it('keeps a condition where what it asks is dear', () => {
    const { forth } = bodies((b, w, X) => {
      const z = b.matmul(X, w);
      const isLarge = b.less(b.full([n], 0.3), b.unary('tanh', z));
      return b.matmul(b.select(isLarge, b.mul(z, z), b.unary('exp', z)), X);
    });
    expect(forth.outputs.map((v) => v.type.dtype)).toContain('bool');
  });

  it('keeps no state that it does not read', () => {
    const { forth } = bodies((b, w, X) => b.matmul(b.unary('tanh', b.matmul(X, w)), X));
    const [state] = forth.inputs.slice(-1);
    expect(forth.outputs.slice(1)).not.toContain(state);
  });
});
