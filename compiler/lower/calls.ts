/**
 * Functions of the page. Each is elaborated once on its own, with its dims abstract; a call writes the body out again with the
 * arguments in place, so that what a call means depends on nothing but its arguments.
 */
import {
  argumentMismatch,
  duplicateName,
  recursion,
  resultMismatch,
  unknownArgument,
  unsolvedDim,
  wrongArity,
} from '../../diagnostics/names.ts';
import type { Span } from '../../diagnostics/diagnostic.ts';
import type { CallExpression, Expression } from '../../grammar/ast.ts';
import { Scope, type Fn } from '../check/scope.ts';
import { dtypeOf, printType, readType, type DeclaredType } from '../check/types.ts';
import { namesOf, sameDim, substitute, symbol, type Dim } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import { toInt, toReal } from './arithmetic.ts';
import { originLabels, rankOf, refuse, show, type Context } from './context.ts';
import { elaborateBlock } from './loops.ts';

interface Signature {
  readonly parameters: readonly { readonly name: string; readonly span: Span; readonly type: DeclaredType }[];
  readonly result: DeclaredType;
  /** The function's own dims. */
  readonly own: ReadonlySet<string>;
}

/** What is known about the functions of a page; one for each problem. */
export class Fns {
  private readonly signatures = new Map<Fn, Signature | undefined>();
  private readonly states = new Map<Fn, 'running' | 'right' | 'wrong'>();
  private readonly c: Context;
  private readonly page: Fns | undefined;

  /** `page` knows the functions outside of every problem: they are elaborated on their own there, where no problem's dims are. */
  constructor(c: Context, page?: Fns) {
    this.c = c;
    this.page = page;
  }

  private isOfPage(fn: Fn): boolean {
    return fn.scope.parent === undefined;
  }

  private stateOf(fn: Fn): 'running' | 'right' | 'wrong' | undefined {
    return this.page !== undefined && this.isOfPage(fn) ? this.page.stateOf(fn) : this.states.get(fn);
  }

  /** Elaborates the function once with its dims abstract; false if it has mistakes, which have been reported. */
  check(fn: Fn): boolean {
    if (this.page !== undefined && this.isOfPage(fn)) return this.page.check(fn);
    const known = this.states.get(fn);
    if (known === 'running') return true;
    if (known !== undefined) return known === 'right';
    const { c } = this;
    const { declaration } = fn;
    const signature = this.signature(fn);
    if (signature === undefined) {
      this.states.set(fn, 'wrong');
      return false;
    }
    this.states.set(fn, 'running');
    const abstract = new Map([...signature.own].map((name) => [name, symbol(name)]));
    const values = signature.parameters.map((p) =>
      c.b.input(`argument:${p.name}`, 'state', { dtype: dtypeOf(p.type.kind), shape: p.type.shape }),
    );
    const result = this.body(fn, signature, abstract, values);
    let right = result !== undefined;
    if (result !== undefined && !fits(c, result, signature.result)) {
      const declared = printType(signature.result.kind, signature.result.shape);
      const labels = [{ span: declaration.result.span, message: `declared as ${declared}` }];
      const span = declaration.body.results[0]?.span ?? declaration.span;
      c.report(resultMismatch({ span, labels }, { name: declaration.name.name, declared, is: show(result) }));
      right = false;
    }
    this.states.set(fn, right ? 'right' : 'wrong');
    return right;
  }

  private signature(fn: Fn): Signature | undefined {
    if (this.page !== undefined && this.isOfPage(fn)) return this.page.signature(fn);
    if (this.signatures.has(fn)) return this.signatures.get(fn);
    const signature = this.readSignature(fn);
    this.signatures.set(fn, signature);
    return signature;
  }

