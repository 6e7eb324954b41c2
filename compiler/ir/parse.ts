/**
 * Reads the text that `print.ts` writes. It serves dumps and the tests of passes, so a mistake in the text is ours and throws
 * `InternalError` with its line. Line breaks mean nothing, `//` comments are skipped.
 */
import { InternalError } from '../../diagnostics/internal-error.ts';
import type { Span } from '../../diagnostics/diagnostic.ts';
import { opNames, type OpName } from '../../plan/op-names.ts';
import { ops } from '../ops/table.ts';
import type { Builder } from './builder.ts';
import { add, multiply, number, sameShape, symbol, zero, type Dim, type Poly, type Shape, type Sizes } from './dims.ts';
import type { Attributes, DType, Graph, Node, Role, TensorType, Value } from './graph.ts';
import { printTensorType } from './print.ts';

export interface ParseOptions {
  /** Emits the outermost graph's nodes there, by its rules; otherwise the nodes are made exactly as written. */
  readonly builder?: Builder;
  /** Dims with a declared value. */
  readonly fixed?: Sizes;
  /** The text that spans are in. */
  readonly file?: string;
}

/** The graph that a text stands for; throws `InternalError` where it is not one. */
export function parseGraph(text: string, options: ParseOptions = {}): Graph {
  const reader = new Reader(text);
  const graph = readGraph(reader, options);
  reader.end();
  return graph;
}

// ---- characters -------------------------------------------------------------------------------------------------------

class Reader {
  private readonly text: string;
  private position = 0;

  constructor(text: string) {
    this.text = text;
  }

  fail(expected: string): never {
    const line = this.text.slice(0, this.position).split('\n').length;
    const rest = this.text.slice(this.position, this.position + 24).split('\n')[0] ?? '';
    throw new InternalError('parse', `line ${line}: expected ${expected}, found '${rest}'`);
  }

  /** Where the next piece begins, behind blanks and comments. */
  private next(): number {
    const blank = /(?:\s|\/\/[^\n]*)*/y;
    blank.lastIndex = this.position;
    blank.exec(this.text);
    return blank.lastIndex;
  }

  /** The next piece that matches, which must be a sticky pattern; `undefined` leaves the reader where it was. */
  match(pattern: RegExp): string | undefined {
    const start = this.next();
    pattern.lastIndex = start;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.position = start + found.length;
    return found;
  }

  take(pattern: RegExp, what: string): string {
    return this.match(pattern) ?? this.fail(what);
  }

  accepts(mark: string): boolean {
    const start = this.next();
    const end = start + mark.length;
    if (
      !this.text.startsWith(mark, start) ||
      (isWordCharacter(mark) && isWordCharacter(this.text.slice(start, end + 1).slice(mark.length)))
    )
      return false;
    this.position = end;
    return true;
  }

  expect(mark: string): void {
    if (!this.accepts(mark)) this.fail(`'${mark}'`);
  }

  /** Items up to `close`, which is taken. */
  list<T>(item: () => T, close: string): readonly T[] {
    const items: T[] = [];
    if (this.accepts(close)) return items;
    do items.push(item());
    while (this.accepts(','));
    this.expect(close);
    return items;
  }

  end(): void {
    if (this.match(/$/y) === undefined) this.fail('the end');
  }
}

/** Whether a text ends in the middle of a word, were more of the kind to follow. */
const isWordCharacter = (text: string): boolean => /[\p{L}\p{N}_]$/u.test(text);

const word = /[\p{L}_][\p{L}\p{N}_]*/uy;
const quoted = /"(?:[^"\\]|\\.)*"/y;
const valueName = /%\d+/y;

function readText(r: Reader): string {
  const text: unknown = JSON.parse(r.take(quoted, 'a name in quotes'));
  return typeof text === 'string' ? text : r.fail('a name in quotes');
}

