/**
 * Which declaration each name on a page belongs to, by the rules of scope alone: what an editor needs of a page in any state, with mistakes
 * too. It must not know shapes, kinds or the library: a name that the page does not declare is left open. The compiler resolves names while
 * it lowers (`compiler/check/scope.ts`); a test renames every declaration of many pages, and they still mean the same.
 */
import type { Span } from '../diagnostics/diagnostic.ts';
import type {
  Block,
  CallExpression,
  Declaration,
  Expression,
  FnDeclaration,
  Identifier,
  ImportNode,
  IndexItem,
  Iterated,
  Page,
  ProblemNode,
  RestDims,
  TypeExpression,
} from './ast.ts';

/** What declares a name. */
export type Declarer =
  | { readonly kind: 'problem'; readonly node: ProblemNode }
  | { readonly kind: 'import'; readonly node: ImportNode }
  | { readonly kind: 'fn'; readonly node: FnDeclaration }
  | { readonly kind: 'parameter'; readonly node: FnDeclaration['parameters'][number]; readonly fn: FnDeclaration }
  /** A dim that a function solves from its arguments; `rest`: any number of dims. */
  | { readonly kind: 'own-dim' | 'rest'; readonly fn: FnDeclaration }
  | { readonly kind: 'index-set'; readonly node: Extract<Declaration, { kind: 'split' }> }
  | { readonly kind: 'state' | 'loop-variable'; readonly node: Expression }
  | {
      [K in 'dim' | 'data' | 'hyper' | 'param' | 'random' | 'let' | 'report']: {
        readonly kind: K;
        readonly node: Extract<Declaration, { kind: K }>;
      };
    }['dim' | 'data' | 'hyper' | 'param' | 'random' | 'let' | 'report'];

export type DeclaredName = Declarer & {
  readonly name: string;
  /** Of the name alone. */
  readonly span: Span;
  /** Where it can be seen. */
  readonly scope: Span;
};

export interface UsedName {
  readonly name: string;
  readonly span: Span;
  /** `argument`: the name before the sign, in a call or a method. */
  readonly as: 'value' | 'call' | 'dim' | 'argument';
  /** Absent where the page does not declare it: it is the library's, or nobody's. */
  readonly of?: DeclaredName;
}

export interface PageNames {
  /** In the order of the text. */
  readonly declared: readonly DeclaredName[];
  readonly used: readonly UsedName[];
}

/** Names that are seen from one place; inner ones hide outer ones. */
class Level {
  private readonly names = new Map<string, DeclaredName>();
  readonly span: Span;
  private readonly parent: Level | undefined;

  constructor(span: Span, parent?: Level) {
    this.span = span;
    this.parent = parent;
  }

  /** The first of a name counts, as for the compiler. */
  add(declared: DeclaredName): void {
    if (!this.names.has(declared.name)) this.names.set(declared.name, declared);
  }

  find(name: string): DeclaredName | undefined {
    return this.names.get(name) ?? this.parent?.find(name);
  }
}

/** Resolves all names of a page. Total: whatever the parser gives. */
export function namesOf(page: Page): PageNames {
  return new Resolver(page).run();
}

class Resolver {
  private readonly declared: DeclaredName[] = [];
  private readonly used: UsedName[] = [];
  /** Names of arguments, and whose: parameters are known when all functions have been read. */
  private readonly given: { readonly name: Identifier; readonly fn: FnDeclaration | undefined }[] = [];
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  run(): PageNames {
    const { file, text, items } = this.page;
    const top = new Level({ file, start: 0, end: text.length });
    for (const item of items) {
      if (item.kind === 'fn') this.declare(top, item.name, { kind: 'fn', node: item });
      if (item.kind === 'import') for (const name of item.names) this.declare(top, name, { kind: 'import', node: item });
    }
    for (const item of items) {
      if (item.kind === 'fn') this.fn(item, top);
      if (item.kind === 'problem') this.problem(item, top);
    }
    for (const { name, fn } of this.given) {
      const of = this.declared.find((d) => d.kind === 'parameter' && d.fn === fn && d.name === name.name);
      this.used.push({ name: name.name, span: name.span, as: 'argument', ...(of === undefined ? {} : { of }) });
    }
    const inOrder = (a: { span: Span }, b: { span: Span }): number => a.span.start - b.span.start;
    return { declared: this.declared.sort(inOrder), used: this.used.sort(inOrder) };
  }

