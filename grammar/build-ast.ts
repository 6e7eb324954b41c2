/**
 * Owns the step from the concrete tree to the AST: statements and types; expressions are `build-expression.ts`. Whatever recovery left out
 * becomes an empty name, a missing type or a `missing` expression, so that there always is a tree. It must not know what a name means.
 */
import { tokenMatcher, type CstNode, type IToken } from 'chevrotain';
import type { Diagnostic, Edit, Span } from '../diagnostics/diagnostic.ts';
import { behind, inFront, perhaps, replaced } from '../diagnostics/fix.ts';
import { InternalError } from '../diagnostics/internal-error.ts';
import * as syntax from '../diagnostics/syntax.ts';
// prettier-ignore
import type {
  CallExpression, ColumnSelector, DataSource, Declaration, Expression, FnDeclaration, Identifier, ImportNode, KindName, Page, ProblemNode, RestDims,
  SplitDeclaration, TypeExpression,
} from './ast.ts';
import { ExpressionBuilder, type BuildContext } from './build-expression.ts';
import { extent, isPlaced, nodeOf, nodesOf, tokenOf, tokensOf, wordOf } from './cst.ts';
import { foreignClause, foreignStatement } from './foreign-names.ts';
import { repairedNumber } from './literals.ts';
import { removal } from './removal.ts';
import { closest } from './spelling.ts';
import { suggestStatement } from './statement-starts.ts';
import * as t from './tokens.ts';

const kindNames: readonly KindName[] = ['real', 'positive', 'nonnegative', 'unit', 'simplex', 'int'];
const isKindName = (name: string): name is KindName => (kindNames as readonly string[]).includes(name);
// prettier-ignore
const kindSynonyms: ReadonlyMap<string, KindName> = new Map([
  ['float', 'real'], ['double', 'real'], ['number', 'real'], ['scalar', 'real'], ['vector', 'real'], ['matrix', 'real'], ['integer', 'int'],
  ['probability', 'unit'], ['nonneg', 'nonnegative'],
]);

/** The items of a page, from its concrete tree; reports through the context. */
export function buildPage(page: CstNode, context: BuildContext): Page['items'] {
  return new AstBuilder(context).page(page);
}

type Item = Page['items'][number];
/** A child of a page or a problem, in the order of the text. */
interface Child {
  readonly rule: 'problem' | 'statement' | 'stray';
  readonly node: CstNode;
  readonly span: Span;
}

class AstBuilder {
  private readonly context: BuildContext;
  private readonly expressions: ExpressionBuilder;

  constructor(context: BuildContext) {
    this.context = context;
    this.expressions = new ExpressionBuilder(context);
  }

  page(page: CstNode): Page['items'] {
    const items: Item[] = [];
    let outside = false;
    for (const { rule, node, span } of this.children(page)) {
      if (rule === 'problem') items.push(...this.problem(node, span));
      else if (rule === 'stray') this.stray(node);
      else {
        const statement = this.statement(node, span);
        const isMisplaced = statement !== undefined && statement.kind !== 'import' && statement.kind !== 'fn';
        // One report for a row of them: the problem around them is what is missing.
        if (isMisplaced && !outside) {
          this.context.reportOnce(
            span.start,
            syntax.misplacedStatement({ span: wordSpan(statement, span) }, { word: wordFor(statement), place: 'page' }),
          );
        }
        if (statement !== undefined && !isMisplaced) items.push(statement);
        outside = isMisplaced;
        continue;
      }
      outside = false;
    }
    return items;
  }

  private problem(node: CstNode, span: Span): Item[] {
    const declarations: Declaration[] = [];
    const imports: ImportNode[] = [];
    for (const child of this.children(node)) {
      if (child.rule === 'stray') {
        this.stray(child.node);
        continue;
      }
      const statement = this.statement(child.node, child.span);
      if (statement?.kind === 'import') {
        const payload = { word: 'import', place: 'problem', moves: this.moveAbove(child.span) } as const;
        this.context.report(syntax.misplacedStatement({ span: wordSpan(statement, child.span) }, payload));
        imports.push(statement);
      } else if (statement !== undefined) {
        declarations.push(statement);
      }
    }
    const name = this.expressions.identifier(tokenOf(node, 'Identifier'), span.start + 'problem'.length);
    const problem: ProblemNode = { kind: 'problem', name, declarations, ...this.doc(span), span };
    return [...imports, problem];
  }

