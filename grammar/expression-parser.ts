/**
 * Owns the grammar of expressions, blocks and types: the part of the parser that statements are made of. Says nothing of precedence: an
 * expression is a flat row of terms and operators, which `build-expression.ts` folds (this keeps the parser shallow and quick).
 */
import { CstParser, tokenMatcher, type CstNode, type IParserConfig, type ParserMethod, type TokenType } from 'chevrotain';
import * as t from './tokens.ts';

export type Rule = ParserMethod<[], CstNode>;

export class ExpressionParser extends CstParser {
  protected readonly expression: Rule;
  protected readonly callArguments: Rule;
  protected readonly block: Rule;
  protected readonly annotation: Rule;

  /** Subclasses add their rules, then call `performSelfAnalysis`. */
  constructor(config: IParserConfig) {
    super(t.vocabulary, config);

    const expression = this.RULE('expression', () => {
      this.SUBRULE(term);
      this.MANY(() => {
        this.CONSUME(t.BinarySign);
        this.SUBRULE2(term);
      });
    });

    const term = this.RULE('term', () => {
      this.MANY(() => this.CONSUME(t.PrefixSign));
      this.SUBRULE(primary);
      this.MANY2(() => this.SUBRULE(suffix));
    });

    const primary = this.RULE('primary', () => {
      this.OR([
        { ALT: () => this.CONSUME(t.NumberLiteral) },
        { ALT: () => this.CONSUME(t.Identifier) },
        { ALT: () => this.SUBRULE(parenthesized) },
        { ALT: () => this.SUBRULE(bracketed) },
        { ALT: () => this.SUBRULE(condition) },
        { ALT: () => this.SUBRULE(scan) },
        { ALT: () => this.CONSUME(t.StringLiteral) },
        { ALT: () => this.CONSUME(t.PercentLiteral) },
        { ALT: () => this.SUBRULE(lambda) },
      ]);
    });

    const suffix = this.RULE('suffix', () => {
      this.OR([
        { ALT: () => this.SUBRULE(callArguments) },
        {
          ALT: () => {
            this.CONSUME(t.OpenBracket);
            this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(indexItem) });
            this.CONSUME(t.CloseBracket);
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.Dot);
            this.CONSUME(t.Identifier);
          },
        },
      ]);
    });

    const callArguments = this.RULE('callArguments', () => {
      this.CONSUME(t.OpenParen);
      this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(argument) });
      this.CONSUME(t.CloseParen);
    });

    const argument = this.RULE('argument', () => {
      this.SUBRULE(expression);
      this.OPTION(() => {
        this.CONSUME(t.Equals);
        this.SUBRULE2(expression);
      });
    });

    const indexItem = this.RULE('indexItem', () => {
      this.OR([
        {
          ALT: () => {
            this.CONSUME(t.Colon);
            this.OPTION(() => this.SUBRULE(sliceEnd));
          },
        },
        {
          ALT: () => {
            this.SUBRULE(expression);
            this.OPTION2(() =>
              this.OR2([
                {
                  ALT: () => {
                    this.CONSUME(t.DotDot);
                    this.SUBRULE2(expression);
                  },
                },
                {
                  ALT: () => {
                    this.CONSUME2(t.Colon);
                    this.OPTION3(() => this.SUBRULE2(sliceEnd));
                  },
                },
              ]),
            );
          },
        },
      ]);
    });

    /** What stands behind the `:` of a slice of Python: read only to be reported well. */
    const sliceEnd = this.RULE('sliceEnd', () => {
      this.OR([
        {
          ALT: () => {
            this.SUBRULE(expression);
            this.OPTION(() => {
              this.CONSUME(t.Colon);
              this.OPTION2(() => this.SUBRULE2(expression));
            });
          },
        },
        {
          ALT: () => {
            this.CONSUME2(t.Colon);
            this.OPTION3(() => this.SUBRULE3(expression));
          },
        },
      ]);
    });

    const parenthesized = this.RULE('parenthesized', () => {
      this.CONSUME(t.OpenParen);
      this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(argument) });
      this.CONSUME(t.CloseParen);
    });

    const bracketed = this.RULE('bracketed', () => {
      this.CONSUME(t.OpenBracket);
      this.OPTION(() => {
        this.SUBRULE(expression);
        this.OR([
          {
            ALT: () => {
              this.CONSUME(t.For);
              this.CONSUME(t.Identifier);
              this.CONSUME(t.In);
              this.SUBRULE(iterated);
            },
          },
          {
            ALT: () =>
              this.MANY(() => {
                this.CONSUME(t.Comma);
                this.SUBRULE2(expression);
              }),
          },
        ]);
      });
      this.CONSUME(t.CloseBracket);
    });

    const iterated = this.RULE('iterated', () => {
      this.SUBRULE(expression);
      this.OPTION(() => {
        this.CONSUME(t.DotDot);
        this.SUBRULE2(expression);
      });
    });

    const condition = this.RULE('condition', () => {
      this.CONSUME(t.If);
      this.SUBRULE(argument);
      this.CONSUME(t.Then);
      this.SUBRULE2(expression);
      this.CONSUME(t.Else);
      this.SUBRULE3(expression);
    });

    const scan = this.RULE('scan', () => {
      this.CONSUME(t.Scan);
      this.pattern();
      this.CONSUME(t.Equals);
      this.SUBRULE(expression);
      this.CONSUME(t.Over);
      this.SUBRULE(scanVariable);
      this.CONSUME(t.In);
      this.SUBRULE(iterated);
      this.SUBRULE(block);
    });

    const scanVariable = this.RULE('scanVariable', () => this.CONSUME(t.Identifier));

    const lambda = this.RULE('lambda', () => {
      this.CONSUME(t.Lambda);
      this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.CONSUME(t.Identifier) });
      this.CONSUME(t.Colon);
      this.SUBRULE(expression);
    });

    const block = this.RULE('block', () => {
      this.CONSUME(t.OpenBrace);
      this.MANY(() =>
        this.OR({
          DEF: [
            { ALT: () => this.SUBRULE(blockLet) },
            { ALT: () => this.SUBRULE(blockReturn) },
            { ALT: () => this.SUBRULE(blockResult) },
            { ALT: () => this.SUBRULE(blockStray) },
          ],
          // An expression begins with a loose token too; the first alternative that fits is meant.
          IGNORE_AMBIGUITIES: true,
        }),
      );
      this.CONSUME(t.CloseBrace);
    });

    const blockLet = this.RULE('blockLet', () => {
      this.CONSUME(t.BlockLet);
      this.pattern();
      this.CONSUME(t.Equals);
      this.SUBRULE(expression);
    });

    const blockReturn = this.RULE('blockReturn', () => {
      this.CONSUME(t.Return);
      this.SUBRULE(expression);
    });

    const blockResult = this.RULE('blockResult', () => this.SUBRULE(expression));

    const blockStray = this.RULE('blockStray', () => this.AT_LEAST_ONE(() => this.CONSUME(t.Loose)));

    // ---- types ----
    const annotation = this.RULE('annotation', () => {
      this.OPTION(() => this.CONSUME(t.Colon));
      this.OPTION2({
        // `data y: from "y.csv"` lacks its type; `from` is not one.
        GATE: () => !this.isClause(t.From, t.StringLiteral) && !this.isClause(t.By, t.Search),
        DEF: () => this.SUBRULE(type),
      });
    });

    const type = this.RULE('type', () => {
      this.OR([
        {
          ALT: () => {
            this.CONSUME(t.Identifier);
            this.OPTION(() => this.SUBRULE(callArguments));
            this.OPTION2(() => this.SUBRULE(shape));
          },
        },
        { ALT: () => this.SUBRULE2(shape) },
      ]);
      this.OPTION3(() => {
        this.CONSUME(t.In);
        this.SUBRULE(interval);
      });
    });

    const shape = this.RULE('shape', () => {
      this.CONSUME(t.OpenBracket);
      this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(shapeItem) });
      this.CONSUME(t.CloseBracket);
    });

    const shapeItem = this.RULE('shapeItem', () => {
      this.OR([
        { ALT: () => this.SUBRULE(expression) },
        {
          ALT: () => {
            this.CONSUME(t.Ellipsis);
            this.CONSUME(t.Identifier);
          },
        },
      ]);
    });

    const interval = this.RULE('interval', () => {
      this.CONSUME(t.OpenBracket);
      this.SUBRULE(expression);
      this.CONSUME(t.Comma);
      this.SUBRULE2(expression);
      this.CONSUME(t.CloseBracket);
    });

    this.expression = expression;
    this.callArguments = callArguments;
    this.block = block;
    this.annotation = annotation;
  }

  /** `h` or `(h, c)`; a rule has one at most. */
  protected pattern(): void {
    this.OR([
      { ALT: () => this.CONSUME(t.Identifier) },
      {
        ALT: () => {
          this.CONSUME(t.OpenParen);
          this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.CONSUME2(t.Identifier) });
          this.CONSUME(t.CloseParen);
        },
      },
    ]);
  }

  protected isClause(first: TokenType, second: TokenType): boolean {
    return this.LA(1).tokenType === first && tokenMatcher(this.LA(2), second);
  }
}
