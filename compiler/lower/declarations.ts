/** What the declarations of a problem bring into its scope: data, hypers, params, lets, functions. */
import { removing } from '../check/home.ts';
import type { Span } from '../../diagnostics/diagnostic.ts';
import { badDistribution, circular, duplicateName, kindMisplaced } from '../../diagnostics/names.ts';
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
  RandomDeclaration,
  TypeExpression,
} from '../../grammar/ast.ts';
import type { Column, Kind } from '../../plan/types.ts';
import type { Binding, Choice, Fn, Scope } from '../check/scope.ts';
import { dtypeOf, readType, type DeclaredType } from '../check/types.ts';
import { signsOf } from '../facts.ts';
import { number } from '../ir/dims.ts';
import type { Value } from '../ir/graph.ts';
import type { DataInfo, HyperInfo, LetInfo, NoiseInfo, ParamInfo } from '../program.ts';
import type { Fns } from './calls.ts';
import { meaningOf, readChoice } from './choices.ts';
import type { Context } from './context.ts';
import { demandSize } from './demands.ts';
import { drawnFrom, knownDistribution } from './distributions.ts';
import { elaborateTaken } from './loops.ts';
import { noiseInfo, standardNoise } from './noise.ts';
import { reparametrisationOf, type Reparametrisation } from './reparametrised.ts';

/** A declared thing with everything but its start, which may use whatever the page declares. */
export type Unstarted<T> = Omit<T, 'init'> & { readonly type: DeclaredType };

/** `meaning`: of a choice, found when all functions are declared. */
export type UnstartedHyper = Unstarted<HyperInfo> & Partial<Choice> & { readonly noise?: NoiseInfo };

export class Declarer {
  private readonly c: Context;
  private readonly scope: Scope;
  private readonly fns: Fns;
  /** The data and hypers so far. */
  private readonly given: { readonly kind: Kind; readonly value: Value }[] = [];

  constructor(c: Context, scope: Scope, fns: Fns) {
    this.c = c;
    this.scope = scope;
    this.fns = fns;
  }

  declare({ name, span }: Identifier, what: string, binding: Binding): boolean {
    const before = this.scope.declare(name, binding) ?? this.ofPage(name);
    if (before === undefined) return true;
    const labels = [{ span: before.span, message: 'first here' }];
    this.c.report(duplicateName({ span, labels }, { name, what, removal: removing(this.scope.home, span) }));
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
    if (what !== 'data') for (const size of type.shape) demandSize(this.c, size, name.span);
    const role = what === 'param' ? 'state' : what;
    const isRelaxed = what === 'hyper' && type.kind === 'int';
    const dtype = isRelaxed ? 'real' : dtypeOf(type.kind);
    const value = this.c.b.input(`${what}:${name.name}`, role, { dtype, shape: type.shape });
    if (isRelaxed) this.c.relaxed.add(value);
    if (what !== 'param') this.given.push({ kind: type.kind, value });
    const meant = means?.declared(this.c.b, value) ?? value;
    const binding: Binding = { kind: 'value', what: words, get: () => meant, span: name.span, isRelaxed };
    return this.declare(name, what === 'data' ? 'data' : `the ${what}`, binding) ? value : undefined;
  }

  data(declaration: DataDeclaration): DataInfo | undefined {
    const { name, from } = declaration;
    const type = this.choiceIsMisplaced(declaration.type, 'data') ? undefined : this.readType(declaration.type);
    const value = this.declareInput(name, 'data', type);
    if (type === undefined || value === undefined) return undefined;
    const source =
      from === undefined
        ? {}
        : { from: { file: from.file, ...columnsOf(from.columns), ...(from.array === undefined ? {} : { array: from.array.name }) } };
    return { ...described(declaration, type, value), ...source };
  }

  hyper(declaration: HyperDeclaration, step: () => Value): UnstartedHyper | undefined {
    const { name } = declaration;
    if (declaration.bySearch !== undefined) {
      this.c.report(
        comesLater(
          { span: declaration.bySearch },
          { construct: 'a hyper that is found `by search`', instead: `fix it, and try others by hand: \`let ${name.name} = …\`` },
        ),
      );
      this.declare(name, 'the hyper', { kind: 'broken', span: name.span });
      return undefined;
    }
    if (declaration.type.choice !== undefined) return this.choice(declaration, declaration.type.choice, step);
    const type = this.readType(declaration.type);
    if (type?.kind === 'int') this.checkWholeBounds(type);
    const value = this.declareInput(name, 'hyper', type);
    return type === undefined || value === undefined ? undefined : { ...described(declaration, type, value), type };
  }

