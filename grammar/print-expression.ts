/**
 * Owns the printed form of expressions and types: the fewest parentheses that keep the tree, and where a long one may break. It must not know of
 * statements; every name and literal goes through `leaf`, where the printer of pages hangs its comments.
 */
import type { Span } from '../diagnostics/diagnostic.ts';
import type { Block, CallExpression, Expression, Identifier, IndexItem, Iterated, LetDeclaration, TypeExpression } from './ast.ts';
import { group, hardLine, indent, join, line, softLine, type Doc } from './layout.ts';
import { binding, tightness } from './precedence.ts';

export class ExpressionPrinter {
  private readonly leaf: (span: Span, text: string) => Doc;

  /** `leaf` sets a name or a literal, with the comments that belong to it. */
  constructor(leaf: (span: Span, text: string) => Doc) {
    this.leaf = leaf;
  }

  /** An expression where only what binds at least as tightly as `minimum` needs no parentheses. */
  expression(expression: Expression, minimum = 0): Doc {
    const doc = this.bare(expression);
    return tightness(expression) < minimum ? group(['(', indent([softLine, doc]), softLine, ')']) : doc;
  }

  /** What follows an `=`, `minimize` or `return`: a long sum starts on a line of its own, a long call breaks inside its parentheses. */
  value(expression: Expression): Doc {
    if (expression.kind === 'binary') return group(indent([line, this.chain(expression)]));
    if (expression.kind === 'if') return group(indent([line, this.condition(expression)]));
    return [' ', this.expression(expression)];
  }

  identifier(identifier: Identifier): Doc {
    return this.leaf(identifier.span, identifier.name);
  }

  type(type: TypeExpression): Doc {
    const shape = type.shape.map((dim) => (dim.kind === 'rest' ? this.leaf(dim.span, `...${dim.name.name}`) : this.expression(dim)));
    const kind =
      type.choice !== undefined
        ? this.call(type.choice)
        : type.kindName !== undefined
          ? this.leaf(type.kindName.span, type.kindName.name)
          : undefined;
    const interval = type.interval;
    return [
      kind ?? '',
      shape.length > 0 || kind === undefined ? listed('[', shape, ']') : '',
      interval === undefined ? '' : [' in ', listed('[', [this.expression(interval.low), this.expression(interval.high)], ']')],
    ];
  }

  /** `NAME(…)`; a method without arguments is its bare name. */
  call(call: CallExpression, form: 'call' | 'method' = 'call'): Doc {
    const callee = this.identifier(call.callee);
    const items = [
      ...call.positional.map((value) => this.expression(value)),
      ...call.named.map((argument) => [this.identifier(argument.name), ' = ', this.expression(argument.value)]),
    ];
    return items.length === 0 && form === 'method' ? callee : [callee, listed('(', items, ')')];
  }

  iterated(over: Iterated): Doc {
    return over.kind === 'range' ? this.range(over.from, over.to) : this.expression(over);
  }

  // ---- the kinds of expressions -------------------------------------------------------------------------------

  private bare(expression: Expression): Doc {
    switch (expression.kind) {
      case 'number':
        return this.leaf(expression.span, expression.text);
      case 'string':
        return this.leaf(expression.span, JSON.stringify(expression.value));
      case 'name':
        return this.leaf(expression.span, expression.name);
      case 'call':
        return this.call(expression);
      case 'index':
        return [
          this.expression(expression.target, binding.suffix),
          listed(
            '[',
            expression.indices.map((item) => this.indexItem(item)),
            ']',
          ),
        ];
      case 'transposed': {
        // `1.T` would be read as a number without digits behind its point.
        const isNumber = expression.operand.kind === 'number';
        return [this.expression(expression.operand, isNumber ? binding.suffix + 1 : binding.suffix), '.T'];
      }
      case 'unary':
        return expression.operator === 'not'
          ? ['not ', this.expression(expression.operand, binding.not)]
          : [expression.operator, this.expression(expression.operand, binding.sign)];
      case 'binary':
        return group(this.chain(expression, indent));
      case 'if':
        return group(this.condition(expression));
      case 'array':
        return listed(
          '[',
          expression.items.map((item) => this.expression(item)),
          ']',
        );
      case 'comprehension': {
        const loop = ['for ', this.identifier(expression.variable), ' in ', this.iterated(expression.over)];
        return group(['[', indent([softLine, this.expression(expression.body), line, loop]), softLine, ']']);
      }
      case 'scan': {
        const states = expression.states.map((state) => this.identifier(state));
        const starts = expression.starts.map((start) => this.expression(start));
        const head = [
          'scan ',
          tuple(states),
          ' = ',
          tuple(starts),
          ' over ',
          this.identifier(expression.variable),
          ' in ',
          this.iterated(expression.over),
        ];
        return group([head, ' {', this.scanBody(expression.body), '}']);
      }
      case 'missing':
        return this.leaf(expression.span, '');
    }
  }

