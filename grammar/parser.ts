/**
 * Owns the grammar of pages and statements: tokens in, concrete syntax tree out, with recovery. It must not build the AST.
 *
 * Recovery has one policy: one missing or superfluous token is mended in place; anything else ends the statement (in a block, the `let`), and
 * what is left of it is swallowed as `stray` tokens up to the next statement, block word or brace that `outline.ts` marked.
 */
import {
  EarlyExitException,
  EOF,
  MismatchedTokenException,
  NoViableAltException,
  tokenMatcher,
  type CstNode,
  type IParserErrorMessageProvider,
  type IRecognitionException,
  type IToken,
  type TokenType,
} from 'chevrotain';
import { ExpressionParser, type Rule } from './expression-parser.ts';
import * as t from './tokens.ts';

/** What a rule reads, in the words of the language: where none of its alternatives fits, this was expected. */
const expectations: Readonly<Record<string, string>> = {
  primary: 'an expression',
  term: 'an expression',
  block: 'an expression, `let` or `return`',
  type: 'a kind or a shape such as `[n, d]`',
  annotation: 'a type',
  selector: 'a column: a header name, a quoted name or a position',
  selectorAtom: 'a column: a header name, a quoted name or a position',
  splitBy: 'a number of folds, `groups NAME` or `leave_one_out`',
  splitItem: 'a name, `seed`, `unshuffled` or `stratified by`',
  source: '`column`, `columns` or `array`',
  scan: 'a name, or names in parentheses',
  let: 'a name',
  blockLet: 'a name',
  indexItem: 'an index',
  shapeItem: 'an expression',
};

/** The parser's messages are only what was expected; `parse.ts` makes the sentence. */
const expectedOnly: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => expected.LABEL ?? expected.name,
  buildNotAllInputParsedMessage: () => 'a statement',
  buildNoViableAltMessage: ({ ruleName }) => expectations[ruleName] ?? 'something else',
  buildEarlyExitMessage: ({ ruleName }) => expectations[ruleName] ?? 'something else',
};

export class PageParser extends ExpressionParser {
  readonly page: Rule;

