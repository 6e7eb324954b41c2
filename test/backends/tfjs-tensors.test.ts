/** What is held of tfjs: no kernel leaves a tensor behind, and a loop of many steps holds no more than one of a single step. */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { emitCalls } from '../../compiler/emit/calls/candidate.ts';
import { Builder } from '../../compiler/ir/builder.ts';
import { number } from '../../compiler/ir/dims.ts';
import { scan } from '../../compiler/ir/loops.ts';
import { memoryOf } from '../../runtime/backends/tfjs/host/memory.ts';
import { tfjsLibrary } from '../../runtime/backends/tfjs/load.ts';
import { openedOr, callGraph } from '../helpers/calls.ts';
import { draw, instance, randomFor } from '../ops/instances.ts';
import { samplesOf, sizes } from '../ops/samplers.ts';
import { deviceOps } from './tfjs.ts';

const name = 'tfjs-wasm';

describe('tensors', () => {
  it('every kernel lets go of what it makes on its way', async () => {
    const opened = await openedOr(tfjsLibrary, name);
    const left: string[] = [];
    for (const op of deviceOps)
      for (const sample of samplesOf(op)) {
        const own = instance(op, sample);
        const before = tf.memory().numTensors;
        await callGraph(own.b.graph('op', own.inputs, own.outputs), name, opened)(draw(own, randomFor(sample.label)), sizes);
        const more = tf.memory().numTensors - before;
        if (more !== 0) left.push(`${op} ${sample.label}: ${more}`);
      }
    expect(left).toEqual([]);
  });

  it('are not written where there is no memory', async () => {
    await openedOr(tfjsLibrary, name);
    const { wasm } = tf.findBackend('wasm') as unknown as { readonly wasm: { _malloc: (bytes: number) => number } };
    const { _malloc: malloc } = wasm;
    const memory = memoryOf({ tf, variant: 'wasm' });
    wasm._malloc = () => 0;
    try {
      expect(() => memory.made([3], [], (out) => out.fill(1))).toThrow(RangeError);
    } finally {
      wasm._malloc = malloc;
    }
    memory.made([3], [], (out) => out.fill(1)).dispose();
  });

  it('10 000 steps hold as many tensors at their end as one', async () => {
    const opened = await openedOr(tfjsLibrary, name);
    const held: number[] = [];
    for (const steps of [1, 10_000]) {
      const b = new Builder();
      const [matrix, start] = [
        b.input('A', 'data', { dtype: 'real', shape: [number(3), number(3)] }),
        b.input('x', 'state', { dtype: 'real', shape: [number(3)] }),
      ];
      const { states } = scan(b, {
        length: number(steps),
        states: [start],
        body: ([x = start]) => ({ states: [b.sub(x, b.scale(b.unary('tanh', b.matmul(matrix, x)), 0.1))] }),
      });
      const graph = { ...b.graph('steps', [matrix, start], states), outputNames: ['end'] };
      const code = emitCalls({ value: { graph, inputSlots: ['A', 'x'], fixed: new Map() } }, 'tfjs');
      const linked = await opened.link(() => code)('steps', {});
      if (!linked.ok) throw new Error('not linked');
      linked.executor.put({
        A: { shape: [3, 3], data: Float64Array.of(2, 1, 0, 1, 3, 1, 0, 1, 4) },
        x: { shape: [3], data: Float64Array.of(1, 2, 3) },
      });
      await linked.executor.run('value');
      held.push(tf.memory().numTensors);
      const { data } = await linked.executor.read('end');
      expect([...data].every(Number.isFinite)).toBe(true);
      linked.executor.close();
    }
    expect(held[1]).toBe(held[0]);
  });
});

describe('what does not come up is refused with its reason', () => {
  it.each([
    ['webgl', undefined, /no WebGL here; browsers have it/],
    ['webgl3', undefined, /no backend `webgl3`/],
    ['wasm', { tf: {} }, /did not load/],
  ] as const)('%s', async (variant, own, because) => {
    const opening = await tfjsLibrary.open(variant, own);
    expect(opening).toMatchObject({ ok: false, because: expect.stringMatching(because) as string });
  });
});
