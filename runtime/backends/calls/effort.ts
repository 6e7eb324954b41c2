/** How much a straight list does in one run: the arithmetic of what is put into one function that a device compiles. */
import type { BoundList, StraightItem } from './bind.ts';

export interface Effort {
  /** Kernels that are run. */
  readonly calls: number;
  /** Elements that they compute, or read to do so. */
  readonly elements: number;
}

/** A run of so many elements takes about half a second in one thread, and nothing else is done meanwhile. */
const mostElements = 2 ** 28;

export const fits = ({ calls, elements }: Effort, mostCalls: number): boolean => calls <= mostCalls && elements <= mostElements;

/** Of one run; loops with a test are left out. */
export function effortOf<T>(list: BoundList<T>): Effort {
  const efforts = list.items.map((item) => (item.is === 'segment' || item.is === 'scan' ? effortOfItem(item) : nothing));
  return efforts.reduce(plus, nothing);
}

export function effortOfItem<T>(item: StraightItem<T>): Effort {
  if (item.is === 'segment') return { calls: item.calls.length, elements: item.elements };
  const { calls, elements } = effortOf(item.body);
  return { calls: item.length * calls, elements: item.length * elements };
}

const nothing: Effort = { calls: 0, elements: 0 };
export const plus = (a: Effort, b: Effort): Effort => ({ calls: a.calls + b.calls, elements: a.elements + b.elements });

/** How many runs of it one function may do; 0: not even one. */
export const runsTogether = ({ calls, elements }: Effort, mostCalls: number): number =>
  Math.floor(Math.min(mostCalls / Math.max(1, calls), mostElements / Math.max(1, elements)));
