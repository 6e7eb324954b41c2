/**
 * Owns precedence: folds the parser's flat rows of terms and operators into expression trees, and reports what only a tree shows (chained
 * comparisons, slices, tuples). It must not know of statements.
 */
import type { CstNode, IToken } from 'chevrotain';
import type { Diagnostic, Span } from '../diagnostics/diagnostic.ts';
import { behind, inFront, replaced } from '../diagnostics/fix.ts';
import * as syntax from '../diagnostics/syntax.ts';
import type {
  BinaryOperator,
  Block,
  CallExpression,
  Expression,
  Identifier,
  IndexItem,
  Iterated,
  LetDeclaration,
  NamedArgument,
} from './ast.ts';
import { excerpt, extent, isPlaced, nodeOf, nodesOf, tokenOf, tokensOf } from './cst.ts';
import { foreignMember, unknownSuffix } from './foreign-members.ts';
import { repairedNumber, stringValue } from './literals.ts';
import { closest } from './spelling.ts';
import { binding, isComparison } from './precedence.ts';
import { endOf } from './tokens.ts';

/** Trees higher than this are refused: every later phase walks them recursively. */
const heightLimit = 1000;

/** What the builders share: the text, and where mistakes go. */
export interface BuildContext {
  readonly file: string;
  readonly text: string;
  /** Reports a mistake of its own. */
  readonly report: (diagnostic: Diagnostic) => void;
  /** Reports what may be the consequence of an earlier mistake in the statement around `offset`: said only if there was none. */
  readonly reportOnce: (offset: number, diagnostic: Diagnostic) => void;
  /** The `///` lines above the statement that begins at `offset`. */
  readonly docAt: (offset: number) => string | undefined;
}

/** A row that is being folded: the next term, and the next of its signs. */
interface Row {
  readonly terms: readonly CstNode[];
  readonly operators: readonly IToken[];
  term: number;
  sign: number;
  depth: number;
}

export class ExpressionBuilder {
  private readonly context: BuildContext;
  private readonly heights = new Map<Expression, number>();

  constructor(context: BuildContext) {
    this.context = context;
  }

  /** The expression of a node; `missing` at `at` where recovery left none. */
  expression(node: CstNode | undefined, at: number): Expression {
    const terms = nodesOf(node, 'term');
    if (terms.length === 0) return this.missing(at);
    return this.fold({ terms, operators: tokensOf(node, 'BinarySign'), term: 0, sign: 0, depth: 0 }, 0, at);
  }

  missing(at: number): Expression {
    return { kind: 'missing', span: { file: this.context.file, start: at, end: at } };
  }

  /** A name; an empty one at `at` where recovery found none. */
  identifier(token: IToken | undefined, at: number): Identifier {
    if (!isPlaced(token)) return { name: '', span: { file: this.context.file, start: at, end: at } };
    return { name: token.image, span: this.spanOf(token) };
  }

  /** The text of a string token, its escapes resolved. */
  string(token: IToken): string {
    return stringValue(token, (start, escape) => {
      this.context.report(syntax.badEscape({ span: { file: this.context.file, start, end: start + escape.length } }, { escape }));
    });
  }

