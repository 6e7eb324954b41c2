/** Axes of the charts in the VS Code extension. */
import { describe, expect, it } from 'vitest';
import { axisOf, prefersLog, takesLog } from '../../lsp/vscode/view/axis.ts';

describe('an axis', () => {
  it.each([
    [[0, 1], false],
    [[2415.63, 2615.04], false],
    [[-3, -3, -3], false],
    [[0], false],
    [[1e-9, 1e3], true],
    [[0.5, 0.7], true],
    [[3, 3], true],
    [[1e-300, 1e300], true],
  ])('of %j has a few ticks, in order, and room for all values (logarithmic: %j)', (values, log) => {
    const { at, ticks } = axisOf(values, { log });
    expect(ticks.length).toBeGreaterThan(0);
    expect(ticks.length).toBeLessThan(14);
    expect(ticks).toEqual([...ticks].sort((a, b) => a - b));
    for (const place of [...values, ...ticks].map(at)) {
      expect(place).toBeGreaterThanOrEqual(0);
      expect(place).toBeLessThanOrEqual(1);
    }
  });
  it('has round ticks', () => {
    expect(axisOf([0.02, 0.98], { log: false }).ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(axisOf([0.012, 870], { log: true }).ticks).toEqual([0.01, 0.1, 1, 10, 100, 1000]);
  });
  it('of nothing is one that can be drawn', () => {
    expect(axisOf([], { log: false }).ticks.length).toBeGreaterThan(1);
  });
  it('is logarithmic where all values are positive and far apart', () => {
    expect([takesLog([1, 2]), takesLog([0, 1]), takesLog([])]).toEqual([true, false, false]);
    expect([prefersLog([1, 99]), prefersLog([1, 101]), prefersLog([-1, 1000])]).toEqual([false, true, false]);
  });
});
