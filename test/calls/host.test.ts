/** What the host computes for a device. */
import { expect, it } from 'vitest';
import { emitCalls } from '../../compiler/emit/calls/candidate.ts';
import { Builder } from '../../compiler/ir/builder.ts';
import { symbol } from '../../compiler/ir/dims.ts';
import { callsLink } from '../../runtime/backends/calls/executor.ts';
import { stageOf } from '../helpers/graph-stage.ts';
import { referenceDevice } from '../helpers/reference-device.ts';

it('what does not fit is refused before anything runs, with what it needs', async () => {
  const b = new Builder();
  const n = symbol('n');
  const A = b.input('A', 'data', { dtype: 'real', shape: [n, n] });
  const calls = emitCalls({ value: stageOf(b.graph('factor', [A], [b.one('cholesky', [A])])) }, 'tfjs');
  const link = callsLink(() => calls, referenceDevice('peeks'));
  const linked = await link('any', { n: 2 ** 15 });
  const [diagnostic] = linked.ok ? [] : linked.diagnostics;
  expect(diagnostic?.code).toBe('BL7003');
  expect(diagnostic?.message).toMatch(
    /^what the host computes of this needs 16 GiB of memory, and the backend can have 4 GiB; the largest are slot /u,
  );
  expect(diagnostic?.hints).not.toContain('the precision `f32` halves it');
  const small = await link('any', { n: 4 });
  expect(small.ok).toBe(true);
  if (small.ok) small.executor.close();
});

it('a value that has many ways to what is made of nothing given is looked at once', () => {
  const b = new Builder();
  const n = symbol('n');
  let known = b.full([n, n], 0.5);
  for (let i = 0; i < 60; i++) known = b.add(b.unary('sin', known), b.unary('cos', known));
  const A = b.input('A', 'data', { dtype: 'real', shape: [n, n] });
  const factor = b.one('cholesky', [A]);
  const graph = b.graph('shared', [A], [b.one('cholesky', [b.add(factor, known)])]);
  expect(emitCalls({ value: stageOf(graph) }, 'tfjs').host).toHaveLength(1);
});
