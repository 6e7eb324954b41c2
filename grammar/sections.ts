/**
 * Cuts a page where one of its items may begin, so that each can be read without the others. A guess by the words at the beginnings of lines:
 * whether a section is complete is known when it has been outlined, and one that is not takes all that stands behind it.
 */

export interface Cut {
  readonly start: number;
  /** The word that it begins with behind its docs; empty where that is no item. */
  readonly word: string;
}

/** A line ends where the lexer has it end: behind a U+2028 a comment goes on. */
const items = /(?<![^\n\r])(?:problem|fn|import)\b/gu;

/** A name that the page declares, whoever uses it, or an operator of the papers: what it is the page as a whole decides. */
const asOnPaper = /\barg(?:min|max)_/u;

/** The first begins at 0. An item has what documents it, and the blank lines, above it. */
export function cuts(text: string): readonly Cut[] {
  const found: Cut[] = [];
  if (!asOnPaper.test(text))
    for (const { index, 0: word } of text.matchAll(items)) {
      const start = above(text, index);
      // Two words in a row without a statement between them belong together.
      if (start > (found.at(-1)?.start ?? -1)) found.push({ start, word });
    }
  return found[0]?.start === 0 ? found : [{ start: 0, word: '' }, ...found];
}

/** Where the docs and blank lines right above a line begin. */
function above(text: string, line: number): number {
  let start = line;
  while (start > 0) {
    let before = start - (text.slice(start - 2, start) === '\r\n' ? 2 : 1);
    while (before > 0 && text[before - 1] !== '\n' && text[before - 1] !== '\r') before -= 1;
    if (!/^\s*(?:\/\/\/|$)/u.test(text.slice(before, start))) break;
    start = before;
  }
  return start;
}