  /** `NAME(arguments)`, or a bare name as a call without arguments. */
  call(name: IToken | undefined, callArguments: CstNode | undefined, at: number): CallExpression {
    const callee = this.identifier(name, at);
    const positional: Expression[] = [];
    const named: NamedArgument[] = [];
    const places: Span[] = [];
    for (const node of nodesOf(callArguments, 'argument')) {
      const [left, right] = nodesOf(node, 'expression');
      const before = places.at(-1);
      places.push(extent(this.context.file, at, node));
      // With the comma that divides it from the one before.
      const item = (end: number): Span => ({ file: this.context.file, start: before?.end ?? end, end });
      const value = this.expression(left, callee.span.end);
      const equals = tokenOf(node, 'Equals');
      const last = named[named.length - 1];
      if (equals === undefined) {
        const first = named[0];
        if (last !== undefined && first !== undefined) {
          const moves = [inFront(first.name.span, `${this.textOf(value.span)}, `), replaced(item(value.span.end), '')];
          this.context.report(syntax.argumentOrder({ span: value.span }, { name: last.name.name, moves }));
        }
        positional.push(value);
      } else if (value.kind === 'name') {
        if (named.some((argument) => argument.name.name === value.name)) {
          const second = item(places.at(-1)?.end ?? value.span.end);
          this.context.report(syntax.repeatedArgument({ span: value.span }, { name: value.name, second }));
        }
        named.push({
          name: { name: value.name, span: value.span },
          value: this.expression(right, isPlaced(equals) ? endOf(equals) : value.span.end),
        });
      } else {
        const sign = isPlaced(equals) ? this.spanOf(equals) : undefined;
        this.context.report(syntax.argumentName({ span: value.span }, { equals: sign }));
        positional.push(value);
      }
    }
    const span = extent(this.context.file, at, isPlaced(name) ? name : undefined, callArguments);
    return { kind: 'call', callee, positional, named, span };
  }

  /** A block `{ let … return … }`: of a `fn`, which ends with `return`, or of a `scan`, which may hold just its results. */
  block(node: CstNode | undefined, at: number, form: 'fn' | 'scan'): Block {
    const span = extent(this.context.file, at, node);
    const lets = nodesOf(node, 'blockLet').map((inner): LetDeclaration => {
      const letSpan = extent(this.context.file, span.start, inner);
      const doc = this.context.docAt(letSpan.start);
      const names = this.pattern(inner, letSpan.end);
      const value = this.expression(nodeOf(inner, 'expression'), letSpan.end);
      return { kind: 'let', names, value, span: letSpan, ...(doc === undefined ? {} : { doc }) };
    });
    const returns = nodesOf(node, 'blockReturn');
    const bare = nodesOf(node, 'blockResult');
    const result = returns[0] ?? bare[0];
    const resultAt = isPlaced(tokenOf(node, 'CloseBrace')) ? Math.max(span.start, span.end - 1) : span.end;
    const firstBare = bare[0];
    const resultSpan = result === undefined ? { ...span, start: resultAt, end: resultAt } : extent(this.context.file, resultAt, result);
    if (result === undefined || (returns.length === 0 && (form === 'fn' || lets.length > 0))) {
      this.context.reportOnce(
        resultSpan.start,
        syntax.missingReturn({ span: result === undefined ? span : resultSpan }, { hasResult: result !== undefined }),
      );
    } else if (firstBare !== undefined && bare.length + returns.length > 1) {
      const surplus = extent(this.context.file, resultAt, returns.length > 0 ? firstBare : bare[1]);
      this.context.reportOnce(
        surplus.start,
        syntax.sideBySide({ span: surplus }, { found: this.quote(surplus), before: 'a complete expression' }),
      );
    }
    for (const stray of nodesOf(node, 'blockStray')) {
      const straySpan = extent(this.context.file, span.end, tokenOf(stray, 'Loose'));
      const expected = 'an operator, `let`, `return` or `}`';
      this.context.reportOnce(straySpan.start, syntax.unexpectedToken({ span: straySpan }, { expected, found: this.quote(straySpan) }));
    }
    const value = nodeOf(result, 'expression');
    const tuple = form === 'scan' ? this.tupleItems(value) : undefined;
    return { lets, results: tuple?.map((item) => this.expression(item, resultAt)) ?? [this.expression(value, resultAt)], span };
  }

  /** `h` or `(h, c)`. */
  pattern(node: CstNode, at: number): readonly Identifier[] {
    const names = tokensOf(node, 'Identifier');
    return (names.length === 0 ? [undefined] : names).map((name) => this.identifier(name, at));
  }

  // ---- folding ------------------------------------------------------------------------------------------------

