/** One problem: its declarations, both levels, reports and methods, as a `Program`. */
import type { Diagnostic, Span } from '../../diagnostics/diagnostic.ts';
import {
  innerIgnoresParam,
  lossNotScalar,
  missingStatement,
  nothingDeclared,
  repeatedReport,
  repeatedStatement,
} from '../../diagnostics/levels.ts';
import type {
  Declaration,
  Expression,
  HyperDeclaration,
  MethodDeclaration,
  Page,
  ParamDeclaration,
  ProblemNode,
} from '../../grammar/ast.ts';
import { readDims, type Dims } from '../check/dims.ts';
import { removing, type Home } from '../check/home.ts';
import { Scope, type Fn } from '../check/scope.ts';
import { Builder } from '../ir/builder.ts';
import type { Value } from '../ir/graph.ts';
import type { ExpressionType, HyperInfo, MethodInfo, ParamInfo, Program } from '../program.ts';
import { toReal } from './arithmetic.ts';
import { Fns } from './calls.ts';
import { rankOf, refuse, show, type Context } from './context.ts';
import { demandsOf } from './demands.ts';
import { Declarer, type Unstarted, type UnstartedHyper } from './declarations.ts';
import { elaborateExpression, elaborateResults } from './expression.ts';
import { miniBatches } from './mini-batches.ts';
import { isRecipe, readMethod } from './methods.ts';
import { frozen } from './noise.ts';
import { checkResampling, resamples } from './resampling.ts';
import { reparametrisationOf } from './reparametrised.ts';
import { checkReport, checkSharedByFolds, checkSplitData, readSplits } from './splits.ts';
import { defaultStart, writtenStart } from './starts.ts';
import { inputsOf } from './static.ts';

/** A context, and the functions that it knows; what it sees of expressions it adds to `types`. */
export function makeContext(
  report: (diagnostic: Diagnostic) => void,
  fixed: ReadonlyMap<string, number>,
  types: ExpressionType[],
  source: Pick<Page, 'file' | 'text'>,
  page?: Fns,
): { c: Context; fns: Fns } {
  const c: Context = {
    b: new Builder(fixed),
    report: (diagnostic) => report(located(c, diagnostic)),
    elaborate: (expression, scope) => {
      const value = elaborateExpression(c, fns, expression, scope);
      if (value !== undefined) c.note(expression.span, value);
      return value;
    },
    // What stands in the body of a function is what it is in that call.
    note: (span, { type }) => void (c.calls.length === 0 && types.push({ span, type })),
    textOf: ({ file, start, end }) => (file === source.file ? source.text.slice(start, end) : ''),
    expected: new Map(),
    elaborateAll: (expression, taken, scope) => elaborateResults(c, expression, taken, scope),
    sets: new Map(),
    runs: new Map(),
    branches: [],
    relaxed: new Set(),
    origins: new Map(),
    calls: [],
    demands: { sizes: [], positions: [] },
  };
  const fns = new Fns(c, page);
  return { c, fns };
}

/** A report from the body of a function says in which call; one from within the library is about the call. */
function located(c: Context, diagnostic: Diagnostic): Diagnostic {
  const [call] = c.calls;
  if (call === undefined) return diagnostic;
  const library = c.calls.find(({ isLibrary }) => isLibrary === true);
  const told = library === undefined ? diagnostic : { ...diagnostic, span: library.span, labels: [], fixes: [] };
  if (call === library) return told;
  return { ...told, labels: [...told.labels, { span: call.span, message: call.words ?? `in this call of \`${call.name}\`` }] };
}

const ofKind = <K extends Declaration['kind']>(declarations: readonly Declaration[], kind: K): Extract<Declaration, { kind: K }>[] =>
  declarations.filter((d): d is Extract<Declaration, { kind: K }> => d.kind === kind);