  /** `validate` looks for ambiguities in the grammar itself, which is work for a test, not for every start. */
  constructor(validate = false) {
    super({
      recoveryEnabled: true,
      nodeLocationTracking: 'onlyOffset',
      maxLookahead: 2,
      errorMessageProvider: expectedOnly,
      skipValidations: !validate,
    });

    const { expression, callArguments, block, annotation } = this;

    const method = this.RULE('method', () => {
      this.CONSUME(t.Identifier);
      this.OPTION(() => this.SUBRULE(callArguments));
    });

    // ---- statements ----
    const dim = this.RULE('dim', () => {
      this.CONSUME(t.Dim);
      this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(dimEntry) });
    });

    const dimEntry = this.RULE('dimEntry', () => {
      this.CONSUME(t.Identifier);
      this.OPTION(() => {
        this.CONSUME(t.Equals);
        this.SUBRULE(expression);
      });
    });

    const data = this.RULE('data', () => {
      this.CONSUME(t.Data);
      this.CONSUME(t.Identifier);
      this.SUBRULE(annotation);
      this.OPTION(() => this.SUBRULE(source));
    });

    const source = this.RULE('source', () => {
      this.CONSUME(t.From);
      this.CONSUME(t.StringLiteral);
      this.OPTION(() =>
        this.OR([
          {
            ALT: () => {
              this.CONSUME(t.Column);
              this.SUBRULE(selectors);
            },
          },
          {
            ALT: () => {
              this.CONSUME(t.Columns);
              this.SUBRULE2(selectors);
            },
          },
          {
            ALT: () => {
              this.CONSUME(t.ArrayWord);
              this.SUBRULE(arrayKey);
            },
          },
        ]),
      );
    });

    const arrayKey = this.RULE('arrayKey', () => {
      this.OR([{ ALT: () => this.CONSUME(t.Identifier) }, { ALT: () => this.CONSUME(t.StringLiteral) }]);
    });

    const selectors = this.RULE('selectors', () => {
      this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(selector) });
    });

    const selector = this.RULE('selector', () => {
      this.OR([
        {
          ALT: () => {
            this.CONSUME(t.OpenBracket);
            this.SUBRULE(selectors);
            this.CONSUME(t.CloseBracket);
          },
        },
        {
          ALT: () => {
            this.SUBRULE(selectorAtom);
            this.OPTION(() => {
              this.CONSUME(t.DotDot);
              this.SUBRULE2(selectorAtom);
            });
          },
        },
      ]);
    });

    const selectorAtom = this.RULE('selectorAtom', () => {
      this.OR([
        { ALT: () => this.CONSUME(t.Identifier) },
        { ALT: () => this.CONSUME(t.StringLiteral) },
        { ALT: () => this.CONSUME(t.NumberLiteral) },
      ]);
    });

    const split = this.RULE('split', () => {
      this.CONSUME(t.Split);
      this.CONSUME(t.Identifier);
      this.CONSUME(t.Into);
      this.SUBRULE(splitItem);
      this.MANY(() =>
        this.OR([
          {
            ALT: () => {
              this.CONSUME(t.Comma);
              this.SUBRULE2(splitItem);
            },
          },
          { ALT: () => this.SUBRULE(splitBy) },
        ]),
      );
    });

    const splitItem = this.RULE('splitItem', () => {
      this.OR({
        DEF: [
          {
            GATE: () => this.isSeed(),
            ALT: () => {
              this.CONSUME(t.Seed);
              this.SUBRULE(expression);
            },
          },
          { GATE: () => this.LA(2).tokenType !== t.PercentLiteral, ALT: () => this.CONSUME(t.Unshuffled) },
          {
            GATE: () => this.LA(2).tokenType === t.By,
            ALT: () => {
              this.CONSUME(t.Stratified);
              this.CONSUME(t.By);
              this.CONSUME(t.Identifier);
            },
          },
          { GATE: () => !this.isBy(), ALT: () => this.SUBRULE(part) },
          { ALT: () => this.SUBRULE(splitBy) },
        ],
        // The options are names as well; the gates tell.
        IGNORE_AMBIGUITIES: true,
      });
    });

    const part = this.RULE('part', () => {
      this.CONSUME(t.Identifier);
      this.OPTION(() => this.CONSUME(t.PercentLiteral));
    });

    const splitBy = this.RULE('splitBy', () => {
      this.CONSUME(t.By);
      this.OR({
        DEF: [
          {
            GATE: () => this.LA(2).tokenType !== t.Folds && tokenMatcher(this.LA(2), t.Identifier),
            ALT: () => {
              this.CONSUME(t.Groups);
              this.CONSUME(t.Identifier);
            },
          },
          { GATE: () => !continuesValue.some((type) => tokenMatcher(this.LA(2), type)), ALT: () => this.CONSUME(t.LeaveOneOut) },
          {
            ALT: () => {
              this.SUBRULE(expression);
              this.CONSUME(t.Folds);
            },
          },
        ],
        IGNORE_AMBIGUITIES: true,
      });
    });

    const hyper = this.RULE('hyper', () => {
      this.CONSUME(t.Hyper);
      this.CONSUME(t.Identifier);
      this.SUBRULE(annotation);
      this.OPTION(() => {
        this.CONSUME(t.Equals);
        this.SUBRULE(expression);
      });
      this.OPTION2(() => {
        this.CONSUME(t.By);
        this.CONSUME(t.Search);
      });
    });

    const param = this.RULE('param', () => {
      this.CONSUME(t.Param);
      this.CONSUME(t.Identifier);
      this.SUBRULE(annotation);
      this.OPTION(() =>
        this.OR([
          {
            ALT: () => {
              this.CONSUME(t.Equals);
              this.SUBRULE(expression);
            },
          },
          {
            ALT: () => {
              this.CONSUME(t.Tilde);
              this.SUBRULE(method);
            },
          },
        ]),
      );
    });

    const random = this.RULE('random', () => {
      this.CONSUME(t.Random);
      this.CONSUME(t.Identifier);
      this.SUBRULE(annotation);
      this.CONSUME(t.Tilde);
      this.SUBRULE(method);
    });

    const letStatement = this.RULE('let', () => {
      this.CONSUME(t.Let);
      this.pattern();
      this.CONSUME(t.Equals);
      this.SUBRULE(expression);
    });

    const report = this.RULE('report', () => {
      this.CONSUME(t.Report);
      this.CONSUME(t.Identifier);
      this.CONSUME(t.Equals);
      this.SUBRULE(expression);
    });

    const fn = this.RULE('fn', () => {
      this.CONSUME(t.Fn);
      this.CONSUME(t.Identifier);
      this.CONSUME(t.OpenParen);
      this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(parameter) });
      this.CONSUME(t.CloseParen);
      this.SUBRULE(annotation);
      this.CONSUME(t.Equals);
      this.OR([{ ALT: () => this.SUBRULE(block) }, { ALT: () => this.SUBRULE(expression) }]);
    });

    const parameter = this.RULE('parameter', () => {
      this.CONSUME(t.Identifier);
      this.SUBRULE(annotation);
      this.OPTION(() => {
        this.CONSUME(t.Equals);
        this.SUBRULE(expression);
      });
    });

    const level = (name: string, word: TokenType): Rule =>
      this.RULE(name, () => {
        this.CONSUME(word);
        this.CONSUME(t.Direction);
        this.SUBRULE(expression);
      });
    const inner = level('inner', t.Inner);
    const outer = level('outer', t.Outer);

    const solve = this.RULE('solve', () => {
      this.CONSUME(t.Solve);
      this.CONSUME(t.Level);
      this.CONSUME(t.With);
      this.SUBRULE(method);
    });

    const differentiate = this.RULE('differentiate', () => {
      this.CONSUME(t.Differentiate);
      this.CONSUME(t.With);
      this.SUBRULE(method);
    });

    const importStatement = this.RULE('import', () => {
      this.CONSUME(t.Import);
      this.CONSUME(t.OpenBrace);
      this.MANY_SEP({ SEP: t.Comma, DEF: () => this.CONSUME(t.Identifier) });
      this.CONSUME(t.CloseBrace);
      this.CONSUME(t.From);
      this.CONSUME(t.StringLiteral);
    });

    const statements = [
      letStatement,
      data,
      hyper,
      param,
      report,
      inner,
      outer,
      fn,
      dim,
      split,
      random,
      solve,
      differentiate,
      importStatement,
    ];
    const statement = this.RULE('statement', () => {
      this.OR(statements.map((rule) => ({ ALT: () => this.SUBRULE(rule) })));
    });

    /** What recovery left of a statement, or what begins none. */
    const stray = this.RULE('stray', () => {
      this.AT_LEAST_ONE(() =>
        this.OR([
          { ALT: () => this.CONSUME(t.Loose) },
          { ALT: () => this.CONSUME(t.BlockLet) },
          { ALT: () => this.CONSUME(t.Return) },
          { ALT: () => this.CONSUME(t.CloseBrace) },
        ]),
      );
    });

    const problem = this.RULE('problem', () => {
      this.CONSUME(t.Problem);
      this.CONSUME(t.Identifier);
      this.CONSUME(t.ProblemOpen);
      this.MANY(() => this.OR([{ ALT: () => this.SUBRULE(statement) }, { ALT: () => this.SUBRULE(stray) }]));
      this.CONSUME(t.ProblemClose);
    });

    this.page = this.RULE('page', () => {
      this.MANY(() =>
        this.OR([{ ALT: () => this.SUBRULE(problem) }, { ALT: () => this.SUBRULE(statement) }, { ALT: () => this.SUBRULE(stray) }]),
      );
      this.CONSUME(EOF);
    });

    this.performSelfAnalysis();
  }

  /** `seed 7` is an option, `seed 60%` a part of that name. */
  private isSeed(): boolean {
    return this.LA(1).tokenType === t.Seed && this.LA(2).tokenType !== t.By && valueStarts.some((type) => tokenMatcher(this.LA(2), type));
  }

  /** `by 5 folds` at the place of a part, as in `train, by 5 folds`. */
  private isBy(): boolean {
    return this.LA(1).tokenType === t.By && valueStarts.some((type) => tokenMatcher(this.LA(2), type));
  }
}

