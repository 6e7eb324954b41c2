/**
 * What is known of tensors as matrices: that they are positive semidefinite, and that a value is one of these times another value, so that
 * the two together make a square. Knows how such facts pass through the ops, and nothing of degree or curvature.
 * Source: Schoenberg (1938) and Berg, Christensen & Ressel (1984), §3.2, for what kernels are made of distances.
 */
import { isOne } from '../ir/dims.ts';
import type { Node, Value } from '../ir/graph.ts';
import { at, attribute, operand, range } from './rules.ts';
import type { Definite, Facts, Image, MatrixFacts, OpRow } from './spec.ts';

export type MatrixRule = (node: Node, operands: readonly Facts[]) => MatrixFacts | undefined;

/** Facts of an op whose results may be matrices, or images of them. */
export const withMatrix =
  (facts: OpRow['facts'], rule: MatrixRule): OpRow['facts'] =>
  (node, operands) => {
    const matrix = rule(node, operands);
    const own = facts(node, operands);
    return matrix === undefined ? own : { ...own, matrix };
  };

const isAtLeastZero = ({ sign }: Facts): boolean => sign === 'nonnegative' || sign === 'zero';
const known = (f: Facts | undefined): Facts => f ?? { degree: Infinity, curvature: 'unknown', sign: 'unknown' };

// ---- forms: symmetric along two axes ------------------------------------------------------------------------------------------

const negated: Readonly<Record<Definite, Definite | undefined>> = {
  positive: 'conditionally negative',
  'conditionally positive': 'conditionally negative',
  'conditionally negative': 'conditionally positive',
  differences: 'differences',
};

/** The axes along which a value is not sure to be one number. */
function varyingAxes(v: Value): readonly number[] {
  if (v.node.op !== 'broadcast_in_dim') return range(v.type.shape.length);
  const { shape } = operand(v.node, 0).type;
  return attribute(v.node, 'axes').filter((_, i) => !isOne(at(shape, i)));
}

const isEvenAlong = (v: Value, axes: readonly number[]): boolean => !varyingAxes(v).some((axis) => axes.includes(axis));

const form = (is: Definite | undefined, axes: readonly [number, number]): MatrixFacts | undefined =>
  is === undefined ? undefined : { form: { is, axes } };

const isOnSame = (a: MatrixFacts['form'], b: MatrixFacts['form']): boolean =>
  a !== undefined && b !== undefined && a.axes.every((axis, i) => axis === b.axes[i]);

/** aᵢ − aⱼ: both operands are one value, spread so that one of its axes lies along another axis of each. */
function differencesOf(node: Node): MatrixFacts | undefined {
  const [x, y] = [operand(node, 0), operand(node, 1)];
  if (x.node.op !== 'broadcast_in_dim' || y.node.op !== 'broadcast_in_dim' || operand(x.node, 0) !== operand(y.node, 0)) return undefined;
  const [left, right] = [attribute(x.node, 'axes'), attribute(y.node, 'axes')];
  const [moved, ...more] = range(left.length).filter((i) => left[i] !== right[i]);
  if (moved === undefined || more.length > 0) return undefined;
  const [p, q] = [at(left, moved), at(right, moved)];
  return right.includes(p) || left.includes(q) ? undefined : form('differences', [p, q]);
}

function sumOfForms(
  node: Node,
  facts: readonly [Facts, Facts],
  forms: readonly [MatrixFacts['form'], MatrixFacts['form']],
): MatrixFacts | undefined {
  const first = forms[0] ?? forms[1];
  if (first === undefined || first.is === 'differences') return undefined;
  const words: Definite[] = [];
  for (const [i, own] of forms.entries()) {
    if (own !== undefined) {
      if (own.is === 'differences' || !isOnSame(own, first)) return undefined;
      words.push(own.is);
    } else if (!isEvenAlong(operand(node, i), first.axes)) return undefined;
    // c 11ᵀ is positive for c ≥ 0, and nothing at all on vectors that sum to 0.
    else if (!isAtLeastZero(at(facts, i))) words.push(first.is === 'positive' ? 'conditionally positive' : first.is);
  }
  if (words.every((is) => is === 'conditionally negative')) return form('conditionally negative', first.axes);
  if (words.includes('conditionally negative')) return undefined;
  return form(words.every((is) => is === 'positive') ? 'positive' : 'conditionally positive', first.axes);
}

