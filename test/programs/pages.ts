/** Whole pages, well typed as they are written, with the data that they are about. */
import type fc from 'fast-check';
import type { TensorLike } from '../../runtime/values.ts';
import { arrays } from './arrays.ts';
import { Draw } from './drawing.ts';
import { definite, matrices } from './matrices.ts';
import { fit, linear, penalty, ridge, type LossDraw, type Param } from './losses.ts';
import { pointwise } from './pointwise.ts';
import { reductions } from './reductions.ts';
import { innerMethodOf, outerMethodOf, strategyOf, type Family } from './methods.ts';
import { levels, Writer, type Callable, type Known, type Labels, type Level, type Scope, type Shape } from './writer.ts';

export interface Program {
  readonly text: string;
  /** The page that it imports from. */
  readonly shared?: string;
  /** Of more data than a shrunk page declares. */
  readonly data: Readonly<Record<string, TensorLike>>;
  /** Of all that a comparison draws. */
  readonly seed: number;
}

const forms = [...pointwise, ...reductions, ...arrays, ...matrices];

const nothing: Scope = {
  dims: [],
  fixed: new Map(),
  long: new Set(),
  sets: [],
  values: [],
  labels: [],
  callables: [],
  level: levels.data,
  smooth: false,
};

class PageDraw {
  private readonly draw: Draw;
  private readonly statements: string[] = [];
  private readonly outside: string[] = [];
  private readonly data: Record<string, TensorLike> = {};
  private readonly sizes: Readonly<Record<'n' | 'd' | 'k', number>>;
  private scope: Scope = nothing;
  private readonly family: Family;
  private count = 0;

  constructor(draw: Draw) {
    this.draw = draw;
    this.sizes = { n: draw.whole(5, 6), d: draw.pick([1, 2, 3, 3]), k: draw.pick([1, 2, 2, 3, 3]) };
    this.family = draw.pick(['quadratic', 'quadratic', 'convex', 'convex', 'free', 'composite', 'recipe', 'recipe', 'recipe']);
  }

  program(): Program {
    const { draw, statements, outside } = this;
    this.dims();
    this.declareData();
    const isFolded = this.split();
    this.functions();
    this.hypers();
    this.lets(levels.hyper);
    const params = this.params();
    this.noise();
    this.lets(levels.param);
    this.losses(params, isFolded);
    for (let i = draw.whole(0, 1); i > 0; i -= 1) this.add(`report ${this.name('r')} = ${this.write(this.someShape(), levels.param, 2)}`);
    const head = draw.chance(0.3) ? '/// Drawn at random.\n' : '';
    const body = (draw.chance(0.2) ? shuffled(draw, statements) : statements).map((line) => `  ${this.remarked(line)}`).join('\n');
    const problem = `${head}problem random {\n${body}\n}`;
    const rest = { data: this.data, seed: draw.whole(1, 2 ** 30) };
    if (outside.length > 0 && draw.chance(0.3)) {
      const names = outside.map((text) => /^fn (\w+)/u.exec(text)?.[1]).join(', ');
      return { text: `import { ${names} } from "shared.bilevel"\n\n${problem}\n`, shared: `${outside.join('\n\n')}\n`, ...rest };
    }
    return { text: `${(draw.chance(0.8) ? [...outside, problem] : [problem, ...outside]).join('\n\n')}\n`, ...rest };
  }

  // ---- names, scope, expressions ------------------------------------------------------------------------------------

  private name(stem: string): string {
    this.count += 1;
    return `${stem}${this.count}`;
  }

  private add(statement: string): void {
    this.statements.push(statement);
  }

  private remarked(statement: string): string {
    if (this.draw.chance(0.05)) return `// A remark.\n  ${statement}`;
    return this.draw.chance(0.05) ? `/// What it is.\n  ${statement}` : statement;
  }

  private know(...values: readonly Known[]): void {
    const ofSets = values.flatMap((value) =>
      this.scope.sets.flatMap(({ name, over }) => (value.shape[0] === over ? [cut(value, name)] : [])),
    );
    this.scope = { ...this.scope, values: [...this.scope.values, ...values, ...ofSets] };
  }

