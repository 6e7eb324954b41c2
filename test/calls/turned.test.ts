/** Matrices that last, on a device that would rather have them the other way round: turned once, and let go of in the end. */
import { expect, it } from 'vitest';
import { emitCalls } from '../../compiler/emit/calls/candidate.ts';
import { Builder } from '../../compiler/ir/builder.ts';
import { symbol } from '../../compiler/ir/dims.ts';
import type { Tensor, Value } from '../../compiler/ir/graph.ts';
import { prepare } from '../../compiler/ir/interpret.ts';
import { scan } from '../../compiler/ir/loops.ts';
import { callsLink } from '../../runtime/backends/calls/executor.ts';
import { referenceDevice, type Manner, type ReferenceDevice } from '../helpers/reference-device.ts';

const [n, d] = [symbol('n'), symbol('d')];
const sizes = new Map([
  ['n', 3],
  ['d', 2],
]);
const tensor = (shape: readonly number[], ...data: readonly number[]): Tensor => ({ shape, data: Float64Array.from(data) });
const [X, w, A] = [tensor([3, 2], 1, 2, 3, 4, 5, 6), tensor([2], 1, -1), tensor([2, 2], 0.5, 1, 0, 2)];

/** w ← Xᵀ(X w) − A w, four times; X and A in their slots. `isEven`: − exp(I) w besides, a matrix that depends on nothing. */
async function run(slots: readonly [string, string], isEven = false, manner: Manner = 'peeks') {
  const b = new Builder();
  const inputs = {
    X: b.input('X', 'data', { dtype: 'real', shape: [n, d] }),
    A: b.input('A', 'data', { dtype: 'real', shape: [d, d] }),
    w: b.input('w', 'state', { dtype: 'real', shape: [d] }),
  };
  const { states } = scan(b, {
    length: symbol('k'),
    states: [inputs.w],
    slices: [],
    body: ([now]) => {
      const back = b.dotGeneral(inputs.X, b.matmul(inputs.X, now as Value), [[0], [0]]);
      const next = b.sub(back, b.matmul(inputs.A, now as Value));
      return { states: [isEven ? b.sub(next, b.matmul(b.unary('exp', b.eye(d)), now as Value)) : next], stacked: [] };
    },
  });
  const graph = b.graph('turning', [inputs.X, inputs.A, inputs.w], [...states], ['y']);
  const all = new Map([...sizes, ['k', 4]]);
  const device: ReferenceDevice = { ...referenceDevice(manner), prefersTurned: () => true };
  const calls = emitCalls({ value: { graph, inputSlots: [...slots, 'w'], fixed: new Map() } }, 'tfjs');
  const answer = await callsLink(() => calls, device)('graph', Object.fromEntries(all));
  if (!answer.ok) throw new Error('not linked');
  const { executor } = answer;
  executor.put({ [slots[0]]: X, [slots[1]]: A, w });
  await executor.run('value');
  await executor.run('value');
  const found = await executor.read('y');
  executor.close();
  return { found, expected: prepare(graph, all)([X, A, w])[0], turns: device.counts.get('transpose') ?? 0, alive: device.alive() };
}

it.each(['peeks', 'waits', 'compiles'] as const)(
  'data are turned once, whatever reads them and however often, where a device %s',
  async (manner) => {
    const { found, expected, turns, alive } = await run(['data:X', 'data:A'], false, manner);
    expect(found).toEqual(expected);
    expect(turns).toBe(2);
    expect(alive).toBe(0);
  },
);

it('what may change is not turned', async () => {
  const { found, expected, turns, alive } = await run(['hyper:X', 'hyper:A']);
  expect(found).toEqual(expected);
  expect(turns).toBe(0);
  expect(alive).toBe(0);
});

it('so is what depends on nothing', async () => {
  const { found, expected, turns, alive } = await run(['data:X', 'data:A'], true);
  expect(found).toEqual(expected);
  expect(turns).toBe(3);
  expect(alive).toBe(0);
});
