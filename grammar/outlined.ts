/** From a text to its words in their places: lexed, freed of foreign habits, outlined. What the parser reads, and what an editor colours. */
import type { IToken } from 'chevrotain';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { adopt } from './habits.ts';
import { outline, type Outline } from './outline.ts';
import { lex, UnclosedComment } from './tokens.ts';

export interface Outlined extends Omit<Outline, 'diagnostics'> {
  readonly comments: readonly IToken[];
  /** What is foreign, word by word. */
  readonly habits: readonly Diagnostic[];
  /** What is wrong with brackets, and with words that begin statements. */
  readonly mistakes: readonly Diagnostic[];
}

/** Any text whatever. */
export function outlined(text: string, file: string): Outlined {
  const { tokens, comments } = lex(text);
  const adopted = adopt(tokens, file);
  const { diagnostics, isComplete, ...found } = outline(adopted, file, text);
  const isClosed = !tokens.some(({ tokenType }) => tokenType === UnclosedComment);
  return { ...found, comments, habits: adopted.diagnostics, mistakes: diagnostics, isComplete: isComplete && isClosed };
}