  private readSignature(fn: Fn): Signature | undefined {
    const { c } = this;
    const { declaration } = fn;
    const name = declaration.name.name;
    const own = new Set<string>();
    const unknown = (dim: string): Dim => {
      own.add(dim);
      return symbol(dim);
    };
    const reader = { report: c.report, scope: fn.scope, unknown };
    const parameters = declaration.parameters.map((p) => ({
      name: p.name.name,
      span: p.name.span,
      type: readType(p.type, reader, c.b.fixed),
    }));
    const alone = new Set(parameters.flatMap((p) => p.type?.shape.map((d) => d.key) ?? []));
    const result = readType(declaration.result, reader, c.b.fixed);
    const seen = new Map<string, Span>();
    let right = result !== undefined;
    for (const p of parameters) {
      const before = seen.get(p.name);
      if (before !== undefined) {
        c.report(
          duplicateName({ span: p.span, labels: [{ span: before, message: 'first here' }] }, { name: p.name, what: 'the parameter' }),
        );
        right = false;
      }
      seen.set(p.name, p.span);
    }
    const complete = parameters.flatMap((p) => (p.type === undefined ? [] : [{ ...p, type: p.type }]));
    if (complete.length === parameters.length) {
      for (const dim of own) {
        if (alone.has(dim)) continue;
        c.report(unsolvedDim({ span: declaration.name.span }, { dim, name }));
        right = false;
      }
    }
    return right && result !== undefined && complete.length === parameters.length ? { parameters: complete, result, own } : undefined;
  }

  private body(fn: Fn, signature: Signature, dims: ReadonlyMap<string, Dim>, values: readonly Value[]): Value | undefined {
    const scope = new Scope(fn.scope);
    const { span } = fn.declaration.name;
    for (const [name, dim] of dims) scope.declare(name, { kind: 'dim', dim, span });
    const inner = new Scope(scope);
    for (const [i, p] of signature.parameters.entries()) {
      const value = values[i];
      if (value !== undefined) inner.declare(p.name, { kind: 'value', what: 'a parameter', get: () => value, span: p.span });
    }
    return elaborateBlock(this.c, fn.declaration.body, inner)[0];
  }

  call(fn: Fn, call: CallExpression, scope: Scope): Value | undefined {
    const { c } = this;
    const { declaration } = fn;
    const name = declaration.name.name;
    const values = this.arguments(fn, call, scope);
    if (this.stateOf(fn) === 'running') {
      return refuse(c, recursion({ span: call.span, labels: [{ span: declaration.name.span, message: 'declared here' }] }, { name }));
    }
    if (!this.check(fn) || values === undefined) return undefined;
    const signature = this.signature(fn);
    if (signature === undefined) return undefined;
    const bound = this.bind(fn, signature, values);
    if (bound === undefined) return undefined;
    c.calls.push({ name, span: call.span });
    const result = this.body(fn, signature, bound.dims, bound.values);
    c.calls.pop();
    if (result === undefined) return undefined;
    return signature.result.kind === 'int' ? (toInt(c, result) ?? result) : toReal(c, result);
  }

  /** The arguments' values in the order of the parameters. */
  private arguments(fn: Fn, call: CallExpression, scope: Scope): readonly { value: Value; expression: Expression }[] | undefined {
    const { c } = this;
    const { parameters, name } = fn.declaration;
    const given = new Map<string, Expression>();
    let right = true;
    for (const [i, expression] of call.positional.entries()) {
      const parameter = parameters[i];
      if (parameter !== undefined) given.set(parameter.name.name, expression);
    }
    for (const named of call.named) {
      const known = parameters.map((p) => p.name.name);
      const repeated = given.has(named.name.name);
      if (!known.includes(named.name.name) || repeated) {
        c.report(unknownArgument({ span: named.name.span }, { name: name.name, argument: named.name.name, known, repeated }));
        right = false;
      }
      given.set(named.name.name, named.value);
    }
    const values = parameters.map((p) => {
      const expression = given.get(p.name.name);
      const value = expression === undefined ? undefined : c.elaborate(expression, scope);
      return expression === undefined || value === undefined ? undefined : { value, expression };
    });
    const complete = parameters.every((p) => given.has(p.name.name));
    if (call.positional.length > parameters.length || (right && !complete)) {
      const labels = [{ span: name.span, message: 'declared here' }];
      const expected = `${parameters.length} argument${parameters.length === 1 ? '' : 's'} (${parameters.map((p) => p.name.name).join(', ')})`;
      return refuse(
        c,
        wrongArity({ span: call.span, labels }, { name: name.name, expected, given: call.positional.length + call.named.length }),
      );
    }
    const known = values.flatMap((v) => v ?? []);
    return right && known.length === parameters.length ? known : undefined;
  }