  /** Takes an import out of its problem: above that and its docs, with a blank line between them. */
  private moveAbove(span: Span): readonly Edit[] {
    const { text } = this.context;
    const start = text.length - text.trimStart().length;
    return [inFront({ ...span, start }, `${text.slice(span.start, span.end)}\n\n`), removal(text, span)];
  }

  private children(node: CstNode): Child[] {
    const children = (['problem', 'statement', 'stray'] as const).flatMap((rule) =>
      nodesOf(node, rule).map((child) => ({ rule, node: child, span: extent(this.context.file, 0, child) })),
    );
    return children.sort((a, b) => a.span.start - b.span.start);
  }

  private doc(span: Span): { doc?: string } {
    const doc = this.context.docAt(span.start);
    return doc === undefined ? {} : { doc };
  }

  /** Tokens that no statement took: one report, unless the statement before has had its own. */
  private stray(node: CstNode): void {
    const tokens = ['Loose', 'BlockLet', 'Return', 'CloseBrace']
      .flatMap((type) => tokensOf(node, type))
      .sort((a, b) => a.startOffset - b.startOffset);
    const [first, second] = tokens;
    if (first === undefined) return;
    this.context.reportOnce(first.startOffset, this.strayReport(first, second));
  }

  private strayReport(first: IToken, second: IToken | undefined): Diagnostic {
    const span = this.expressions.spanOf(first);
    if (first.tokenType === t.DotDot) return syntax.rangeOutsideIndex({ span }, {});
    const before = this.context.text.slice(0, span.start).trimEnd();
    const begins = before === '' || /[{}]$/.test(before);
    const line = this.context.text.slice(before.length, span.start);
    if (first.tokenType === t.Identifier) {
      const suggestion = suggestStatement(first.image);
      const looksLikeOne = suggestion !== undefined || (second !== undefined && tokenMatcher(second, t.Identifier));
      const hint = foreignStatement(first.image);
      if (begins || ((looksLikeOne || hint !== undefined) && /[\n\r]/.test(line)))
        return syntax.unknownStatement({ span }, { word: first.image, suggestion, hint });
    }
    const startsValue =
      tokenMatcher(first, t.Identifier) ||
      tokenMatcher(first, t.NumberLiteral) ||
      tokenMatcher(first, t.StringLiteral) ||
      first.image === '(' ||
      first.image === '[';
    if (startsValue && !begins) {
      const fixes = /[\n\r]/.test(line)
        ? []
        : ['*', '@'].map((sign) => perhaps(`write \`${sign}\` between them`, inFront(span, `${sign} `)));
      return syntax.sideBySide({ span, fixes }, { found: `\`${first.image}\``, before: 'a complete statement' });
    }
    const reserved = t.reservedWords.includes(first.image);
    const place = begins ? 'a statement' : 'an operator or the next statement';
    const isComment = first.image === '-' && second?.image === '-' && second.startOffset === first.startOffset + 1;
    const foreign = foreignClause.get(isComment ? '--' : first.image);
    const hints = reserved && foreign === undefined ? [`\`${first.image}\` is reserved`] : [];
    return syntax.unexpectedToken({ span, hints }, { expected: place, found: `\`${first.image}\``, here: foreign });
  }

  // ---- statements ---------------------------------------------------------------------------------------------