  /** A row of operators of one level, which breaks before each of them. */
  private chain(expression: Expression & { kind: 'binary' }, deeper: (doc: Doc) => Doc = (doc) => doc): Doc {
    const level = binding[expression.operator];
    const isLeft = level.right > level.left;
    const rest: Expression[] = [];
    const operators: string[] = [];
    let first: Expression = expression;
    // Only left-associative levels form a row; comparisons do not chain and `^` leans to the right.
    while (first.kind === 'binary' && binding[first.operator].left === level.left) {
      rest.unshift(first.right);
      operators.unshift(first.operator);
      first = first.left;
      if (!isLeft || level.left === binding['<'].left) break;
    }
    const isPower = expression.operator === '^';
    const head = this.expression(first, isPower ? binding.suffix : level.left === binding['<'].left ? level.right : level.left);
    const tail = rest.map((operand, i) => {
      const right = this.expression(operand, level.right);
      return isPower ? ['^', right] : [line, operators[i] ?? '', ' ', right];
    });
    return [head, deeper(tail)];
  }

  private condition(expression: Expression & { kind: 'if' }): Doc {
    const parts: Doc[] = [];
    let rest: Expression = expression;
    while (rest.kind === 'if') {
      parts.push('if ', this.expression(rest.condition), group(indent([line, 'then ', this.expression(rest.then)])), line, 'else ');
      rest = rest.otherwise;
    }
    return [parts, this.expression(rest)];
  }

  private indexItem(item: IndexItem): Doc {
    if (item.kind === 'all') return this.leaf(item.span, ':');
    return item.kind === 'range' ? this.range(item.from, item.to) : this.expression(item);
  }

  private range(from: Expression, to: Expression): Doc {
    return [this.expression(from, binding['+'].left), ' .. ', this.expression(to, binding['+'].left)];
  }

  private scanBody(body: Block): Doc {
    const results = tuple(body.results.map((result) => this.expression(result)));
    const first = body.results[0];
    // A name `return` at the start of a block would be read as the word.
    const word = first !== undefined && body.results.length === 1 && startsWith(first, 'return') ? 'return ' : '';
    if (body.lets.length === 0) return [indent([line, word, results]), line];
    const lets = body.lets.map((inner) => [docLines(inner.doc), this.letStatement(inner), hardLine]);
    return [indent([hardLine, lets, 'return ', results]), hardLine];
  }

  letStatement(declaration: LetDeclaration): Doc {
    const names = declaration.names.map((name) => this.identifier(name));
    return ['let ', tuple(names), ' =', this.value(declaration.value)];
  }
}

/** Items between brackets: on one line, or each on its own. */
export function listed(open: string, items: readonly Doc[], close: string): Doc {
  if (items.length === 0) return [open, close];
  return group([open, indent([softLine, join([',', line], items)]), softLine, close]);
}

/** Does the text of an expression begin with this name? */
export function startsWith(expression: Expression, word: string): boolean {
  switch (expression.kind) {
    case 'name':
      return expression.name === word;
    case 'call':
      return expression.callee.name === word;
    case 'index':
      return startsWith(expression.target, word);
    case 'transposed':
      return startsWith(expression.operand, word);
    case 'binary':
      return startsWith(expression.left, word);
    default:
      return false;
  }
}

/** One item as it is, several in parentheses. */
const tuple = (items: readonly Doc[]): Doc => (items.length === 1 ? (items[0] ?? '') : listed('(', items, ')'));

/** The `///` lines above a declaration. */
export function docLines(doc: string | undefined): Doc {
  if (doc === undefined) return '';
  return doc.split('\n').map((text) => [text === '' ? '///' : `/// ${text}`, hardLine]);
}
