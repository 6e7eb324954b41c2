/**
 * Owns the canonical format: the only source printer. Same tree, same text, whatever the spacing was: one statement a line (broken where it is
 * wider than asked), two spaces a level, at most one blank line where there was one, comments and docs where they stood. It must not change meaning.
 */
import type { Span } from '../diagnostics/diagnostic.ts';
// prettier-ignore
import type {
  Block, CallExpression, ColumnSelector, Comment, DataSource, Declaration, FnDeclaration, Identifier, ImportNode, LetDeclaration, Page, ProblemNode,
  SplitDeclaration,
} from './ast.ts';
import { group, hardLine, indent, join, layout, line, suffix, type Doc } from './layout.ts';
import { docLines, ExpressionPrinter, listed, startsWith } from './print-expression.ts';
import { nameEnd, reservedWords } from './tokens.ts';

export interface PrintOptions {
  /** In characters; by default 100. */
  readonly width?: number | undefined;
}

/**
 * The canonical text of a page, ending in a new line (empty for an empty page). Idempotent: what it prints parses to the same tree, and prints to
 * the same text. A page with syntax errors should not be printed: what was skipped would be lost.
 */
export function print(page: Page, { width = 100 }: PrintOptions = {}): string {
  const text = layout(new PagePrinter(page).page(), width);
  return text === '' ? '' : `${text}\n`;
}

/** A statement of a sequence: its place in the old text, and its new form. */
interface Piece {
  readonly span: Span;
  readonly doc?: string | undefined;
  readonly print: () => Doc;
  /** Stands between blank lines. */
  readonly apart?: boolean;
}

class PagePrinter {
  private readonly source: Page;
  private readonly expressions: ExpressionPrinter;
  private readonly comments: readonly Comment[];
  /** While set, leaves are only collected. */
  private leaves: Span[] | undefined;
  private readonly before = new Map<Span, Comment[]>();
  private readonly after = new Map<Span, Comment[]>();

  constructor(page: Page) {
    this.source = page;
    this.comments = page.comments;
    this.expressions = new ExpressionPrinter((span, text) => this.leaf(span, text));
  }

  page(): Doc {
    const whole = { file: this.source.file, start: 0, end: Infinity };
    const pieces = this.source.items.map((item): Piece => {
      switch (item.kind) {
        case 'import':
          return { span: item.span, print: () => this.importNode(item) };
        case 'fn':
          return { span: item.span, doc: item.doc, print: () => this.fn(item), apart: item.isBlock };
        case 'problem':
          return { span: item.span, doc: item.doc, print: () => this.problem(item), apart: true };
      }
    });
    const { opener, body } = this.sequence(pieces, whole);
    return [opener, body];
  }

  // ---- sequences of statements --------------------------------------------------------------------------------

  /** Statements and the comments between them; `opener` holds comments that stand right behind the opening brace. */
  private sequence(pieces: readonly Piece[], region: Span): { opener: Doc; body: Doc } {
    const isInside = (comment: Comment): boolean =>
      pieces.some(({ span }) => comment.span.start > span.start && comment.span.start < span.end);
    const loose = this.comments
      .filter(({ span }) => span.start >= region.start && span.start < region.end)
      .filter((comment) => !isInside(comment));
    const entries = [...pieces.map((piece) => ({ span: piece.span, piece })), ...loose.map((comment) => ({ span: comment.span, comment }))];
    // Built by hand, trees have no places: their statements keep their order.
    if (loose.length > 0) entries.sort((a, b) => a.span.start - b.span.start);
    const opener: Doc[] = [];
    const body: Doc[] = [];
    let end: number | undefined;
    let wasApart = false;
    let isBehindStatement = false;
    for (const entry of entries) {
      const from = end ?? region.start;
      const gap = this.source.text.slice(from, entry.span.start);
      if ('comment' in entry) {
        end = entry.span.end;
        if (!/[\n\r]/.test(gap) && from > 0) {
          const trailing = comment(entry.comment);
          (body.length === 0 ? opener : body).push(entry.comment.text.startsWith('//') ? suffix(` ${trailing}`) : ` ${trailing}`);
          continue;
        }
      } else {
        end = entry.span.end;
      }
      const isApart = 'piece' in entry && entry.piece.apart === true;
      const wantsBlank = /\n\s*\n|\r\s*\r/.test(gap.split('///', 1)[0] ?? '');
      // A comment above something that stands apart belongs to it: the blank line goes above the comment.
      const forced = wasApart || (isApart && isBehindStatement);
      if (body.length > 0) body.push(hardLine, wantsBlank || forced ? hardLine : '');
      body.push('comment' in entry ? comment(entry.comment) : [docLines(entry.piece.doc), entry.piece.print()]);
      wasApart = isApart;
      isBehindStatement = 'piece' in entry;
    }
    return { opener, body };
  }

