/**
 * Owns the patterns by which a statement word is told from a name: the two or three tokens that must stand there. Also the words that people
 * write instead. Looks at tokens only; which brackets are open is `outline.ts`'s business.
 */
import { tokenMatcher, type IToken, type TokenType } from 'chevrotain';
import { closest } from './spelling.ts';
import * as t from './tokens.ts';

/** What is known of the place where a statement may begin. */
export interface Place {
  /** Everything before is complete, so that a name here would stand beside an expression. */
  readonly free: boolean;
  /** No parenthesis or square bracket is open. */
  readonly atStatementLevel: boolean;
  readonly inBlock: boolean;
}

export interface StatementStart {
  readonly word: string;
  readonly type: TokenType;
  readonly misspelt: boolean;
  /** Set where the next token belongs to the word: its new type, and what it should have been. */
  readonly rest?: { readonly type?: TokenType; readonly fix?: string | undefined };
}

const words: readonly string[] = [...t.statementTypes.keys()];

// prettier-ignore
const synonyms: ReadonlyMap<string, string> = new Map([
  ['variable', 'param'], ['var', 'param'], ['parameter', 'param'], ['parameters', 'param'], ['params', 'param'],
  ['hyperparameter', 'hyper'], ['hyperparam', 'hyper'], ['def', 'fn'], ['function', 'fn'], ['func', 'fn'], ['fun', 'fn'],
  ['const', 'let'], ['val', 'let'], ['dimension', 'dim'], ['dims', 'dim'], ['noise', 'random'], ['output', 'report'], ['lower', 'inner'],
  ['upper', 'outer'],
]);

const directions: readonly string[] = ['minimize', 'maximize'];
// prettier-ignore
const directionSynonyms: ReadonlyMap<string, string> = new Map([
  ['minimise', 'minimize'], ['min', 'minimize'], ['minimum', 'minimize'], ['argmin', 'minimize'],
  ['maximise', 'maximize'], ['max', 'maximize'], ['maximum', 'maximize'], ['argmax', 'maximize'],
]);
const levels: readonly string[] = ['inner', 'outer'];

/** The statement word that was probably meant, for a word that is none. */
export const suggestStatement = (word: string): string | undefined => synonyms.get(word) ?? closest(word, words);

const expressionStarts: ReadonlySet<TokenType> = new Set([
  t.PercentLiteral,
  t.OpenParen,
  t.OpenBracket,
  t.Minus,
  t.Plus,
  t.Not,
  t.If,
  t.Scan,
  t.Lambda,
]);
/** What stands behind the colon of a declaration. */
export const kinds: ReadonlySet<string> = new Set(['real', 'positive', 'nonnegative', 'unit', 'simplex', 'int', 'choice']);

/** Words that may stand right behind an expression without beginning a statement. */
const joiningWords: ReadonlySet<string> = new Set(['over', 'by', 'from', 'return', 'folds', 'with', 'into']);

export class StartFinder {
  private readonly tokens: readonly IToken[];
  /** For each token, whether a statement begins there whatever stands before. */
  private readonly certain: boolean[] = [];

  constructor(tokens: readonly IToken[]) {
    this.tokens = tokens;
    // From the end, since a word is not sure to begin a statement where the next one does.
    for (let i = tokens.length - 1; i >= 0; i--) {
      const token = tokens[i];
      const type = token?.tokenType === t.Identifier ? t.statementTypes.get(token.image) : undefined;
      this.certain[i] = token !== undefined && type !== undefined && this.strict(i, token.image, type, false) !== undefined;
    }
  }

  /** The statement that begins at token `i`, if one does. */
  startAt(i: number, place: Place): StatementStart | undefined {
    const token = this.tokens[i];
    if (token?.tokenType !== t.Identifier) return undefined;
    const word = token.image;
    const type = t.statementTypes.get(word);
    if (type !== undefined) return this.strict(i, word, type, place.free) ?? this.loose(i, word, type, place);
    if (!place.free || !this.isName(i + 1, true)) return undefined;
    const meant = suggestStatement(word);
    const meantType = meant === undefined ? undefined : t.statementTypes.get(meant);
    if (meant === undefined || meantType === undefined) return undefined;
    const start = this.strict(i, meant, meantType, meant !== 'dim');
    return start === undefined ? undefined : { ...start, misspelt: true };
  }

  /** True where a statement begins whatever stands before. */
  isCertain(i: number): boolean {
    return this.certain[i] === true;
  }

  /** True at a name, a contextual word included; with `orBrace`, also at a brace or `with`, which may follow a statement word. */
  isName(i: number, orBrace = false): boolean {
    const token = this.tokens[i];
    return token !== undefined && (tokenMatcher(token, t.Identifier) || (orBrace && token.tokenType === t.OpenBrace));
  }

  /** `scan h =` or `scan (h, c) =`; anything else called `scan` is a name. */
  isScan(i: number): boolean {
    return this.tokens[i]?.image === 'scan' && this.isName(i) && this.isPattern(i + 1);
  }

  /** `h =` or `(h, c) =`. */
  private isPattern(i: number): boolean {
    if (this.isName(i)) return this.type(i + 1) === t.Equals;
    if (this.type(i) !== t.OpenParen) return false;
    for (let j = i + 1; this.isName(j); j += 2) {
      if (this.type(j + 1) === t.CloseParen) return this.type(j + 2) === t.Equals;
      if (this.type(j + 1) !== t.Comma) return false;
    }
    return false;
  }

