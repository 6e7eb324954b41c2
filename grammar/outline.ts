/**
 * Owns the outline of a page: which words begin a statement, and which brackets belong together. It gives statement words, block words and
 * problem braces their token types, reports brackets without a partner at the bracket itself, and inserts the missing partner, so that the
 * parser sees a well-bracketed page and a mistake in one statement never reaches the next.
 *
 * Newlines mean nothing and nearly every word may be a name, so a statement word counts only with what must follow it (`data NAME :`,
 * `outer minimize`): two expressions never stand side by side, hence none of these pairs occurs inside an expression.
 * It must not know the grammar of expressions.
 */
import { tokenMatcher, type IToken, type TokenType } from 'chevrotain';
import type { Diagnostic, Edit, Label, Span } from '../diagnostics/diagnostic.ts';
import { behind, replaced } from '../diagnostics/fix.ts';
import { InternalError } from '../diagnostics/internal-error.ts';
import * as syntax from '../diagnostics/syntax.ts';
import { endsExpression, inserted, type Adopted } from './habits.ts';
import { StartFinder, type Place } from './statement-starts.ts';
import * as t from './tokens.ts';

/** Brackets, `if`s and scans together may nest this deep: the parser is recursive, and a page that goes deeper is no page. */
export const nestingLimit = 100;

export interface Outline {
  readonly tokens: IToken[];
  readonly diagnostics: readonly Diagnostic[];
  /** Ascending offsets of the words that begin a statement, also inside blocks. */
  readonly starts: readonly number[];
  /** Indices into `starts` (−1: before the first) of statements that were repaired here: what the parser finds wrong in them is a consequence. */
  readonly repaired: ReadonlySet<number>;
  /** Everything that was begun is complete at the end: what stands behind it has no part in what it means. */
  readonly isComplete: boolean;
}

interface Open {
  readonly token: IToken;
  readonly kind: 'problem' | 'block' | 'import' | 'paren' | 'bracket';
  /** A block that has had its `return`: a `let` behind it belongs to the problem. */
  returned: boolean;
  /** `if`s and scans since the last comma: how deep the parser stands below this bracket. */
  nested: number;
  /** The statement that it stands in: still being read behind a block. */
  readonly within: TokenType | undefined;
}

const closerOf = {
  problem: t.ProblemClose,
  block: t.CloseBrace,
  import: t.CloseBrace,
  paren: t.CloseParen,
  bracket: t.CloseBracket,
} as const;
const signOf = { problem: '}', block: '}', import: '}', paren: ')', bracket: ']' } as const;

/** Finds statements and brackets in the tokens of any page. */
export function outline(adopted: Adopted, file: string, text: string): Outline {
  return new Outliner(adopted, file, text).run();
}

class Outliner {
  private readonly input: readonly IToken[];
  private readonly output: IToken[] = [];
  private readonly diagnostics: Diagnostic[] = [];
  private readonly starts: number[] = [];
  private readonly repaired = new Set<number>();
  private readonly stack: Open[] = [];
  private readonly finder: StartFinder;
  private readonly file: string;
  private readonly text: string;
  private readonly unclosedStrings: readonly number[];
  /** What stands outside all brackets. */
  private readonly page = { nested: 0 };
  /** The statement being read, to know which of its words await a name. */
  private current: TokenType | undefined;
  /** The last token was a word such as `column` behind which a name stands, whatever it looks like. */
  private expectsName = false;
  private awaits: 'problem' | 'import' | undefined;

  constructor(adopted: Adopted, file: string, text: string) {
    this.input = adopted.tokens;
    this.unclosedStrings = adopted.unclosedStrings;
    this.file = file;
    this.text = text;
    this.finder = new StartFinder(adopted.tokens);
  }

  run(): Outline {
    for (let i = 0; i < this.input.length; i++) i = this.take(i);
    const isComplete = this.stack.length === 0 && this.awaits === undefined && this.followsStatement();
    if (this.awaits === 'problem') this.openProblem(undefined);
    while (this.stack.length > 0) this.closeUnclosed(undefined);
    for (const offset of this.unclosedStrings) this.repaired.add(indexOfStatement(this.starts, offset));
    return { tokens: this.output, diagnostics: this.diagnostics, starts: this.starts, repaired: this.repaired, isComplete };
  }

