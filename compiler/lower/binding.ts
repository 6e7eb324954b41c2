/** From the arguments of a call to what a function's own dims are in it, and whether each argument is what its parameter declares. */
import { argumentMismatch, wrongArgument } from '../../diagnostics/names.ts';
import type { Span } from '../../diagnostics/diagnostic.ts';
import { Scope, type Fn } from '../check/scope.ts';
import { printType, type DeclaredType } from '../check/types.ts';
import { namesOf, printShape, sameDim, substitute, type Dim, type Shape } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import { toInt, toReal } from './arithmetic.ts';
import { differ, originLabels, rankOf, reportMismatch, show, type Context, type Operand } from './context.ts';
import { partsOf, wholeShape, type Signature, type SignatureParameter } from './signatures.ts';

/** Why an argument is not what a parameter declares; `other` is the argument that says otherwise. */
interface Misfit {
  readonly because: string;
  readonly other?: { readonly operand: Operand; readonly dims: readonly Dim[]; readonly because: string };
}

/** One call: its arguments become values in a scope in which the body can be elaborated. */
export class Binding {
  /** Parameters and own dims, in the scope of the function. */
  readonly scope: Scope;
  private readonly c: Context;
  private readonly fn: Fn;
  private readonly signature: Signature;
  private readonly span: Span;
  private readonly dims = new Map<string, Dim>();
  private readonly rests = new Map<string, Shape>();
  private readonly solvedBy = new Map<string, Operand>();

  constructor(c: Context, fn: Fn, signature: Signature, span: Span) {
    this.c = c;
    this.fn = fn;
    this.signature = signature;
    this.span = span;
    this.scope = new Scope(new Scope(fn.scope));
  }

  /** Binds all parameters, those that are not given to their defaults; false after reports. */
  bind(given: readonly (Operand | undefined)[]): boolean {
    const { parameters } = this.signature;
    for (const [i, { type }] of parameters.entries()) this.solve(type, given[i]);
    let right = true;
    for (const [i, parameter] of parameters.entries()) right = this.bindOne(parameter, given[i]) && right;
    return right;
  }

  /** The shape of the result in this call. */
  result(): Shape {
    return wholeShape(this.signature.result, this.rests).map((dim) => substitute(dim, this.dims));
  }

  private solve({ shape, rest, ...type }: DeclaredType, operand: Operand | undefined): void {
    const parts = operand && partsOf({ ...type, shape, ...(rest === undefined ? {} : { rest }) }, operand.value.type.shape);
    if (operand === undefined || parts === undefined) return;
    if (rest !== undefined && !this.rests.has(rest.name)) {
      this.rests.set(rest.name, parts.rest);
      this.solvedBy.set(`...${rest.name}`, operand);
    }
    for (const [axis, { key }] of shape.entries()) {
      const actual = parts.fixed[axis];
      if (actual === undefined || !this.signature.own.has(key) || this.dims.has(key)) continue;
      this.dims.set(key, actual);
      this.solvedBy.set(key, operand);
      this.scope.parent?.declare(key, { kind: 'dim', dim: actual, span: this.fn.declaration.name.span });
    }
  }

  private bindOne(parameter: SignatureParameter, given: Operand | undefined): boolean {
    const operand = given ?? this.byDefault(parameter);
    const { type, name, span } = parameter;
    if (operand === undefined) return this.fail(parameter);
    if (given === undefined) this.solve(type, operand);
    const misfit = this.misfit(type, operand);
    const value = type.kind === 'int' ? toInt(this.c, operand.value) : toReal(this.c, operand.value);
    if (misfit !== undefined || value === undefined) {
      this.refuse(parameter, operand, misfit ?? { because: 'it is not of kind `int`' });
      return this.fail(parameter);
    }
    this.scope.declare(name, { kind: 'value', what: 'a parameter', get: () => value, span });
    return true;
  }

  /** Defaults that speak of it stay silent. */
  private fail({ name, span, type }: SignatureParameter): false {
    this.scope.declare(name, { kind: 'broken', span });
    for (const { key } of type.shape) if (this.signature.own.has(key)) this.scope.parent?.declare(key, { kind: 'broken', span });
    return false;
  }

  private byDefault({ init }: SignatureParameter): Operand | undefined {
    const value = init === undefined ? undefined : this.c.elaborate(init, this.scope);
    return init === undefined || value === undefined ? undefined : { value, span: init.span };
  }