  beginsExpression(i: number): boolean {
    const token = this.tokens[i];
    return (
      token !== undefined &&
      (tokenMatcher(token, t.Identifier) ||
        tokenMatcher(token, t.NumberLiteral) ||
        tokenMatcher(token, t.StringLiteral) ||
        expressionStarts.has(token.tokenType))
    );
  }

  beginsType(i: number): boolean {
    return this.type(i) === t.OpenBracket || kinds.has(this.tokens[i]?.image ?? '');
  }

  /** Behind the `}` at `i`: does the same problem go on, and is there another `}` to close it? Then this one is one too many. */
  goesOn(i: number): boolean {
    const word = this.tokens[i + 1]?.image ?? '';
    if (!this.isCertain(i + 1) || word === 'problem' || word === 'import' || word === 'fn') return false;
    let open = 0;
    for (let j = i + 1; j < this.tokens.length; j++) {
      const type = this.type(j);
      if (type === t.OpenBrace) open += 1;
      else if (type === t.CloseBrace) open -= 1;
      else if (this.tokens[j]?.image === 'problem' && this.isCertain(j)) return false;
      if (open < 0) return true;
    }
    return false;
  }

  private type(i: number): TokenType | undefined {
    return this.tokens[i]?.tokenType;
  }

  /** The whole pattern of the word; `free` widens it to what only the end of an expression before makes unambiguous. */
  private strict(i: number, word: string, type: TokenType, free: boolean): StatementStart | undefined {
    const start: StatementStart = { word, type, misspelt: false };
    const second = this.tokens[i + 1];
    const third = this.type(i + 2);
    if (second === undefined) return undefined;
    // Behind an operator the word may be a name, and the next one belong to what is around it: `scan h = split over into in xs`, `= split  let into = 2`.
    const named = tokenMatcher(second, t.Identifier) && (free || !this.isCertain(i + 1));
    const isJoined = !free && joiningWords.has(second.image);
    const withName: StatementStart = { ...start, rest: {} };
    switch (word) {
      case 'data':
      case 'hyper':
      case 'param':
      case 'random':
        return named && (third === t.Colon || third === t.Equals || third === t.Tilde) ? withName : undefined;
      case 'let':
        if (second.tokenType === t.OpenParen) return this.isPattern(i + 1) ? start : undefined;
        return named && third === t.Equals ? withName : undefined;
      case 'report':
        return named && third === t.Equals ? withName : undefined;
      case 'dim':
        return named && !isJoined && (third === t.Comma || third === t.Equals || (free && !this.isCertain(i + 1))) ? withName : undefined;
      case 'fn':
        return named && !isJoined && third === t.OpenParen ? withName : undefined;
      case 'split':
        return named && !isJoined && third === t.Into ? withName : undefined;
      case 'inner':
      case 'outer': {
        if (!named) return undefined;
        if (directions.includes(second.image)) return { ...start, rest: { type: t.Direction } };
        const fix = directionSynonyms.get(second.image) ?? closest(second.image, directions);
        return fix === undefined ? undefined : { ...start, rest: { type: t.Direction, fix } };
      }
      case 'solve': {
        if (!named || this.isCertain(i + 1)) return undefined;
        if (levels.includes(second.image)) return { ...start, rest: { type: t.Level } };
        const fix = third === t.With ? closest(second.image, levels) : undefined;
        return fix === undefined ? undefined : { ...start, rest: { type: t.Level, fix } };
      }
      case 'differentiate':
        return second.tokenType === t.With ? start : undefined;
      case 'import':
        return second.tokenType === t.OpenBrace && (free || this.isWholeImport(i)) ? start : undefined;
      case 'problem':
        return named && third === t.OpenBrace ? start : undefined;
      default:
        return undefined;
    }
  }

  /** `import { f, g } from "…"`: not the body of a scan over `import`. */
  private isWholeImport(i: number): boolean {
    let j = i + 2;
    while (this.isName(j) || this.type(j) === t.Comma) j += 1;
    return this.type(j) === t.CloseBrace && this.type(j + 1) === t.From && this.type(j + 2) === t.StringLiteral;
  }

  /** The word at the place of a statement with something wrong behind it: a missing name, colon or brace. */
  private loose(i: number, word: string, type: TokenType, place: Place): StatementStart | undefined {
    if (!place.free || !place.atStatementLevel || (place.inBlock && word !== 'let')) return undefined;
    const second = this.type(i + 1);
    if (this.isName(i + 1)) {
      if (this.isCertain(i + 1)) return undefined;
      const takesName = second === t.Identifier && !['inner', 'outer', 'solve', 'differentiate', 'problem', 'import'].includes(word);
      return { word, type, misspelt: false, ...(takesName ? { rest: {} } : {}) };
    }
    const third = this.type(i + 2);
    // `let in = 3`: the name is a reserved word, and the parser will say so.
    const isReserved = t.reservedWords.includes(this.tokens[i + 1]?.image ?? '') && (third === t.Equals || third === t.Colon);
    const follows =
      isReserved ||
      ((): boolean => {
        switch (word) {
          case 'data':
          case 'hyper':
          case 'param':
          case 'random':
            return second === t.Colon;
          case 'let':
          case 'report':
          case 'dim':
            return second === t.Equals;
          case 'inner':
          case 'outer':
            return this.beginsExpression(i + 1);
          case 'fn':
            return second === t.OpenParen;
          case 'problem':
            return second === t.OpenBrace;
          case 'import':
            return second === t.StringLiteral;
          default:
            return false;
        }
      })();
    return follows ? { word, type, misspelt: false } : undefined;
  }
}
