/** Moves plain data over a text: what was found at one place, at another where the same text stands. */
import type { Span } from './diagnostic.ts';

export type Move = (span: Span) => Span;

const isSpan = (value: object): value is Span => 'start' in value && 'end' in value && 'file' in value;

/** The same data with every span moved; what has no span in it is a copy, too. Trees, diagnostics and the like: no cycles, no functions, no maps. */
export function moved<T>(value: T, move: Move): T;
export function moved(value: unknown, move: Move): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each: unknown) => moved(each, move));
  if (isSpan(value)) return move(value);
  const copy: Record<string, unknown> = {};
  // Ten thousand of them at each keystroke: in a row without a list of pairs.
  for (const name in value) copy[name] = moved<unknown>((value as Readonly<Record<string, unknown>>)[name], move);
  return copy;
}

/** Stretches of a text, and how far each has moved; a place is moved with the first that holds it, and stays where none does. */
export function moveOf(stretches: readonly { readonly span: Span; readonly by: number }[]): Move {
  const shifts = stretches.filter(({ by }) => by !== 0);
  return (span) => {
    const { file, start, end } = span;
    for (const shift of shifts) {
      const held = shift.span;
      if (held.start <= start && start <= held.end && held.file === file) return { file, start: start + shift.by, end: end + shift.by };
    }
    return span;
  };
}
