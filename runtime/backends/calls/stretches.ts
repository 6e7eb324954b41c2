/** A list on a device that compiles: what never waits is put together, as much as one function may do. */
import { isStraightItem, registerOf, type BoundList, type Item, type StraightItem } from './bind.ts';
import { effortOfItem, fits, plus, type Effort } from './effort.ts';

/** Items one after the other, as a function from what is read of earlier ones to what is read of them later. */
export interface Stretch<T> {
  readonly is: 'stretch';
  readonly items: readonly StraightItem<T>[];
  readonly reads: readonly number[];
  readonly gives: readonly number[];
  /** Registers of earlier items that no later item reads. */
  readonly frees: readonly number[];
}

/** A scan that is too much for one function stays by itself. */
export function stretchesOf<T>(list: BoundList<T>, mostCalls: number): readonly (Stretch<T> | Item<T>)[] {
  const statics = new Set(list.statics.map(({ result }) => result));
  const all: (Stretch<T> | Item<T>)[] = [];
  let together: StraightItem<T>[] = [];
  let sum: Effort = { calls: 0, elements: 0 };
  const end = (): void => {
    if (together.length > 0) all.push(stretchOf(together, statics));
    together = [];
    sum = { calls: 0, elements: 0 };
  };
  for (const item of list.items) {
    const effort = isStraightItem(item) ? effortOfItem(item) : undefined;
    const isTooMuch = effort === undefined || (item.is === 'scan' && !fits(effort, mostCalls));
    if (isTooMuch || !fits(plus(sum, effort), mostCalls)) end();
    if (isTooMuch || !isStraightItem(item)) all.push(item);
    else {
      together.push(item);
      sum = plus(sum, effort);
    }
  }
  end();
  return all;
}

function stretchOf<T>(items: readonly StraightItem<T>[], statics: ReadonlySet<number>): Stretch<T> {
  const made = new Set(items.flatMap((item) => (item.is === 'segment' ? item.gives : item.results)));
  const read = items.flatMap((item) => (item.is === 'segment' ? item.reads.map(registerOf) : item.operands));
  const freed = new Set(items.flatMap(({ frees }) => frees.map(registerOf)));
  return {
    is: 'stretch',
    items,
    reads: [...new Set(read)].filter((register) => !made.has(register) && !statics.has(register)),
    gives: [...made].filter((register) => !freed.has(register)),
    frees: [...freed].filter((register) => !made.has(register)),
  };
}