  private fold(row: Row, minimum: number, at: number): Expression {
    row.depth += 1;
    if (row.depth > heightLimit) {
      row.term = row.terms.length;
      return this.tooDeep(extent(this.context.file, at, row.terms[0]));
    }
    let left = this.operand(row, minimum, at);
    let chained: Expression | undefined;
    for (;;) {
      const sign = row.operators[row.term];
      if (sign === undefined || row.term + 1 >= row.terms.length) break;
      const operator = operatorOf(sign);
      const level = binding[operator];
      if (level.left < minimum) break;
      row.term += 1;
      row.sign = 0;
      const right = this.fold(row, level.right, endOf(sign));
      if (chained !== undefined && isComparison(operator)) {
        const rest = this.binary(operator, chained, right);
        const span = { ...left.span, end: right.span.end };
        const said = `${this.slice(left.span)} and ${this.slice(chained.span)} ${operator} ${this.slice(right.span)}`;
        const again = behind(chained.span, ` and ${this.textOf(chained.span)}`);
        this.context.report(syntax.chainedComparison({ span }, { right: said, again }));
        left = this.binary('and', left, rest);
      } else {
        left = this.binary(operator, left, right);
      }
      chained = isComparison(operator) ? right : undefined;
    }
    row.depth -= 1;
    return left;
  }

  private operand(row: Row, minimum: number, at: number): Expression {
    const term = row.terms[row.term];
    const sign = tokensOf(term, 'PrefixSign')[row.sign];
    if (sign === undefined) return this.term(term, at);
    row.sign += 1;
    if (sign.tokenType.name !== 'Not') {
      const operand = this.fold(row, binding.sign, endOf(sign));
      return this.made({ kind: 'unary', operator: sign.image === '-' ? '-' : '+', operand, span: this.joined(sign, operand) }, operand);
    }
    const isLoose = minimum > binding.not;
    const operand = this.fold(row, isLoose ? minimum : binding.not, endOf(sign));
    if (isLoose) {
      const before = row.sign > 1 ? tokensOf(term, 'PrefixSign')[row.sign - 2] : row.operators[row.term - 1];
      const operator = before === undefined ? '-' : before.image;
      this.context.report(
        syntax.looseNot({ span: this.spanOf(sign) }, { operator, operand: this.slice(operand.span), end: operand.span.end }),
      );
    }
    return this.made({ kind: 'unary', operator: 'not', operand, span: this.joined(sign, operand) }, operand);
  }

  private binary(operator: BinaryOperator, left: Expression, right: Expression): Expression {
    return this.made(
      { kind: 'binary', operator, left, right, span: { ...left.span, end: Math.max(left.span.end, right.span.end) } },
      left,
      right,
    );
  }

  private term(term: CstNode | undefined, at: number): Expression {
    const primary = nodeOf(term, 'primary');
    const suffixes = nodesOf(term, 'suffix');
    const callee = tokenOf(primary, 'Identifier');
    const firstCall = nodeOf(suffixes[0], 'callArguments');
    let value: Expression;
    if (isPlaced(callee) && firstCall !== undefined) {
      const call = this.call(callee, firstCall, at);
      value = this.made(call, ...call.positional, ...call.named.map((argument) => argument.value));
      suffixes.shift();
    } else {
      value = this.primary(primary, at);
    }
    const foreign = value.kind === 'name' ? foreignMember(value, suffixes, this.context) : undefined;
    if (foreign !== undefined) {
      this.context.report(foreign);
      return { kind: 'missing', span: extent(this.context.file, at, term) };
    }
    for (const suffix of suffixes) value = this.suffixed(value, suffix);
    return value;
  }

