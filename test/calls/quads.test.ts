/** Sums that read four elements at once: what is laid out for them, when it is worth it, and that the numbers stay the same. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elementsIn } from '../../runtime/backends/calls/affine.ts';
import { inQuads, type InQuads } from '../../runtime/backends/calls/quads.ts';
import { lazyOf, renumbered, sourcesOf, whole, type Program } from '../../runtime/backends/calls/terms.ts';
import { textOf, type Dialect } from '../../runtime/backends/calls/text.ts';
import { dialectOf } from '../../runtime/backends/gpujs/program.ts';

const free = { dispatch: 0, element: 0, mostOperands: 8 };
const real = (...shape: readonly number[]) => ({ dtype: 'real', shape }) as const;

/** In JavaScript a quad is an array of four numbers. */
const dialect: Dialect = dialectOf({ isHost: true, isJavaScript: true });

type Operand = readonly number[] | readonly (readonly number[])[];

function evaluated(program: Program, operands: readonly Operand[]): readonly number[] {
  const { lines, result } = textOf(program, dialect);
  const names = operands.map((_, i) => `a${i}`);
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- what gpu.js does with such a text on `cpu`
  const run = new Function(...names, `${lines.join('\n')}\nreturn ${result};`) as (this: unknown, ...given: readonly Operand[]) => number;
  return Array.from({ length: elementsIn(program.shape) }, (_, x) => run.call({ thread: { x } }, ...operands));
}

/** As a device does it: layouts first. */
function evaluatedInQuads(
  { programs, layouts, sources }: InQuads,
  operands: readonly (readonly number[])[],
): readonly (readonly number[])[] {
  const laidOut = layouts.map(({ operand, quads }) => {
    const elements = quads.map((lane) => evaluated(lane, [operands[operand] ?? []]));
    return (elements[0] ?? []).map((_, i) => elements.map((lane) => lane[i] ?? Number.NaN));
  });
  const all: readonly Operand[] = [...operands, ...laidOut];
  return programs.map((program) =>
    evaluated(
      program,
      sources.map((source) => all[source] ?? []),
    ),
  );
}

/** x[n, k] · y[k, m], or with the axes of either the other way round. */
function product({ n, m, k, turns, lasting = [] }: Sizes): Program {
  const [x, y] = [turns[0] ? [k, n] : [n, k], turns[1] ? [m, k] : [k, m]];
  const attributes = { contract: [[turns[0] ? 0 : 1], [turns[1] ? 1 : 0]], batch: [[], []] } as const;
  const operands = [real(...x), real(...y)];
  const lazies = operands.map((type, i) => whole(i, type, lasting[i]));
  const lazy = lazyOf('dot_general', { operands, result: real(n, m), attributes }, lazies);
  if (lazy === undefined) throw new Error('a product is a term');
  return { ...lazy, operands: operands.map(({ shape }) => elementsIn(shape)) };
}

interface Sizes {
  readonly n: number;
  readonly m: number;
  readonly k: number;
  readonly turns: readonly [boolean, boolean];
  readonly lasting?: readonly boolean[];
}

const numbers = (count: number, seed: number): readonly number[] => Array.from({ length: count }, (_, i) => Math.sin(seed + 1.7 * i));

describe('sums in quads', () => {
  it('are the same numbers', () => {
    const sizes = fc.record({
      n: fc.integer({ min: 1, max: 5 }),
      m: fc.integer({ min: 1, max: 5 }),
      k: fc.oneof(fc.integer({ min: 8, max: 40 }), fc.constantFrom(512, 513, 517, 770)),
      turns: fc.tuple(fc.boolean(), fc.boolean()),
    });
    fc.assert(
      fc.property(sizes, (own) => {
        const program = product(own);
        const operands = program.operands.map(numbers);
        const laidOut = inQuads([program], free);
        if (laidOut === undefined) return own.n === 1 && own.m === 1;
        const [found = []] = evaluatedInQuads(laidOut, operands);
        evaluated(program, operands).forEach((value, i) => expect(found[i]).toBeCloseTo(value, 11));
        return true;
      }),
      { numRuns: 120 },
    );
  });

  it('leaves elements beyond the end of a row alone', () => {
    const program = product({ n: 3, m: 3, k: 9, turns: [false, true] });
    const operands = program.operands.map((count) => numbers(count, 2));
    const laidOut = inQuads([program], free);
    expect(laidOut?.layouts.map(({ quads }) => quads[0]?.shape)).toEqual([
      [3, 3],
      [3, 3],
    ]);
    // What is read in the place of what is not there is there: an operand is never left.
    const [found = []] = evaluatedInQuads(laidOut as InQuads, operands);
    expect(found.every(Number.isFinite)).toBe(true);
  });

  it('reads a part of a longer tensor from where it begins', () => {
    const { shape, term } = product({ n: 4, m: 3, k: 12, turns: [false, false] });
    const behind = lazyOf('slice', { operands: [real(9, 12)], result: real(4, 12), attributes: { axis: 0, start: 2, length: 4 } }, [
      whole(7, real(9, 12)),
    ]);
    const operands = [real(4, 12), real(12, 3)];
    const attributes = { contract: [[1], [0]], batch: [[], []] } as const;
    const lazy = lazyOf('dot_general', { operands, result: real(4, 3), attributes }, [behind ?? { shape, term }, whole(8, real(12, 3))]);
    const sources = sourcesOf(lazy?.term ?? term);
    const program = { shape, term: renumbered(lazy?.term ?? term, sources), operands: [108, 36] };
    const given = [numbers(108, 3), numbers(36, 4)];
    const [found = []] = evaluatedInQuads(inQuads([program], free) as InQuads, given);
    evaluated(program, given).forEach((value, i) => expect(found[i]).toBeCloseTo(value, 11));
  });

  it('are not worth a kernel more where few elements are read', () => {
    const small = product({ n: 20, m: 20, k: 20, turns: [false, false] });
    const large = product({ n: 100, m: 100, k: 100, turns: [false, false] });
    const costs = { ...free, dispatch: 100_000, element: 2 };
    expect(inQuads([small], costs)).toBeUndefined();
    expect(inQuads([large], costs)?.layouts.length).toBe(2);
  });

  it('are worth it sooner for what is laid out once', () => {
    const costs = { ...free, dispatch: 100_000, element: 2 };
    const vector = (lasting: boolean): Program => product({ n: 500, m: 1, k: 50, turns: [false, false], lasting: [lasting, false] });
    expect(inQuads([vector(false)], costs)).toBeUndefined();
    expect(inQuads([vector(true)], costs)?.layouts.map(({ operand, isLasting }) => [operand, isLasting])).toEqual([[0, true]]);
  });

  it('are left where float32 does not tell the positions of a tensor apart', () => {
    const laidOut = (n: number): readonly number[] | undefined =>
      inQuads([product({ n, m: 1, k: 64, turns: [false, false], lasting: [true, false] })], free)?.layouts.map(({ operand }) => operand);
    expect(laidOut(2 ** 18)).toEqual([0, 1]);
    expect(laidOut(2 ** 18 + 1)).toEqual([1]);
  });

  it('read no more tensors than a kernel may', () => {
    const program = product({ n: 30, m: 30, k: 64, turns: [false, false] });
    expect(inQuads([program], { ...free, mostOperands: 1 })).toBeUndefined();
    expect(inQuads([program], { ...free, mostOperands: 2 })?.sources).toEqual([2, 3]);
  });
});
