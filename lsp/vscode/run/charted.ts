/** What of an outer step the chart draws. */
import { indexText } from '../../../runtime/tensor.ts';
import type { OuterStep, Point } from '../../../runtime/types.ts';
import type { Charted, Step } from './results.ts';

/** More curves than these cannot be told apart. */
const most = 16;

/** Positions of the elements that are drawn: all, or a few, evenly spread. */
const drawn = (size: number): readonly number[] =>
  size <= most ? [...Array(size).keys()] : Array.from({ length: most }, (_, i) => Math.round((i * (size - 1)) / (most - 1)));

export const charted = (point: Point): readonly Charted[] =>
  Object.entries(point).map(([name, { shape, data }]) => ({
    name,
    elements: drawn(data.length).map((flat) => (shape.length === 0 ? name : `${name}${indexText(flat, shape)}`)),
    size: data.length,
  }));

export const stepOf = ({ start, step, outer, gradientNorm, innerSteps, elapsedMs, hyper }: OuterStep): Step => ({
  start,
  step,
  criterion: outer,
  gradientNorm,
  innerSteps,
  elapsedMs,
  hypers: Object.values(hyper).map(({ data }) => drawn(data.length).map((flat) => data[flat] ?? Number.NaN)),
});