/** Behind a word that begins a number of folds, not a clause of its own. */
const continuesValue: readonly TokenType[] = [t.Folds, t.BinarySign, t.OpenParen, t.OpenBracket, t.Dot];

// prettier-ignore
const valueStarts: readonly TokenType[] = [
  t.Identifier, t.NumberLiteral, t.StringLiteral, t.OpenParen, t.OpenBracket, t.PrefixSign, t.If, t.Scan, t.Lambda,
];

/** The one parser: its grammar is analysed once; each `read` starts afresh and leaves nothing behind. */
const parser = new PageParser();

/** One place where the tokens did not fit the grammar. */
export interface ParserError {
  /** What could have stood there, in the words of the language. */
  readonly expected: string;
  readonly found: IToken;
  /** The token before; inserted by recovery, or absent at the start of the page. */
  readonly before: IToken | undefined;
}

/** Reads the tokens of an outlined page. Never throws, but for a `RangeError` where the stack is nearly used up already. */
export function readPage(tokens: IToken[]): { readonly cst: CstNode; readonly errors: readonly ParserError[] } {
  parser.input = tokens;
  const cst = parser.page();
  const errors = parser.errors.map((error) => ({ expected: error.message, found: error.token, before: previousToken(error) }));
  return { cst, errors };
}

function previousToken(error: IRecognitionException): IToken | undefined {
  const known = error instanceof MismatchedTokenException || error instanceof NoViableAltException || error instanceof EarlyExitException;
  return known ? error.previousToken : undefined;
}
