/** What graphs become as lists of calls: nothing is spread that need not be, and the host is asked as seldom as can be. */
import { describe, expect, it } from 'vitest';
import { emitCalls } from '../../compiler/emit/calls/candidate.ts';
import { printCalls } from '../../compiler/emit/calls/print.ts';
import { Builder } from '../../compiler/ir/builder.ts';
import { number, symbol } from '../../compiler/ir/dims.ts';
import type { Value } from '../../compiler/ir/graph.ts';

const [n, d] = [symbol('n'), symbol('d')];

function callsOf(b: Builder, inputs: readonly Value[], outputs: readonly Value[]): string {
  const graph = b.graph(
    'value',
    inputs,
    outputs,
    outputs.map((_, i) => `y${i}`),
  );
  const { stages } = emitCalls({ value: { graph, inputSlots: inputs.map((_, i) => `x${i}`), fixed: b.fixed } }, 'tfjs');
  if (stages.value === undefined) throw new Error('no stage');
  return printCalls(stages.value);
}

describe('a list of calls', () => {
  it('keeps a value that is the same along an axis at size 1 there', () => {
    const b = new Builder();
    const x = b.input('x', 'data', { dtype: 'real', shape: [n, d] });
    const row = b.input('row', 'data', { dtype: 'real', shape: [d] });
    const spread = b.broadcast(b.unary('exp', row), [n, d], [1]);
    expect(callsOf(b, [x, row], [b.mul(x, b.add(spread, b.full([n, d], 2)))])).toMatchInlineSnapshot(`
      "r0: real[n, d]
      r1: real[d]
      r2: real[d] = exp(r1)
      r3: real[1, d] = reshape(r2)
      r4: real[] = constant() value = 2
      r5: real[1, d] = add(r3, r4)
      r6: real[n, d] = mul(r0, r5)
      give r6"
    `);
  });

  it('spreads it where more than a pointwise op reads it', () => {
    const b = new Builder();
    const row = b.input('row', 'data', { dtype: 'real', shape: [d] });
    const spread = b.broadcast(row, [n, d], [1]);
    expect(callsOf(b, [row], [b.emit('cumsum', [spread], { axis: 0 })[0] as Value])).toMatchInlineSnapshot(`
      "r0: real[d]
      r1: real[1, d] = reshape(r0)
      r2: real[n, d] = broadcast_in_dim(r1) axes = [0, 1]
      r3: real[n, d] = cumsum(r2) axis = 0
      give r3"
    `);
  });

  it('has factors and the solves behind them computed in one piece, with what stands between them', () => {
    const b = new Builder();
    const matrix = b.input('A', 'data', { dtype: 'real', shape: [d, d] });
    const rhs = b.input('b', 'data', { dtype: 'real', shape: [d] });
    const lower = b.cholesky(matrix);
    const first = b.choleskySolve(lower, rhs);
    const again = b.choleskySolve(lower, b.sub(rhs, b.matmul(matrix, first)));
    expect(callsOf(b, [matrix, rhs], [b.add(first, again)])).toMatchInlineSnapshot(`
      "r0: real[d, d]
      r1: real[d]
      r2: real[d] = host 0: cholesky triangular_solve dot_general sub add (r0, r1)
      give r2"
    `);
  });

  it('goes to the host again only after what the device has to do first', () => {
    const b = new Builder();
    const matrix = b.input('A', 'data', { dtype: 'real', shape: [d, d] });
    const x = b.input('x', 'data', { dtype: 'real', shape: [n, d] });
    const solved = b.choleskySolve(b.cholesky(matrix), b.eye(d));
    const other = b.choleskySolve(b.cholesky(b.matmul(b.transpose(x, [1, 0]), x)), solved);
    const text = callsOf(b, [matrix, x], [other]);
    expect(text.match(/host \d/gu)).toEqual(['host 0']);
  });

  it('leaves it to the device where what stands between takes what only the device has', () => {
    const b = new Builder();
    const matrix = b.input('A', 'data', { dtype: 'real', shape: [d, d] });
    const x = b.input('x', 'data', { dtype: 'real', shape: [n, d] });
    const rhs = b.input('b', 'data', { dtype: 'real', shape: [d] });
    const lower = b.cholesky(matrix);
    const far = b.matmul(b.transpose(x, [1, 0]), b.matmul(x, b.choleskySolve(lower, rhs)));
    const text = callsOf(b, [matrix, x, rhs], [b.choleskySolve(lower, far)]);
    expect(text.match(/= (?:host \d|dot_general)/gu)).toEqual(['= host 0', '= dot_general', '= dot_general', '= host 1']);
  });

  it('makes what depends on nothing again on either side', () => {
    const b = new Builder();
    const matrix = b.input('A', 'data', { dtype: 'real', shape: [number(3), number(3)] });
    const text = callsOf(b, [matrix], [b.choleskySolve(b.cholesky(matrix), b.full([number(3)], 1))]);
    expect(text).toContain('= host 0: cholesky broadcast_in_dim triangular_solve (r0)');
  });
});