  /** Takes the token at `i`, answers the last index taken. */
  private take(i: number): number {
    const token = this.at(i);
    if (this.awaits === 'problem' && this.awaitedBrace(token, i)) return i;
    const statement = token.tokenType === t.Identifier ? this.finder.startAt(i, this.place()) : undefined;
    if (statement !== undefined) {
      if (statement.misspelt)
        this.report(syntax.unknownStatement({ span: this.spanOf(token) }, { word: token.image, suggestion: statement.word, fits: true }));
      this.begin(token, statement.type);
      // The name of the statement is a name, whatever word it is.
      const rest = statement.rest;
      if (rest === undefined) return i;
      const next = this.at(i + 1);
      // That the inner level does not maximise is said by itself, and says how to write it.
      if (rest.fix !== undefined && (statement.word !== 'inner' || rest.fix !== 'maximize')) {
        this.report(
          syntax.misspeltWord({ span: this.spanOf(next) }, { word: next.image, suggestion: rest.fix, place: `after \`${token.image}\`` }),
        );
      }
      if (rest.fix !== undefined) next.payload = rest.fix;
      if (rest.type !== undefined) t.retype(next, rest.type);
      this.output.push(next);
      this.expectsName = false;
      return i + 1;
    }
    if (this.takeReturn(token, i) || this.takeUnnamedStatement(token, i)) return i;
    if (this.takeShare(token)) return i;
    if (this.finder.isScan(i)) t.retype(token, t.Scan);
    this.countNesting(token);
    this.expectsName = !this.expectsName && this.introducesName(token, i);
    return this.takeBracket(token, i);
  }

  // ---- statements ---------------------------------------------------------------------------------------------

  private place(): Place {
    const kind = this.top()?.kind;
    return {
      free: this.followsStatement(),
      atStatementLevel: kind === undefined || kind === 'problem' || kind === 'block',
      inBlock: kind === 'block',
    };
  }

  /** Could a statement begin here: is everything before complete? */
  private followsStatement(): boolean {
    const before = this.output[this.output.length - 1];
    if (before === undefined) return true;
    if (this.expectsName) return false;
    const type = before.tokenType;
    return endsExpression(before) || type === t.ProblemOpen || type === t.ProblemClose || type === t.OpenBrace;
  }

  /** Does a name stand behind this word, in this statement? `by groups g` has its name behind `groups`. */
  private introducesName(token: IToken, i: number): boolean {
    if (this.current === undefined || introducers.get(this.current)?.has(token.image) !== true) return false;
    const before = this.output[this.output.length - 1];
    const isClause = this.current === t.Solve || this.current === t.Differentiate || (before !== undefined && endsExpression(before));
    // Behind an operator it is a name itself; a comma stands before the options of a split, and between column names.
    if (!isClause && !(this.current === t.Split && before?.tokenType === t.Comma)) return false;
    return token.image !== 'by' || before?.tokenType === t.Stratified || this.input[i + 1]?.tokenType !== t.Groups;
  }

  private begin(token: IToken, type: TokenType): void {
    const before = this.output[this.output.length - 1];
    for (let top = this.top(); top !== undefined; top = this.top()) {
      const isHome =
        top.kind === 'problem'
          ? type !== t.Problem
          : top.kind === 'block' && !top.returned && (type === t.Let || type === t.BlockLet || type === t.Return);
      if (isHome) break;
      this.closeUnclosed(token);
    }
    if (this.awaits === 'problem') this.openProblem(before);
    const top = this.top();
    (top ?? this.page).nested = 0;
    const inBlock = top?.kind === 'block';
    if (inBlock && type === t.Return) top.returned = true;
    t.retype(token, inBlock && type === t.Let ? t.BlockLet : type);
    this.starts.push(token.startOffset);
    this.output.push(token);
    this.current = type;
    this.expectsName = false;
    this.awaits = type === t.Problem ? 'problem' : type === t.Import ? 'import' : undefined;
  }