  private suffixed(target: Expression, suffix: CstNode): Expression {
    const { file } = this.context;
    const span = { ...target.span, end: extent(file, target.span.end, suffix).end };
    const callArguments = nodeOf(suffix, 'callArguments');
    if (callArguments !== undefined) {
      this.context.report(syntax.calledValue({ span: { ...span, start: target.span.end } }, {}));
      return this.missing(target.span.end);
    }
    const bracket = tokenOf(suffix, 'OpenBracket');
    if (bracket !== undefined) {
      const indices = nodesOf(suffix, 'indexItem').map((item) => this.indexItem(item, target, span.end));
      if (indices.length === 0) {
        this.context.reportOnce(
          target.span.end,
          syntax.unexpectedToken({ span: this.spanOf(bracket) }, { expected: 'an index', found: '`]`' }),
        );
        indices.push(this.missing(target.span.end));
      }
      return this.made({ kind: 'index', target, indices, span }, target, ...indices.flatMap(expressionsOf));
    }
    const member = tokenOf(suffix, 'Identifier');
    if (isPlaced(member) && member.image !== 'T') {
      this.context.report(unknownSuffix(target.span, member, this.context));
      if (closest(member.image, ['T']) === undefined) return target;
    }
    return this.made({ kind: 'transposed', operand: target, span }, target);
  }

  private indexItem(node: CstNode, target: Expression, at: number): IndexItem {
    const [from, to] = nodesOf(node, 'expression');
    const span = extent(this.context.file, at, node);
    const colon = tokenOf(node, 'Colon');
    const end = nodeOf(node, 'sliceEnd');
    if (tokenOf(node, 'DotDot') !== undefined) {
      return { kind: 'range', from: this.expression(from, at), to: this.expression(to, span.end), span };
    }
    if (colon === undefined) return this.expression(from, at);
    if (from === undefined && end === undefined) return { kind: 'all', span };
    const step = tokenOf(end, 'Colon') !== undefined;
    const low: Expression =
      from === undefined ? { kind: 'number', value: 0, text: '0', span: { ...span, end: span.start } } : this.expression(from, at);
    const stop = isPlaced(tokenOf(end, 'Colon')) && nodesOf(end, 'expression').length < 2 ? undefined : nodeOf(end, 'expression');
    const high = this.lastOfSlice(stop === undefined ? undefined : this.expression(stop, span.end), span.end);
    const range = (read: (part: Span) => string): string => {
      const last = high.kind === 'missing' ? 'n - 1' : (literal(high) ?? `${read(high.span)} - 1`);
      return `${from === undefined ? '0' : read(low.span)} .. ${last}`;
    };
    const right = `${this.slice(target.span)}[${range((part) => this.slice(part))}]`;
    const slice = step || stop === undefined ? undefined : range((part) => this.textOf(part));
    this.context.report(syntax.sliceColon({ span }, { right, withStep: step, slice }));
    return { kind: 'range', from: low, to: high, span };
  }

  /** The last index of a slice that stops before `stop`. */
  private lastOfSlice(stop: Expression | undefined, at: number): Expression {
    if (stop === undefined) return this.missing(at);
    if (stop.kind === 'number' && Number.isInteger(stop.value) && stop.value > 0) return numbered(stop, stop.value - 1);
    if (stop.kind === 'unary' && stop.operator === '-' && stop.operand.kind === 'number' && Number.isInteger(stop.operand.value))
      return { ...stop, operand: numbered(stop.operand, stop.operand.value + 1) };
    return { kind: 'binary', operator: '-', left: stop, right: { kind: 'number', value: 1, text: '1', span: stop.span }, span: stop.span };
  }