  private statement(statement: CstNode, span: Span): Declaration | ImportNode | undefined {
    const entry = Object.entries(statement.children).find(([, children]) => children.length > 0);
    if (entry === undefined) return undefined;
    const [rule] = entry;
    const node = nodeOf(statement, rule);
    if (node === undefined) return undefined;
    const base = { span, ...this.doc(span) };
    const at = span.end;
    const name = (): Identifier => this.expressions.identifier(tokenOf(node, 'Identifier'), Math.min(at, span.start + rule.length));
    const value = (): Expression => this.expressions.expression(nodeOf(node, 'expression'), at);
    const init = (): { init?: Expression } => (tokenOf(node, 'Equals') === undefined ? {} : { init: value() });
    switch (rule) {
      case 'import':
        return this.importNode(node, span);
      case 'dim':
        return { kind: 'dim', dims: nodesOf(node, 'dimEntry').map((entry) => this.dimEntry(entry, at)), ...base };
      case 'data': {
        const source = nodeOf(node, 'source');
        const from = source === undefined ? undefined : this.source(source, at);
        return { kind: 'data', name: name(), type: this.annotation(node, 'data', span), ...(from === undefined ? {} : { from }), ...base };
      }
      case 'split':
        return this.split(node, base, at);
      case 'hyper': {
        const by = tokenOf(node, 'By');
        const bySearch = isPlaced(by) ? { bySearch: extent(this.context.file, at, by, tokenOf(node, 'Search')) } : {};
        return { kind: 'hyper', name: name(), type: this.annotation(node, 'hyper', span), ...init(), ...bySearch, ...base };
      }
      case 'param': {
        const distribution = tokenOf(node, 'Tilde') === undefined ? {} : { distribution: this.method(node, at) };
        return { kind: 'param', name: name(), type: this.annotation(node, 'param', span), ...init(), ...distribution, ...base };
      }
      case 'random':
        return { kind: 'random', name: name(), type: this.annotation(node, 'random', span), distribution: this.method(node, at), ...base };
      case 'let':
        return { kind: 'let', names: this.expressions.pattern(node, Math.min(at, span.start + rule.length)), value: value(), ...base };
      case 'report':
        return { kind: 'report', name: name(), value: value(), ...base };
      case 'fn':
        return this.fn(node, name(), base, at);
      case 'inner': {
        const direction = tokenOf(node, 'Direction');
        const criterion = value();
        if (isPlaced(direction) && wordOf(direction) === 'maximize')
          this.context.report(
            syntax.innerMaximize(
              { span: this.expressions.spanOf(direction) },
              { value: extent(this.context.file, at, nodeOf(node, 'expression')) },
            ),
          );
        return { kind: 'inner', value: criterion, ...base };
      }
      case 'outer': {
        const direction = wordOf(tokenOf(node, 'Direction')) === 'maximize' ? 'maximize' : 'minimize';
        return { kind: 'outer', direction, value: value(), ...base };
      }
      case 'solve':
        return { kind: wordOf(tokenOf(node, 'Level')) === 'outer' ? 'solve-outer' : 'solve-inner', method: this.method(node, at), ...base };
      case 'differentiate':
        return { kind: 'differentiate', method: this.method(node, at), ...base };
      default:
        throw new InternalError('build-ast', `no statement is called ${rule}`);
    }
  }

  private importNode(node: CstNode, span: Span): ImportNode {
    const path = tokenOf(node, 'StringLiteral');
    const names = tokensOf(node, 'Identifier').map((token) => this.expressions.identifier(token, span.end));
    const pathSpan = isPlaced(path) ? this.expressions.spanOf(path) : { ...span, start: span.end };
    return { kind: 'import', names, path: isPlaced(path) ? this.expressions.string(path) : '', pathSpan, span };
  }

  private dimEntry(entry: CstNode, at: number): { name: Identifier; value?: Expression } {
    const name = this.expressions.identifier(tokenOf(entry, 'Identifier'), at);
    return tokenOf(entry, 'Equals') === undefined
      ? { name }
      : { name, value: this.expressions.expression(nodeOf(entry, 'expression'), at) };
  }

  private method(node: CstNode, at: number): CallExpression {
    const method = nodeOf(node, 'method');
    return this.expressions.call(tokenOf(method, 'Identifier'), nodeOf(method, 'callArguments'), at);
  }