  private writer(level: Level, depth: number, change: Partial<Scope> = {}): Writer {
    return new Writer(this.draw, { ...this.scope, level, ...change }, forms, depth);
  }

  private write(shape: Shape, level: Level, depth: number, change: Partial<Scope> = {}): string {
    return this.writer(level, depth, change).here(shape);
  }

  private someShape(): Shape {
    return this.draw.pick([[], [], ['d'], ['k'], ['d', 'k'], ['k', 'k'], ['2'], ['2', 'k', 'd']]);
  }

  // ---- declarations -------------------------------------------------------------------------------------------------

  private dims(): void {
    const { draw, sizes } = this;
    const isFixed = draw.chance(0.4);
    this.add(`dim n, d${isFixed ? ` = ${sizes.d}` : ''}, k = ${sizes.k}`);
    const fixed = new Map([['k', sizes.k], ...(isFixed ? [['d', sizes.d] as const] : [])]);
    this.scope = {
      ...this.scope,
      dims: draw.chance(0.25) ? ['d', 'k', 'n'] : ['d', 'k'],
      fixed,
      long: new Set(['n', ...(['d', 'k'] as const).filter((dim) => sizes[dim] > 1)]),
    };
  }

  private tensor(shape: readonly string[], number: () => number): TensorLike {
    const sizes = shape.map((dim) => this.sizes[dim as 'n' | 'd' | 'k']);
    const length = sizes.reduce((a, b) => a * b, 1);
    return { shape: sizes, data: Array.from({ length }, number) };
  }

  private declareData(): void {
    const { draw } = this;
    const real = (): number => Number(draw.figure(-1.5, 1.5));
    const declare = (name: string, kind: string, shape: Shape, number: () => number, interval = ''): void => {
      this.add(`data ${name}: ${kind}[${shape.join(', ')}]${interval}`);
      this.data[name] = this.tensor(shape, number);
      if (kind !== 'int') this.know({ text: name, shape, level: levels.data });
    };
    declare('X', '', ['n', 'd'], real);
    declare('y', '', ['n'], real);
    if (draw.chance(0.4)) declare('P', 'positive', ['d'], () => draw.between(0.3, 1.8));
    if (this.family === 'recipe' || draw.chance(0.4)) declare('Q', 'unit', ['n'], () => draw.between(0.1, 0.9));
    if (draw.chance(0.3)) declare('Z', 'nonnegative', ['k', 'd'], () => draw.between(0, 1.2));
    if (draw.chance(0.3)) declare('B', '', ['k'], () => draw.between(-0.9, 0.9), ' in [-1, 1]');
    const labels: Labels[] = [];
    const label = (name: string, classes: 'd' | 'k'): void => {
      // Each at least once.
      let row = 0;
      const next = (): number => (row < this.sizes[classes] ? row++ : draw.whole(0, this.sizes[classes] - 1));
      declare(name, 'int', ['n'], next, ` in [0, ${classes} - 1]`);
      labels.push({ text: name, shape: ['n'], classes });
    };
    if (this.scope.long.has('d') && draw.chance(0.6)) label('g', 'd');
    if (this.scope.long.has('k') && draw.chance(0.6)) label('c', 'k');
    this.scope = { ...this.scope, labels };
  }