  private misfit(type: DeclaredType, operand: Operand): Misfit | undefined {
    const { shape } = operand.value.type;
    const parts = partsOf(type, shape);
    if (parts === undefined) {
      const axes = `it has ${shape.length} ${shape.length === 1 ? 'axis' : 'axes'}`;
      return {
        because: type.rest === undefined ? `${axes}, not ${type.shape.length}` : `${axes}, and needs ${type.shape.length} at least`,
      };
    }
    return this.restMisfit(type, parts.rest) ?? this.dimMisfit(type, parts.fixed);
  }

  private restMisfit({ rest }: DeclaredType, actual: Shape): Misfit | undefined {
    const known = rest === undefined ? undefined : this.rests.get(rest.name);
    if (rest === undefined || known === undefined || this.c.b.sameShape(known, actual)) return undefined;
    const axis = known.findIndex((dim, i) => !sameDim(dim, actual[i] ?? dim, this.c.b.fixed));
    const [a, b] = [known[axis], actual[axis]];
    const ranks = known.length !== actual.length || a === undefined || b === undefined;
    const operand = this.solvedBy.get(`...${rest.name}`);
    return {
      because: `\`...${rest.name}\` is ${printShape(known)} in this call, not ${printShape(actual)}`,
      ...(operand && {
        other: { operand, dims: [...known, ...actual], because: ranks ? 'they have different numbers of axes' : differ(a, b) },
      }),
    };
  }

  private dimMisfit(type: DeclaredType, actual: Shape): Misfit | undefined {
    const { fixed } = this.c.b;
    for (const [axis, declared] of type.shape.entries()) {
      const found = actual[axis];
      const expected = substitute(declared, this.dims);
      if (found === undefined || sameDim(found, expected, fixed)) continue;
      const [outer] = namesOf(declared).filter((name) => !this.signature.own.has(name));
      if (outer !== undefined) {
        const size = fixed.get(outer);
        return {
          because: `\`${outer}\` here is the problem's \`dim ${outer}${size === undefined ? '' : ` = ${size}`}\`, not \`${found.key}\``,
        };
      }
      const operand = namesOf(declared).flatMap((name) => this.solvedBy.get(name) ?? [])[0];
      const because =
        expected.key === declared.key
          ? `\`${found.key}\` is not \`${expected.key}\``
          : `\`${declared.key}\` is \`${expected.key}\` in this call, not \`${found.key}\``;
      return { because, ...(operand && { other: { operand, dims: [expected, found], because: differ(expected, found) } }) };
    }
    return undefined;
  }

  /** Of a function of the library nobody sees the declaration: its arguments are compared with each other, or with what it needs. */
  private refuse({ name, type }: SignatureParameter, operand: Operand, { because, other }: Misfit): void {
    const { c } = this;
    const callee = this.fn.declaration.name.name;
    const declared = printType(type.kind, type.shape, type.rest);
    if (this.fn.isLibrary === true) {
      if (other === undefined || other.operand === operand) {
        const needs = type.kind === 'int' && operand.value.type.dtype !== 'int' ? 'of kind `int`' : declared;
        c.report(wrongArgument({ span: operand.span }, { name: callee, argument: `\`${name}\``, needs, is: show(operand.value) }));
      } else reportMismatch(c, `\`${callee}\``, other.operand, operand, this.span, other.because, other.dims);
      return;
    }
    const labels = [{ span: type.span, message: `\`${name}\` is ${declared}` }, ...originLabels(c, operand.value.type.shape)];
    c.report(
      argumentMismatch({ span: operand.span, labels }, { name: callee, parameter: name, declared, given: show(operand.value), because }),
    );
  }
}

/** Whether arguments have the kinds and the numbers of axes that a function declares. */
export function takes({ parameters }: Signature, given: readonly (Operand | undefined)[]): boolean {
  const ranks = new Map<string, number>();
  return parameters.every(({ type }, i) => {
    const value: Value | undefined = given[i]?.value;
    if (value === undefined) return true;
    if (type.kind === 'int' && value.type.dtype !== 'int') return false;
    const more = rankOf(value) - type.shape.length;
    if (type.rest === undefined) return more === 0;
    const known = ranks.get(type.rest.name) ?? more;
    ranks.set(type.rest.name, known);
    return more >= 0 && more === known;
  });
}