  /** Solves the function's own dims from the arguments, then checks each against its parameter's type. */
  private bind(
    fn: Fn,
    signature: Signature,
    given: readonly { value: Value; expression: Expression }[],
  ): { dims: Map<string, Dim>; values: readonly Value[] } | undefined {
    const { c } = this;
    const dims = new Map<string, Dim>();
    for (const [i, { type }] of signature.parameters.entries()) {
      const shape = given[i]?.value.type.shape ?? [];
      if (shape.length !== type.shape.length) continue;
      for (const [axis, dim] of type.shape.entries()) {
        const actual = shape[axis];
        if (actual !== undefined && signature.own.has(dim.key) && !dims.has(dim.key)) dims.set(dim.key, actual);
      }
    }
    const values: Value[] = [];
    for (const [i, parameter] of signature.parameters.entries()) {
      const argument = given[i];
      if (argument === undefined) continue;
      const misfit = this.misfit(argument.value, parameter.type, signature, dims);
      const value = parameter.type.kind === 'int' ? toInt(c, argument.value) : toReal(c, argument.value);
      const because = misfit ?? (value === undefined ? 'it is not of kind `int`' : undefined);
      if (because !== undefined || value === undefined) {
        const declared = printType(parameter.type.kind, parameter.type.shape);
        const labels = [
          { span: parameter.type.span, message: `\`${parameter.name}\` is ${declared}` },
          ...originLabels(c, argument.value.type.shape),
        ];
        c.report(
          argumentMismatch(
            { span: argument.expression.span, labels },
            { name: fn.declaration.name.name, parameter: parameter.name, declared, given: show(argument.value), because: because ?? '' },
          ),
        );
        continue;
      }
      values.push(value);
    }
    return values.length === signature.parameters.length ? { dims, values } : undefined;
  }

  /** Why a value does not have a parameter's shape, or nothing. */
  private misfit(value: Value, type: DeclaredType, signature: Signature, dims: ReadonlyMap<string, Dim>): string | undefined {
    const { c } = this;
    if (rankOf(value) !== type.shape.length)
      return `it has ${rankOf(value)} ${rankOf(value) === 1 ? 'axis' : 'axes'}, not ${type.shape.length}`;
    for (const [axis, declared] of type.shape.entries()) {
      const actual = value.type.shape[axis];
      const expected = substitute(declared, dims);
      if (actual === undefined || sameDim(actual, expected, c.b.fixed)) continue;
      const problems = namesOf(declared).filter((name) => !signature.own.has(name));
      const [outer] = problems;
      if (outer !== undefined) {
        const fixed = c.b.fixed.get(outer);
        return `\`${outer}\` here is the problem's \`dim ${outer}${fixed === undefined ? '' : ` = ${fixed}`}\`, not \`${actual.key}\``;
      }
      return expected.key === declared.key
        ? `\`${actual.key}\` is not \`${expected.key}\``
        : `\`${declared.key}\` is \`${expected.key}\` in this call, not \`${actual.key}\``;
    }
    return undefined;
  }
}

/** Whether a body has the type that its function promises. */
function fits(c: Context, value: Value, type: DeclaredType): boolean {
  return c.b.sameShape(value.type.shape, type.shape) && (type.kind !== 'int' || toInt(c, value) !== undefined);
}
