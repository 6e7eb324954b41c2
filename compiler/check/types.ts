/** Declared types: a kind, a shape, an interval. */
import type { Span } from '../../diagnostics/diagnostic.ts';
import { badDim, emptyInterval, kindMisplaced, restMisplaced } from '../../diagnostics/names.ts';
import type { TypeExpression } from '../../grammar/ast.ts';
import type { Kind } from '../../plan/types.ts';
import { evaluate, literal, type Dim, type Shape, type Sizes } from '../ir/dims.ts';
import type { DType, TensorType } from '../ir/graph.ts';
import { readSize, type SizeReader } from './sizes.ts';

/** Where in a shape any number of dims stands, and under which name. */
export interface Rest {
  readonly name: string;
  readonly at: number;
}

export interface DeclaredType {
  readonly kind: Kind;
  /** Without the dims that `rest` stands for. */
  readonly shape: Shape;
  readonly rest?: Rest;
  readonly interval?: readonly [Dim, Dim];
  readonly span: Span;
}

export const dtypeOf = (kind: Kind): DType => (kind === 'int' ? 'int' : 'real');

/** `positive[d]`, as one writes it; a real scalar is `[]`. */
export function printType(kind: Kind, shape: Shape, rest?: Rest): string {
  const dims = shape.map((d) => d.key);
  if (rest !== undefined) dims.splice(rest.at, 0, `...${rest.name}`);
  const written = `[${dims.join(', ')}]`;
  return kind === 'real' || kind === 'choice' ? written : dims.length === 0 ? kind : `${kind}${written}`;
}

/** What a value is, in the words of a page: `int[n]`, `[n, d]`, `a number`, `a condition`. */
export function printTensorType(type: TensorType): string {
  if (type.dtype === 'bool') return type.shape.length === 0 ? 'a condition' : `conditions [${type.shape.map((d) => d.key).join(', ')}]`;
  if (type.shape.length === 0) return type.dtype === 'int' ? 'a whole number' : 'a number';
  return `${type.dtype === 'int' ? 'int' : ''}[${type.shape.map((d) => d.key).join(', ')}]`;
}

/** The type that a declaration states; `undefined` after reports. `fixed` are the dims with a declared value. */
export function readType(type: TypeExpression, reader: SizeReader, fixed: Sizes): DeclaredType | undefined {
  const kind = type.kindName?.name ?? 'real';
  const read = readShape(type, reader, fixed);
  if (type.choice !== undefined) {
    reader.report(kindMisplaced({ span: type.choice.span }, { because: 'a choice between functions is a `hyper`' }));
    return undefined;
  }
  const interval = readInterval(type, kind, reader, fixed);
  if (kind === 'simplex' && type.shape.length === 0) {
    reader.report(
      kindMisplaced(
        { span: type.span },
        {
          because: 'a simplex needs an axis along which it sums to 1',
          hint: 'give it a shape: `simplex[k]`; one number between 0 and 1 is `unit`',
        },
      ),
    );
    return undefined;
  }
  if (read === undefined || interval === 'wrong') return undefined;
  return { kind, ...read, span: type.span, ...(interval === undefined ? {} : { interval }) };
}

function readShape(type: TypeExpression, reader: SizeReader, fixed: Sizes): Pick<DeclaredType, 'shape' | 'rest'> | undefined {
  const shape: Dim[] = [];
  const rests: Rest[] = [];
  for (const expression of type.shape) {
    if (expression.kind === 'rest') {
      const name = expression.name.name;
      const because = reader.takesRest !== true ? 'only a parameter or the result of a function can have any number of dims' : undefined;
      const twice = rests.length > 0 ? 'of two in one shape nobody knows where one ends' : undefined;
      if (because === undefined && twice === undefined) rests.push({ name, at: shape.length });
      else reader.report(restMisplaced({ span: expression.span }, { name, because: because ?? twice ?? '' }));
      continue;
    }
    const dim = readSize(expression, reader);
    if (dim === undefined) continue;
    const known = evaluate(dim, fixed);
    if (known !== undefined && known < 1) {
      reader.report(
        badDim({ span: expression.span }, { name: dim.key, because: `is ${known} here; a shape has no axis without elements` }),
      );
      continue;
    }
    shape.push(dim);
  }
  const [rest] = rests;
  return shape.length + rests.length === type.shape.length ? { shape, ...(rest === undefined ? {} : { rest }) } : undefined;
}

function readInterval(type: TypeExpression, kind: Kind, reader: SizeReader, fixed: Sizes): readonly [Dim, Dim] | 'wrong' | undefined {
  if (type.interval === undefined) return undefined;
  const { low, high, span } = type.interval;
  const bounds = { ...reader, fractions: true };
  const from = readSize(low, bounds);
  const to = readSize(high, bounds);
  if (kind !== 'real' && kind !== 'int') {
    const hint = kind === 'simplex' ? 'leave the interval out' : 'write `real in [a, b]`';
    reader.report(
      kindMisplaced({ span }, { because: `\`${kind}\` is an interval already; another goes with \`real\` and \`int\` only`, hint }),
    );
    return 'wrong';
  }
  if (from === undefined || to === undefined) return 'wrong';
  const a = literal(from) ?? evaluate(from, fixed);
  const b = literal(to) ?? evaluate(to, fixed);
  if (a !== undefined && b !== undefined && a >= b) {
    reader.report(emptyInterval({ span }, { low: from.key, high: to.key }));
    return 'wrong';
  }
  return [from, to];
}