export const eyeMatrix: MatrixRule = () => ({ form: { is: 'positive', axes: [0, 1] }, isDiagonal: true });

export const negMatrix: MatrixRule = (_node, [a]) => {
  const own = a?.matrix?.form;
  return own === undefined ? undefined : form(negated[own.is], own.axes);
};

export const addMatrix: MatrixRule = (node, [a, b]) => {
  const forms = sumOfForms(node, [known(a), known(b)], [a?.matrix?.form, b?.matrix?.form]);
  return forms ?? sumOfImages(node, known(a), known(b));
};

export const subMatrix: MatrixRule = (node, [a, b]) => {
  const [x, y] = [known(a), known(b)];
  const away = y.matrix?.form && negated[y.matrix.form.is];
  const taken = away && y.matrix?.form && { is: away, axes: y.matrix.form.axes };
  // −c 11ᵀ is nothing on vectors that sum to 0, and of a sign that is not looked at.
  const rest: Facts = taken === undefined ? { ...y, sign: 'unknown' } : y;
  return differencesOf(node) ?? sumOfForms(node, [x, rest], [x.matrix?.form, taken]);
};

export const absMatrix: MatrixRule = (_node, [a]) =>
  a?.matrix?.form?.is === 'differences' ? form('conditionally negative', a.matrix.form.axes) : undefined;

export const expMatrix: MatrixRule = (_node, [a]) => {
  const own = a?.matrix?.form;
  return own?.is === 'positive' || own?.is === 'conditionally positive' ? form('positive', own.axes) : undefined;
};

/** What distances D ≥ 0 become: D^p is one for 0 < p ≤ 1, and its inverse powers are positive. A positive matrix times itself is one. */
export function powerMatrix(a: Facts, p: number): MatrixFacts | undefined {
  const own = a.matrix?.form;
  if (own?.is === 'positive' && Number.isInteger(p) && p > 0) return form('positive', own.axes);
  if (own?.is !== 'conditionally negative' || !isAtLeastZero(a) || p > 1 || p === 0) return undefined;
  return form(p > 0 ? 'conditionally negative' : 'positive', own.axes);
}

export const quotientMatrix: MatrixRule = (node, [a, b]) => {
  const [x, y] = [known(a), known(b)];
  const own = x.matrix?.form;
  if (own !== undefined && isAtLeastZero(y) && isEvenAlong(operand(node, 1), own.axes)) return form(own.is, own.axes);
  const below = y.matrix?.form;
  if (below === undefined || !isAtLeastZero(x) || !isEvenAlong(operand(node, 0), below.axes)) return undefined;
  return powerMatrix(y, -1);
};

/** Elementwise: a weight that the form does not see, Schur's product, a diagonal; or weights on what makes a square. */
export const mulMatrix: MatrixRule = (node, [a, b]) => {
  const facts = [known(a), known(b)] as const;
  const [f, g] = [facts[0].matrix?.form, facts[1].matrix?.form];
  if (f !== undefined && g !== undefined && isOnSame(f, g)) {
    if (f.is === 'differences' && node.inputs[0] === node.inputs[1]) return form('conditionally negative', f.axes);
    if (f.is === 'positive' && g.is === 'positive') return form('positive', f.axes);
  }
  for (const [i, own] of facts.entries()) {
    const other = at(facts, 1 - i);
    if (own.matrix?.isDiagonal === true && isAtLeastZero(other)) return { form: { is: 'positive', axes: [0, 1] }, isDiagonal: true };
    const its = own.matrix?.form;
    if (its !== undefined && isAtLeastZero(other) && isEvenAlong(operand(node, 1 - i), its.axes)) return form(its.is, its.axes);
  }
  return weighted(node, facts);
};

/** Axes of the result, where none of the form's is summed over. */
export const sumMatrix: MatrixRule = (node, [a]) => {
  const own = a?.matrix?.form;
  const axes = attribute(node, 'axes');
  if (own === undefined || own.is === 'differences' || own.axes.some((axis) => axes.includes(axis))) return undefined;
  const kept = (axis: number): number => axis - axes.filter((summed) => summed < axis).length;
  return form(own.is, [kept(own.axes[0]), kept(own.axes[1])]);
};