  /** Between its bounds there has to be a whole number. */
  private checkWholeBounds({ interval, span }: DeclaredType): void {
    if (interval === undefined || interval.every(({ terms }) => terms.every(({ coefficient }) => Number.isInteger(coefficient)))) return;
    const because = 'an `int` hyper becomes a whole number, and a bound of its interval is none';
    this.c.report(kindMisplaced({ span }, { because, hint: 'write whole numbers, or sums and products of dims' }));
  }

  /** Logits, one an alternative, and a name that is called. Their noise is fresh where the step is another. */
  private choice(declaration: HyperDeclaration, call: CallExpression, step: () => Value): UnstartedHyper | undefined {
    const { c } = this;
    const { name } = declaration;
    const written = readChoice(c, declaration.type, call);
    if (written === undefined) {
      this.declare(name, 'the hyper', { kind: 'broken', span: name.span });
      return undefined;
    }
    const type: DeclaredType = { kind: 'choice', shape: [number(written.alternatives.length)], span: declaration.type.span };
    const value = c.b.input(`hyper:${name.name}`, 'hyper', { dtype: 'real', shape: type.shape });
    const noise = written.gumbel ? noiseInfo(c.b, name.name, name.span) : undefined;
    const meaning = once(
      () => {
        const logits =
          noise === undefined ? value : c.b.add(value, standardNoise(c.b, 'gumbel', { key: noise.key, step: step() }, type.shape));
        return meaningOf(c, this.fns, written, logits, { scope: this.scope, signs: signsOf(this.given) });
      },
      () => c.report(circular({ span: name.span }, { name: name.name })),
    );
    if (!this.declare(name, 'the hyper', { kind: 'choice', choice: { meaning }, span: name.span })) return undefined;
    return {
      ...described(declaration, type, value),
      alternatives: written.alternatives.map((a) => a.name),
      type,
      meaning,
      ...(noise && { noise }),
    };
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
          {
            because: 'a param is not a whole number: the inner problem is solved by derivatives',
            hint: `take \`int\` away; what the outer criterion is to choose is a \`hyper ${name.name}: int in [a, b]\``,
          },
        ),
      );
    }
    const drawn = distribution === undefined ? undefined : knownDistribution(this.c, distribution, this.scope);
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
    const kindSpan = declaration.type.kindName?.span;
    return { ...described(declaration, type, value), type, declared, kindSpan, ...(drawn === undefined ? {} : { distribution: drawn }) };
  }

  /** Noise: each element a function of its key and of the step, and of what the distribution says. Its key is an input (role `noise`). */
  random(declaration: RandomDeclaration, step: () => Value): { readonly info: NoiseInfo; readonly evaluate: () => unknown } | undefined {
    const { c, scope } = this;
    const { name, distribution } = declaration;
    const type = this.choiceIsMisplaced(declaration.type, 'noise') ? undefined : this.readType(declaration.type);
    if (type !== undefined && (type.kind !== 'real' || type.interval !== undefined)) {
      const hint = 'leave the kind out, and let the distribution say where it lies: `~ uniform(0, 1)`';
      c.report(kindMisplaced({ span: declaration.type.span }, { because: 'noise is made of real numbers', hint }));
    }
    if (type === undefined) {
      this.declare(name, 'the noise', { kind: 'broken', span: name.span });
      return undefined;
    }
    const info = noiseInfo(c.b, name.name, name.span);
    const get = once(
      () => drawnFrom(c, distribution, scope, type, { key: info.key, step: step() }),
      () => c.report(circular({ span: name.span }, { name: name.name })),
    );
    return this.declare(name, 'the noise', { kind: 'value', what: 'noise', get, span: name.span }) ? { info, evaluate: get } : undefined;
  }

  let(declaration: LetDeclaration): () => readonly LetInfo[] {
    const { names, value } = declaration;
    const [first] = names;
    const all = once(
      () => elaborateTaken(this.c, names, value, this.scope),
      () => first !== undefined && this.c.report(circular({ span: first.span }, { name: first.name })),
    );
    names.forEach((name, i) => this.declare(name, 'the `let`', { kind: 'value', what: 'a `let`', get: () => all()?.[i], span: name.span }));
    return () =>
      names.flatMap(({ name, span }, i) => {
        const known = all()?.[i];
        if (known === undefined) return [];
        this.c.note(span, known);
        return [{ name, span, value: known }];
      });
  }

  fn(declaration: FnDeclaration): Fn {
    const fn: Fn = { declaration, scope: this.scope };
    this.declare(declaration.name, 'the function', { kind: 'fn', fn, span: declaration.name.span });
    return fn;
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

/** Whether all that is drawn lies inside an open kind. */
const isWithin = ({ name, arguments: [low = 0, high = 0] }: NonNullable<ParamInfo['distribution']>, kind: Kind | undefined): boolean =>
  name === 'uniform' && low >= 0 && (kind !== 'unit' || high <= 1);

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
