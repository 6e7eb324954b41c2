/**
 * Symbolic dims: polynomials in names with integer (for costs: real) coefficients. Immutable, in one normal form, so that
 * equal polynomials have equal `key`s. Knows nothing of tensors.
 */

/** A monomial: coefficient times a product of names, sorted, repeated for powers. */
interface Term {
  readonly coefficient: number;
  readonly names: readonly string[];
}

export interface Poly {
  readonly terms: readonly Term[];
  /** The normal form as text: `2*n + d*d + 1`. Two polynomials are equal exactly when their keys are. */
  readonly key: string;
}

/** A dim of a shape. */
export type Dim = Poly;
export type Shape = readonly Dim[];

const printTerm = (t: Term): string =>
  t.names.length === 0
    ? String(t.coefficient)
    : t.coefficient === 1
      ? t.names.join('*')
      : t.coefficient === -1
        ? `-${t.names.join('*')}`
        : `${t.coefficient}*${t.names.join('*')}`;

function normal(terms: readonly Term[]): Poly {
  const [first, second] = terms;
  if (first !== undefined && second === undefined && first.names.length <= 1 && first.coefficient !== 0)
    return { terms, key: printTerm(first) };
  const byNames = new Map<string, Term>();
  for (const term of terms) {
    const names = [...term.names].sort();
    const id = names.join('*');
    byNames.set(id, { coefficient: (byNames.get(id)?.coefficient ?? 0) + term.coefficient, names });
  }
  const kept = [...byNames.entries()].filter(([, t]) => t.coefficient !== 0);
  kept.sort(([a, s], [b, t]) => t.names.length - s.names.length || (a < b ? -1 : a > b ? 1 : 0));
  const sorted = kept.map(([, t]) => t);
  const key =
    sorted.length === 0
      ? '0'
      : sorted
          .map((t, i) => (i === 0 ? printTerm(t) : printTerm(t).startsWith('-') ? ` - ${printTerm(t).slice(1)}` : ` + ${printTerm(t)}`))
          .join('');
  return { terms: sorted, key };
}

export const number = (value: number): Poly => normal([{ coefficient: value, names: [] }]);
export const symbol = (name: string): Poly => normal([{ coefficient: 1, names: [name] }]);
export const zero = number(0);
export const one = number(1);

/** Sums, multiples and products; what changes nothing is not brought into normal form again. */
export function add(...polys: readonly Poly[]): Poly {
  const terms = polys.filter((p) => p.terms.length > 0);
  return terms.length === 1 ? (terms[0] as Poly) : normal(terms.flatMap((p) => p.terms));
}
export const scale = (p: Poly, factor: number): Poly =>
  factor === 1 ? p : normal(p.terms.map((t) => ({ ...t, coefficient: t.coefficient * factor })));
export const subtract = (a: Poly, b: Poly): Poly => add(a, scale(b, -1));
export function multiply(...polys: readonly Poly[]): Poly {
  let product = one;
  for (const p of polys) {
    if (p.key === '1') continue;
    product =
      product.key === '1'
        ? p
        : normal(
            product.terms.flatMap((s) =>
              p.terms.map((t) => ({ coefficient: s.coefficient * t.coefficient, names: [...s.names, ...t.names] })),
            ),
          );
  }
  return product;
}

/** The number of elements of a shape. */
export const size = (shape: Shape): Poly => multiply(...shape);

/** The value of a polynomial without names, else `undefined`. */
export const literal = (p: Poly): number | undefined => {
  const [first, ...rest] = p.terms;
  if (first === undefined) return 0;
  return rest.length === 0 && first.names.length === 0 ? first.coefficient : undefined;
};

export const isOne = (p: Poly): boolean => literal(p) === 1;
export const namesOf = (p: Poly): readonly string[] => [...new Set(p.terms.flatMap((t) => t.names))];

/** Replaces names by polynomials; names without a replacement stay. */
export const substitute = (p: Poly, replacements: ReadonlyMap<string, Poly>): Poly =>
  add(zero, ...p.terms.map((t) => multiply(number(t.coefficient), ...t.names.map((n) => replacements.get(n) ?? symbol(n)))));

/** Whether `p` is no more than `q` once sizes are large: of each of its terms there is as much in `q`, or one with more names. */
export const isOutgrown = (p: Poly, q: Poly): boolean =>
  p.terms.every((t) =>
    q.terms.some((s) => s.coefficient > 0 && hasNames(s, t) && (s.names.length > t.names.length || s.coefficient >= t.coefficient)),
  );

/** Whether all names of `t` are among those of `s`, each as often at least. */
function hasNames(s: Term, t: Term): boolean {
  const left = [...s.names];
  return t.names.every((name) => {
    const at = left.indexOf(name);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

/** Known sizes: a fixed dim of the page, or, at binding, every dim. */
export type Sizes = ReadonlyMap<string, number>;

/** The number that a polynomial has under `sizes`; `undefined` if a name has none. */
export function evaluate(p: Poly, sizes: Sizes): number | undefined {
  let total = 0;
  for (const t of p.terms) {
    let value = t.coefficient;
    for (const n of t.names) {
      const known = sizes.get(n);
      if (known === undefined) return undefined;
      value *= known;
    }
    total += value;
  }
  return total;
}

/**
 * Whether two dims are the same, `fixed` being the dims with a declared value: equal polynomials are, and a dim is equal to a
 * literal that it is known to be. Two different names never are equal, even where their values are (language page, Types).
 */
export function sameDim(a: Dim, b: Dim, fixed: Sizes): boolean {
  if (a.key === b.key) return true;
  if (literal(a) === undefined && literal(b) === undefined) return false;
  const x = evaluate(a, fixed);
  return x !== undefined && x === evaluate(b, fixed);
}

export const sameShape = (a: Shape, b: Shape, fixed: Sizes): boolean =>
  a.length === b.length && a.every((d, i) => sameDim(d, b[i] as Dim, fixed));

/**
 * Whether two dims have one size as far as is known: what an op asks of its operands. More than `sameDim`, which is the page's rule: where a
 * dim meets a literal either may name the result, so that in a derivative two names of one size can meet that did not on the page.
 */
export function equalDim(a: Dim, b: Dim, fixed: Sizes): boolean {
  return a.key === b.key || (fixed.size > 0 && known(a, fixed).key === known(b, fixed).key);
}

/** With the values of the dims that have one. */
const known = (p: Poly, fixed: Sizes): Poly => substitute(p, new Map([...fixed].map(([name, value]) => [name, number(value)])));

export const equalShape = (a: Shape, b: Shape, fixed: Sizes): boolean =>
  a.length === b.length && a.every((d, i) => equalDim(d, b[i] as Dim, fixed));

/** Whether two shapes have equally many elements, a dim with a declared value being that value: `[n, 10]` and `[n·d]` for d = 10. */
export const sameSize = (a: Shape, b: Shape, fixed: Sizes): boolean => equalDim(size(a), size(b), fixed);

export const printShape = (shape: Shape): string => `[${shape.map((d) => d.key).join(', ')}]`;