  private takeReturn(token: IToken, i: number): boolean {
    if (token.image !== 'return' || !tokenMatcher(token, t.Identifier) || !this.followsStatement() || !this.finder.beginsExpression(i + 1))
      return false;
    const brace = this.stack.findLast((open) => open.kind !== 'paren' && open.kind !== 'bracket');
    if (brace?.kind !== 'block' || brace.returned) return false;
    this.begin(token, t.Return);
    return true;
  }

  /** `x = 3` and `λ: 1.0` where a statement should begin: reported, and read as what was meant. */
  private takeUnnamedStatement(token: IToken, i: number): boolean {
    const sign = this.input[i + 1];
    const top = this.top();
    if (!tokenMatcher(token, t.Identifier) || (sign?.tokenType !== t.Equals && sign?.tokenType !== t.Colon)) return false;
    if ((top !== undefined && top.kind !== 'problem' && top.kind !== 'block') || !this.followsStatement()) return false;
    const span = { file: this.file, start: token.startOffset, end: t.endOf(sign) };
    const value = this.restOfLine(t.endOf(sign));
    if (sign.tokenType === t.Equals) {
      this.report(syntax.missingStatementWord({ span }, { name: token.image, value }));
      this.begin(inserted(t.Let, '', token.startOffset), t.Let);
    } else if (top?.kind === 'block') {
      return false;
    } else {
      const isType = this.finder.beginsType(i + 2);
      this.report(syntax.yamlEntry({ span }, { name: token.image, value, isType }));
      const type = isType ? t.Hyper : t.Let;
      this.begin(inserted(type, '', token.startOffset), type);
      if (!isType) t.retype(sign, t.Equals);
    }
    this.markRepaired();
    this.output.push(token);
    return true;
  }

  /** `train 60` and `train 0.6` in a split: reported, and read as `train 60%`. */
  private takeShare(token: IToken): boolean {
    const before = this.output[this.output.length - 1];
    if (this.current !== t.Split || token.tokenType !== t.NumberLiteral || before === undefined || !tokenMatcher(before, t.Identifier))
      return false;
    const isPart =
      !this.expectsName && this.output.some((other) => other.tokenType === t.Into && other.startOffset > (this.starts.at(-1) ?? 0));
    const comesBefore = this.output[this.output.length - 2]?.tokenType;
    if (!isPart || (comesBefore !== t.Into && comesBefore !== t.Comma) || notShares.has(before.image)) return false;
    if (/^\s*%/u.test(this.text.slice(t.endOf(token)))) return false;
    const value = Number(token.image);
    const share = `${value <= 1 ? Number((100 * value).toPrecision(12)) : value}%`;
    const span = this.spanOf(token);
    this.report(
      syntax.unexpectedToken(
        { span },
        { expected: `\`${share}\``, found: `\`${token.image}\``, after: `\`${before.image}\``, missing: replaced(span, share) },
      ),
    );
    this.output.push(Object.assign(inserted(t.PercentLiteral, share, token.startOffset), { endOffset: token.endOffset }));
    return true;
  }