  private split(): boolean {
    const { draw, scope } = this;
    const groups = scope.labels.find(({ classes }) => classes === 'k');
    const [train, valid] = draw.pick([
      ['train', 'valid'],
      ['fit', 'held'],
    ]) as readonly [string, string];
    const way = draw.weighed(
      [
        { weight: 8, text: `${train} 60%, ${valid} 40%, seed ${draw.whole(0, 9)}`, isFolded: false },
        { weight: 1, text: `${train} 60%, ${valid} 40%, unshuffled`, isFolded: false },
        { weight: 0.7, text: `${train}, ${valid} by ${draw.whole(2, 3)} folds, seed ${draw.whole(0, 9)}`, isFolded: true },
        { weight: 0.2, text: `${train}, ${valid} by 2 folds, test 20%, unshuffled`, isFolded: true },
        { weight: 0.2, text: `${train}, ${valid} by leave_one_out`, isFolded: true },
        ...(groups === undefined || this.sizes.k === 1
          ? []
          : [{ weight: 0.5, text: `${train}, ${valid} by groups ${groups.text}`, isFolded: true }]),
      ],
      (row) => row,
    );
    const isStratified = groups !== undefined && way?.isFolded === false && draw.chance(0.1);
    this.add(`split n into ${way?.text ?? ''}${isStratified ? `, stratified by ${groups.text}` : ''}`);
    const names = [train, valid];
    this.scope = {
      ...scope,
      sets: names.map((name) => ({ name, over: 'n' })),
      values: [...scope.values, ...scope.values.flatMap((v) => (v.shape[0] === 'n' ? names.map((name) => cut(v, name)) : []))],
      labels: [...scope.labels, ...scope.labels.flatMap((l) => names.map((name) => ({ ...l, text: `${l.text}[${name}]`, shape: [name] })))],
    };
    return way?.isFolded === true;
  }

  /** Functions of the page, outside of the problem or in it, there with what is known so far. */
  private functions(): void {
    for (let i = this.draw.whole(0, 2); i > 0; i -= 1) this.fn(this.draw.chance(0.5));
  }

  private fn(isOutside: boolean): void {
    const { draw } = this;
    const name = this.name('f');
    const takes = draw.pick(['elements', 'matrix and vector'] as const);
    const smooth = draw.chance(0.6);
    const option = draw.chance(0.5) ? 'width' : undefined;
    const isOfElements = takes === 'elements';
    const shape = isOfElements ? ['...s'] : ['r'];
    const own: readonly Known[] = isOfElements
      ? [{ text: 'x', shape, level: levels.param }, ...(option === undefined ? [] : [{ text: option, shape: [], level: levels.param }])]
      : [
          { text: 'A', shape: ['r', 's'], level: levels.param },
          { text: 'v', shape: ['s'], level: levels.param },
        ];
    // Elsewhere nothing of the problem is known, and of dims that a call fixes no more than that they are.
    const seen = isOutside ? [] : this.scope.values.filter((value) => value.shape.length === 0);
    const body: Scope = {
      ...nothing,
      dims: isOfElements ? [] : ['r', 's'],
      values: [...seen, ...own],
      callables: this.scope.callables.filter((c) => !isOutside || c.level === levels.data),
      level: levels.param,
      smooth,
    };
    const writer = (values: readonly Known[]): Writer => new Writer(draw, { ...body, values }, isOfElements ? pointwise : forms, 3);
    const result = (values: readonly Known[]): string => writer(values).here(shape);
    const u: Known = { text: 'u', shape, level: levels.param };
    const block = draw.chance(0.4)
      ? `{\n    let u = ${result(body.values)}\n    return ${result([...body.values, u])}\n  }`
      : result(body.values);
    const parameters = isOfElements
      ? `x: [...s]${option === undefined ? '' : `, ${option}: [] = ${draw.figure(0.4, 1.4)}`}`
      : 'A: [r, s], v: [s]';
    const text = `fn ${name}(${parameters}): [${shape.join()}] = ${block}`;
    if (isOutside) this.outside.push(text);
    else this.add(text);
    const callable: Callable = {
      name,
      takes,
      level: isOutside ? levels.data : levels.hyper,
      smooth,
      ...(isOfElements && option !== undefined ? { option } : {}),
    };
    this.scope = { ...this.scope, callables: [...this.scope.callables, callable] };
  }

  private hypers(): void {
    const { draw } = this;
    for (let i = draw.whole(1, 3); i > 0; i -= 1) this.hyper();
    if (draw.chance(0.25)) this.choice();
    // Functions that know the hypers.
    if (draw.chance(0.4)) this.fn(false);
  }