  private primary(node: CstNode | undefined, at: number): Expression {
    const { file } = this.context;
    const number = tokenOf(node, 'NumberLiteral');
    if (isPlaced(number)) {
      const text = repairedNumber(number.image);
      return { kind: 'number', value: Number(text), text, span: this.spanOf(number) };
    }
    const name = tokenOf(node, 'Identifier');
    if (isPlaced(name)) return { kind: 'name', name: name.image, span: this.spanOf(name) };
    const string = tokenOf(node, 'StringLiteral');
    if (isPlaced(string)) return { kind: 'string', value: this.string(string), span: this.spanOf(string) };
    const percent = tokenOf(node, 'PercentLiteral');
    if (isPlaced(percent)) {
      const value = Number(percent.image.slice(0, -1)) / 100;
      this.context.report(syntax.percentOutsideSplit({ span: this.spanOf(percent) }, { text: percent.image, value: String(value) }));
      return { kind: 'number', value, text: String(value), span: this.spanOf(percent) };
    }
    const parenthesized = nodeOf(node, 'parenthesized');
    if (parenthesized !== undefined) return this.parenthesized(parenthesized, at);
    const bracketed = nodeOf(node, 'bracketed');
    if (bracketed !== undefined) return this.bracketed(bracketed, at);
    const condition = nodeOf(node, 'condition');
    if (condition !== undefined) {
      const span = extent(file, at, condition);
      const [then, otherwise] = nodesOf(condition, 'expression');
      const test = this.compared(nodeOf(condition, 'argument'), span.end);
      const yes = this.expression(then, span.end);
      const no = this.expression(otherwise, span.end);
      return this.made({ kind: 'if', condition: test, then: yes, otherwise: no, span }, test, yes, no);
    }
    const scan = nodeOf(node, 'scan');
    if (scan !== undefined) return this.scan(scan, at);
    const lambda = tokenOf(nodeOf(node, 'lambda'), 'Lambda');
    if (isPlaced(lambda)) {
      this.context.report(syntax.pythonLambda({ span: this.spanOf(lambda) }, { word: lambda.image }));
      return { kind: 'missing', span: extent(file, at, node) };
    }
    return this.missing(at);
  }

  /** The content of parentheses or a condition, where `=` may have been written for `==`. */
  private compared(node: CstNode | undefined, at: number): Expression {
    const [left, right] = nodesOf(node, 'expression');
    const value = this.expression(left, at);
    const equals = tokenOf(node, 'Equals');
    if (equals === undefined) return value;
    const other = this.expression(right, at);
    if (isPlaced(equals)) {
      const text = { left: this.slice(value.span), right: this.slice(other.span) };
      this.context.report(syntax.assignmentInCondition({ span: this.spanOf(equals) }, text));
    }
    return this.binary('==', value, other);
  }

  private parenthesized(node: CstNode, at: number): Expression {
    const span = extent(this.context.file, at, node);
    const items = nodesOf(node, 'argument');
    if (items.length !== 1) {
      this.context.reportOnce(span.start, syntax.tupleOutsideScan({ span }, { items: items.length }));
      return { kind: 'missing', span };
    }
    const inner = this.compared(items[0], span.start);
    // The parentheses belong to the place of the expression, so that what is made of it covers them.
    const outer: Expression = { ...inner, span };
    this.heights.set(outer, this.heights.get(inner) ?? 0);
    return outer;
  }

  private bracketed(node: CstNode, at: number): Expression {
    const span = extent(this.context.file, at, node);
    const items = nodesOf(node, 'expression').map((item) => this.expression(item, span.end));
    const body = items[0];
    if (tokenOf(node, 'For') !== undefined && body !== undefined) {
      const variable = this.identifier(tokenOf(node, 'Identifier'), span.end);
      const over = this.iterated(nodeOf(node, 'iterated'), span.end);
      return this.made({ kind: 'comprehension', body, variable, over, span }, body, ...expressionsOf(over));
    }
    return this.made({ kind: 'array', items, span }, ...items);
  }

  private scan(node: CstNode, at: number): Expression {
    const span = extent(this.context.file, at, node);
    const states = this.pattern(node, span.start);
    const start = nodeOf(node, 'expression');
    const starts = (this.tupleItems(start) ?? [start]).map((item) => this.expression(item, span.end));
    const variable = this.identifier(tokenOf(nodeOf(node, 'scanVariable'), 'Identifier'), span.end);
    const over = this.iterated(nodeOf(node, 'iterated'), span.end);
    const body = this.block(nodeOf(node, 'block'), span.end, 'scan');
    for (const [what, found, place] of [
      ['starts', starts.length, extent(this.context.file, span.start, start)],
      ['results', body.results.length, body.span],
    ] as const) {
      if (found !== states.length)
        this.context.reportOnce(span.start, syntax.scanArity({ span: place }, { states: states.length, found, what }));
    }
    const parts = [...starts, ...expressionsOf(over), ...body.lets.map((inner) => inner.value), ...body.results];
    return this.made({ kind: 'scan', states, starts, variable, over, body, span }, ...parts);
  }

