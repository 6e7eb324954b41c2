/** Dims that are compared before anybody knows them. */
import { describe, expect, it } from 'vitest';
import { add, isOutgrown, multiply, number, scale, symbol, zero } from '../../compiler/ir/dims.ts';

const [n, d] = [symbol('n'), symbol('d')];
const cube = scale(multiply(d, d, d), 1 / 3);

describe('one polynomial is no more than another once sizes are large', () => {
  it.each([
    ['a lower power, however often', scale(multiply(d, d), 100), cube],
    ['as much of the same', cube, cube],
    ['a number, beside any name', number(1000), d],
    ['each of its terms', add(multiply(n, d), scale(d, 3)), add(multiply(n, d), multiply(d, d))],
    ['nothing', zero, zero],
  ])('%s', (_, p, q) => expect(isOutgrown(p, q)).toBe(true));

  it.each([
    ['more of the same', scale(cube, 6), cube],
    ['another name', multiply(n, d), cube],
    ['the same name more often', multiply(d, d), d],
    ['one term of several', add(cube, n), cube],
    ['what is taken away', multiply(d, d), add(n, scale(cube, -1))],
    ['anything, beside nothing', number(1), zero],
  ])('not %s', (_, p, q) => expect(isOutgrown(p, q)).toBe(false));
});
