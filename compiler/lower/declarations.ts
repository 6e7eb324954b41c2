/** What the declarations of a problem bring into its scope: data, hypers, params, lets, functions. */
import type { Diagnostic, Span } from '../../diagnostics/diagnostic.ts';
import { badDistribution, circular, duplicateName, kindMisplaced, wrongArity } from '../../diagnostics/names.ts';
import { comesLater } from '../../diagnostics/levels.ts';
import type {
  CallExpression,
  ColumnSelector,
  DataDeclaration,
  FnDeclaration,
  HyperDeclaration,
  Identifier,
  LetDeclaration,
  ParamDeclaration,
  TypeExpression,
} from '../../grammar/ast.ts';
import { closest } from '../../grammar/spelling.ts';
import type { Column, Kind } from '../../plan/types.ts';
import type { Binding, Fn, Scope } from '../check/scope.ts';
import { dtypeOf, readType, type DeclaredType } from '../check/types.ts';
import type { Value } from '../ir/graph.ts';
import type { DataInfo, HyperInfo, ParamInfo } from '../program.ts';
import { refuse, type Context } from './context.ts';
import { reparametrisationOf, type Reparametrisation } from './reparametrised.ts';
import { staticNumber } from './static.ts';

/** A declared thing with everything but its start, which may use whatever the page declares. */
export type Unstarted<T> = Omit<T, 'init'> & { readonly type: DeclaredType };

export class Declarer {
  private readonly c: Context;
  private readonly scope: Scope;

  constructor(c: Context, scope: Scope) {
    this.c = c;
    this.scope = scope;
  }

  declare({ name, span }: Identifier, what: string, binding: Binding): boolean {
    const before = this.scope.declare(name, binding) ?? this.ofPage(name);
    if (before === undefined) return true;
    this.c.report(duplicateName({ span, labels: [{ span: before.span, message: 'first here' }] }, { name, what }));
    return false;
  }

  /** A function outside of the problems has its name here too. */
  private ofPage(name: string): Binding | undefined {
    return this.scope.parent?.lookup(name);
  }

  private readType(type: TypeExpression): DeclaredType | undefined {
    return readType(type, { report: this.c.report, scope: this.scope }, this.c.b.fixed);
  }

  private choiceIsMisplaced(type: TypeExpression, what: string): boolean {
    if (type.choice === undefined) return false;
    this.c.report(kindMisplaced({ span: type.choice.span }, { because: `${what} are numbers; a choice between functions is a \`hyper\`` }));
    return true;
  }

  /** Declares a name with an input behind it, or as broken where its type is. */
  private declareInput(
    name: Identifier,
    what: 'data' | 'hyper' | 'param',
    type: DeclaredType | undefined,
    means?: Reparametrisation,
  ): Value | undefined {
    const words = what === 'data' ? 'data' : `a ${what}`;
    if (type === undefined) {
      this.declare(name, what, { kind: 'broken', span: name.span });
      return undefined;
    }
    const role = what === 'param' ? 'state' : what;
    const value = this.c.b.input(`${what}:${name.name}`, role, { dtype: dtypeOf(type.kind), shape: type.shape });
    const meant = means?.declared(this.c.b, value) ?? value;
    return this.declare(name, what === 'data' ? 'data' : `the ${what}`, { kind: 'value', what: words, get: () => meant, span: name.span })
      ? value
      : undefined;
  }

  data(declaration: DataDeclaration): DataInfo | undefined {
    const { name, from } = declaration;
    const type = this.choiceIsMisplaced(declaration.type, 'data') ? undefined : this.readType(declaration.type);
    const value = this.declareInput(name, 'data', type);
    if (from?.file.toLowerCase().endsWith('.parquet') === true) {
      this.c.report(comesLater({ span: from.fileSpan }, { construct: 'Parquet files', instead: 'write it as CSV or NPY' }));
    }
    if (type === undefined || value === undefined) return undefined;
    const source =
      from === undefined
        ? {}
        : { from: { file: from.file, ...columnsOf(from.columns), ...(from.array === undefined ? {} : { array: from.array.name }) } };
    return { ...described(declaration, type, value), ...source };
  }

  hyper(declaration: HyperDeclaration): Unstarted<HyperInfo> | undefined {
    const { name } = declaration;
    const type = this.readType(declaration.type);
    const value = this.declareInput(name, 'hyper', type);
    if (declaration.bySearch !== undefined)
      this.c.report(comesLater({ span: declaration.bySearch }, { construct: 'a hyper that is found `by search`' }));
    if (type?.kind === 'int' && declaration.bySearch === undefined) {
      const instead = 'relax it: `real in [a, b]`';
      this.c.report(comesLater({ span: declaration.type.span }, { construct: 'a hyper of kind `int`', instead }));
    }
    return type === undefined || value === undefined ? undefined : { ...described(declaration, type, value), type };
  }

