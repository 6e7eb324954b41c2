/**
 * Steps in segments of segments. Reversed, a loop keeps the state before each of its steps; a step that is itself a loop is made again
 * when it is taken back, and then keeps its own. So with r loops inside each other T steps keep about r T^(1/r) states, at the price of
 * making each step r − 1 times again, and the derivative is the same sum.
 * Source: Griewank & Walther (2008), ch. 12, multilevel checkpointing. Their binomial schedule (Revolve, 2000) keeps (r! T)^(1/r) states
 * for the same work, fewer by a factor below e: its segments grow as states are let go, and those of a loop are all alike.
 */
import type { Builder } from '../ir/builder.ts';
import { number as dim } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import { scan } from '../ir/loops.ts';

export interface Segments {
  /** How many steps each loop takes, from the outermost; the innermost takes the solver's. */
  readonly lengths: readonly number[];
  /** Steps that are left over, taken one by one after all others. */
  readonly rest: number;
}

/** The most states that the way back holds at a time: those of each loop, or those of the rest, which is taken back first. */
export function statesKept({ lengths: [outermost = 0, ...inner], rest }: Segments): number {
  return (
    outermost +
    Math.max(
      inner.reduce((sum, n) => sum + n, 0),
      rest,
    )
  );
}

/** Those that it holds beside what the innermost way back reads. */
export const statesOutside = ({ lengths }: Segments): number => lengths.slice(0, -1).reduce((sum, n) => sum + n, 0);

/** Steps that the innermost way back has before it at a time. */
export const innermost = ({ lengths, rest }: Segments): number => Math.max(lengths.at(-1) ?? 0, rest);

/** Of a step the innermost way back reads more than its state, what would cost more to make again; often that is some times larger. */
const INNERMOST_WEIGHT = 4;

/** Of all segments of `count` steps that make each step `again` times again, those that keep least. */
export function segmentsOf(count: number, again: number): Segments {
  const longest = 2 * Math.ceil(count ** (1 / (again + 1)));
  let best: Segments = { lengths: [count], rest: 0 };
  let least = Infinity;
  const choose = (inner: readonly number[], product: number): void => {
    if (inner.length < again) {
      for (let n = 1; n <= longest && n * product <= count; n++) choose([...inner, n], n * product);
      return;
    }
    const outermost = Math.floor(count / product);
    const segments = { lengths: [outermost, ...inner], rest: count - outermost * product };
    const kept = statesKept(segments) + (INNERMOST_WEIGHT - 1) * innermost(segments);
    // At the same price without a rest: it is a loop more.
    if (kept < least || (kept === least && segments.rest < best.rest)) [best, least] = [segments, kept];
  };
  choose([], 1);
  return best;
}

/** The states after all steps of the segments; `advance` takes so many of the solver's. */
export function walkSegments(
  b: Builder,
  advance: (states: readonly Value[], count: number) => readonly Value[],
  states: readonly Value[],
  { lengths, rest }: Segments,
): readonly Value[] {
  const walk = (from: readonly Value[], [length = 0, ...inner]: readonly number[]): readonly Value[] =>
    inner.length === 0
      ? advance(from, length)
      : scan(b, { name: 'segment', length: dim(length), states: from, body: (now) => ({ states: walk(now, inner) }) }).states;
  const whole = walk(states, lengths);
  return rest === 0 ? whole : advance(whole, rest);
}
