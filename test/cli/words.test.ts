import { describe, expect, it } from 'vitest';
import pc from 'picocolors';
import { costText, unknownIn } from '../../library/costs.ts';
import { brief, counted, duration, figure, memoryText, norm, quantity, roughly, summary } from '../../library/figures.ts';
import { tensorJson } from '../../library/json.ts';
import { shortened, stepLine } from '../../cli/progress.ts';
import { countedWords, reweighedSentence } from '../../library/words.ts';
import { table, visibleWidth } from '../../cli/table.ts';
import type { Expr } from '../../plan/types.ts';

const tensor = (shape: readonly number[], data: readonly number[]) => ({ shape, data: Float64Array.from(data) });

describe('a choice that was weighed again', () => {
  const found = {
    from: 'implicit+cg+lbfgs',
    to: 'implicit+cholesky+newton',
    steps: { lbfgs: { counted: 104, assumed: 18 }, cg: { counted: 253, assumed: 29.02 } },
    condition: 162.6,
    predicted: { from: 40.2, to: 15.1 },
  };

  it('is said in a line, with what was counted', () => {
    expect(reweighedSentence(found)).toBe(
      'implicit+cg+lbfgs took 104 steps of lbfgs where 18 were assumed and 253 of cg where 29 were, as with a condition number of 160 or more: went on with implicit+cholesky+newton',
    );
    expect(reweighedSentence({ ...found, failed: 'the Hessian is singular' })).toMatch(
      /: implicit\+cholesky\+newton was to go on, and could not: the Hessian is singular$/u,
    );
  });

  it('names all counts, and no condition number where they say nothing of it', () => {
    const steps = { ...found.steps, newton: { counted: 6, assumed: 7 } };
    expect(countedWords({ steps })).toBe('104 steps of lbfgs where 18 were assumed, 253 of cg where 29 were and 6 of newton where 7 were');
    expect(countedWords({ steps: { newton: { counted: 6, assumed: 7 } } })).toBe('6 steps of newton where 7 were assumed');
  });
});

describe('numbers for people', () => {
  it('says a long vector in brief, a short one in full', () => {
    expect(brief(tensor([6], [2, 2, 2, 2, 2, 2]))).toBe('[6] norm 4.899');
    expect(brief(tensor([2], [1, 2]))).toBe('[2] 1, 2');
  });

  it.each([
    [0, '0'],
    [0.5, '0.5'],
    [-1 / 3, '-0.333333'],
    [12345678, '12345700'],
    [1.5e-8, '1.5e-8'],
    [1e-5, '1e-5'],
    [2.5e12, '2.5e12'],
    [100, '100'],
    [1.00001e10, '1.00001e10'],
    [Number.NaN, 'NaN'],
    [-Infinity, '-infinity'],
  ])('%d is %s', (x, text) => expect(figure(x)).toBe(text));

  it.each([
    [0, '0 B'],
    [1023, '1020 B'],
    [1024, '1 KiB'],
    [8_388_608, '8 MiB'],
    [4 * 2 ** 30 - 65_536, '4 GiB'],
  ])('%d bytes are %s', (bytes, text) => expect(memoryText(bytes)).toBe(text));

  it.each([
    [0, '0'],
    [1.234e-9, '1.2e-9'],
    [1, '1e0'],
    [123, '1.2e2'],
  ])('%d is roughly %s', (x, text) => expect(roughly(x)).toBe(text));

  it.each([
    [12, 'B', '12 B'],
    [1 / 3, 'flop', '0.333 flop'],
    [1234, 'flop', '1.23 kflop'],
    [999_600, 'B', '1 MB'],
    [3.4e9, 'flop', '3.4 Gflop'],
    [8e20, 'B', '800000 PB'],
  ])('%d %s is %s', (x, unit, text) => expect(quantity(x, unit)).toBe(text));

  it.each([
    [85.4, '85 ms'],
    [2400, '2.4 s'],
    [59_960, '1 min 00 s'],
    [185_000, '3 min 05 s'],
    [7_260_000, '2 h 01 min'],
  ])('%d ms is %s', (x, text) => expect(duration(x)).toBe(text));

  it('counts', () =>
    expect([counted(0, 'step'), counted(1, 'step'), counted(2, 'entry', 'entries')]).toEqual(['0 steps', '1 step', '2 entries']));

  it('takes a norm without overflow', () => {
    expect(norm(Float64Array.of(3, -4))).toBe(5);
    expect(norm(Float64Array.of(3e200, 4e200))).toBeCloseTo(5e200, -190);
    expect(norm(new Float64Array(3))).toBe(0);
  });
});