  private fn(node: CstNode, name: Identifier, base: { span: Span; doc?: string }, at: number): FnDeclaration {
    const parameters = nodesOf(node, 'parameter').map((parameter) => {
      const span = extent(this.context.file, at, parameter);
      const own = this.expressions.identifier(tokenOf(parameter, 'Identifier'), span.start);
      const value = nodeOf(parameter, 'expression');
      const init = value === undefined ? {} : { init: this.expressions.expression(value, span.end) };
      return { name: own, type: this.annotation(parameter, 'argument', span), ...init };
    });
    const result = this.annotation(node, 'function', base.span);
    const block = nodeOf(node, 'block');
    const value = block === undefined ? this.expressions.expression(nodeOf(node, 'expression'), at) : undefined;
    const body = value === undefined ? this.expressions.block(block, at, 'fn') : { lets: [], results: [value], span: value.span };
    return { kind: 'fn', name, parameters, result, isBlock: block !== undefined, body, ...base };
  }

  // ---- data and splits ----------------------------------------------------------------------------------------

  private source(node: CstNode, at: number): DataSource | undefined {
    const file = tokenOf(node, 'StringLiteral');
    const key = nodeOf(node, 'arrayKey');
    const selectors = nodeOf(node, 'selectors');
    if (!isPlaced(file)) return undefined;
    const columns = selectors === undefined ? undefined : this.selectors(selectors, at);
    const array = key === undefined ? undefined : this.arrayKey(key, at);
    return {
      file: this.expressions.string(file),
      fileSpan: this.expressions.spanOf(file),
      ...(columns === undefined ? {} : { columns }),
      ...(array === undefined ? {} : { array }),
    };
  }

  private arrayKey(node: CstNode, at: number): Identifier {
    const quoted = tokenOf(node, 'StringLiteral');
    if (isPlaced(quoted)) return { name: this.expressions.string(quoted), span: this.expressions.spanOf(quoted) };
    return this.expressions.identifier(tokenOf(node, 'Identifier'), at);
  }

  private selectors(node: CstNode, at: number): ColumnSelector | undefined {
    const items = nodesOf(node, 'selector').flatMap((item) => this.selector(item, at) ?? []);
    return items.length > 1 ? { kind: 'list', items, span: extent(this.context.file, at, node) } : items[0];
  }

  private selector(node: CstNode, at: number): ColumnSelector | undefined {
    const span = extent(this.context.file, at, node);
    if (tokenOf(node, 'OpenBracket') !== undefined) {
      const items = nodesOf(nodeOf(node, 'selectors'), 'selector').flatMap((item) => this.selector(item, at) ?? []);
      return { kind: 'list', items, span };
    }
    const [from, to] = nodesOf(node, 'selectorAtom').map((atom) => this.selectorAtom(atom));
    return from !== undefined && to !== undefined ? { kind: 'range', from, to, span } : from;
  }

  private selectorAtom(node: CstNode): ColumnSelector | undefined {
    const name = tokenOf(node, 'Identifier');
    if (isPlaced(name)) return { kind: 'header', name: name.image, span: this.expressions.spanOf(name) };
    const quoted = tokenOf(node, 'StringLiteral');
    if (isPlaced(quoted)) return { kind: 'header', name: this.expressions.string(quoted), span: this.expressions.spanOf(quoted) };
    const position = tokenOf(node, 'NumberLiteral');
    if (!isPlaced(position)) return undefined;
    const span = this.expressions.spanOf(position);
    const index = Number(repairedNumber(position.image));
    if (Number.isSafeInteger(index)) return { kind: 'position', index, span };
    this.context.report(
      syntax.unexpectedToken({ span }, { expected: 'a whole number as the position of a column', found: `\`${position.image}\`` }),
    );
    return { kind: 'position', index: Math.trunc(Math.min(index, Number.MAX_SAFE_INTEGER)), span };
  }

