/** What is drawn when a problem is bound: random starts of params, the batches of its inner solver's steps, the keys of its noise. */
import { badDraw, batchTooLarge } from '../diagnostics/data.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { evaluate } from '../plan/evaluate.ts';
import type { ParamDescription, ProblemDescription, Slots, Tensor } from '../plan/types.ts';
import { limbsOf } from '../plan/random.ts';
import { draw, keyOf, shuffled } from './random.ts';
import { sizeOf } from './tensor.ts';

export interface Drawn {
  readonly slots: Slots;
  readonly diagnostics: readonly Diagnostic[];
}

/** All that a problem draws, at sizes; handed in where it draws anything. `seed` is the run’s. */
export function drawAll({ params, batches, noises }: ProblemDescription, sizes: Readonly<Record<string, number>>, seed: number): Drawn {
  const all = [
    ...params.map((param) => drawStart(param, sizes, seed)),
    ...(batches === undefined ? [] : [drawBatches(batches, sizes, seed)]),
  ];
  return {
    slots: Object.assign(noiseKeys(noises, seed), ...all.map(({ slots }) => slots)) as Slots,
    diagnostics: all.flatMap(({ diagnostics }) => diagnostics),
  };
}

/**
 * The keys of a problem's streams of noise, functions of the run's seed and of the names alone. `draw`: how often they were drawn anew;
 * the first time a stream has the key of a param that is drawn under its name.
 */
export const noiseKeys = (noises: ProblemDescription['noises'] = [], seed: number, draw = 0): Slots =>
  Object.fromEntries(
    noises.map(({ name }) => {
      const key = keyOf(seed, draw === 0 ? name : `${name}@${draw}`);
      return [`noise:${name}`, { shape: [4], data: Float64Array.from(limbsOf(key)) }];
    }),
  );

export type DrawAll = typeof drawAll;

const nothing: Drawn = { slots: {}, diagnostics: [] };
const refused = (diagnostic: Diagnostic): Drawn => ({ slots: {}, diagnostics: [diagnostic] });
const drawn = (slot: string, tensor: Tensor): Drawn => ({ slots: { [slot]: tensor }, diagnostics: [] });

/** The random start of a param, a function of the run’s seed and the param’s name alone. */
function drawStart(
  { name, shape: declared, distribution, span }: ParamDescription,
  sizes: Readonly<Record<string, number>>,
  seed: number,
): Drawn {
  if (distribution === undefined) return nothing;
  const [a, b] = distribution.arguments;
  const text = `${distribution.name}(${distribution.arguments.join(', ')})`;
  const reason =
    distribution.name === 'normal' && b !== undefined && !(b >= 0)
      ? 'its standard deviation is below 0'
      : distribution.name === 'uniform' && a !== undefined && b !== undefined && !(a < b)
        ? 'its lower end is not below its upper end'
        : undefined;
  if (reason !== undefined) return refused(badDraw({ span }, { name, distribution: text, reason }));
  const shape: number[] = [];
  for (const dim of declared) {
    const size = evaluate(dim, sizes);
    if (size === undefined) return nothing;
    shape.push(size);
  }
  return drawn(`draw:${name}`, { shape, data: draw(distribution.name, distribution.arguments, keyOf(seed, name), sizeOf(shape)) });
}

/**
 * The batches of the steps, int `[steps, size]`: the set in random order, cut from its beginning into batches as long as there is a whole
 * one, then in another order. A function of the run’s seed and the set’s name alone.
 */
function drawBatches(
  { dim, size, steps, span }: NonNullable<ProblemDescription['batches']>,
  sizes: Readonly<Record<string, number>>,
  seed: number,
): Drawn {
  const members = sizes[dim];
  if (members === undefined) return nothing;
  if (size > members) return refused(batchTooLarge({ span }, { batch: size, set: dim, size: members }));
  const data = new Float64Array(steps * size);
  const each = Math.floor(members / size);
  for (let epoch = 0; epoch * each < steps; epoch += 1) {
    const order = shuffled(keyOf(seed, `batch:${dim}:${epoch}`), members);
    data.set(order.subarray(0, Math.min(each, steps - epoch * each) * size), epoch * each * size);
  }
  return drawn(`batch:${dim}`, { shape: [steps, size], data });
}