  private hyper(): void {
    const { draw, sizes } = this;
    const name = this.name('a');
    const shape = draw.pick<Shape>([[], [], [], [], ['d'], ['d'], ['k'], ['k'], ['k', 'd'], ['n']]);
    const at = `[${shape.join(', ')}]`;
    const of = shape.length === 0 ? '' : at;
    const fill = (low: number, high: number): string => {
      const one = draw.figure(low, high);
      const [size] = shape;
      return size !== undefined && shape.length === 1 && draw.chance(0.6) ? `[${one} + 0.02 * i for i in ${size}]` : one;
    };
    const shares = Array.from({ length: sizes.k }, (_, i) => (i + 1) / ((sizes.k * (sizes.k + 1)) / 2));
    const type = draw.pick([
      () => `${draw.chance(0.5) ? 'real' : ''}${of === '' ? ' real' : of} = ${fill(-0.9, 0.9)}`.replace(/^real real/u, 'real').trim(),
      () => `real${of} = ${fill(0.1, 0.9)}`,
      () => `positive${of} = ${fill(0.2, 1.4)}`,
      () => `positive${of}`,
      () => `nonnegative${of} = ${fill(0.2, 0.9)}`,
      () => `unit${of} = ${fill(0.2, 0.8)}`,
      () => `real${of} in [-1, 2] = ${fill(-0.7, 1.5)}`,
      () => `real${of} in [-1, 2]`,
      () => `int in [0, 3] = ${draw.whole(1, 2)}`,
      () => (draw.chance(0.5) ? 'simplex[k]' : `simplex[k] = [${shares.join(', ')}]`),
    ])();
    this.add(`hyper ${name}: ${type}`);
    const own = type.startsWith('simplex') ? ['k'] : type.startsWith('int') ? [] : shape;
    this.know({ text: name, shape: own, level: levels.hyper });
  }

  private choice(): void {
    const { draw } = this;
    const name = this.name('act');
    const own = this.scope.callables.filter((c) => c.takes === 'elements' && c.option === undefined && c.smooth).map((c) => c.name);
    const alternatives = shuffled(draw, ['tanh', 'sigmoid', 'softplus', 'sin', 'gelu']).slice(0, draw.whole(2, 3));
    const all = own.length > 0 && draw.chance(0.3) ? [...own, ...alternatives] : alternatives;
    const inner = this.scope.values.find(({ shape }) => shape.length === 0)?.text ?? '0.3';
    const options = draw.pick(['', '', ', temperature = 0.7', ', gumbel = true', `, temperature = 0.4 + ${inner}^2, gumbel = false`]);
    const init = draw.chance(0.5) ? ` = [${all.map(() => draw.figure(-0.5, 0.5)).join(', ')}]` : '';
    this.add(`hyper ${name}: choice(${all.join(', ')}${options})${init}`);
    this.scope = { ...this.scope, callables: [...this.scope.callables, { name, takes: 'elements', level: levels.hyper, smooth: true }] };
  }

  private noise(): void {
    const { draw } = this;
    if (!draw.chance(0.2)) return;
    const name = this.name('e');
    const shape = draw.pick<Shape>([[], ['d'], ['k'], ['n']]);
    const sd = `0.1 * ${this.writer(levels.hyper, 1).weight()}`;
    const distribution = draw.pick([`normal(0, ${sd})`, `uniform(-0.2, 0.3 + ${sd})`, 'logistic()', 'gumbel()']);
    this.add(`random ${name}: [${shape.join(', ')}] ~ ${distribution}`);
    this.know({ text: name, shape, level: levels.hyper });
  }

  private lets(level: Level): void {
    const { draw } = this;
    const smooth = this.family !== 'recipe';
    if (level === levels.hyper && draw.chance(0.12)) {
      const [values, vectors] = [this.name('q'), this.name('q')];
      this.add(`let (${values}, ${vectors}) = eigh(${definite(this.writer(level, 1), 'd')})`);
      this.know({ text: values, shape: ['d'], level }, { text: vectors, shape: ['d', 'd'], level });
    }
    for (let i = draw.whole(0, 1); i > 0; i -= 1) {
      const name = this.name('m');
      const shape = this.someShape();
      this.add(`let ${name} = ${this.write(shape, level, 3, { smooth })}`);
      this.know({ text: name, shape, level });
    }
  }

