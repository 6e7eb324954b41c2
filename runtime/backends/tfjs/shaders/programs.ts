/** What runs a shader of ours on one backend of the library, in its language. */
import type { Run } from '../library.ts';
import type { Spread } from '../own.ts';
import type { Writer } from './writer.ts';

/** One element from those at its place in the operands. */
export type OfElements = (writer: Writer, operands: readonly string[]) => string;

/** One element of [outer, length, inner] at a place (whole numbers), reading operands of three axes at any. */
export type OfPlace = (
  writer: Writer,
  place: readonly [string, string, string],
  read: readonly ((i: string, j: string, k: string) => string)[],
) => string;

export interface Programs {
  readonly pointwise: (name: string, spread: Spread, element: OfElements) => Run;
  readonly placed: (name: string, operands: number, result: readonly [number, number, number], element: OfPlace) => Run;
}

export const variableNames = (count: number): string[] => ['A', 'B', 'C'].slice(0, count);
