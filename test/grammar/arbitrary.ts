/** Random trees, each of which a text can mean. */
import fc from 'fast-check';
// prettier-ignore
import type {
  BinaryOperator, CallExpression, ColumnSelector, Declaration, Expression, FnDeclaration, Identifier, ImportNode, IndexItem, Iterated, Page,
  ProblemNode, TypeExpression,
} from '../../grammar/ast.ts';

const span = { file: 'random.bilevel', start: 0, end: 0 };

// prettier-ignore
const names = [
  'x', 'w', 'A', 'λ', 'größe', '変数', '_t', 'T', 'predict', 'train', 'seed', 'step', 'batch', 'data', 'dim', 'let', 'fn', 'inner', 'outer', 'solve', 'hyper',
  'param', 'report', 'random', 'split', 'problem', 'import', 'differentiate', 'from', 'column', 'columns', 'array', 'into', 'by', 'folds', 'groups', 'with',
  'over', 'search', 'scan', 'return', 'minimize', 'maximize', 'choice', 'real', 'unit', 'lambda',
];

const name = fc.constantFrom(...names);
const identifier: fc.Arbitrary<Identifier> = name.map((text) => ({ name: text, span }));
const plainIdentifier: fc.Arbitrary<Identifier> = fc
  .constantFrom('train', 'valid', 'test', 'n', 'folds', 'with')
  .map((text) => ({ name: text, span }));
const operators: readonly BinaryOperator[] = ['^', '*', '/', '@', '+', '-', '<', '<=', '>', '>=', '==', '!=', 'and', 'or'];
const text = fc.string({ unit: 'binary', maxLength: 6 });

/** Arguments: the names are distinct. */
/** What a `let` names. */
const letNames = fc.oneof({ weight: 3, arbitrary: identifier.map((one) => [one]) }, fc.array(identifier, { minLength: 2, maxLength: 3 }));

const callOf = (value: fc.Arbitrary<Expression>, callee = identifier): fc.Arbitrary<CallExpression> =>
  fc
    .tuple(callee, fc.array(value, { maxLength: 3 }), fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 2 }))
    .map(([own, positional, named]) => {
      return {
        kind: 'call',
        callee: own,
        positional,
        named: named.map(([key, inner]) => ({ name: { name: key, span }, value: inner })),
        span,
      };
    });

export const expression: fc.Arbitrary<Expression> = fc.letrec<{ deep: Expression; leaf: Expression }>((tie) => {
  const deep = tie('deep');
  const range = fc.tuple(deep, deep).map(([from, to]) => ({ kind: 'range' as const, from, to, span }));
  const iterated: fc.Arbitrary<Iterated> = fc.oneof(deep, range);
  const index: fc.Arbitrary<IndexItem> = fc.oneof(deep, range, fc.constant({ kind: 'all' as const, span }));
  const lets = fc
    .array(fc.tuple(letNames, deep), { maxLength: 2 })
    .map((all) => all.map(([own, value]) => ({ kind: 'let' as const, names: own, value, span })));
  const scan = fc.integer({ min: 1, max: 3 }).chain((count) => {
    const some = fc.array(deep, { minLength: count, maxLength: count });
    return fc
      .tuple(fc.array(identifier, { minLength: count, maxLength: count }), some, identifier, iterated, lets, some)
      .map(([states, starts, variable, over, inner, results]): Expression => {
        return { kind: 'scan', states, starts, variable, over, body: { lets: inner, results, span }, span };
      });
  });
  const leaf: fc.Arbitrary<Expression> = fc.oneof(
    { weight: 4, arbitrary: name.map((own) => ({ kind: 'name' as const, name: own, span })) },
    {
      weight: 3,
      arbitrary: fc
        .constantFrom('0', '1', '2.5', '1e-3', '3E+7', '10')
        .map((number) => ({ kind: 'number' as const, value: Number(number), text: number, span })),
    },
    { weight: 1, arbitrary: text.map((value) => ({ kind: 'string' as const, value, span })) },
  );
  return {
    leaf,
    deep: fc.oneof(
      { maxDepth: 5, depthSize: 'small' },
      tie('leaf'),
      fc
        .tuple(fc.constantFrom(...operators), deep, deep)
        .map(([operator, left, right]) => ({ kind: 'binary' as const, operator, left, right, span })),
      fc
        .tuple(fc.constantFrom(...operators), deep, deep)
        .map(([operator, left, right]) => ({ kind: 'binary' as const, operator, left, right, span })),
      fc
        .tuple(fc.constantFrom('-' as const, '+' as const, 'not' as const), deep)
        .map(([operator, operand]) => ({ kind: 'unary' as const, operator, operand, span })),
      callOf(deep),
      fc
        .tuple(deep, fc.array(index, { minLength: 1, maxLength: 3 }))
        .map(([target, indices]) => ({ kind: 'index' as const, target, indices, span })),
      deep.map((operand) => ({ kind: 'transposed' as const, operand, span })),
      fc.tuple(deep, deep, deep).map(([condition, then, otherwise]) => ({ kind: 'if' as const, condition, then, otherwise, span })),
      fc.array(deep, { maxLength: 3 }).map((items) => ({ kind: 'array' as const, items, span })),
      fc
        .tuple(deep, identifier, iterated)
        .map(([body, variable, over]) => ({ kind: 'comprehension' as const, body, variable, over, span })),
      scan,
    ),
  };
}).deep;