function readNumber(r: Reader): number {
  return Number(r.take(/-?(?:NaN|Infinity|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/y, 'a number'));
}

const oneOf =
  <T extends string>(words: readonly T[]) =>
  (r: Reader): T => {
    const found = r.take(word, words.join(', '));
    return words.find((w) => w === found) ?? r.fail(words.join(', '));
  };

const readBool = (r: Reader): boolean => oneOf(['true', 'false'])(r) === 'true';
const readDType = oneOf<DType>(['real', 'int', 'bool']);
const readRole = oneOf<Role>(['data', 'hyper', 'noise', 'state']);

/** `2*n + d*d - 1`: the normal form of a polynomial. */
function readDim(r: Reader): Dim {
  let sum: Poly = zero;
  let sign = r.accepts('-') ? -1 : 1;
  for (;;) {
    const factors: Poly[] = [number(sign)];
    do {
      const name = r.match(word);
      factors.push(name === undefined ? number(readNumber(r)) : symbol(name));
    } while (r.accepts('*'));
    sum = add(sum, multiply(...factors));
    if (r.accepts('+')) sign = 1;
    else if (r.accepts('-')) sign = -1;
    else return sum;
  }
}

function readShape(r: Reader): Shape {
  r.expect('[');
  return r.list(() => readDim(r), ']');
}

function readNumbers(r: Reader): readonly number[] {
  r.expect('[');
  return r.list(() => readNumber(r), ']');
}

function readPair(r: Reader): readonly [readonly number[], readonly number[]] {
  r.expect('[');
  const [left, right, ...more] = r.list(() => readNumbers(r), ']');
  return left !== undefined && right !== undefined && more.length === 0 ? [left, right] : r.fail('two lists of axes');
}

const readType = (r: Reader): TensorType => ({ dtype: readDType(r), shape: readShape(r) });

// ---- attributes -------------------------------------------------------------------------------------------------------

/** Graphs are blocks behind the node; an input's name and role stand at its place. */
type Written = Exclude<keyof Attributes, 'body' | 'test' | 'name' | 'role'>;

const attributeReaders: { readonly [Key in Written]: (r: Reader) => NonNullable<Attributes[Key]> } = {
  value: readNumber,
  single: readNumber,
  roundings: readNumber,
  dim: readDim,
  shape: readShape,
  axes: readNumbers,
  axis: readNumber,
  start: readDim,
  length: readDim,
  dtype: readDType,
  contract: readPair,
  batch: readPair,
  transposed: readBool,
  shift: readBool,
  reversed: readBool,
  constants: readNumber,
  states: readNumber,
  limit: readNumber,
};

const isWritten = (key: string): key is Written => Object.hasOwn(attributeReaders, key);

function readAttributes(r: Reader): Attributes {
  if (!r.accepts('{')) return {};
  const entries = r.list(() => {
    const key = r.take(word, 'an attribute');
    if (!isWritten(key)) return r.fail(`an attribute, not '${key}'`);
    r.expect('=');
    return [key, attributeReaders[key](r)] as const;
  }, '}');
  return Object.fromEntries(entries);
}

// ---- graphs -----------------------------------------------------------------------------------------------------------

interface Maker {
  emit(op: OpName, inputs: readonly Value[], attributes: Attributes, span: Span | undefined): readonly Value[];
}

/** Makes nodes as they are written; the shape rule still has the say on their types. */
class PlainMaker implements Maker {
  private readonly fixed: Sizes;
  private nextId = 0;

  constructor(fixed: Sizes) {
    this.fixed = fixed;
  }

  emit(op: OpName, inputs: readonly Value[], attributes: Attributes, span: Span | undefined): readonly Value[] {
    const types = ops[op].shape(
      inputs.map((v) => v.type),
      attributes,
      this.fixed,
    );
    if ('wrong' in types)
      throw new InternalError('parse', `${op}(${inputs.map((v) => printTensorType(v.type)).join(', ')}): ${types.wrong}`);
    const outputs: Value[] = [];
    const node: Node = { op, inputs, attributes, outputs, ...(span === undefined ? {} : { span }) };
    for (const [index, type] of types.entries()) outputs.push({ id: this.nextId++, type, node, index });
    return outputs;
  }
}

function makerFor(builder: Builder): Maker {
  return {
    emit: (op, inputs, attributes, span) => {
      const before = builder.span;
      builder.span = span;
      const outputs = builder.emit(op, inputs, attributes);
      builder.span = before;
      return outputs;
    },
  };
}

function readGraph(r: Reader, options: ParseOptions): Graph {
  const fixed = options.builder?.fixed ?? options.fixed ?? new Map<string, number>();
  const maker = options.builder === undefined ? new PlainMaker(fixed) : makerFor(options.builder);
  const inner: ParseOptions = { fixed, ...(options.file === undefined ? {} : { file: options.file }) };
  const values = new Map<string, Value>();
  const known = (): Value => {
    const name = r.take(valueName, 'a value');
    return values.get(name) ?? r.fail(`a value that is made before, not ${name}`);
  };
  r.expect('graph');
  const name = r.match(word) ?? readText(r);
  r.expect('(');
  const inputs = r.list(() => {
    const local = r.take(valueName, 'an input');
    const isNamed = !r.accepts(':');
    const inputName = isNamed ? readText(r) : '';
    if (isNamed) r.expect(':');
    const type = readType(r);
    const [value] = maker.emit(
      'input',
      [],
      { name: inputName, role: isNamed ? readRole(r) : 'state', dtype: type.dtype, shape: type.shape },
      undefined,
    );
    if (value === undefined) return r.fail('an input');
    values.set(local, value);
    return value;
  }, ')');
  r.expect('{');
  const nodes = new Set<Node>();
  while (!r.accepts('return')) readNode(r, maker, values, nodes, fixed, inner);
  const outputs: Value[] = [];
  const outputNames: string[] = [];
  while (!r.accepts('}')) {
    if (outputs.length > 0) r.expect(',');
    outputs.push(known());
    const outputName = r.match(quoted);
    if (outputName !== undefined) outputNames.push(String(JSON.parse(outputName)));
  }
  if (options.builder !== undefined) return options.builder.graph(name, inputs, outputs, outputNames);
  return { name, inputs, nodes: [...nodes], outputs, outputNames };
}

function readNode(r: Reader, maker: Maker, values: Map<string, Value>, nodes: Set<Node>, fixed: Sizes, inner: ParseOptions): void {
  const results: { readonly local: string; readonly type: TensorType }[] = [];
  do {
    const local = r.take(valueName, 'a node');
    r.expect(':');
    results.push({ local, type: readType(r) });
  } while (r.accepts(','));
  r.expect('=');
  const op = oneOf<OpName>(opNames)(r);
  r.expect('(');
  const operands = r.list(() => {
    const name = r.take(valueName, 'an operand');
    return values.get(name) ?? r.fail(`a value that is made before, not ${name}`);
  }, ')');
  const attributes = readAttributes(r);
  const span = readSpan(r, inner.file ?? '');
  const test = r.accepts('test') ? readGraph(r, inner) : undefined;
  const body = r.accepts('body') ? readGraph(r, inner) : undefined;
  const graphs: Attributes = { ...(test === undefined ? {} : { test }), ...(body === undefined ? {} : { body }) };
  const made = maker.emit(op, operands, { ...attributes, ...graphs }, span);
  if (made.length !== results.length) r.fail(`${made.length} results of ${op} before this`);
  results.forEach(({ local, type }, i) => {
    const value = made[i];
    if (value === undefined || value.type.dtype !== type.dtype || !sameShape(value.type.shape, type.shape, fixed)) {
      r.fail(
        `${local} to be ${value === undefined ? 'nothing' : printTensorType(value.type)} by the rule of ${op}, not ${printTensorType(type)}, before this`,
      );
    }
    values.set(local, value);
    nodes.add(value.node);
  });
}

function readSpan(r: Reader, file: string): Span | undefined {
  if (!r.accepts('@')) return undefined;
  const start = readNumber(r);
  r.expect(':');
  return { file, start, end: readNumber(r) };
}
