/** What the words of the language mean that no page declares: functions of the library, solvers, options, kinds, statements. */
import {
  choice,
  distribution,
  headOf,
  libraryFunction,
  methodNamed,
  wordsOf,
  type Callable,
  type CallableParameter,
  type MethodOf,
} from '../compiler/words/callables.ts';
import { statementWords } from '../compiler/words/statements.ts';
import { kindWords } from '../compiler/words/types.ts';
import type { Span } from '../diagnostics/diagnostic.ts';
import { placeIn, type CallAround, type Place } from '../grammar/place.ts';
import { nameEnd } from '../grammar/tokens.ts';
import type { Analysis } from './analysis.ts';

/** A word of the language, and what it is a word for. */
export type Word =
  | { readonly for: 'function' | 'distribution' | 'kind' | 'statement'; readonly name: string }
  | { readonly for: 'method'; readonly of: MethodOf; readonly name: string }
  | { readonly for: 'argument'; readonly as: CallAround['as']; readonly callee: string; readonly name: string };

/** What is called by a name that no page declares; several where it has several forms. */
export function callables(as: CallAround['as'], name: string): readonly Callable[] {
  switch (as) {
    case 'function':
      return libraryFunction(name);
    case 'distribution': {
      const found = distribution(name);
      return found === undefined ? [] : [found];
    }
    case 'choice':
      return [choice];
    default: {
      const found = methodNamed(as, name);
      return found === undefined ? [] : [found];
    }
  }
}

const code = (text: string): string => `\`\`\`bilevel\n${text}\n\`\`\``;
const together = (head: string, says: string | undefined): string => [code(head), ...(says === undefined ? [] : [says])].join('\n\n');

/** What is to be said of a word, in Markdown; `undefined` where it has no meaning there. */
export function meaningOf(word: Word): string | undefined {
  switch (word.for) {
    case 'function':
    case 'distribution':
      return joined(callables(word.for, word.name));
    case 'method':
      return joined(callables(word.of, word.name));
    case 'argument': {
      const parameter = parameterNamed(callables(word.as, word.callee), word.name);
      return parameter === undefined ? undefined : together(`${word.callee}(${parameter.label})`, parameter.says);
    }
    case 'kind':
      return wordsOf(kindWords, word.name);
    case 'statement': {
      const known = wordsOf(statementWords, word.name);
      return known === undefined ? undefined : together(known.form, known.says);
    }
  }
}

const joined = (all: readonly Callable[]): string | undefined =>
  all.length === 0 ? undefined : all.map((each) => together(headOf(each), each.says)).join('\n\n');

const parameterNamed = (all: readonly Callable[], name: string): CallableParameter | undefined =>
  all.flatMap(({ parameters }) => parameters).find((parameter) => parameter.name === name);

/** The word of the language that stands at an offset, with its place. */
export function wordAt({ document, parsed, uri }: Analysis, offset: number): { readonly word: Word; readonly span: Span } | undefined {
  const text = document.getText();
  const place = placeIn(parsed(), nameEnd(text, offset));
  if (place === undefined || place.inString || place.start === place.end) return undefined;
  const { start, end } = place;
  const word = wordOf(place, text.slice(start, end), text.slice(end));
  return word === undefined ? undefined : { word, span: { file: uri, start, end } };
}

/** `behind`: the text behind the word, which tells `axis = 0` from a value, and one `solve` from the other. */
function wordOf({ offers, call }: Place, name: string, behind: string): Word | undefined {
  for (const offer of offers) {
    switch (offer.kind) {
      case 'method':
        return { for: 'method', of: offer.of, name };
      case 'distribution':
        return { for: 'distribution', name };
      case 'type':
        return { for: 'kind', name };
      case 'statement':
        return { for: 'statement', name: name === 'solve' ? `solve-${/^\s+outer\b/u.test(behind) ? 'outer' : 'inner'}` : name };
      case 'argument':
        if (call !== undefined && /^\s*=(?!=)/u.test(behind)) return { for: 'argument', as: call.as, callee: call.callee, name };
        break;
      case 'value':
      case 'function':
        return { for: 'function', name };
      default:
    }
  }
  return undefined;
}