export const transposeMatrix: MatrixRule = (node, [a]) => {
  const axes = attribute(node, 'axes');
  const own = a?.matrix?.form;
  if (own !== undefined && own.is !== 'differences') return form(own.is, [axes.indexOf(own.axes[0]), axes.indexOf(own.axes[1])]);
  const image = a?.matrix?.image;
  return image === undefined ? undefined : { image: { ...image, axes: axes.map((axis) => at(image.axes, axis)) } };
};

/** The same rows and columns of a form: one axis after the other. */
export const gatherMatrix: MatrixRule = (node, [a]) => {
  const own = a?.matrix;
  const [axis, positions] = [attribute(node, 'axis'), operand(node, 1)];
  if (positions.type.shape.length !== 1) return undefined;
  if (own?.picked !== undefined)
    return own.picked.positions === positions && own.picked.axis !== axis && own.picked.axes.includes(axis)
      ? form(own.picked.is, own.picked.axes)
      : undefined;
  return own?.form?.axes.includes(axis) === true && own.form.is !== 'differences'
    ? { picked: { ...own.form, axis, positions } }
    : undefined;
};

// ---- images: K u, for a matrix K that is positive semidefinite ------------------------------------------------------------------

/** A value as what it is an image of; of itself, or of what it is a transpose of, where nothing else is known. */
function imageOf(v: Value, { matrix }: Facts): Image {
  if (matrix?.image !== undefined) return matrix.image;
  const isTurned = v.node.op === 'transpose';
  const axes = isTurned ? attribute(v.node, 'axes') : range(v.type.shape.length);
  return { of: isTurned ? operand(v.node, 0) : v, axes, mixed: [], weighted: [] };
}

const isItself = ({ mixed, weighted: scaled }: Image): boolean => mixed.length === 0 && scaled.length === 0;

const isAlike = (a: Image, b: Image): boolean => a.of === b.of && a.axes.every((axis, i) => axis === b.axes[i]);

/** What both operands are images of, where only one of them is more than that itself: then the two make a square. */
function meeting(node: Node, facts: readonly [Facts, Facts]): readonly [Image, Image] | undefined {
  const images = [imageOf(operand(node, 0), facts[0]), imageOf(operand(node, 1), facts[1])] as const;
  return images[0].of === images[1].of && images.some(isItself) ? images : undefined;
}

/** Weights s ≥ 0 on a value: diag(s) u. Along its own axes K and s must not meet. */
function weighted(node: Node, facts: readonly [Facts, Facts]): MatrixFacts | undefined {
  for (const i of [0, 1] as const) {
    const weights = operand(node, i);
    const weight = facts[i];
    if (weight.curvature !== 'constant' || !isAtLeastZero(weight)) continue;
    const image = imageOf(operand(node, 1 - i), facts[(1 - i) as 0 | 1]);
    const varies = varyingAxes(weights).map((axis) => at(image.axes, axis));
    if (varies.some((axis) => image.mixed.includes(axis))) continue;
    return { image: { ...image, weighted: [...image.weighted, ...varies] } };
  }
  return undefined;
}

function sumOfImages(node: Node, a: Facts, b: Facts): MatrixFacts | undefined {
  const [x, y] = [imageOf(operand(node, 0), a), imageOf(operand(node, 1), b)];
  if (!isAlike(x, y) || (isItself(x) && isItself(y))) return undefined;
  return { image: { ...x, mixed: [...x.mixed, ...y.mixed], weighted: [...x.weighted, ...y.weighted] } };
}

interface Product {
  readonly contract: readonly [readonly number[], readonly number[]];
  readonly batch: readonly [readonly number[], readonly number[]];
}

const productOf = (node: Node): Product => ({ contract: attribute(node, 'contract'), batch: attribute(node, 'batch') });

/** Whether paired axes are one axis of what both operands are images of. */
const pairsFit = ([left, right]: Product['contract'], [x, y]: readonly [Image, Image]): boolean =>
  left.every((axis, i) => at(x.axes, axis) === at(y.axes, at(right, i)));