  param(declaration: ParamDeclaration): Unstarted<ParamInfo> | undefined {
    const { name, distribution } = declaration;
    const type = this.choiceIsMisplaced(declaration.type, 'params') ? undefined : this.readType(declaration.type);
    const means = type === undefined ? undefined : reparametrisationOf(type.kind);
    const value = this.declareInput(name, 'param', type?.kind === 'int' ? { ...type, kind: 'real' } : type, means);
    if (type?.kind === 'int') {
      this.c.report(
        kindMisplaced(
          { span: declaration.type.span },
          { because: 'a param is not a whole number: the inner problem is solved by derivatives' },
        ),
      );
    }
    const drawn = distribution === undefined ? undefined : this.distribution(distribution);
    if (means !== undefined && drawn !== undefined && distribution !== undefined && !isWithin(drawn, type?.kind))
      this.c.report(
        badDistribution(
          { span: distribution.span },
          {
            because: `\`${drawn.name}\` may draw what is not ${type?.kind === 'unit' ? 'between 0 and 1' : 'above 0'}: draw from \`uniform(…)\` inside the kind`,
          },
        ),
      );
    if (type === undefined || value === undefined) return undefined;
    const declared = means?.declared(this.c.b, value) ?? value;
    return { ...described(declaration, type, value), type, declared, ...(drawn === undefined ? {} : { distribution: drawn }) };
  }

  private distribution(call: CallExpression): ParamInfo['distribution'] {
    const { c } = this;
    const { name, span } = call.callee;
    if (!isDistribution(name))
      return refuse(
        c,
        badDistribution(
          { span },
          { because: `no distribution is called \`${name}\``, suggestion: closest(name, Object.keys(distributions)) },
        ),
      );
    const parameters: readonly string[] = distributions[name];
    const given = [...call.positional, ...call.named.map((n) => n.value)];
    if (given.length !== parameters.length || call.named.some((n) => !parameters.includes(n.name.name))) {
      const expected = parameters.length === 0 ? 'no arguments' : `${parameters.length} arguments (${parameters.join(', ')})`;
      return refuse(c, wrongArity({ span: call.span }, { name, expected, given: given.length }));
    }
    const byName = new Map(call.named.map((n) => [n.name.name, n.value]));
    const numbers = parameters.map((parameter, i) => {
      const expression = byName.get(parameter) ?? call.positional[i];
      const value = expression === undefined ? undefined : c.elaborate(expression, this.scope);
      const known = value === undefined ? undefined : staticNumber(c.b, value);
      if (value !== undefined && known === undefined)
        c.report(
          badDistribution({ span: expression?.span }, { because: `\`${parameter}\` of \`${name}\` is not a number that is known now` }),
        );
      return known;
    });
    const known = numbers.flatMap((n) => n ?? []);
    const [first = 0, second = 0] = known;
    if (known.length !== parameters.length) return undefined;
    if ((name === 'normal' && second < 0) || (name === 'uniform' && second <= first)) {
      return refuse(
        c,
        badDistribution(
          { span: call.span },
          { because: name === 'normal' ? `a standard deviation of ${second}` : `nothing lies between ${first} and ${second}` },
        ),
      );
    }
    return { name, arguments: known };
  }

  let(declaration: LetDeclaration): () => void {
    const { name, value } = declaration;
    const get = once(
      () => this.c.elaborate(value, this.scope),
      () => this.c.report(circular({ span: name.span }, { name: name.name })),
    );
    this.declare(name, 'the `let`', { kind: 'value', what: 'a `let`', get, span: name.span });
    return get;
  }

  fn(declaration: FnDeclaration): Fn {
    const fn: Fn = { declaration, scope: this.scope };
    this.declare(declaration.name, 'the function', { kind: 'fn', fn, span: declaration.name.span });
    return fn;
  }

  /** A name that is refused, so that its users stay silent. */
  refused(name: Identifier, what: string, diagnostic: Diagnostic): void {
    this.c.report(diagnostic);
    this.declare(name, what, { kind: 'broken', span: name.span });
  }
}

/** The result of the first call, for all; a call from inside of it is answered by `again`. */
export function once<T>(make: () => T | undefined, again: () => void): () => T | undefined {
  let state: 'new' | 'running' | 'done' = 'new';
  let value: T | undefined;
  return () => {
    if (state === 'running') again();
    if (state !== 'new') return value;
    state = 'running';
    value = make();
    state = 'done';
    return value;
  };
}

const distributions = { normal: ['mean', 'sd'], uniform: ['lo', 'hi'], gumbel: [], logistic: [] } as const satisfies Record<
  string,
  readonly string[]
>;

/** Whether all that is drawn lies inside an open kind. */
const isWithin = ({ name, arguments: [low = 0, high = 0] }: NonNullable<ParamInfo['distribution']>, kind: Kind | undefined): boolean =>
  name === 'uniform' && low >= 0 && (kind !== 'unit' || high <= 1);

const isDistribution = (name: string): name is keyof typeof distributions => Object.hasOwn(distributions, name);

interface Described {
  readonly name: Identifier;
  readonly span: Span;
  readonly doc?: string;
}

function described({ name, doc }: Described, type: DeclaredType, value: Value): DataInfo {
  return {
    name: name.name,
    kind: type.kind,
    shape: type.shape,
    span: name.span,
    value,
    ...(type.interval === undefined ? {} : { interval: type.interval }),
    ...(doc === undefined ? {} : { doc }),
  };
}

function columnsOf(selector: ColumnSelector | undefined): { columns?: readonly Column[] } {
  if (selector === undefined) return {};
  return { columns: selector.kind === 'list' ? selector.items.flatMap(columnOf) : columnOf(selector) };
}

function columnOf(selector: ColumnSelector): readonly Column[] {
  switch (selector.kind) {
    case 'header':
      return [selector.name];
    case 'position':
      return [selector.index];
    case 'range': {
      const [from] = columnOf(selector.from);
      const [to] = columnOf(selector.to);
      return (typeof from === 'string' || typeof from === 'number') && (typeof to === 'string' || typeof to === 'number')
        ? [{ from, to }]
        : [];
    }
    case 'list':
      return selector.items.flatMap(columnOf);
  }
}
