/** A row of the library: what a function takes, and what it becomes. */
import type { Value } from '../../ir/graph.ts';
import type { Arguments, Parameter, ParameterKind } from './arguments.ts';

export interface LibraryRow {
  readonly parameters: readonly Parameter[];
  /** The result; `undefined` after a report. */
  readonly lower: (a: Arguments) => Value | undefined;
}

/** A function with several results, which a `let` takes together. */
export interface SeveralRow {
  readonly parameters: readonly Parameter[];
  /** Names that show how they are taken. */
  readonly results: readonly string[];
  readonly lower: (a: Arguments) => readonly Value[] | undefined;
}

export type LibraryTable = Readonly<Record<string, LibraryRow>>;

export const needed = (name: string, kind: ParameterKind = 'value'): Parameter => ({ name, kind });
export const optional = (name: string, kind: ParameterKind = 'value'): Parameter => ({ name, kind, optional: true });
/** Optional, and given by its name only. */
export const named = (name: string, kind: ParameterKind = 'value'): Parameter => ({ name, kind, optional: true, namedOnly: true });
export const rest = (name: string, kind: ParameterKind = 'value'): Parameter => ({ name, kind, rest: true });