  private split(node: CstNode, base: { span: Span; doc?: string }, at: number): SplitDeclaration {
    const items = nodesOf(node, 'splitItem');
    const parts = items.flatMap((item) => {
      const part = nodeOf(item, 'part');
      if (part === undefined) return [];
      const percent = tokenOf(part, 'PercentLiteral');
      const name = this.expressions.identifier(tokenOf(part, 'Identifier'), at);
      return [isPlaced(percent) ? { name, percent: Number(percent.image.slice(0, -1)) } : { name }];
    });
    const clauses = [...nodesOf(node, 'splitBy'), ...items.flatMap((item) => nodesOf(item, 'splitBy'))];
    const bys = clauses.map((clause): NonNullable<SplitDeclaration['by']> => {
      const span = extent(this.context.file, at, clause);
      if (tokenOf(clause, 'LeaveOneOut') !== undefined) return { kind: 'leave_one_out', span };
      if (tokenOf(clause, 'Groups') !== undefined)
        return { kind: 'groups', groups: this.expressions.identifier(tokenOf(clause, 'Identifier'), at), span };
      return { kind: 'folds', count: this.expressions.expression(nodeOf(clause, 'expression'), span.end), span };
    });
    bys.sort((a, b) => a.span.start - b.span.start);
    const with_ = (word: string): CstNode[] => items.filter((item) => tokenOf(item, word) !== undefined);
    const seeds = with_('Seed').map((item) => this.expressions.expression(nodeOf(item, 'expression'), at));
    const unshuffled = with_('Unshuffled').map((item) => extent(this.context.file, at, item));
    const stratified = with_('Stratified').map((item) => this.expressions.identifier(tokenOf(item, 'Identifier'), at));
    // prettier-ignore
    const repeated: readonly (readonly [string, Span | undefined])[] = [
      ['by', bys[1]?.span], ['seed', seeds[1]?.span], ['unshuffled', unshuffled[1]], ['stratified by', stratified[1]?.span],
    ];
    for (const [clause, span] of repeated) {
      if (span === undefined) continue;
      const ends = [...items, ...clauses].map((item) => extent(this.context.file, at, item)).sort((a, b) => a.end - b.end);
      const second = ends.findIndex(({ end }) => end >= span.end);
      const start = ends[second - 1]?.end ?? span.start;
      this.context.report(syntax.repeatedClause({ span }, { clause, second: { ...span, start, end: ends[second]?.end ?? span.end } }));
    }
    return {
      kind: 'split',
      dim: this.expressions.identifier(tokenOf(node, 'Identifier'), at),
      parts,
      ...(bys[0] === undefined ? {} : { by: bys[0] }),
      ...(seeds[0] === undefined ? {} : { seed: seeds[0] }),
      ...(unshuffled[0] === undefined ? {} : { unshuffled: unshuffled[0] }),
      ...(stratified[0] === undefined ? {} : { stratifiedBy: stratified[0] }),
      ...base,
    };
  }

  // ---- types --------------------------------------------------------------------------------------------------

  /** The type behind a `:`; a real scalar, and a report, where there is none. */
  private annotation(node: CstNode, what: 'data' | 'hyper' | 'param' | 'random' | 'argument' | 'function', owner: Span): TypeExpression {
    const annotation = nodeOf(node, 'annotation');
    const type = nodeOf(annotation, 'type');
    const nameToken = tokenOf(node, 'Identifier');
    const name = isPlaced(nameToken) ? nameToken.image : 'NAME';
    const nameSpan = isPlaced(nameToken) ? this.expressions.spanOf(nameToken) : { ...owner, end: owner.start };
    if (type === undefined || Object.keys(type.children).length === 0) {
      const example = exampleTypes[what].replace('NAME', name);
      this.context.reportOnce(
        owner.start,
        syntax.missingType(
          { span: nameSpan },
          { word: what === 'function' ? 'the result of' : what, name, example, type: this.scalar(node, what) },
        ),
      );
      return { shape: [], span: { ...nameSpan, start: nameSpan.end } };
    }
    const colon = tokenOf(annotation, 'Colon');
    const built = this.type(type, nameSpan.end, colon !== undefined);
    if (colon === undefined) {
      const found = this.context.text.slice(built.span.start, built.span.end).slice(0, 40);
      this.context.reportOnce(
        owner.start,
        syntax.unexpectedToken(
          { span: built.span },
          {
            expected: '`:` before the type',
            found: `\`${found}\``,
            missing: replaced({ ...built.span, start: nameSpan.end, end: built.span.start }, ': '),
          },
        ),
      );
    }
    return built;
  }

