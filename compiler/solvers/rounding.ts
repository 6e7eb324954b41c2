/** Numbers that speak of rounding: each is another one where a graph is computed in float32. */
import type { Builder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';

const UNIT_32 = 2 ** -23;

/** So many times the distance from 1 to the next number. */
export const roundings = (b: Builder, count: number): Value => b.byPrecision(count * Number.EPSILON, count * UNIT_32);

/** Armijo's constant: how much of the decrease that the slope promises is asked for. */
export const SUFFICIENT_DECREASE = 1e-4;

/** What rounding may add to a loss that no longer falls: a few units in its last place. */
export const lossSlack = (b: Builder, loss: Value): Value => b.mul(roundings(b, 4), b.abs(loss));