export function lowerProblem(
  problem: ProblemNode,
  pageScope: Scope,
  page: Fns,
  types: ExpressionType[],
  report: (diagnostic: Diagnostic) => void,
): Program | undefined {
  const { declarations } = problem;
  const dims = readDims(ofKind(declarations, 'dim'), report);
  const { c, fns } = makeContext(report, dims.fixed, types, pageScope.home?.page ?? { file: '', text: '' }, page);
  const scope = new Scope(pageScope, pageScope.home && { ...pageScope.home, problem });
  declareDims(c, scope, dims);
  const declarer = new Declarer(c, scope, fns);
  const splittable = new Set([...dims.meaning].filter(([name, dim]) => dim.key === name).map(([name]) => name));

  const splits = readSplits({ c, scope, declarer, splittable }, ofKind(declarations, 'split'));
  const data = ofKind(declarations, 'data').flatMap((d) => declarer.data(d) ?? []);
  checkSplitData(c, ofKind(declarations, 'split'), data);
  const hypers = ofKind(declarations, 'hyper').map((d) => ({ declaration: d, info: declarer.hyper(d, () => step) }));
  const params = ofKind(declarations, 'param').map((d) => ({ declaration: d, info: declarer.param(d) }));
  const noises = ofKind(declarations, 'random').flatMap((d) => declarer.random(d, () => step) ?? []);
  const streams = [...noises.map(({ info }) => info), ...hypers.flatMap(({ info }) => info?.noise ?? [])];
  const step = c.b.input('step', 'state', { dtype: 'int', shape: [] });
  const own: Fn[] = ofKind(declarations, 'fn').map((d) => declarer.fn(d));
  const declaredLets = ofKind(declarations, 'let').map((d) => declarer.let(d));

  for (const { info } of hypers) info?.meaning?.();
  for (const fn of own) fns.check(fn);
  for (const { evaluate } of noises) evaluate();
  const lets = declaredLets.flatMap((evaluate) => evaluate());

  const statements = readStatements(problem, scope.home, report);
  const recipe = isRecipe(statements.methods.get('solve-inner')?.method);
  const withStep = new Scope(scope);
  if (recipe && scope.lookup('step') === undefined)
    withStep.declare('step', { kind: 'value', what: 'the step', get: () => step, span: problem.name.span });

  const startedHypers = hypers.flatMap((h) => startHyper(c, h, scope) ?? []);
  const startedParams = params.flatMap((p) => startParam(c, p, scope, recipe) ?? []);
  checkSharedByFolds(c, splits, data, startedHypers);
  if (hypers.length === 0) report(nothingDeclared({ span: problem.name.span }, { problem: problem.name.name, what: 'hyper' }));
  if (params.length === 0) report(nothingDeclared({ span: problem.name.span }, { problem: problem.name.name, what: 'param' }));

  // Noise is fresh at each step of a recipe; everywhere else it is that of step 0.
  const still = (value: Value): Value => frozen(c.b, value, step);
  const inner = statements.inner.flatMap((value) => criterion(c, 'inner', value, withStep) ?? []).map(recipe ? (v) => v : still)[0];
  const outer = statements.outer.flatMap((value) => criterion(c, 'outer', value.value, scope) ?? []).map(still)[0];
  if (inner !== undefined)
    checkParams(
      c,
      inner,
      params.flatMap(({ declaration, info }) => (info === undefined ? [] : [{ ...info, declaration }])),
      statements.inner[0]?.span,
    );
  const reports = readReports(c, declarations, scope)
    .map((r) => ({ ...r, value: still(r.value) }))
    .map((r) => ({ ...r, ...checkReport(c, splits, r) }));

  const method = (kind: MethodDeclaration['kind']): MethodInfo | undefined => {
    const declaration = statements.methods.get(kind);
    if (declaration === undefined) return undefined;
    // Of params that are not all known nothing can be said to fit them.
    const over = startedParams.length === params.length ? { params: startedParams, step } : undefined;
    return kind === 'solve-inner' ? readMethod(c, declaration, withStep, over) : readMethod(c, declaration, scope);
  };
  const [innerMethod, outerMethod, strategy] = [method('solve-inner'), method('solve-outer'), method('differentiate')];
  checkResampling(c, outerMethod, streams.length > 0);
  const batches = innerMethod === undefined || inner === undefined ? undefined : miniBatches(c, innerMethod, { loss: inner, step, scope });
  const [innerStatement] = statements.inner;
  const [outerStatement] = statements.outer;
  if (inner === undefined || outer === undefined || innerStatement === undefined || outerStatement === undefined) return undefined;
  return {
    name: problem.name.name,
    span: problem.span,
    builder: c.b,
    dims: dims.infos,
    data,
    splits,
    hypers: startedHypers,
    params: startedParams,
    noises: streams,
    resamples: resamples(outerMethod),
    inner: { value: inner, span: innerStatement.span },
    outer: { value: outer, direction: outerStatement.direction, span: outerStatement.value.span },
    reports,
    step,
    demands: demandsOf(c, new Set([...dims.declared.keys(), ...splits.flatMap(({ parts }) => parts.map(({ name }) => name))]), data),
    lets: lets.map((each) => (recipe ? each : { ...each, value: still(each.value) })),
    ...(problem.doc === undefined ? {} : { doc: problem.doc }),
    ...(batches === undefined ? {} : { batches }),
    ...(innerMethod === undefined ? {} : { innerMethod }),
    ...(outerMethod === undefined ? {} : { outerMethod }),
    ...(strategy === undefined ? {} : { strategy }),
  };
}

