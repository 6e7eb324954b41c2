/** Products, linear algebra, kernels and windows. */
import { someShape } from './reductions.ts';
import { levels, list, type Form, type Shape, type Writer } from './writer.ts';

/** A symmetric positive definite matrix whose eigenvalues are apart, so that each of them is smooth. */
export function definite(w: Writer, size: string, level = w.scope.level): string {
  const distinct = `diag([1.2 + 0.9 * i for i in ${size}])`;
  const v = w.operand([size], { level });
  const A = w.operand(['2', size], { level });
  return w.draw.pick([
    `${distinct} + 0.2 * outer(tanh(${v}), tanh(${v}))`,
    `${distinct} + 0.1 * (tanh(${A}).T @ tanh(${A}))`,
    `${distinct} + 0.1 * diag(sin(${v}))`,
    `${distinct} * (1 + 0.1 * tanh(mean(${v}))) + 0.1 * rbf(expand(${v}, axis = 1), expand(${v}, axis = 1))`,
  ]);
}

function products(w: Writer, shape: Shape): string | undefined {
  const [rows, columns] = shape;
  if (rows === undefined || shape.length > 2) return undefined;
  const [between = '2'] = someShape(w, 1, 1);
  if (columns === undefined) {
    return w.draw.chance(0.7)
      ? `0.5 * ${w.operand([rows, between])} @ ${w.operand([between])}`
      : `0.5 * ${w.operand([between])} @ ${w.operand([between, rows])}`;
  }
  return w.draw.chance(0.7)
    ? `0.5 * ${w.operand([rows, between])} @ ${w.operand([between, columns])}`
    : `outer(${w.expression([rows])}, ${w.expression([columns])})`;
}

/** A function of the page that takes a matrix and a vector of its columns. */
function called(w: Writer, shape: Shape): string | undefined {
  const { scope, draw } = w;
  const [rows] = shape;
  const fit = scope.callables.filter(
    (c) => c.takes === 'matrix and vector' && c.level <= scope.level && (c.smooth || !scope.smooth || scope.level < levels.param),
  );
  if (rows === undefined || shape.length > 1 || fit.length === 0) return undefined;
  const { name } = draw.pick(fit);
  const [columns = '2'] = someShape(w, 1, 1);
  const [A, v] = [w.expression([rows, columns]), w.expression([columns])];
  return draw.chance(0.5) ? `${name}(${A}, ${v})` : `${name}(v = ${v}, A = ${A})`;
}

const isSize = (w: Writer, dim: string | undefined): dim is string => dim !== undefined && w.scope.dims.includes(dim);

function algebra(w: Writer, shape: Shape): string | undefined {
  const { draw } = w;
  const size = w.scope.dims.length > 0 ? draw.pick(w.scope.dims.filter((dim) => dim !== 'n').concat(w.scope.dims[0] ?? [])) : undefined;
  if (shape.length === 0) {
    if (size === undefined) return undefined;
    const P = definite(w, size);
    const v = w.operand([size]);
    return draw.pick([`0.3 * logdet(${P})`, `0.3 * ${v} @ solve(${P}, ${v})`, `trace(cholesky(${P})) / 4`, `0.3 * mean((${P}) @ ${v})`]);
  }
  const [first, second] = shape;
  if (!isSize(w, first)) return undefined;
  if (shape.length === 1) {
    const P = definite(w, first);
    return draw.pick([
      `solve(${P}, ${w.expression([first])})`,
      `0.5 * eigvalsh(${P})`,
      `diag(cholesky(${P}))`,
      `0.3 * (${P}) @ ${w.operand([first])}`,
    ]);
  }
  if (shape.length > 2) return undefined;
  if (second === first)
    return draw.pick([
      `0.5 * cholesky(${definite(w, first)})`,
      `diag(${w.expression([first])})`,
      `eye(${first})`,
      `0.5 * (${definite(w, first)})`,
    ]);
  return second === undefined ? undefined : `solve(${definite(w, first)}, ${w.expression(shape)})`;
}

function kernels(w: Writer, shape: Shape): string | undefined {
  const [rows, columns] = shape;
  if (rows === undefined || columns === undefined || shape.length > 2) return undefined;
  const [A, B] = [w.expression([rows, '2']), w.expression([columns, '2'])];
  const forms = [
    () => `rbf(${A}, ${B}, length = ${w.weight()})`,
    () => `rbf(${A}, ${B})`,
    () => `0.2 * sqdist(${A}, ${B})`,
    () =>
      shape.includes('1')
        ? undefined
        : `standardize([0.4 * i + 0.1 * i^2 for i in ${rows}], by = 0.5 * ${w.operand([rows])} + [1.5 * i for i in ${rows}])[0] * ${w.operand(shape)}`,
  ];
  return w.draw.pick(forms)();
}

function labelled(w: Writer, [rows, columns, ...rest]: Shape): string | undefined {
  const fit = w.scope.labels.filter((l) => l.shape.length === 1 && l.shape[0] === rows && l.classes === columns);
  return fit.length === 0 || rest.length > 0 ? undefined : `one_hot(${w.draw.pick(fit).text}, ${columns})`;
}

/** Small pictures, their convolutions and pools, as numbers or as a matrix. */
function windows(w: Writer, shape: Shape): string | undefined {
  const { draw } = w;
  const sizes = shape.map((dim) => w.scope.fixed.get(dim) ?? Number(dim));
  if (shape.length === 0) {
    const picture = `reshape(${w.expression(['4', '4'])}, [1, 1, 4, 4])`;
    const kernel = `reshape(${w.expression(['2', '2'])}, [1, 1, 2, 2])`;
    return draw.pick([
      `mean(conv2d(${picture}, ${kernel}, stride = 2))`,
      `mean(avg_pool(conv2d(${picture}, ${kernel}, padding = same), 2))`,
      `mean(tanh(conv2d(${picture}, ${kernel})))`,
      `mean(max_pool(${w.bent(['4', '4'])}, 2, stride = ${draw.whole(1, 2)}))`,
    ]);
  }
  const [h, v] = sizes;
  if (shape.length !== 2 || h === undefined || v === undefined || !Number.isInteger(h) || !Number.isInteger(v)) return undefined;
  const own = list(['1', '1', ...shape]);
  return draw.pick([
    `reshape(0.5 * conv2d(reshape(${w.expression(shape)}, ${own}), reshape(${w.expression(['2', '2'])}, [1, 1, 2, 2]), padding = same), ${list(shape)})`,
    `avg_pool(${w.expression([String(h + 1), String(v + 1)])}, 2, stride = 1)`,
  ]);
}

export const matrices: readonly Form[] = [
  { weight: 2.5, write: products },
  { weight: 2, write: called },
  { weight: 1.2, write: algebra },
  { weight: 0.8, write: kernels },
  { weight: 1.5, write: labelled },
  { weight: 0.6, write: windows },
];
