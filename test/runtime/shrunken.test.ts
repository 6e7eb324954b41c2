/** A few positions of each axis: which dims are cut, and which elements stay. */
import { describe, expect, it } from 'vitest';
import { given } from '../../compiler/ir/attributes.ts';
import { compile } from '../../compiler/pipeline.ts';
import { bindValues } from '../../runtime/bind.ts';
import { shrunken } from '../../runtime/shrunken.ts';

const page = `
problem p {
  dim n, d, g, k = 100
  data X: [n, d]
  data y: [n]
  data group: int[n] in [0, g - 1]
  data rates: [g]
  data fixed: [k]
  split n into train 50%, valid 50%, seed 3
  hyper a: positive
  param w: [d]
  inner minimize sum((X[train] @ w - y[train])^2) + a * sum(w^2) + 0 * sum(rates[group]) + 0 * sum(fixed)
  outer minimize sum((X[valid] @ w - y[valid])^2)
}`;

const [n, d, g, k] = [90, 40, 70, 100];
const numbers = (count: number): Float64Array => Float64Array.from({ length: count }, (_, i) => i);
const data = {
  X: { shape: [n, d], data: numbers(n * d) },
  y: numbers(n),
  group: { shape: [n], data: numbers(n).map((i) => i % g) },
  rates: numbers(g),
  fixed: numbers(k),
};

describe('data cut to a few positions', async () => {
  const { module } = given(compile(page, 'p.bilevel').value[0]);
  const { description } = module;
  const bound = given((await bindValues(description, data)).bound);

  it('are evenly spread, the same in all data, and leave what may not be cut', async () => {
    const few = await shrunken(description, bound, 30, undefined);
    // A third of the rows, of the columns of which each is 40 / 30 apart; `g` bounds values, `k` is the page's.
    expect(few.sizes).toMatchObject({ n: 30, d: 30, g, k, train: 15, valid: 15 });
    expect(few.slots['data:y']?.data.slice(0, 4)).toEqual(Float64Array.of(0, 3, 6, 9));
    expect(few.slots['data:X']?.data.slice(29, 33)).toEqual(Float64Array.of(38, 3 * d, 3 * d + 1, 3 * d + 2));
    expect(few.slots['data:group']?.data.slice(0, 3)).toEqual(Float64Array.of(0, 3, 6));
    expect(few.slots['data:rates']?.shape).toEqual([g]);
  });

  it('keep what whole numbers without bounds point into, and dims of which a part has data of its own', async () => {
    const other = `
problem q {
  dim n, m, p
  data g: int[n]
  data t: [m]
  data y: [p]
  data z: [train]
  split p into train 50%, valid 50%, seed 3
  hyper a: positive
  param w: []
  inner minimize sum((t[g] - w)^2) + a * w^2 + sum((y[train] - z - w)^2)
  outer minimize sum((y[valid] - w)^2)
}`;
    const described = given(compile(other, 'q.bilevel').value[0]).module.description;
    const values = { g: { shape: [200], data: numbers(200).map((i) => i % 150) }, t: numbers(300), y: numbers(100), z: numbers(50) };
    const whole = given((await bindValues(described, values)).bound);
    expect((await shrunken(described, whole, 20, undefined)).sizes).toMatchObject({ n: 200, m: 300, p: 100 });
    expect((await shrunken(described, whole, 160, undefined)).sizes).toMatchObject({ n: 160, m: 160, p: 100 });
  });

  it('are the data themselves where there are no more', async () => {
    expect(await shrunken(description, bound, 90, undefined)).toBe(bound);
    expect(await shrunken(description, bound, Infinity, undefined)).toBe(bound);
  });

  it('are the data themselves where the few make no problem', async () => {
    expect(await shrunken(description, bound, 0, undefined)).toBe(bound);
  });
});
