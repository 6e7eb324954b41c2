/**
 * Functions written in the language. Each is elaborated once on its own, with its dims abstract; a call writes the body out again with the
 * arguments in place, so that what a call means depends on nothing but its arguments.
 */
import type { Span } from '../../diagnostics/diagnostic.ts';
import { recursion, resultMismatch } from '../../diagnostics/names.ts';
import type { CallExpression } from '../../grammar/ast.ts';
import type { Fn, Scope } from '../check/scope.ts';
import { dtypeOf, printType, type DeclaredType } from '../check/types.ts';
import { substitute, symbol, type Dim, type Shape } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import { toInt, toReal } from './arithmetic.ts';
import { Binding, takes } from './binding.ts';
import { refuse, show, type Context, type Operand } from './context.ts';
import { matchArguments } from './library/arguments.ts';
import { elaborateBlock } from './loops.ts';
import { readSignature, wholeShape, type Signature } from './signatures.ts';

/** For how many dims a `...` stands where a function is elaborated on its own. */
const abstractRanks: readonly (readonly [number, string])[] = [
  [0, 'no dims'],
  [1, 'one dim'],
  [2, 'two dims'],
];

/** What is known about the functions of a page; one for each problem. */
export class Fns {
  private readonly signatures = new Map<Fn, Signature | undefined>();
  private readonly states = new Map<Fn, 'running' | 'right' | 'wrong'>();
  /** Those that are being elaborated on their own, outermost first, with the call by which it came to that. */
  private readonly running: { readonly fn: Fn; readonly call: Span | undefined }[] = [];
  private readonly c: Context;
  private readonly page: Fns | undefined;

  /** `page` knows the functions outside of every problem: they are elaborated on their own there, where no problem's dims are. */
  constructor(c: Context, page?: Fns) {
    this.c = c;
    this.page = page;
  }

  /** Who elaborates a function on its own. */
  private ownerOf(fn: Fn): Fns {
    return this.page !== undefined && fn.scope.parent === undefined ? this.page : this;
  }

  /** Elaborates the function once with its dims abstract; false if it has mistakes, which have been reported. */
  check(fn: Fn, call?: Span): boolean {
    const owner = this.ownerOf(fn);
    if (owner !== this) return owner.check(fn, call);
    // The library is checked by a test.
    if (fn.isLibrary === true) return true;
    const known = this.states.get(fn);
    if (known !== undefined) return known !== 'wrong';
    const signature = this.signature(fn);
    this.states.set(fn, 'running');
    this.running.push({ fn, call });
    const right = signature !== undefined && this.checkBody(fn, signature);
    this.running.pop();
    this.states.set(fn, right ? 'right' : 'wrong');
    return right;
  }

  /** With every number of dims that a `...` may stand for, as far as it takes to see a mistake. */
  checkBody(fn: Fn, signature: Signature): boolean {
    const { name } = fn.declaration.name;
    const isOpen = signature.rests.size > 0;
    const isShort = signature.parameters.some((p) => p.init !== undefined);
    return (isOpen ? abstractRanks : abstractRanks.slice(0, 1)).every(([rank, words]) => {
      if (isOpen) this.c.calls.push({ name, span: fn.declaration.name.span, words: `where \`...\` stands for ${words}` });
      const right = this.checkOnce(fn, signature, rank, false) && (!isShort || this.checkOnce(fn, signature, rank, true));
      if (isOpen) this.c.calls.pop();
      return right;
    });
  }

  /** `byDefault`: with nothing given that may be left out. */
  private checkOnce(fn: Fn, signature: Signature, rank: number, byDefault: boolean): boolean {
    const { c } = this;
    const rests = new Map([...signature.rests].map((rest) => [rest, Array.from({ length: rank }, (_, i) => symbol(`${rest}[${i}]`))]));
    const given = signature.parameters.map(({ name, type, init, span }): Operand | undefined => {
      if (byDefault && init !== undefined) return undefined;
      return { value: c.b.input(`argument:${name}`, 'state', { dtype: dtypeOf(type.kind), shape: wholeShape(type, rests) }), span };
    });
    const binding = new Binding(c, fn, signature, fn.declaration.name.span);
    return binding.bind(given) && this.body(fn, signature, binding, 'checked') !== undefined;
  }

  private signature(fn: Fn): Signature | undefined {
    const owner = this.ownerOf(fn);
    if (owner !== this) return owner.signature(fn);
    if (!this.signatures.has(fn)) this.signatures.set(fn, readSignature(this.c, fn));
    return this.signatures.get(fn);
  }