function declareDims(c: Context, scope: Scope, dims: Dims): void {
  for (const [name, span] of dims.declared) {
    const dim = dims.meaning.get(name);
    scope.declare(name, dim === undefined ? { kind: 'broken', span } : { kind: 'dim', dim, span });
    const value = dims.fixed.get(name);
    c.origins.set(name, { span, what: value === undefined ? `\`${name}\` is declared here` : `\`${name}\` is ${value}, declared here` });
  }
}

interface Statements {
  readonly inner: readonly Expression[];
  readonly outer: readonly { readonly value: Expression; readonly direction: 'minimize' | 'maximize' }[];
  readonly methods: ReadonlyMap<MethodDeclaration['kind'], MethodDeclaration>;
}

const methodWords = { 'solve-inner': 'solve inner', 'solve-outer': 'solve outer', differentiate: 'differentiate' } as const;

/** The statements of which there may be one each; reports those that are there twice, or not at all. */
function readStatements(problem: ProblemNode, home: Home | undefined, report: (diagnostic: Diagnostic) => void): Statements {
  const { declarations, name } = problem;
  const single = (statement: string, found: readonly { readonly span: Span }[], required: boolean): void => {
    const [first, ...others] = found;
    for (const { span } of others) {
      const labels = first === undefined ? [] : [{ span: first.span, message: 'the first is here' }];
      report(repeatedStatement({ span, labels }, { statement, removal: removing(home, span) }));
    }
    if (first === undefined && required) report(missingStatement({ span: name.span }, { statement, problem: name.name }));
  };
  const inner = ofKind(declarations, 'inner');
  const outer = ofKind(declarations, 'outer');
  single('inner minimize', inner, true);
  single('outer minimize', outer, true);
  const methods = new Map<MethodDeclaration['kind'], MethodDeclaration>();
  for (const kind of ['solve-inner', 'solve-outer', 'differentiate'] as const) {
    const found = declarations.filter((d): d is MethodDeclaration => d.kind === kind);
    single(methodWords[kind], found, false);
    if (found[0] !== undefined) methods.set(kind, found[0]);
  }
  return { inner: inner.map((d) => d.value), outer: outer.map((d) => ({ value: d.value, direction: d.direction })), methods };
}