/** A record whose optional keys are sometimes absent, never undefined. */
const optional = <T extends object>(all: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record<T, never>(all, { requiredKeys: [] });

const type: fc.Arbitrary<TypeExpression> = fc
  .tuple(
    fc.oneof(
      fc.constant({}),
      fc
        .constantFrom('real', 'positive', 'nonnegative', 'unit', 'simplex', 'int')
        .map((kind) => ({ kindName: { name: kind as 'real', span } })),
      callOf(expression, fc.constant({ name: 'choice', span })).map((choice) => ({ choice })),
    ),
    fc.array(
      fc.oneof(
        { weight: 6, arbitrary: expression },
        { weight: 1, arbitrary: identifier.map((own) => ({ kind: 'rest' as const, name: own, span })) },
      ),
      {
        maxLength: 2,
      },
    ),
    optional({ interval: fc.tuple(expression, expression).map(([low, high]) => ({ low, high, span })) }),
  )
  .map(([kind, shape, interval]) => ({ ...kind, shape, ...interval, span }));

const selector: fc.Arbitrary<ColumnSelector> = fc.letrec<{ any: ColumnSelector; atom: ColumnSelector }>((tie) => ({
  atom: fc.oneof(
    fc.oneof(name, text).map((own) => ({ kind: 'header' as const, name: own, span })),
    fc.nat(20).map((position) => ({ kind: 'position' as const, index: position, span })),
  ),
  any: fc.oneof(
    { maxDepth: 2 },
    tie('atom'),
    fc.tuple(tie('atom'), tie('atom')).map(([from, to]) => ({ kind: 'range' as const, from, to, span })),
    fc.array(tie('any'), { minLength: 1, maxLength: 3 }).map((items) => ({ kind: 'list' as const, items, span })),
  ),
})).any;

const docLine = fc.string({ maxLength: 8 }).map((line) => line.replace(/[\n\r\u2028\u2029]/g, '').trimEnd());
const doc = optional({ doc: fc.array(docLine, { minLength: 1, maxLength: 2 }).map((lines) => lines.join('\n')) });
const documented = <T extends object>(declaration: fc.Arbitrary<T>): fc.Arbitrary<T & { doc?: string }> =>
  fc.tuple(declaration, doc).map(([own, above]) => ({ ...own, ...above }));

const fn: fc.Arbitrary<FnDeclaration> = documented(
  fc
    .tuple(
      identifier,
      fc.array(fc.tuple(identifier, type, optional({ init: expression })), { maxLength: 2 }),
      type,
      fc.boolean(),
      fc.array(documented(fc.tuple(letNames, expression).map(([own, value]) => ({ kind: 'let' as const, names: own, value, span }))), {
        maxLength: 2,
      }),
      expression,
    )
    .map(([own, parameters, result, isBlock, lets, value]) => ({
      kind: 'fn' as const,
      name: own,
      parameters: parameters.map(([parameter, of, init]) => ({ name: parameter, type: of, ...init })),
      result,
      isBlock,
      body: { lets: isBlock ? lets : [], results: [value], span },
      span,
    })),
);

const by = fc.oneof(
  expression.map((count) => ({ kind: 'folds' as const, count, span })),
  identifier.filter((own) => own.name !== 'folds').map((groups) => ({ kind: 'groups' as const, groups, span })),
  fc.constant({ kind: 'leave_one_out' as const, span }),
);
const percent = fc.constantFrom(60, 12.5, 0.1, 1e-7);

const declaration: fc.Arbitrary<Declaration> = fc.oneof(
  documented(
    fc.record({
      kind: fc.constant('dim' as const),
      dims: fc.array(
        fc.tuple(identifier, optional({ value: expression })).map(([own, rest]) => ({ name: own, ...rest })),
        { minLength: 1, maxLength: 3 },
      ),
      span: fc.constant(span),
    }),
  ),
  documented(
    fc
      .tuple(
        identifier,
        type,
        fc.oneof(
          fc.constant({}),
          fc
            .tuple(
              text,
              fc.oneof(
                fc.constant({}),
                selector.map((columns) => ({ columns })),
                fc.oneof(name, text).map((key) => ({ array: { name: key, span } })),
              ),
            )
            .map(([file, rest]) => ({ from: { file, fileSpan: span, ...rest } })),
        ),
      )
      .map(([own, of, from]) => ({ kind: 'data' as const, name: own, type: of, ...from, span })),
  ),
  documented(
    fc
      .tuple(
        identifier,
        fc.array(
          fc.tuple(plainIdentifier, optional({ percent })).map(([own, share]) => ({ name: own, ...share })),
          { minLength: 1, maxLength: 3 },
        ),
        optional({ by, seed: expression, unshuffled: fc.constant(span), stratifiedBy: identifier }),
      )
      .map(([dim, parts, rest]) => ({ kind: 'split' as const, dim, parts, ...rest, span })),
  ),
  documented(
    fc
      .tuple(identifier, type, optional({ init: expression, bySearch: fc.constant(span) }))
      .map(([own, of, rest]) => ({ kind: 'hyper' as const, name: own, type: of, ...rest, span })),
  ),
  documented(
    fc
      .tuple(
        identifier,
        type,
        fc.oneof(
          fc.constant({}),
          expression.map((init) => ({ init })),
          callOf(expression).map((distribution) => ({ distribution })),
        ),
      )
      .map(([own, of, rest]) => ({ kind: 'param' as const, name: own, type: of, ...rest, span })),
  ),
  documented(
    fc
      .tuple(identifier, type, callOf(expression))
      .map(([own, of, distribution]) => ({ kind: 'random' as const, name: own, type: of, distribution, span })),
  ),
  documented(fc.tuple(letNames, expression).map(([own, value]) => ({ kind: 'let' as const, names: own, value, span }))),
  documented(fc.tuple(identifier, expression).map(([own, value]) => ({ kind: 'report' as const, name: own, value, span }))),
  fn,
  documented(expression.map((value) => ({ kind: 'inner' as const, value, span }))),
  documented(
    fc
      .tuple(fc.constantFrom('minimize' as const, 'maximize' as const), expression)
      .map(([direction, value]) => ({ kind: 'outer' as const, direction, value, span })),
  ),
  documented(
    fc
      .tuple(fc.constantFrom('solve-inner' as const, 'solve-outer' as const, 'differentiate' as const), callOf(expression))
      .map(([kind, method]) => ({ kind, method, span })),
  ),
);

const problem: fc.Arbitrary<ProblemNode> = documented(
  fc
    .tuple(identifier, fc.array(declaration, { maxLength: 6 }))
    .map(([own, declarations]) => ({ kind: 'problem' as const, name: own, declarations, span })),
);
const importNode: fc.Arbitrary<ImportNode> = fc
  .tuple(fc.array(identifier, { maxLength: 3 }), text)
  .map(([own, path]) => ({ kind: 'import' as const, names: own, path, pathSpan: span, span }));

export const page: fc.Arbitrary<Page> = fc
  .array(fc.oneof(importNode, fn, problem, problem), { maxLength: 4 })
  .map((items) => ({ file: 'random.bilevel', text: '', items, comments: [] }));