/** A product that is ⟨u, K u⟩ for a positive K: which operand is u, and whether K mixes its elements. */
export interface Square {
  readonly of: 0 | 1;
  readonly isMixed: boolean;
}

const squareIn = (images: readonly [Image, Image]): Square => ({
  of: isItself(images[0]) ? 0 : 1,
  isMixed: images.some(({ mixed }) => mixed.length > 0),
});

/** Of a product that is summed: over all axes or, where K leaves them alone, each position of the others on its own. */
export function squareOfProduct(node: Node, facts: readonly [Facts, Facts]): Square | undefined {
  const images = meeting(node, facts);
  if (images === undefined) return undefined;
  const { contract, batch } = productOf(node);
  const contracted = contract[0].map((axis) => at(images[0].axes, axis));
  const isWhole = contract[0].length + batch[0].length === images[0].axes.length && images[0].axes.length === images[1].axes.length;
  const isSummed = images.every(({ mixed }) => mixed.every((axis) => contracted.includes(axis)));
  return isWhole && isSummed && pairsFit(contract, images) && pairsFit(batch, images) ? squareIn(images) : undefined;
}

/** Of an elementwise product: u · (s ∘ u). */
export function squareOfElements(node: Node, facts: readonly [Facts, Facts]): Square | undefined {
  const images = meeting(node, facts);
  const square = images === undefined || !isAlike(...images) ? undefined : squareIn(images);
  return square?.isMixed === true ? undefined : square;
}

/** Bᵀ K B, a Gram matrix among them; or K u. */
export const productMatrix: MatrixRule = (node, [a, b]) => {
  const facts = [known(a), known(b)] as const;
  const { contract, batch } = productOf(node);
  if (batch[0].length > 0) return undefined;
  return gram(node, facts) ?? imageBy(node, facts, contract);
};

function gram(node: Node, facts: readonly [Facts, Facts]): MatrixFacts | undefined {
  const images = meeting(node, facts);
  const { contract } = productOf(node);
  if (images === undefined || !pairsFit(contract, images)) return undefined;
  const contracted = contract[0].map((axis) => at(images[0].axes, axis));
  const isSummed = images.every(({ mixed, weighted: scaled }) => [...mixed, ...scaled].every((axis) => contracted.includes(axis)));
  const isMatrix = images.every(({ axes }) => axes.length === contracted.length + 1);
  return isSummed && isMatrix ? form('positive', [0, 1]) : undefined;
}

/** K along one axis of a value, of which K itself knows nothing. */
function imageBy(node: Node, facts: readonly [Facts, Facts], contract: Product['contract']): MatrixFacts | undefined {
  if (contract[0].length !== 1) return undefined;
  for (const i of [0, 1] as const) {
    const matrix = facts[i];
    if (matrix.matrix?.form?.is !== 'positive' || matrix.curvature !== 'constant' || operand(node, i).type.shape.length !== 2) continue;
    const of = operand(node, 1 - i);
    const image = imageOf(of, facts[(1 - i) as 0 | 1]);
    const along = at(contract[(1 - i) as 0 | 1], 0);
    const free = range(of.type.shape.length).filter((axis) => axis !== along);
    const places = i === 0 ? [along, ...free] : [...free, along];
    // K times another matrix on the same axis is no such matrix, nor is K times weights there.
    const axis = at(image.axes, along);
    if (image.mixed.includes(axis) || image.weighted.includes(axis)) continue;
    return { image: { ...image, axes: places.map((place) => at(image.axes, place)), mixed: [...image.mixed, axis] } };
  }
  return undefined;
}

/** A⁻¹ u for a positive A. */
export const solveMatrix: MatrixRule = (node, [a, rhs]) => {
  if (a?.matrix?.form?.is !== 'positive' || a.curvature !== 'constant' || operand(node, 0).type.shape.length !== 2) return undefined;
  const image = imageOf(operand(node, 1), known(rhs));
  const axis = at(image.axes, 0);
  if (image.mixed.includes(axis) || image.weighted.includes(axis)) return undefined;
  return { image: { ...image, mixed: [...image.mixed, axis] } };
};
