/**
 * Writes random expressions of a shape that is asked for: what names may stand in them, and how deep they go. The forms themselves are rows
 * (`pointwise.ts`, `reductions.ts`, `arrays.ts`, `matrices.ts`). Every form keeps numbers small, so that hypergradients can be compared.
 */
import type { Draw } from './drawing.ts';

/** Dims as they are written; they are equal where their texts are. */
export type Shape = readonly string[];

/** What an expression may speak of: each level sees those below it. */
export const levels = { data: 0, hyper: 1, param: 2 } as const;
export type Level = (typeof levels)[keyof typeof levels];

interface Leveled {
  readonly level: Level;
}

export interface Known extends Leveled {
  readonly text: string;
  readonly shape: Shape;
}

/** Whole numbers below a dim. */
export interface Labels {
  readonly text: string;
  readonly shape: Shape;
  readonly classes: string;
}

/** A function of the page, or a choice, that is called like `tanh`; or one that takes a matrix and a vector of its columns. */
export interface Callable extends Leveled {
  readonly name: string;
  readonly takes: 'elements' | 'matrix and vector';
  /** The name of its last parameter, which has a default. */
  readonly option?: string;
  readonly smooth: boolean;
}

export interface Scope {
  readonly dims: readonly string[];
  /** Sizes that are written on the page. */
  readonly fixed: ReadonlyMap<string, number>;
  /** Dims that have two positions at least. */
  readonly long: ReadonlySet<string>;
  readonly sets: readonly { readonly name: string; readonly over: string }[];
  readonly values: readonly Known[];
  readonly labels: readonly Labels[];
  readonly callables: readonly Callable[];
  /** The most that may be spoken of. */
  readonly level: Level;
  /** Forms with kinks see no params. */
  readonly smooth: boolean;
}

export interface Form {
  readonly weight: number;
  /** Undefined: it has no such shape, or nothing in scope would do. */
  readonly write: (writer: Writer, shape: Shape) => string | undefined;
}

/** Any number of dims, of which nothing is known. */
export const isOpen = (shape: Shape): boolean => shape.some((dim) => dim.startsWith('...'));
export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((dim, i) => dim === b[i]);
export const list = (shape: Shape): string => `[${shape.join(', ')}]`;

export class Writer {
  readonly draw: Draw;
  readonly scope: Scope;
  private readonly forms: readonly Form[];
  private readonly depth: number;

  constructor(draw: Draw, scope: Scope, forms: readonly Form[], depth: number) {
    this.draw = draw;
    this.scope = scope;
    this.forms = forms;
    this.depth = depth;
  }

  /** One level deeper; `change` is about what is in scope there. */
  expression(shape: Shape, change: Partial<Scope> = {}): string {
    const inner = new Writer(this.draw, { ...this.scope, ...change }, this.forms, this.depth - 1);
    return inner.here(shape);
  }

  /** As an operand. */
  operand(shape: Shape, change: Partial<Scope> = {}): string {
    const text = this.expression(shape, change);
    const remark = this.draw.chance(0.004) ? '/* here */ ' : '';
    return remark === '' && /^[\p{L}\p{N}_.]+$/u.test(text) ? text : `(${remark}${text})`;
  }

  /** A position along a dim. */
  position(dim: string): string {
    return this.draw.pick(this.scope.long.has(dim) || Number(dim) > 1 ? ['0', '1', '-1', '-2'] : ['0', '-1']);
  }

  /** Whether a kink may be about something of this shape. */
  bends(shape: Shape): boolean {
    return !(this.scope.smooth && isOpen(shape));
  }

  /** Of what a kink may be about. */
  bent(shape: Shape): string {
    return this.operand(shape, this.scope.smooth ? { level: this.scope.level === levels.param ? levels.hyper : this.scope.level } : {});
  }

  /** A number above 0.2, which may speak of hypers. */
  weight(shape: Shape = []): string {
    const [a, low] = [
      this.operand(shape, { level: this.scope.level === levels.data ? levels.data : levels.hyper }),
      this.draw.figure(0.25, 0.6),
    ];
    return this.draw.pick([`(${low} + softplus(${a}))`, `(${low} + ${a}^2)`, `exp(0.4 * tanh(${a}))`, `(${low} + sigmoid(${a}))`]);
  }

  here(shape: Shape): string {
    const deep = this.depth > 0 && !this.draw.chance(0.12);
    return (deep ? this.draw.weighed(this.forms, (form) => form.write(this, shape)) : undefined) ?? this.leaf(shape);
  }

  known(fits: (shape: Shape) => boolean): readonly Known[] {
    return this.scope.values.filter((value) => value.level <= this.scope.level && fits(value.shape));
  }

  leaf(shape: Shape): string {
    const { draw } = this;
    const same = this.known((own) => sameShape(own, shape));
    if (same.length > 0 && (isOpen(shape) || !draw.chance(shape.length === 0 ? 0.25 : 0.1))) return draw.pick(same).text;
    const [first] = shape;
    if (first === undefined) return this.number();
    // What is longer by an axis, at one position of it.
    const longer = this.known((own) => own.length === shape.length + 1 && sameShape(own.slice(1), shape));
    if (longer.length > 0 && draw.chance(0.5)) {
      const { text, shape: own } = draw.pick(longer);
      return `${text}[${this.position(own[0] ?? '1')}]`;
    }
    const filled = draw.pick([`full(${list(shape)}, ${this.number()})`, `ones(${shape.join(', ')})`, `zeros(${shape.join(', ')})`]);
    const over = draw.chance(0.5) && /^\w+$/u.test(first) ? first : `1 .. ${first}`;
    return shape.length === 1 && draw.chance(0.6) ? `[0.3 * i - ${draw.figure(0.1, 0.5)} for i in ${over}]` : filled;
  }

  private number(): string {
    const { draw } = this;
    return (
      draw.weighed(
        [
          { weight: 6, text: draw.figure(-1.2, 1.2) },
          { weight: 1, text: draw.pick(['1', '2', '0.5', '1e-1', 'pi / 4']) },
          { weight: 1, text: draw.chance(0.5) || this.scope.dims.length === 0 ? '3E-1' : `1 / ${draw.pick(this.scope.dims)}` },
        ],
        (row) => row.text,
      ) ?? '1'
    );
  }
}
