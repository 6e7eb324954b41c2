/** Random choices out of one of fast-check's generators, so that its seed is the seed of everything. */
import type fc from 'fast-check';

export class Draw {
  private readonly random: fc.Random;

  constructor(random: fc.Random) {
    this.random = random;
  }

  chance(probability: number): boolean {
    return this.random.nextDouble() < probability;
  }

  /** Both ends included. */
  whole(least: number, most: number): number {
    return this.random.nextInt(least, most);
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.random.nextDouble();
  }

  /** A number as one writes it; of no round value, so that nothing meets a kink by accident. */
  figure(low: number, high: number): string {
    return this.between(low, high).toFixed(3);
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.random.nextInt(0, items.length - 1)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  /** The first of the rows, in an order drawn by their weights, that gives something. */
  weighed<Row extends { readonly weight: number }, T>(rows: readonly Row[], take: (row: Row) => T | undefined): T | undefined {
    const left = [...rows];
    while (left.length > 0) {
      let at = this.between(
        0,
        left.reduce((sum, { weight }) => sum + weight, 0),
      );
      const index = left.findIndex(({ weight }) => (at -= weight) < 0);
      const [row] = left.splice(Math.max(index, 0), 1);
      const taken = row === undefined ? undefined : take(row);
      if (taken !== undefined) return taken;
    }
    return undefined;
  }
}