  private declare(level: Level, { name, span }: Identifier, by: Declarer, scope: Span = level.span): void {
    if (name === '') return;
    const declared: DeclaredName = { ...by, name, span, scope };
    this.declared.push(declared);
    level.add(declared);
  }

  private use(level: Level, { name, span }: Identifier, as: UsedName['as']): DeclaredName | undefined {
    if (name === '') return undefined;
    const of = level.find(name);
    this.used.push({ name, span, as, ...(of === undefined ? {} : { of }) });
    return of;
  }

  private problem(problem: ProblemNode, top: Level): void {
    // A problem's name is nobody's to use, but it has a place in an outline, and two of one name are a mistake.
    this.declared.push({ kind: 'problem', node: problem, name: problem.name.name, span: problem.name.span, scope: top.span });
    const level = new Level(problem.span, top);
    for (const declaration of problem.declarations) this.declareAll(level, declaration);
    for (const declaration of problem.declarations) this.inside(level, declaration);
  }

  private declareAll(level: Level, declaration: Declaration): void {
    switch (declaration.kind) {
      case 'dim':
        for (const { name } of declaration.dims) this.declare(level, name, { kind: 'dim', node: declaration });
        return;
      case 'split':
        for (const { name } of declaration.parts) this.declare(level, name, { kind: 'index-set', node: declaration });
        return;
      case 'let':
        for (const name of declaration.names) this.declare(level, name, { kind: 'let', node: declaration });
        return;
      case 'data':
        return this.declare(level, declaration.name, { kind: 'data', node: declaration });
      case 'hyper':
        return this.declare(level, declaration.name, { kind: 'hyper', node: declaration });
      case 'param':
        return this.declare(level, declaration.name, { kind: 'param', node: declaration });
      case 'random':
        return this.declare(level, declaration.name, { kind: 'random', node: declaration });
      case 'fn':
        return this.declare(level, declaration.name, { kind: 'fn', node: declaration });
      case 'report': {
        // A report is a result and no value of the page.
        const { name, span } = declaration.name;
        if (name !== '') this.declared.push({ kind: 'report', node: declaration, name, span, scope: level.span });
        return;
      }
      case 'inner':
      case 'outer':
      case 'solve-inner':
      case 'solve-outer':
      case 'differentiate':
    }
  }

  private inside(level: Level, declaration: Declaration): void {
    switch (declaration.kind) {
      case 'dim':
        for (const { value } of declaration.dims) if (value !== undefined) this.expression(level, value, 'dim');
        return;
      case 'data':
        return this.type(level, declaration.type);
      case 'split':
        this.use(level, declaration.dim, 'dim');
        if (declaration.by?.kind === 'folds') this.expression(level, declaration.by.count);
        if (declaration.by?.kind === 'groups') this.use(level, declaration.by.groups, 'value');
        if (declaration.seed !== undefined) this.expression(level, declaration.seed);
        if (declaration.stratifiedBy !== undefined) this.use(level, declaration.stratifiedBy, 'value');
        return;
      case 'hyper':
        this.type(level, declaration.type);
        if (declaration.init !== undefined) this.expression(level, declaration.init);
        return;
      case 'param':
        this.type(level, declaration.type);
        if (declaration.init !== undefined) this.expression(level, declaration.init);
        if (declaration.distribution !== undefined) this.arguments(level, declaration.distribution);
        return;
      case 'random':
        this.type(level, declaration.type);
        return this.arguments(level, declaration.distribution);
      case 'fn':
        return this.fn(declaration, level);
      case 'let':
      case 'inner':
      case 'outer':
      case 'report':
        return this.expression(level, declaration.value);
      case 'solve-inner':
      case 'solve-outer':
      case 'differentiate':
        return this.arguments(level, declaration.method);
    }
  }

  private fn(fn: FnDeclaration, outside: Level): void {
    const level = new Level(fn.span, outside);
    const { parameters, result, body } = fn;
    for (const { type } of parameters) this.ownDims(level, fn, type);
    for (const { type } of parameters) this.type(level, type);
    for (const parameter of parameters) {
      // A default sees the parameters before it.
      if (parameter.init !== undefined) this.expression(level, parameter.init);
      this.declare(level, parameter.name, { kind: 'parameter', node: parameter, fn });
    }
    this.type(level, result);
    this.block(level, body);
  }

