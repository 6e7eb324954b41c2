/** Sums that read four elements at once: what is laid out for them, when it is worth it, and that the numbers stay the same. */
import { compileFunction } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { given } from '../../compiler/ir/attributes.ts';
import { elementsIn } from '../../runtime/backends/calls/affine.ts';
import { inQuads, type InQuads, type Layout } from '../../runtime/backends/calls/quads.ts';
import { lazyOf, whole, type Program } from '../../runtime/backends/calls/terms.ts';
import { textOf, type Dialect } from '../../runtime/backends/calls/text.ts';
import { dialectOf } from '../../runtime/backends/gpujs/program.ts';

const free = { dispatch: 0, element: 0, mostOperands: 8 };
const real = (...shape: readonly number[]) => ({ dtype: 'real', shape }) as const;

/** In JavaScript a quad is an array of four numbers. */
const dialect: Dialect = dialectOf('cpu');

type Operand = readonly number[] | readonly (readonly number[])[];

/** Threads stand in rows where the text says so. */
function evaluated(program: Program, operands: readonly Operand[], how = dialect): readonly number[] {
  const { lines, result, width = elementsIn(program.shape) } = textOf(program, how);
  const names = operands.map((_, i) => `a${i}`);
  const run = compileFunction(`${lines.join('\n')}\nreturn ${result};`, names);
  return Array.from({ length: elementsIn(program.shape) }, (_, at) => {
    const thread = { x: at % width, y: Math.floor(at / width) };
    return run.call({ thread }, ...operands) as number;
  });
}

const laidOutOf = ({ operand, quads }: Layout, operands: readonly (readonly number[])[]): readonly (readonly number[])[] => {
  const elements = quads.map((lane) => evaluated(lane, [operands[operand] ?? []]));
  return (elements[0] ?? []).map((_, i) => elements.map((lane) => lane[i] ?? Number.NaN));
};

/** As a device does it: layouts first. */
function evaluatedInQuads(
  { programs, layouts, sources }: InQuads,
  operands: readonly (readonly number[])[],
): readonly (readonly number[])[] {
  const all: readonly Operand[] = [...operands, ...layouts.map((layout) => laidOutOf(layout, operands))];
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
  const lazy = given(lazyOf('dot_general', { operands, result: real(n, m), attributes }, lazies));
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

  it('are filled up by elements that are there', () => {
    const program = product({ n: 3, m: 3, k: 9, turns: [false, true] });
    const operands = program.operands.map((count) => numbers(count, 2));
    const { layouts } = given(inQuads([program], free));
    expect(layouts.map(({ quads }) => quads[0]?.shape)).toEqual([
      [3, 3],
      [3, 3],
    ]);
    // What lies behind the end of an operand is nothing.
    expect(layouts.flatMap((layout) => laidOutOf(layout, operands).flat()).every(Number.isFinite)).toBe(true);
  });

  it('reads a part of a longer tensor from where it begins', () => {
    const [longer, right] = [real(9, 12), real(12, 3)];
    const rows = given(
      lazyOf('slice', { operands: [longer], result: real(4, 12), attributes: { axis: 0, start: 2, length: 4 } }, [whole(0, longer)]),
    );
    const attributes = { contract: [[1], [0]], batch: [[], []] } as const;
    const lazy = given(lazyOf('dot_general', { operands: [real(4, 12), right], result: real(4, 3), attributes }, [rows, whole(1, right)]));
    const program = { ...lazy, operands: [108, 36] };
    const operands = [numbers(108, 3), numbers(36, 4)];
    const [found = []] = evaluatedInQuads(given(inQuads([program], free)), operands);
    evaluated(program, operands).forEach((value, i) => expect(found[i]).toBeCloseTo(value, 11));
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

describe('places', () => {
  const program = product({ n: 3, m: 7, k: 11, turns: [false, true] });
  const operands = program.operands.map(numbers);
  const places = (how: Dialect): readonly string[] =>
    [
      ...textOf(program, how)
        .lines.join('\n')
        .matchAll(/a[01]\[(?<place>[^\]]*)\]/gu),
    ].map(({ groups: { place = '' } = {} }) => place);

  it('are whole numbers from the start in WGSL, where a sum of float32 would be taken to one at every read', () => {
    const inWgsl = dialectOf('webgpu');
    expect(places(inWgsl).every((place) => place.startsWith('(v'))).toBe(true);
    expect(places(inWgsl).every((place) => place.includes(' | 0)'))).toBe(true);
    expect(places(dialectOf('webgl2')).some((place) => place.includes(' | 0)'))).toBe(false);
  });

  it.each(['webasm', 'webgl2', 'webgpu'] as const)('are the same in %s', (mode) => {
    expect(evaluated(program, operands, dialectOf(mode))).toEqual(evaluated(program, operands));
  });
});

describe('threads in rows', () => {
  const inRows: Dialect = { ...dialect, rows: { thread: 'this.thread.y', mayBe: (width) => width >= 16 } };

  it.each([
    [3, 16],
    [5, 19],
  ])('compute the same, %i rows of %i', (n, m) => {
    const program = product({ n, m, k: 11, turns: [false, false] });
    const operands = program.operands.map(numbers);
    expect(textOf(program, inRows).width).toBe(m);
    expect(evaluated(program, operands, inRows)).toEqual(evaluated(program, operands));
  });

  it('are not where a row would be short, or the only one', () => {
    expect(textOf(product({ n: 3, m: 15, k: 11, turns: [false, false] }), inRows).width).toBeUndefined();
    expect(textOf(product({ n: 1, m: 16, k: 11, turns: [false, false] }), inRows).width).toBeUndefined();
  });
});