  private restOfLine(from: number): string {
    const line =
      /^[^\n\r]*/
        .exec(this.text.slice(from, from + 60))?.[0]
        .replace(/\/\/.*|[;}]\s*$/, '')
        .trim() ?? '';
    return line === '' ? '…' : line;
  }

  // ---- brackets -----------------------------------------------------------------------------------------------

  private awaitedBrace(token: IToken, i: number): boolean {
    const before = this.output[this.output.length - 1];
    if (token.tokenType === t.OpenBrace) {
      t.retype(token, t.ProblemOpen);
      this.push(token, 'problem');
      this.output.push(token);
      this.awaits = undefined;
      return true;
    }
    if (before?.tokenType === t.Problem && tokenMatcher(token, t.Identifier) && !this.finder.isCertain(i)) {
      this.output.push(token);
      return true;
    }
    this.openProblem(before);
    return false;
  }

  /** Inserts the `{` of a problem that has none. */
  private openProblem(before: IToken | undefined): void {
    const at = before === undefined ? 0 : t.endOf(before);
    const found = before?.tokenType === t.Problem ? 'nothing after `problem`' : `no \`{\` after \`problem ${before?.image ?? ''}\``;
    const span = before === undefined ? { file: this.file, start: at, end: at } : this.spanOf(before);
    this.report(syntax.unexpectedToken({ span }, { expected: '`NAME { … }`', found }));
    this.markRepaired();
    const brace = inserted(t.ProblemOpen, '', at);
    this.push(brace, 'problem');
    this.output.push(brace);
    this.awaits = undefined;
  }

  private takeBracket(token: IToken, i: number): number {
    const type = token.tokenType;
    if (type === t.Comma && this.isTrailingComma(i)) return i;
    if (type === t.OpenParen || type === t.OpenBracket || type === t.OpenBrace) {
      if (this.depth() >= nestingLimit) return this.skipTooDeep(token, i);
      this.push(token, type === t.OpenParen ? 'paren' : type === t.OpenBracket ? 'bracket' : this.awaits === 'import' ? 'import' : 'block');
      this.awaits = undefined;
    } else if (type === t.CloseParen || type === t.CloseBracket || type === t.CloseBrace) {
      if (!this.close(token, i)) return i;
    } else if (this.depth() > nestingLimit) {
      return this.skipTooDeep(token, i);
    }
    this.output.push(token);
    return i;
  }

  /** A comma right before a closing bracket says nothing, as in Python. */
  private isTrailingComma(i: number): boolean {
    const next = this.input[i + 1]?.tokenType;
    const before = this.output[this.output.length - 1]?.tokenType;
    const top = this.top();
    // prettier-ignore
    return (
      (next === t.CloseParen || next === t.CloseBracket || next === t.CloseBrace) &&
      before !== t.OpenParen && before !== t.OpenBracket && before !== t.OpenBrace && before !== t.Comma &&
      top !== undefined && top.kind !== 'problem' && top.kind !== 'block'
    );
  }

  /** Closes what `token` closes; false where it is dropped. */
  private close(token: IToken, i: number): boolean {
    const fits = (open: Open): boolean => signOf[open.kind] === token.image;
    const isBrace = token.tokenType === t.CloseBrace;
    let partner = this.stack.length - 1;
    while (partner >= 0) {
      const open = this.stack[partner];
      if (open === undefined || fits(open)) break;
      if (!isBrace && (open.kind === 'problem' || open.kind === 'block' || open.kind === 'import')) partner = 0;
      partner -= 1;
    }
    const open = this.stack[partner];
    const top = this.top();
    if (open === undefined) {
      if (top !== undefined && (top.kind === 'paren' || top.kind === 'bracket')) {
        this.reportUnclosed(
          top,
          replaced(this.spanOf(token), signOf[top.kind]),
          `\`${token.image}\` stands where \`${signOf[top.kind]}\` should`,
        );
        t.retype(token, closerOf[top.kind]);
        this.stack.pop();
        return true;
      }
      return this.dropCloser(token);
    }
    if (open.kind === 'problem' && this.finder.goesOn(i)) {
      while (this.top() !== open) this.closeUnclosed(token);
      return this.dropCloser(token);
    }
    while (this.top() !== open) this.closeUnclosed(token);
    this.stack.pop();
    if (open.kind === 'problem') t.retype(token, t.ProblemClose);
    this.current = open.kind === 'problem' ? undefined : open.within;
    return true;
  }

  private dropCloser(token: IToken): false {
    this.report(syntax.strayCloser({ span: this.spanOf(token) }, { closer: token.image }));
    this.markRepaired();
    return false;
  }

  /** Reports the innermost open bracket and inserts its partner. */
  private closeUnclosed(next: IToken | undefined): void {
    const open = this.stack.pop();
    if (open === undefined) throw new InternalError('outline', 'no bracket is open');
    const before = this.output[this.output.length - 1] ?? open.token;
    const isProblem = open.kind === 'problem';
    // What stands behind the last token of a problem may be a comment, which a brace must not become part of.
    const end = behind(this.spanOf(before), isProblem ? '\n}' : signOf[open.kind]);
    this.reportUnclosed(open, end, undefined, next);
    this.output.push(inserted(closerOf[open.kind], '', t.endOf(before)));
  }

  private reportUnclosed(open: Open, end: Edit, found: string | undefined, next?: IToken): void {
    this.markRepaired();
    if (open.token.image === '') return;
    const start = this.starts[indexOfStatement(this.starts, open.token.startOffset)] ?? 0;
    if (open.kind !== 'problem' && this.unclosedStrings.some((offset) => offset > start && offset > open.token.startOffset)) return;
    const labels: Label[] = next === undefined ? [] : [{ span: this.spanOf(next), message: `not closed before this` }];
    this.report(
      syntax.unclosedBracket(
        { span: this.spanOf(open.token), labels },
        { opener: open.token.image, closer: signOf[open.kind], found, end, isOnly: open.kind === 'problem' },
      ),
    );
  }

  // ---- nesting ------------------------------------------------------------------------------------------------

  private countNesting(token: IToken): void {
    const top = this.top() ?? this.page;
    if (token.tokenType === t.If || token.tokenType === t.Scan || token.tokenType === t.Lambda) top.nested += 1;
    else if (token.tokenType === t.Comma) top.nested = 0;
  }

  private depth(): number {
    let depth = this.stack.length + this.page.nested;
    for (const open of this.stack) depth += open.nested;
    return depth;
  }

  /** Drops everything up to the next statement. */
  private skipTooDeep(token: IToken, i: number): number {
    this.report(syntax.tooDeep({ span: this.spanOf(token) }, { limit: nestingLimit, what: 'brackets, `if`s and scans' }));
    const enclosing = this.stack.findIndex((open) => open.kind !== 'problem');
    const inner = enclosing < 0 ? [] : this.stack.splice(enclosing);
    let blocks = inner.filter((open) => open.kind === 'block').length;
    let last = i - 1;
    for (let j = i; j < this.input.length; j++) {
      const type = this.at(j).tokenType;
      if (j > i && this.finder.isCertain(j)) break;
      if (type === t.OpenBrace) blocks += 1;
      else if (type === t.CloseBrace) blocks -= 1;
      if (blocks < 0) break;
      last = j;
    }
    for (const open of inner.reverse()) this.output.push(inserted(closerOf[open.kind], '', token.startOffset));
    (this.top() ?? this.page).nested = 0;
    this.markRepaired();
    return last;
  }

  // ---- small things -------------------------------------------------------------------------------------------

  private push(token: IToken, kind: Open['kind']): void {
    this.stack.push({ token, kind, returned: false, nested: 0, within: this.current });
  }

  private top(): Open | undefined {
    return this.stack[this.stack.length - 1];
  }

  private at(i: number): IToken {
    const token = this.input[i];
    if (token === undefined) throw new InternalError('outline', `no token ${String(i)}`);
    return token;
  }

  private spanOf(token: IToken): Span {
    return { file: this.file, start: token.startOffset, end: t.endOf(token) };
  }

  private report(diagnostic: Diagnostic): void {
    this.diagnostics.push(diagnostic);
  }

  private markRepaired(): void {
    this.repaired.add(this.starts.length - 1);
  }
}

/** Words of a split behind which a number is no share. */
const notShares: ReadonlySet<string> = new Set(['seed', 'by', 'folds']);

/** Words behind which a name stands, in the statements where they are special. */
const introducers: ReadonlyMap<TokenType, ReadonlySet<string>> = new Map([
  [t.Data, new Set(['from', 'column', 'columns', 'array'])],
  [t.Split, new Set(['into', 'by', 'groups', 'seed'])],
  [t.Hyper, new Set(['by'])],
  [t.Solve, new Set(['with'])],
  [t.Differentiate, new Set(['with'])],
]);

/** Which statement an offset belongs to: the index of the last start at or before it, or −1. */
export function indexOfStatement(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? Infinity) <= offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