  /** Where a name that nobody declares stands in a parameter's shape, the function declares it there. */
  private ownDims(level: Level, fn: FnDeclaration, { shape }: TypeExpression): void {
    const declare = (dim: Expression | RestDims): void => {
      if (dim.kind === 'name' && level.find(dim.name) === undefined) this.declare(level, dim, { kind: 'own-dim', fn });
      if (dim.kind === 'rest' && level.find(dim.name.name) === undefined) this.declare(level, dim.name, { kind: 'rest', fn });
      if (dim.kind === 'binary') [dim.left, dim.right].forEach(declare);
      if (dim.kind === 'unary') declare(dim.operand);
    };
    shape.forEach(declare);
  }

  private type(level: Level, { shape, choice, interval }: TypeExpression): void {
    for (const dim of shape) {
      if (dim.kind === 'rest') this.useUnlessDeclaredThere(level, dim.name);
      else this.expression(level, dim, 'dim');
    }
    if (choice !== undefined) {
      for (const alternative of choice.positional) this.expression(level, alternative, 'call');
      for (const { value } of choice.named) this.expression(level, value);
    }
    if (interval !== undefined) [interval.low, interval.high].forEach((bound) => this.expression(level, bound, 'dim'));
  }

  /** An own dim's declaration is no use of it. */
  private useUnlessDeclaredThere(level: Level, identifier: Identifier, as: UsedName['as'] = 'dim'): void {
    if (level.find(identifier.name)?.span.start !== identifier.span.start) this.use(level, identifier, as);
  }

  /** `let`s see the ones before them. */
  private block(outside: Level, { lets, results, span }: Block): void {
    let level = outside;
    for (const declaration of lets) {
      this.expression(level, declaration.value);
      level = new Level({ ...span, start: declaration.span.end }, level);
      for (const name of declaration.names) this.declare(level, name, { kind: 'let', node: declaration });
    }
    for (const result of results) this.expression(level, result);
  }

  private iterated(level: Level, over: Iterated | IndexItem): void {
    if (over.kind === 'all') return;
    if (over.kind === 'range') [over.from, over.to].forEach((end) => this.expression(level, end));
    else this.expression(level, over);
  }

  private arguments(level: Level, { positional, named }: CallExpression, callee?: DeclaredName): void {
    for (const argument of positional) this.expression(level, argument);
    for (const { name, value } of named) {
      if (name.name !== '') this.given.push({ name, fn: callee?.kind === 'fn' ? callee.node : undefined });
      this.expression(level, value);
    }
  }

  private expression(level: Level, expression: Expression, as: UsedName['as'] = 'value'): void {
    switch (expression.kind) {
      case 'number':
      case 'string':
      case 'missing':
        return;
      case 'name':
        return this.useUnlessDeclaredThere(level, expression, as);
      case 'call':
        return this.arguments(level, expression, this.use(level, expression.callee, 'call'));
      case 'index':
        this.expression(level, expression.target);
        return expression.indices.forEach((item) => this.iterated(level, item));
      case 'transposed':
      case 'unary':
        return this.expression(level, expression.operand, as);
      case 'binary':
        return [expression.left, expression.right].forEach((side) => this.expression(level, side, as));
      case 'if':
        return [expression.condition, expression.then, expression.otherwise].forEach((part) => this.expression(level, part));
      case 'array':
        return expression.items.forEach((item) => this.expression(level, item));
      case 'comprehension': {
        this.iterated(level, expression.over);
        const inner = new Level(expression.span, level);
        this.declare(inner, expression.variable, { kind: 'loop-variable', node: expression });
        return this.expression(inner, expression.body);
      }
      case 'scan': {
        for (const start of expression.starts) this.expression(level, start);
        this.iterated(level, expression.over);
        const inner = new Level(expression.span, level);
        this.declare(inner, expression.variable, { kind: 'loop-variable', node: expression });
        for (const state of expression.states) this.declare(inner, state, { kind: 'state', node: expression });
        return this.block(inner, expression.body);
      }
    }
  }
}
