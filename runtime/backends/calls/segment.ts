/**
 * Kernels one after the other, with nothing to wait for between them: the inmost thing that runs. Their registers are numbered anew, so
 * that a run is a walk over one short array.
 */
import type { Device, Kernel } from './device.ts';

/** A kernel with the registers of its list. */
export interface BoundCall<T> {
  readonly kernel: ReturnType<Kernel<T>>;
  readonly operands: readonly number[];
  readonly result: number;
}

/** By places: at 0 and above in the array of a run, which begins with what is read from outside; below, ~place among the list's statics. */
interface PlacedCall<T> {
  readonly kernel: ReturnType<Kernel<T>>;
  readonly operands: readonly number[];
  readonly result: number;
  /** Read here for the last time. */
  readonly frees: readonly number[];
}

export interface Segment<T> {
  readonly is: 'segment';
  /** Registers of the list that it reads, and its own that are read after it. */
  readonly reads: readonly number[];
  readonly gives: readonly number[];
  readonly calls: readonly PlacedCall<T>[];
  /** That all its kernels together look at. */
  readonly elements: number;
  /** Where `gives` are. */
  readonly given: readonly number[];
}

/** `later`: what is read after these calls. `statics`: registers that are computed once, in their order. */
export function segmentOf<T>(
  calls: readonly BoundCall<T>[],
  elements: number,
  later: ReadonlySet<number>,
  statics: readonly number[],
): Segment<T> {
  const own = new Set(calls.map(({ result }) => result));
  const reads = [...new Set(calls.flatMap(({ operands }) => operands))].filter((r) => !own.has(r) && !statics.includes(r));
  const places = new Map<number, number>([
    ...statics.map((register, i) => [register, ~i] as const),
    ...[...reads, ...own].map((register, i) => [register, i] as const),
  ]);
  const place = (register: number): number => places.get(register) ?? 0;
  const read = new Set<number>();
  const placed: PlacedCall<T>[] = [];
  for (const { kernel, operands, result } of [...calls].reverse()) {
    const ended = [...new Set(operands)].filter((r) => own.has(r) && !read.has(r) && !later.has(r));
    const unread = read.has(result) || later.has(result) ? [] : [result];
    placed.unshift({ kernel, operands: operands.map(place), result: place(result), frees: [...ended, ...unread].map(place) });
    for (const register of operands) read.add(register);
  }
  const gives = [...own].filter((register) => later.has(register));
  return { is: 'segment', reads, gives, calls: placed, elements, given: gives.map(place) };
}

/** Gives the tensors of `gives`, which are the caller's; `inputs` are those of `reads`, and stay so. */
export function runSegment<T>(device: Device<T>, segment: Segment<T>, inputs: readonly T[], statics: readonly T[]): readonly T[] {
  const tensors: (T | undefined)[] = [...inputs];
  const at = (place: number): T => (place < 0 ? statics[~place] : tensors[place]) as T;
  try {
    for (const { kernel, operands, result, frees } of segment.calls) {
      tensors[result] = called(kernel, operands, at);
      for (const place of frees) {
        device.free(at(place));
        tensors[place] = undefined;
      }
    }
  } catch (error) {
    for (const tensor of tensors.slice(inputs.length)) if (tensor !== undefined) device.free(tensor);
    throw error;
  }
  return segment.given.map(at);
}

function called<T>(kernel: ReturnType<Kernel<T>>, operands: readonly number[], at: (place: number) => T): T {
  const [a = 0, b = 0, c = 0] = operands;
  switch (operands.length) {
    case 1:
      return kernel(at(a));
    case 2:
      return kernel(at(a), at(b));
    case 3:
      return kernel(at(a), at(b), at(c));
    default:
      return kernel(...operands.map(at));
  }
}