  /** A sequence between braces. */
  private braces(pieces: readonly Piece[], region: Span): Doc {
    const { opener, body } = this.sequence(pieces, region);
    const isEmpty = Array.isArray(body) && body.length === 0;
    if (isEmpty) return Array.isArray(opener) && opener.length === 0 ? '{}' : ['{', opener, hardLine, '}'];
    return ['{', opener, indent([hardLine, body]), hardLine, '}'];
  }

  private problem(problem: ProblemNode): Doc {
    // The comments between `problem` and its brace go to the name, the others to the statements.
    const head = this.withComments({ ...problem.span, end: this.braceAfter(problem.name.span) }, () => [
      'problem ',
      this.expressions.identifier(problem.name),
      ' ',
    ]);
    const region = { ...problem.span, start: this.braceAfter(problem.name.span) };
    const pieces = problem.declarations.map((declaration): Piece => ({
      span: declaration.span,
      doc: declaration.doc,
      print: () => this.declaration(declaration),
    }));
    return [head, this.braces(pieces, region)];
  }

  /** The offset behind the first `{` after a name. */
  private braceAfter({ end }: Span): number {
    const at = this.offsetOf('{', end);
    return at === undefined ? end : at + 1;
  }

  /** Where a word stands behind some place, and in no comment. */
  private offsetOf(word: string, from: number): number | undefined {
    for (let at = this.source.text.indexOf(word, from); at >= 0; at = this.source.text.indexOf(word, at + 1)) {
      if (!this.comments.some((comment) => comment.span.start <= at && at < comment.span.end)) return at;
    }
    return undefined;
  }

  // ---- comments inside a statement ----------------------------------------------------------------------------