  /** What a function takes and gives: in words, and with dims of its own by their order, so that two can be compared; `undefined`: it has a mistake. */
  typeOf(fn: Fn): { readonly words: string; readonly key: string } | undefined {
    const signature = this.signature(fn);
    if (signature === undefined) return undefined;
    const { parameters, result, own, rests } = signature;
    const print = (names: ReadonlyMap<string, Dim>, restOf: (name: string) => string): string => {
      const typed = ({ kind, shape, rest }: DeclaredType): string =>
        printType(
          kind,
          shape.map((dim) => substitute(dim, names)),
          rest && { ...rest, name: restOf(rest.name) },
        );
      return `(${parameters.map(({ type }) => typed(type)).join(', ')}): ${typed(result)}`;
    };
    const ordered = new Map([...own].map((name, i) => [name, symbol(`#${i}`)]));
    return { words: print(new Map(), (name) => name), key: print(ordered, (name) => `#${[...rests].indexOf(name)}`) };
  }

  private body(fn: Fn, { result, rests }: Signature, binding: Binding, how: 'checked' | 'known'): Value | undefined {
    const { c } = this;
    const value = elaborateBlock(c, fn.declaration.body, binding.scope)[0];
    if (value === undefined || (how === 'known' && rests.size === 0)) return value;
    const shape = binding.result();
    if (fits(c, value, result, shape)) return value;
    const declared = printType(result.kind, shape);
    const labels = [{ span: fn.declaration.result.span, message: `declared as ${printType(result.kind, result.shape, result.rest)}` }];
    const span = fn.declaration.body.results[0]?.span ?? fn.declaration.span;
    return refuse(c, resultMismatch({ span, labels }, { name: fn.declaration.name.name, declared, is: show(value) }));
  }

  /** Of several forms of one function, which take the same names, the first is meant whose kinds and numbers of axes the arguments have. */
  call(forms: readonly Fn[], call: CallExpression, scope: Scope): Value | undefined {
    const [first] = forms;
    if (first === undefined) return undefined;
    const values = this.arguments(first, call, scope);
    if (this.isCircle(first, call.span)) return undefined;
    if (!this.check(first, call.span) || values === undefined) return undefined;
    const fn = forms.find((form) => {
      const own = this.signature(form);
      return own !== undefined && takes(own, values);
    });
    return this.write(fn ?? first, values, call);
  }

  private write(fn: Fn, values: readonly (Operand | undefined)[], { span }: CallExpression): Value | undefined {
    const { c } = this;
    const signature = this.signature(fn);
    if (signature === undefined) return undefined;
    const binding = new Binding(c, fn, signature, span);
    const entry = { name: fn.declaration.name.name, span, isLibrary: fn.isLibrary === true };
    if (!binding.bind(values)) return undefined;
    c.calls.push(entry);
    const result = this.body(fn, signature, binding, 'known');
    c.calls.pop();
    if (result === undefined) return undefined;
    return signature.result.kind === 'int' ? (toInt(c, result) ?? result) : toReal(c, result);
  }

  /** Reports where a function is called while it is being elaborated. */
  private isCircle(fn: Fn, span: Span): boolean {
    const { running } = this.ownerOf(fn);
    const at = running.findIndex((one) => one.fn === fn);
    if (at < 0) return false;
    const { name } = fn.declaration;
    const between = running.slice(at + 1).map((one) => ({ by: one.fn.declaration.name.name, call: one.call }));
    const calls = between.flatMap(({ by, call }) => (call === undefined ? [] : [{ span: call, message: `\`${by}\` is called here` }]));
    const labels = [{ span: name.span, message: 'declared here' }, ...calls];
    this.c.report(recursion({ span, labels }, { name: name.name, by: between.map(({ by }) => by) }));
    return true;
  }

  /** The arguments in the order of the parameters, undefined where one is left out; none after a report. */
  private arguments(fn: Fn, call: CallExpression, scope: Scope): readonly (Operand | undefined)[] | undefined {
    const { c } = this;
    const { parameters, name } = fn.declaration;
    const known = parameters.map((p) => ({ name: p.name.name, optional: p.init !== undefined }));
    const labels = fn.isLibrary === true ? [] : [{ span: name.span, message: 'declared here' }];
    const { given, isRight } = matchArguments(c, call, known, scope, labels);
    let right = isRight;
    const values = known.map((parameter): Operand | undefined => {
      const [expression] = given.get(parameter) ?? [];
      const value = expression === undefined ? undefined : c.elaborate(expression, scope);
      if (expression === undefined) return undefined;
      right &&= value !== undefined;
      return value === undefined ? undefined : { value, span: expression.span };
    });
    return right ? values : undefined;
  }
}

/** Whether a body has the type that its function promises. */
function fits(c: Context, value: Value, type: DeclaredType, shape: Shape): boolean {
  return c.b.sameShape(value.type.shape, shape) && (type.kind !== 'int' || toInt(c, value) !== undefined);
}