  private iterated(node: CstNode | undefined, at: number): Iterated {
    const [from, to] = nodesOf(node, 'expression');
    const low = this.expression(from, at);
    if (tokenOf(node, 'DotDot') === undefined) return low;
    return { kind: 'range', from: low, to: this.expression(to, at), span: extent(this.context.file, at, node) };
  }

  /** The expressions of `(a, b)`, where that is all the expression is. */
  private tupleItems(node: CstNode | undefined): CstNode[] | undefined {
    const terms = nodesOf(node, 'term');
    const term = terms[0];
    if (terms.length !== 1 || tokensOf(term, 'PrefixSign').length > 0 || nodesOf(term, 'suffix').length > 0) return undefined;
    const items = nodesOf(nodeOf(nodeOf(term, 'primary'), 'parenthesized'), 'argument');
    if (items.length < 2 || items.some((item) => tokenOf(item, 'Equals') !== undefined)) return undefined;
    return items.map((item) => nodeOf(item, 'expression') ?? item);
  }

  // ---- small things -------------------------------------------------------------------------------------------

  /** Records how high a new node is, and refuses what is too high. */
  private made<E extends Expression>(expression: E, ...children: readonly Expression[]): Expression {
    let height = 0;
    for (const child of children) height = Math.max(height, this.heights.get(child) ?? 0);
    if (height >= heightLimit) return this.tooDeep(expression.span);
    this.heights.set(expression, height + 1);
    return expression;
  }

  private tooDeep(span: Span): Expression {
    this.context.reportOnce(span.start, syntax.tooDeep({ span }, { limit: heightLimit, what: 'operators' }));
    return { kind: 'missing', span };
  }

  private joined(sign: IToken, operand: Expression): Span {
    return { file: this.context.file, start: sign.startOffset, end: Math.max(endOf(sign), operand.span.end) };
  }

  spanOf(token: IToken): Span {
    return { file: this.context.file, start: token.startOffset, end: endOf(token) };
  }

  private textOf({ start, end }: Span): string {
    return this.context.text.slice(start, end);
  }

  /** For words: what is written into a page is `textOf`. */
  private slice(span: Span): string {
    return excerpt(this.context.text, span);
  }

  private quote(span: Span): string {
    return `\`${this.slice(span)}\``;
  }
}

const operatorOf = (sign: IToken): BinaryOperator => signNames.get(sign.tokenType.name) ?? '+';

// prettier-ignore
const signNames: ReadonlyMap<string, BinaryOperator> = new Map([
  ['Caret', '^'], ['Star', '*'], ['Slash', '/'], ['AtSign', '@'], ['Plus', '+'], ['Minus', '-'], ['LessEqual', '<='], ['Less', '<'],
  ['GreaterEqual', '>='], ['Greater', '>'], ['EqualEqual', '=='], ['NotEqual', '!='], ['And', 'and'], ['Or', 'or'],
]);

/** The expressions directly below an index item or what a loop runs over. */
function expressionsOf(item: IndexItem): Expression[] {
  if (item.kind === 'range') return [item.from, item.to];
  return item.kind === 'all' ? [] : [item];
}

type NumberLiteral = Extract<Expression, { kind: 'number' }>;

const numbered = (number: NumberLiteral, value: number): NumberLiteral => ({ ...number, value, text: String(value) });

/** The text of a whole number, with its sign. */
function literal(expression: Expression): string | undefined {
  if (expression.kind === 'number') return expression.text;
  return expression.kind === 'unary' && expression.operand.kind === 'number'
    ? `${expression.operator}${expression.operand.text}`
    : undefined;
}
