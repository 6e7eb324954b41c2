/** Axes of numbers: from a value to a place between 0 and 1, and where lines with a number are worth having. Knows no drawing. */

export interface Axis {
  /** 0 at the least value, 1 at the largest. */
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** Whether a logarithm can show all of them. */
export const takesLog = (values: readonly number[]): boolean => values.length > 0 && values.every((value) => value > 0);

/** A logarithm shows more where values reach over two orders of magnitude. */
export const prefersLog = (values: readonly number[]): boolean => {
  const [low, high] = range(values);
  return takesLog(values) && high / low > 100;
};

export function axisOf(values: readonly number[], { log, ticks = 5 }: { readonly log: boolean; readonly ticks?: number }): Axis {
  return log ? logAxis(range(values), ticks) : linearAxis(range(values), ticks);
}

function range(values: readonly number[]): readonly [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : [0, 1];
}

/** A tick a round step: 1, 2 or 5 times a power of ten. */
function linearAxis([low, high]: readonly [number, number], wanted: number): Axis {
  // What does not change has room on both sides.
  const room = high > low ? (high - low) * 0.04 : Math.abs(low) * 0.1 || 1;
  const [from, to] = [low - room, high + room];
  const step = roundStep((to - from) / wanted);
  const first = Math.ceil(from / step);
  const last = Math.floor(to / step);
  return {
    at: (value) => (value - from) / (to - from),
    ticks: Array.from({ length: Math.max(0, last - first) + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12))),
  };
}

function roundStep(about: number): number {
  const power = 10 ** Math.floor(Math.log10(about));
  return ([1, 2, 5, 10].find((factor) => factor * power >= 0.7 * about) ?? 10) * power;
}

/** A tick a power of ten; where there are few of these, more between them. */
function logAxis([low, high]: readonly [number, number], wanted: number): Axis {
  const room = high > low ? (Math.log10(high) - Math.log10(low)) * 0.04 : 0.1;
  const [from, to] = [Math.log10(low) - room, Math.log10(high) + room];
  const powers = Array.from({ length: Math.floor(to) - Math.ceil(from) + 1 }, (_, i) => Math.ceil(from) + i);
  const every = Math.max(1, Math.ceil(powers.length / (wanted + 1)));
  const spare = powers.filter((power) => power % every === 0).map((power) => 10 ** power);
  const [first, last] = [Math.floor(from), Math.ceil(to)];
  const isWithin = (value: number): boolean => value > 0 && Math.log10(value) >= from && Math.log10(value) <= to;
  const dense = Array.from({ length: last - first + 1 }, (_, i) => [1, 2, 5].map((factor) => factor * 10 ** (first + i)))
    .flat()
    .filter(isWithin);
  // Within a short stretch of one power of ten, as on a linear axis.
  const ticks = spare.length >= 2 ? spare : dense.length >= 3 ? dense : linearAxis([low, high], wanted).ticks.filter(isWithin);
  return { at: (value) => (Math.log10(value) - from) / (to - from), ticks: ticks.map((value) => Number(value.toPrecision(12))) };
}