function startHyper(
  c: Context,
  { declaration, info }: { declaration: HyperDeclaration; info: UnstartedHyper | undefined },
  scope: Scope,
): HyperInfo | undefined {
  if (info === undefined) {
    if (declaration.init !== undefined) c.elaborate(declaration.init, scope);
    return undefined;
  }
  const { type, meaning: _meaning, noise: _noise, ...rest } = info;
  const because = 'it may use data and dims only';
  const init =
    declaration.init === undefined
      ? defaultStart(c.b, type)
      : writtenStart(c, declaration.init, scope, { name: info.name, type, may: ['data'], because });
  return init === undefined ? undefined : { ...rest, init };
}

function startParam(
  c: Context,
  { declaration, info }: { declaration: ParamDeclaration; info: Unstarted<ParamInfo> | undefined },
  scope: Scope,
  recipe: boolean,
): ParamInfo | undefined {
  if (info === undefined) {
    if (declaration.init !== undefined) c.elaborate(declaration.init, scope);
    return undefined;
  }
  const { type, ...rest } = info;
  const free = (x: Value): Value => reparametrisationOf(type.kind)?.free(c.b, x) ?? x;
  if (declaration.distribution !== undefined) {
    return { ...rest, init: free(c.b.input(`draw:${info.name}`, 'data', { dtype: 'real', shape: type.shape })) };
  }
  const because = recipe
    ? 'it may use data, dims and hypers'
    : 'at a minimiser it may use data and dims only; a hyper in a start needs a recipe, a stepwise solver with `steps`';
  const may = recipe ? (['data', 'hyper'] as const) : (['data'] as const);
  const init =
    declaration.init === undefined
      ? defaultStart(c.b, type)
      : writtenStart(c, declaration.init, scope, { name: info.name, type, may, because });
  return init === undefined ? undefined : { ...rest, init: free(init) };
}

function criterion(c: Context, level: 'inner' | 'outer', expression: Expression, scope: Scope): Value | undefined {
  const value = c.elaborate(expression, scope);
  if (value === undefined) return undefined;
  return rankOf(value) === 0 ? toReal(c, value) : refuse(c, lossNotScalar({ span: expression.span }, { level, is: show(value) }));
}

/** Each param must be chosen by something. */
function checkParams(
  c: Context,
  inner: Value,
  params: readonly { readonly name: string; readonly span: Span; readonly declaration: ParamDeclaration }[],
  span: Span | undefined,
): void {
  const reached = new Set(inputsOf(inner).map((node) => node.attributes.name));
  const ignored = params.filter((p) => !reached.has(`param:${p.name}`));
  const [first] = ignored;
  if (first === undefined) return;
  if (ignored.length === params.length) {
    const labels = ignored.map((p) => ({ span: p.span, message: `\`${p.name}\` is declared here` }));
    c.report(innerIgnoresParam({ span, labels }, { param: first.name, all: true, word: undefined }));
    return;
  }
  for (const p of ignored)
    c.report(
      innerIgnoresParam(
        { span, labels: [{ span: p.span, message: 'declared here' }] },
        { param: p.name, all: false, word: wordOf(p.declaration) },
      ),
    );
}

/** Where `param` stands, if the declaration may as well be that of a hyper. */
function wordOf({ span, distribution }: ParamDeclaration): Span | undefined {
  return distribution === undefined ? { ...span, end: span.start + 'param'.length } : undefined;
}

function readReports(
  c: Context,
  declarations: readonly Declaration[],
  scope: Scope,
): readonly Omit<Program['reports'][number], 'atRefit'>[] {
  const seen = new Map<string, Span>();
  return ofKind(declarations, 'report').flatMap(({ name, value: expression }) => {
    const before = seen.get(name.name);
    if (before !== undefined)
      c.report(
        repeatedReport(
          { span: name.span, labels: [{ span: before, message: 'first here' }] },
          { name: name.name, removal: removing(scope.home, name.span) },
        ),
      );
    seen.set(name.name, before ?? name.span);
    const value = c.elaborate(expression, scope);
    return value === undefined || before !== undefined ? [] : [{ name: name.name, value: toReal(c, value), span: name.span }];
  });
}
