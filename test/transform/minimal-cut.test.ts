/** Minimal cuts against all cuts of small networks, drawn at random. */
import { describe, expect, it } from 'vitest';
import { Network } from '../../compiler/transform/minimal-cut.ts';
import { randomNumbers } from '../helpers/evaluate.ts';

interface Edge {
  readonly from: number;
  readonly to: number;
  readonly capacity: number;
}

const leaving = (edges: readonly Edge[], side: ReadonlySet<number>): number =>
  edges.reduce((sum, { from, to, capacity }) => (side.has(from) && !side.has(to) ? sum + capacity : sum), 0);

function networkOf(count: number, edges: readonly Edge[]): Network {
  const network = new Network();
  for (let i = 0; i < count; i++) network.node();
  for (const { from, to, capacity } of edges) network.edge(from, to, capacity);
  return network;
}

/** Every set with node 0 and without node 1. */
const allSides = (count: number): readonly ReadonlySet<number>[] =>
  Array.from({ length: 2 ** (count - 2) }, (_, bits) => {
    const chosen = Array.from({ length: count - 2 }, (_, i) => i + 2).filter((node) => ((bits >> (node - 2)) & 1) === 1);
    return new Set([0, ...chosen]);
  });

describe('a minimal cut', () => {
  it('is the least of all cuts, and of those that cost the same the one nearest to the sink', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const next = randomNumbers(seed);
      const below = (limit: number): number => Math.floor(((next() + 1) / 2) * limit);
      const count = 3 + (seed % 6);
      const edges = Array.from({ length: below(30) }, (): Edge => ({
        from: below(count),
        to: below(count),
        capacity: below(12) === 0 ? Infinity : below(8),
      }));
      const costs = allSides(count).map((side) => ({ side, cost: leaving(edges, side) }));
      const least = Math.min(...costs.map(({ cost }) => cost));
      if (least === Infinity) {
        expect(() => networkOf(count, edges).sourceSide(0, 1), `seed ${seed}`).toThrow('no cut is finite');
        continue;
      }
      const side = networkOf(count, edges).sourceSide(0, 1);
      expect(leaving(edges, side), `seed ${seed}`).toBe(least);
      for (const other of costs)
        if (other.cost === least)
          expect(
            [...other.side].every((node) => side.has(node)),
            `seed ${seed}`,
          ).toBe(true);
    }
  });
});
