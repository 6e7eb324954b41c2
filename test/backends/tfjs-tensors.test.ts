/** What is held of tfjs: no kernel leaves a tensor behind, and a loop of many steps holds no more than one of a single step. */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { emitCalls } from '../../compiler/emit/calls/candidate.ts';
import { Builder } from '../../compiler/ir/builder.ts';
import { number } from '../../compiler/ir/dims.ts';
import { scan } from '../../compiler/ir/loops.ts';
import { hostKernels } from '../../runtime/backends/tfjs/host/kernels.ts';
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

  it.each(['wasm', 'cpu'] as const)('small ones are made again of those that nobody holds, on %s', async (variant) => {
    await openedOr(tfjsLibrary, `tfjs-${variant}`);
    await tf.setBackend(variant);
    const memory = memoryOf({ tf, variant });
    const before = tf.memory().numTensors;
    const of = (value: number, shape: readonly number[] = [16, 16]): tf.Tensor => memory.made(shape, [], (out) => out.fill(value));
    const first = of(1);
    const clone = first.clone();
    memory.free(first);
    const [second, third] = [of(2), of(3)];
    // Its elements are the clone's too.
    expect([clone, second, third].map((each) => each.dataSync()[0])).toEqual([1, 2, 3]);
    memory.free(second);
    expect(of(4, [4, 64])).not.toBe(second);
    expect(of(5)).toBe(second);
    memory.free(third);
    expect(() => memory.free(third)).toThrow('nobody holds');
    memory.settle();
    expect([third.isDisposed, second.isDisposed, clone.isDisposed]).toEqual([true, false, false]);
    const large = of(6, [1025]);
    memory.free(large);
    expect(large.isDisposed).toBe(true);
    memory.free(clone);
    memory.settle();
    // The second, and that of the other shape.
    expect(tf.memory().numTensors).toBe(before + 2);
    memory.free(second);
    memory.settle();
  });

  it('what the library keeps of an operand is never of another that came after it', async () => {
    await openedOr(tfjsLibrary, name);
    await tf.setBackend('wasm');
    const memory = memoryOf({ tf, variant: 'wasm' });
    const product = hostKernels({ tf, variant: 'wasm' }, memory).dot_general({
      operands: [64, 16].map((rows) => ({ dtype: 'real', shape: [rows, 16] })),
      result: { dtype: 'real', shape: [64, 16] },
      attributes: { contract: [[1], [0]], batch: [[], []] },
    });
    const left = memory.made([64, 16], [], (out) => out.fill(1));
    const sums = [1, 2, 3].map((value) => {
      const right = memory.made([16, 16], [], (out) => out.fill(value));
      const result = product(left, right);
      memory.free(right);
      const [sum] = memory.elements(result);
      memory.free(result);
      return sum;
    });
    expect(sums).toEqual([16, 32, 48]);
    memory.free(left);
    memory.settle();
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
    ['wasm', { tf: {} }, /handed in as `tf` has no such backend/],
  ] as const)('%s', async (variant, own, because) => {
    const opening = await tfjsLibrary.open(variant, own);
    expect(opening).toMatchObject({ ok: false, because: expect.stringMatching(because) as string });
  });
});