  /** The type of one number, where that is a good guess. */
  private scalar(node: CstNode, what: keyof typeof exampleTypes): Edit | undefined {
    const place = tokenOf(node, what === 'function' ? 'CloseParen' : 'Identifier');
    if (!isPlaced(place) || tokenOf(nodeOf(node, 'annotation'), 'Colon') !== undefined) return undefined;
    const type = { hyper: ': real', argument: ': []', function: ': []', data: undefined, param: undefined, random: undefined }[what];
    return type === undefined ? undefined : behind(this.expressions.spanOf(place), type);
  }

  private shapeItem(node: CstNode, at: number): Expression | RestDims {
    const rest = tokenOf(node, 'Ellipsis');
    if (!isPlaced(rest)) return this.expressions.expression(nodeOf(node, 'expression'), at);
    const name = this.expressions.identifier(tokenOf(node, 'Identifier'), t.endOf(rest));
    return { kind: 'rest', name, span: extent(this.context.file, at, node) };
  }

  private type(node: CstNode, at: number, reports: boolean): TypeExpression {
    const span = extent(this.context.file, at, node);
    const word = tokenOf(node, 'Identifier');
    const callArguments = nodeOf(node, 'callArguments');
    const shape = nodesOf(nodeOf(node, 'shape'), 'shapeItem').map((item) => this.shapeItem(item, span.end));
    const bounds = nodeOf(node, 'interval');
    const [low, high] = nodesOf(bounds, 'expression');
    const intervalSpan = bounds === undefined ? undefined : extent(this.context.file, span.end, tokenOf(node, 'In'), bounds);
    const interval =
      intervalSpan === undefined
        ? {}
        : {
            interval: {
              low: this.expressions.expression(low, intervalSpan.end),
              high: this.expressions.expression(high, intervalSpan.end),
              span: intervalSpan,
            },
          };
    const rest = { shape, ...interval, span };
    if (!isPlaced(word)) return rest;
    const wordSpan = this.expressions.spanOf(word);
    if (word.image === 'choice') return { choice: this.expressions.call(word, callArguments, at), ...rest };
    if (isKindName(word.image) && callArguments === undefined) return { kindName: { name: word.image, span: wordSpan }, ...rest };
    const suggestion = kindSynonyms.get(word.image) ?? closest(word.image, [...kindNames, 'choice']);
    if (reports)
      this.context.reportOnce(
        at,
        syntax.unknownKind(
          { span: wordSpan },
          {
            name: word.image,
            suggestion: suggestion === word.image ? undefined : suggestion,
            // Of a vector the shape is missing too.
            isForeign: kindSynonyms.has(word.image) && word.image !== 'vector' && word.image !== 'matrix',
          },
        ),
      );
    return suggestion !== undefined && isKindName(suggestion) ? { kindName: { name: suggestion, span: wordSpan }, ...rest } : rest;
  }
}

const exampleTypes = {
  data: 'data NAME: [n]',
  hyper: 'hyper NAME: real = …',
  param: 'param NAME: [d]',
  random: 'random NAME: [n] ~ normal(0, 1)',
  argument: 'NAME: []',
  function: 'fn NAME(…): [] = …',
} as const;

/** The word a statement begins with. */
function wordFor(statement: Declaration | ImportNode): string {
  return statement.kind === 'solve-inner' || statement.kind === 'solve-outer' ? 'solve' : statement.kind;
}

const wordSpan = (statement: Declaration | ImportNode, span: Span): Span => ({
  ...span,
  end: Math.min(span.end, span.start + wordFor(statement).length),
});
