/**
 * The reference problems as lists of calls, on a device of plain tensors: hypergradients as the stages' graphs give them, tests of loops
 * looked at every step or every few, and no tensor left behind.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compile } from '../../compiler/pipeline.ts';
import { callsLink } from '../../runtime/backends/calls/executor.ts';
import { bindData } from '../../runtime/data/files.ts';
import { nodeSources } from '../../runtime/data/node.ts';
import { gradient } from '../../runtime/drive.ts';
import { everyBindingPart } from '../helpers/binding.ts';
import { referenceCases } from '../helpers/reference.ts';
import { referenceDevice, type FusingCosts, type Manner } from '../helpers/reference-device.ts';

/** The same for all who ask. */
function once<T>(make: () => T): () => T {
  const made: T[] = [];
  return () => (made[0] ??= make());
}

/** Calls ask for what float32 can tell apart, and a condition number of 1e10 is beyond that. */
const beyondFloat32 = ['quadratic_cond_1e10'];

describe.each(referenceCases)('$case', ({ case: name, page }) => {
  const [problem] = compile(readFileSync(page, 'utf8'), page).value;
  if (problem === undefined) throw new Error(`${page} has no problem`);
  const { module } = problem;
  const reference = once(async () => {
    const { bound } = await bindData(module.description, nodeSources(), 0, everyBindingPart);
    if (bound === undefined) throw new Error('not bound');
    const expected = await gradient(module, bound);
    if (!expected.ok) throw new Error(JSON.stringify(expected));
    return { bound, expected: expected.value.hypergradient };
  });

  const few: FusingCosts = { mostOperands: 5, dispatch: 1000, element: 2, longest: 4096 };
  const many: FusingCosts = { mostOperands: 12, dispatch: 1e5, element: 5, longest: Infinity };
  it.each<readonly [Manner, FusingCosts | undefined]>([
    ['peeks', undefined],
    ['waits', undefined],
    ['compiles', undefined],
    ['peeks', few],
    ['compiles', many],
    ['waits', { ...many, mostOperands: 5, block: 16 }],
  ])('on a device that %s, fusing: %o', async (manner, costs) => {
    const { bound, expected } = await reference();
    const device = referenceDevice(manner, costs);
    const link = callsLink((candidate) => problem.calls(candidate, 'tfjs'), device);
    const found = await gradient({ ...module, link }, bound);
    expect(device.alive()).toBe(0);
    if (beyondFloat32.includes(name)) {
      expect(found).toMatchObject({ ok: false, status: 'not-positive-definite' });
      return;
    }
    if (!found.ok) throw new Error(JSON.stringify(found));
    for (const [hyper, { data }] of Object.entries(expected)) {
      const own = found.value.hypergradient[hyper]?.data ?? [];
      const size = Math.hypot(...data);
      expect(Math.hypot(...data.map((x, i) => x - (own[i] ?? Number.NaN)))).toBeLessThanOrEqual(1e-6 * size);
    }
  });
});