describe('costs', () => {
  const cost: Expr = {
    op: 'add',
    args: [{ op: 'mul', args: ['n', { op: 'add', args: ['d', 1] }, 'T'] }, { op: 'mul', args: [2000, 'T', 'T'] }, 7],
  };
  it.each([
    [{ n: 10, d: 3, T: 5 }, '50.2 kflop'],
    [{ n: 10, d: 3 }, '2 k·T² + 40·T + … flop'],
    [{ n: 10, T: 1 }, '10·d + 2.02 k flop'],
    [{}, 'T·d·n + 2 k·T² + … flop'],
  ])('with %j are %s', (sizes: Record<string, number>, text) => expect(costText(cost, sizes, 'flop')).toBe(text));

  it('that are no polynomial are shown as they are', () => {
    expect(costText({ op: 'sqrt', args: ['κ'] }, {}, 'flop')).toBe('sqrt(κ)');
    expect(unknownIn(cost, { n: 1 })).toEqual(['T', 'd']);
  });
});

describe('tensors', () => {
  it('are summarised unless they are short', () => {
    expect(summary(tensor([], [0.25]))).toBe('0.25');
    expect(summary(tensor([2], [1, -2]))).toBe('[2] 1, -2');
    expect(summary(tensor([2, 3], [1, 2, 3, 4, 5, 6]))).toBe('[2 × 3] norm 9.539, 1 to 6: 1, 2, 3, 4, …');
  });

  it('are JSON as lists of rows', () => {
    expect(tensorJson(tensor([], [7]))).toBe(7);
    expect(tensorJson(tensor([2], [1, 2]))).toEqual([1, 2]);
    expect(tensorJson(tensor([2, 3], [1, 2, 3, 4, 5, 6]))).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(tensorJson(tensor([2, 1, 2], [1, 2, 3, 4]))).toEqual([[[1, 2]], [[3, 4]]]);
    expect(tensorJson(tensor([0, 3], []))).toEqual([]);
  });
});

describe('a table', () => {
  it('aligns columns left and right, and colours take no width', () => {
    const { red } = pc.createColors(true);
    expect(
      table(
        [
          ['a', '1'],
          [red('long'), '100'],
        ],
        { align: 'lr' },
      ).replaceAll(/\u001b\[\d+m/gu, ''),
    ).toBe('a       1\nlong  100');
    expect(visibleWidth(red('λx'))).toBe(2);
  });

  it('wraps the last column under itself', () => {
    expect(table([['name', 'one two three four five six seven']], { width: 36, indent: 1 })).toBe(
      ' name  one two three four five six\n       seven',
    );
  });

  it('stands no rows and rows of different lengths', () => {
    expect(table([])).toBe('');
    expect(table([['a'], ['b', 'c']])).toBe('a\nb  c');
  });
});

describe('the line of progress', () => {
  const step = { start: 0, step: 12, outer: 0.5321, gradientNorm: 0.00123, innerSteps: 3, hyper: {}, elapsedMs: 0 };
  it('says step, criterion, gradient norm, elapsed and the time left', () => {
    expect(stepLine(step, 100, 2400)).toBe('step 12/100  criterion 0.5321  gradient 1.2e-3  elapsed 2.4 s  left at most 17.6 s');
  });
  it('drops whole parts where there is no room for them', () => {
    expect(shortened('step 12/100  criterion 0.5  left at most 17.6 s', 40)).toBe('step 12/100  criterion 0.5');
    expect(shortened('step 12/100  criterion 0.5', 4)).toBe('step');
  });
  it('leaves out what it does not know', () => {
    expect(stepLine({ ...step, step: 0 }, 100, 2400)).toBe('step 0/100  criterion 0.5321  gradient 1.2e-3  elapsed 2.4 s');
    expect(stepLine({ ...step, start: 2 }, undefined, 2400)).toBe('start 3  step 12  criterion 0.5321  gradient 1.2e-3  elapsed 2.4 s');
  });
});