  private params(): readonly Param[] {
    const { draw, family } = this;
    const params = Array.from({ length: draw.pick([1, 1, 2, 3]) }, (): Param => {
      const name = this.name('w');
      const shape = draw.pick<Shape>([['d'], ['d'], [], ['k'], ['d', 'k']]);
      const isConstrained = family === 'composite' && draw.chance(0.5);
      const kinds = isConstrained
        ? ['nonnegative', 'real in [-0.5, 0.4]', ...(shape.length === 1 ? ['simplex'] : [])]
        : family === 'convex' || family === 'free' || family === 'recipe'
          ? ['', '', '', '', '', 'positive', 'unit']
          : [''];
      const kind = draw.pick(kinds);
      const [word, interval = ''] = kind.split(' in ');
      const type = `${word}[${shape.join(', ')}]${interval === '' ? '' : ` in ${interval}`}`;
      const isFree = kind === '';
      const start = isFree
        ? draw.pick(['', ` = ${draw.figure(-0.4, 0.4)}`, ' ~ normal(0, 0.5)', ' ~ uniform(-0.5, 0.5)', this.start(shape)])
        : '';
      this.add(`param ${name}: ${type}${start}`);
      return { name, shape, kind: word ?? '' };
    });
    this.know(...params.map(({ name, shape }) => ({ text: name, shape, level: levels.param })));
    return params;
  }

  /** A start, of hypers where there are steps from it. */
  private start(shape: Shape): string {
    return ` = 0.3 * ${this.writer(this.family === 'recipe' ? levels.hyper : levels.data, 2).operand(shape)}`;
  }

  // ---- losses -------------------------------------------------------------------------------------------------------

  private losses(params: readonly Param[], isFolded: boolean): void {
    const { draw, family } = this;
    const own: LossDraw = { draw, family, scope: this.scope, writer: (...how) => this.writer(...how) };
    const [fitted, held] = this.scope.sets.map(({ name }) => name);
    if (fitted === undefined || held === undefined) throw new Error('there are two sets');
    const method = innerMethodOf(draw, family, this.writer(levels.hyper, 2), fitted, isFolded);
    for (const statement of method.before ?? []) this.add(statement);
    const terms = [
      fit(own, params, fitted, method.hasBatches === true),
      ...params.map((param) => ridge(own, param, method.hasBatches === true)),
    ];
    if (family === 'free') terms.push(`0.1 * (${this.write([], levels.param, 4, { smooth: true })})`);
    if (family === 'recipe' && !method.hasBatches) {
      const step: Known = { text: 'step', shape: [], level: levels.data };
      terms.push(`0.3 * (${this.write([], levels.param, 4, { values: [...this.scope.values, step] })})`);
    }
    if (family === 'composite') terms.push(...params.flatMap((param) => penalty(own, param)));
    this.add(`inner minimize ${terms.join('\n    + ')}`);
    const criterion = [
      `mean((${linear(own, params, held)} - y[${held}])^2)`,
      ...(draw.chance(0.6) ? [`0.5 * (${this.write([], levels.param, 4)})`] : []),
      ...(draw.chance(0.3) ? [`0.2 * (${this.write([], levels.hyper, 3)})`] : []),
    ];
    const isUpwards = draw.chance(0.1);
    this.add(`outer ${isUpwards ? `maximize -(${criterion.join(' + ')})` : `minimize ${criterion.join('\n    + ')}`}`);
    if (method.text !== undefined) this.add(`solve inner with ${method.text}`);
    const outer = outerMethodOf(draw);
    if (outer !== undefined) this.add(`solve outer with ${outer}`);
    const strategy = strategyOf(draw, family, method, isFolded);
    if (strategy !== undefined) this.add(`differentiate with ${strategy}`);
  }
}

const cut = (value: Known, set: string): Known => ({ ...value, text: `${value.text}[${set}]`, shape: [set, ...value.shape.slice(1)] });

function shuffled<T>(draw: Draw, items: readonly T[]): readonly T[] {
  return items
    .map((item) => ({ item, key: draw.between(0, 1) }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

export const drawProgram = (random: fc.Random): Program => new PageDraw(new Draw(random)).program();
