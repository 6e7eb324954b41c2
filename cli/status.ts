/** How a solver ended, in the colours of a terminal. */
import { type Say, toneOf } from '../library/words.ts';
import type { Colors } from './session.ts';

export function statusIn(colors: Colors): Say {
  const paint = { good: colors.green, doubtful: colors.yellow, bad: colors.red };
  return (status) => paint[toneOf(status)](status);
}