  /** Prints a statement, each comment inside `region` at the name or literal that it stands beside. */
  private withComments(region: Span, print: () => Doc): Doc {
    const inside = this.comments.filter(({ span }) => span.start >= region.start && span.start < region.end);
    if (inside.length === 0 || this.leaves !== undefined) return print();
    this.leaves = [];
    print();
    const leaves = this.leaves.sort((a, b) => a.start - b.start);
    this.leaves = undefined;
    for (const comment of inside) {
      const around = leaves.find((leaf) => leaf.start < comment.span.start && leaf.end > comment.span.start);
      const previous = leaves.findLast((leaf) => leaf.end <= comment.span.start);
      const next = leaves.find((leaf) => leaf.start > comment.span.start);
      // A leaf in parentheses covers them; behind a sign or a bracket a comment speaks of what follows; a share is part of its name here.
      if (around !== undefined)
        append(/^[\s(]*$/.test(this.betweenComments(around.start, comment.span.start)) ? this.before : this.after, around, comment);
      else if (previous !== undefined && (next === undefined || this.isBehind(previous, comment))) append(this.after, previous, comment);
      else if (next !== undefined) append(this.before, next, comment);
    }
    return print();
  }

  /** On the same line as a leaf, with nothing but perhaps its share between; behind its comma too, where nothing follows on the line. */
  private isBehind(leaf: Span, comment: Comment): boolean {
    const between = this.betweenComments(leaf.end, comment.span.start);
    return /^(?:[ \t]|\d[\d.]*%)*$/.test(this.endsLine(comment) ? between.replace(',', '') : between);
  }

  /** The source between two places, without its comments; a line comment leaves its line end. */
  private betweenComments(start: number, end: number): string {
    return this.source.text.slice(start, end).replace(/\/\*[^]*?\*\/|\/\/[^\n\r]*/g, '');
  }

  private leaf(span: Span, text: string): Doc {
    if (this.leaves !== undefined) {
      this.leaves.push(span);
      return text;
    }
    const before = this.before.get(span);
    const after = this.after.get(span);
    if (before === undefined && after === undefined) return text;
    const above = before?.map((one) => [comment(one), this.endsLine(one) ? hardLine : ' ']) ?? '';
    const behind = after?.map((one) => (one.text.startsWith('//') ? suffix(` ${comment(one)}`) : ` ${comment(one)}`)) ?? '';
    return [above, text, behind];
  }

  private endsLine(comment: Comment): boolean {
    return comment.text.startsWith('//') || /^[ \t]*[\n\r]/.test(this.source.text.slice(comment.span.end));
  }

  // ---- statements ---------------------------------------------------------------------------------------------

  private importNode(node: ImportNode): Doc {
    return this.withComments(node.span, () => {
      const names = node.names.map((name) => this.expressions.identifier(name));
      const braces = group(['{', indent([line, join([',', line], names)]), line, '}']);
      return ['import ', names.length === 0 ? '{}' : braces, ' from ', this.leaf(node.pathSpan, JSON.stringify(node.path))];
    });
  }

  private declaration(declaration: Declaration): Doc {
    return declaration.kind === 'fn' ? this.fn(declaration) : this.withComments(declaration.span, () => this.simple(declaration));
  }

  private simple(declaration: Exclude<Declaration, FnDeclaration>): Doc {
    const { expressions } = this;
    switch (declaration.kind) {
      case 'dim': {
        const dims = declaration.dims.map(({ name, value }) => [
          expressions.identifier(name),
          value === undefined ? '' : [' = ', expressions.expression(value)],
        ]);
        return group(['dim ', indent(join([',', line], dims))]);
      }
      case 'data':
        return group([
          'data ',
          this.typed(declaration.name, declaration.type),
          declaration.from === undefined ? '' : this.dataSource(declaration.from),
        ]);
      case 'split':
        return this.split(declaration);
      case 'hyper': {
        const init = declaration.init === undefined ? '' : [' =', expressions.value(declaration.init)];
        return ['hyper ', this.typed(declaration.name, declaration.type), init, declaration.bySearch === undefined ? '' : ' by search'];
      }
      case 'param': {
        const init = declaration.init === undefined ? '' : [' =', expressions.value(declaration.init)];
        const { distribution } = declaration;
        return [
          'param ',
          this.typed(declaration.name, declaration.type),
          init,
          distribution === undefined ? '' : [' ~ ', expressions.call(distribution)],
        ];
      }
      case 'random':
        return ['random ', this.typed(declaration.name, declaration.type), ' ~ ', expressions.call(declaration.distribution)];
      case 'let':
        return expressions.letStatement(declaration);
      case 'report':
        return ['report ', expressions.identifier(declaration.name), ' =', expressions.value(declaration.value)];
      case 'inner':
        return ['inner minimize', expressions.value(declaration.value)];
      case 'outer':
        return ['outer ', declaration.direction, expressions.value(declaration.value)];
      case 'solve-inner':
        return ['solve inner with ', this.method(declaration.method)];
      case 'solve-outer':
        return ['solve outer with ', this.method(declaration.method)];
      case 'differentiate':
        return ['differentiate with ', this.method(declaration.method)];
    }
  }

  private method(method: CallExpression): Doc {
    return this.expressions.call(method, 'method');
  }

  private typed(name: Identifier, type: Parameters<ExpressionPrinter['type']>[0]): Doc {
    return [this.expressions.identifier(name), ': ', this.expressions.type(type)];
  }

  private fn(fn: FnDeclaration): Doc {
    const header = (): Doc => [
      'fn ',
      this.expressions.identifier(fn.name),
      listed(
        '(',
        fn.parameters.map(({ name, type, init }) => [
          this.typed(name, type),
          init === undefined ? '' : [' = ', this.expressions.expression(init)],
        ]),
        ')',
      ),
      ': ',
      this.expressions.type(fn.result),
      ' =',
    ];
    const result = fn.body.results[0];
    if (!fn.isBlock) return this.withComments(fn.span, () => [header(), result === undefined ? '' : this.expressions.value(result)]);
    return [this.withComments({ ...fn.span, end: fn.body.span.start }, header), ' ', this.block(fn.body)];
  }

  private block(block: Block): Doc {
    const pieces = block.lets.map((inner: LetDeclaration): Piece => {
      return { span: inner.span, doc: inner.doc, print: () => this.withComments(inner.span, () => this.expressions.letStatement(inner)) };
    });
    const result = block.results[0];
    if (result !== undefined) {
      // The tree does not keep the word; what stands behind it is said of the result.
      const start = this.offsetOf('return', block.lets.at(-1)?.span.end ?? block.span.start) ?? result.span.start;
      const span = { ...result.span, start: Math.min(start, result.span.start) };
      pieces.push({ span, print: () => this.withComments(span, () => ['return', this.expressions.value(result)]) });
    }
    return this.braces(pieces, { ...block.span, start: block.span.start + 1 });
  }

  private dataSource(source: DataSource): Doc {
    const parts: Doc[] = [line, 'from ', this.leaf(source.fileSpan, JSON.stringify(source.file))];
    if (source.columns !== undefined) {
      const isOne = source.columns.kind === 'header' || source.columns.kind === 'position';
      parts.push(line, isOne ? 'column ' : 'columns ', this.selector(source.columns));
    }
    if (source.array !== undefined) parts.push(line, 'array ', this.leaf(source.array.span, quotedUnlessName(source.array.name)));
    return indent(parts);
  }

  private selector(selector: ColumnSelector): Doc {
    switch (selector.kind) {
      case 'header':
        return this.leaf(selector.span, quotedUnlessName(selector.name));
      case 'position':
        return this.leaf(selector.span, String(selector.index));
      case 'range':
        return [this.selector(selector.from), ' .. ', this.selector(selector.to)];
      case 'list':
        return listed(
          '[',
          selector.items.map((item) => this.selector(item)),
          ']',
        );
    }
  }

  private split(split: SplitDeclaration): Doc {
    const { expressions } = this;
    // `by` stands behind the last of the parts that vary, which have no share of their own.
    const varying = split.parts.findLastIndex((part) => part.percent === undefined);
    const byAt = varying < 0 ? split.parts.length - 1 : varying;
    const by = ((): Doc => {
      switch (split.by?.kind) {
        case undefined:
          return '';
        case 'folds':
          return [' by ', expressions.expression(split.by.count), ' folds'];
        case 'groups':
          return [' by groups ', expressions.identifier(split.by.groups)];
        case 'leave_one_out':
          return ' by leave_one_out';
      }
    })();
    const parts = split.parts.map(({ name, percent }, i) => {
      return [this.leaf(name.span, percent === undefined ? name.name : `${name.name} ${String(percent)}%`), i === byAt ? by : ''];
    });
    const options: Doc[] = [
      // `seed by …` would be a part called `seed`, varying over folds.
      ...(split.seed === undefined
        ? []
        : [['seed ', startsWith(split.seed, 'by') ? ['(', expressions.expression(split.seed), ')'] : expressions.expression(split.seed)]]),
      ...(split.unshuffled === undefined ? [] : ['unshuffled']),
      ...(split.stratifiedBy === undefined ? [] : [['stratified by ', expressions.identifier(split.stratifiedBy)]]),
    ];
    return group(['split ', expressions.identifier(split.dim), ' into ', indent(join([',', line], [...parts, ...options]))]);
  }
}

/** A comment's text without white space at its end; a block comment keeps its inner lines as they are. */
const comment = (one: Comment): string => one.text.trimEnd();

/** A header or key that could be read as a name stands without quotes. */
const quotedUnlessName = (name: string): string =>
  name !== '' && nameEnd(name, 0) === name.length && !reservedWords.includes(name) ? name : JSON.stringify(name);

function append(map: Map<Span, Comment[]>, span: Span, comment: Comment): void {
  const known = map.get(span);
  if (known === undefined) map.set(span, [comment]);
  else known.push(comment);
}
