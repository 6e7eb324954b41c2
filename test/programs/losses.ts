/** The terms of a random page's losses: what is fitted to the rows of a set, what makes that strongly convex, and penalties with a proximal map. */
import type { Draw } from './drawing.ts';
import { definite } from './matrices.ts';
import type { Family } from './methods.ts';
import { condition } from './pointwise.ts';
import { levels, type Level, type Scope, type Shape, type Writer } from './writer.ts';

/** What is drawn from, with all that a page has declared. */
export interface LossDraw {
  readonly draw: Draw;
  readonly family: Family;
  readonly scope: Scope;
  readonly writer: (level: Level, depth: number, change?: Partial<Scope>) => Writer;
}

export interface Param {
  readonly kind: string;
  readonly name: string;
  readonly shape: Shape;
}

/** For each row of a set a number that is linear in the params. */
export function linear(p: LossDraw, params: readonly Param[], rows: string, hasBatches = false): string {
  const { draw, scope } = p;
  const terms = params.map(({ name, shape }) => {
    const [size, ...rest] = shape;
    const labels = scope.labels.find((l) => l.classes === size && l.shape[0] === rows);
    if (size === undefined) return name;
    if (labels !== undefined && draw.chance(0.4)) return rest.length > 0 ? `${name}[${labels.text}][:, 0]` : `${name}[${labels.text}]`;
    if (size === 'd')
      return rest.length > 0
        ? draw.pick([`(X[${rows}] @ ${name})[:, -1]`, `sum(X[${rows}] @ ${name}, axis = 1)`])
        : draw.pick([`X[${rows}] @ ${name}`, `[X[j] @ ${name} for j in ${rows}]`]);
    return `[mean(tanh(y[j] + [i for i in k]) * ${name}) for j in ${rows}]`;
  });
  const isNumber = terms.every((term) => !term.includes('['));
  // What is written for a whole set may mix its members.
  const shift = hasBatches ? `Q[${rows}]` : p.writer(levels.hyper, 2).operand([rows]);
  return [...terms, ...(isNumber || draw.chance(0.3) ? [`0.2 * ${shift}`] : [])].join(' + ');
}

export function fit(p: LossDraw, params: readonly Param[], rows: string, hasBatches: boolean): string {
  const { draw, family, scope } = p;
  const z = linear(p, params, rows, hasBatches);
  const weight = !hasBatches && draw.chance(0.3) ? `${p.writer(levels.hyper, 2).weight([rows])} * ` : '';
  const squares = [`mean(${weight}(${z} - y[${rows}])^2)`, `0.3 * sum(${weight}(${z} - y[${rows}])^2)`, `mse(${z}, y[${rows}])`];
  if (family === 'quadratic') return draw.pick(squares);
  const labels = scope.labels.find((l) => l.shape[0] === rows && l.classes === 'k');
  const matrix = params.find(({ shape }) => shape.length === 2);
  const convex = [
    `mean(${weight}softplus(${z})) - 0.5 * mean(${z})`,
    `logsumexp(${z})`,
    `mean(${weight}sqrt(1 + (${z} - y[${rows}])^2))`,
    `binary_cross_entropy(${z}, sigmoid(y[${rows}]))`,
    `huber(${z}, y[${rows}])`,
    `mean(exp(0.3 * (${z})))`,
    `mean(log1p((${z} - y[${rows}])^2))`,
    ...(labels !== undefined && matrix !== undefined ? [`cross_entropy(X[${rows}] @ ${matrix.name}, ${labels.text})`] : []),
  ];
  const bent = [
    `hinge(${z}, y[${rows}])`,
    `mean(abs(${z} - y[${rows}]))`,
    `mean(if ${hasBatches ? `y[${rows}] > 0.1` : condition(p.writer(levels.param, 2), [rows])} then (${z})^2 else softplus(${z}))`,
  ];
  return draw.pick(family === 'composite' ? [...squares, ...convex] : family === 'recipe' ? [...squares, ...convex, ...bent] : convex);
}

/** What makes the loss strongly convex in a param. */
export function ridge(p: LossDraw, { name, shape, kind }: Param, hasBatches: boolean): string {
  const { draw } = p;
  const ofAll = {
    sets: [],
    labels: [],
    values: p.scope.values.filter(({ text }) => /^[aeXyPQZBw]\d*$/u.test(text)),
  };
  const writer = p.writer(levels.hyper, 2, hasBatches ? ofAll : {});
  // Params of open kinds are moved by their logarithm, or their logit: the loss is to be strongly convex in that.
  if (kind === 'positive') return `${writer.weight()} * l2(log(${name}))`;
  if (kind === 'unit') return `${writer.weight()} * sum(log(${name} / (1 - ${name}))^2)`;
  const [size] = shape;
  return draw.pick([
    `${writer.weight()} * l2(${name})`,
    `${writer.weight()} * sum(${name}^2)`,
    `sum(${writer.weight(shape)} * (${name} - 0.5 * ${writer.operand(shape)})^2)`,
    ...(shape.length === 1 && size !== undefined ? [`0.4 * ${name} @ (${definite(writer, size, levels.hyper)}) @ ${name}`] : []),
  ]);
}

/** A term with a proximal map. */
export function penalty(p: LossDraw, { name, shape, kind }: Param): readonly string[] {
  const { draw } = p;
  const weight = `0.3 * ${p.writer(levels.hyper, 2).weight()}`;
  if (kind === 'simplex') return [];
  if (kind === 'real') return draw.chance(0.5) ? [] : [`${weight} * l1(${name})`];
  return draw.pick([
    [],
    [`${weight} * sum(abs(${name}))`],
    [`${weight} * l1(${name})`],
    shape.length === 2 ? [`${weight} * sum([norm(${name}[j]) for j in d])`] : [`${weight} * sum(abs(${name}))`],
    shape.length === 1 ? [`${weight} * norm(${name})`] : [],
  ]);
}
