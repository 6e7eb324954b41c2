/** Inner problems whose Hessian has a condition number that is chosen: the spectrum κ^(−i/(d−1)), in a basis that a seed draws. */
import { keyOf, normal } from '../../runtime/random.ts';
import type { Folder } from './cli.ts';

const d = 12;
const range = Array.from({ length: d }, (_, i) => i);

/** Reflections in drawn vectors, one after the other. */
function basis(draw: () => number): readonly (readonly number[])[] {
  let rows = range.map((i) => range.map((j) => Number(i === j)));
  for (const _ of range) {
    const u = range.map(draw);
    const size = u.reduce((sum, x) => sum + x * x, 0);
    rows = rows.map((row) => {
      const along = (2 * row.reduce((sum, x, i) => sum + x * (u[i] ?? 0), 0)) / size;
      return row.map((x, i) => x - along * (u[i] ?? 0));
    });
  }
  return rows;
}

/** A page with the hyper `t`, added to the diagonal. `more`: a term of the inner loss besides; `lines`: of the page. */
export function conditionedPage(folder: Folder, condition: number, seed: number, { more = '', lines = '' } = {}): string {
  const key = keyOf(seed, 'conditioned');
  let count = 0;
  const draw = (): number => normal(key, count++);
  const rows = basis(draw);
  const spectrum = range.map((i) => condition ** (-i / (d - 1)));
  const A = rows.map((a) => rows.map((b) => a.reduce((sum, x, i) => sum + x * (spectrum[i] ?? 0) * (b[i] ?? 0), 0)));
  const data = folder.write(`conditioned-${condition}-${seed}.json`, JSON.stringify({ A, c: range.map(draw), y: range.map(draw) }));
  return folder.page(`
  dim d
  data A: [d, d] from "${data}" array A
  data c: [d] from "${data}" array c
  data y: [d] from "${data}" array y
  hyper t: nonnegative = 0
  param x: [d]
  inner minimize 0.5 * dot(x, A @ x) - dot(c, x) + 0.5 * t * sum(x^2)${more === '' ? '' : ` + ${more}`}
  outer minimize mean((x - y)^2)
  ${lines}`);
}
