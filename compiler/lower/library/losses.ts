/**
 * Losses and scores. Each is a mean over all rows, so that a penalty beside it keeps its worth when the number of rows changes.
 * Classifiers are given by their logits (scores before softmax or sigmoid).
 */
import { sameDim, type Dim } from '../../ir/dims.ts';
import type { Value } from '../../ir/graph.ts';
import { pairwise, toReal } from '../arithmetic.ts';
import { differ, rankOf, reportMismatch } from '../context.ts';
import type { Arguments } from './arguments.ts';
import { labelsOf, oneHot } from './forms.ts';
import { logSoftmax, logsumexp, mean, variance } from './reductions.ts';
import { named, needed, optional, type LibraryRow, type LibraryTable } from './row.ts';

const allAxes = (x: Value): readonly number[] => x.type.shape.map((_, i) => i);

const meanOf = (a: Arguments, x: Value): Value => mean(a.c.b, x, allAxes(x));

/** Both arguments in one shape, which nothing is stretched to. */
function alikePair(a: Arguments, left: string, right: string): readonly [Value, Value] | undefined {
  const [x, y] = [a.operand(left), a.operand(right)];
  const [s, t] = [x.value.type.shape, y.value.type.shape];
  if (a.c.b.sameShape(s, t)) return [a.real(left), a.real(right)];
  const misfit = s.findIndex((dim, i) => s.length !== t.length || !sameDim(dim, t[i] as Dim, a.c.b.fixed));
  const [p, q] = [s[misfit], t[misfit]];
  const because = s.length !== t.length || p === undefined || q === undefined ? 'they have different numbers of axes' : differ(p, q);
  return reportMismatch(a.c, `\`${a.name}\``, x, y, a.call.span, because, [...s, ...t]);
}

/** The mean over pairs of predictions and targets of one shape. */
const meanOfPairs = (
  left: string,
  right: string,
  make: (a: Arguments, x: Value, y: Value) => Value | undefined,
  options: LibraryRow['parameters'] = [],
): LibraryRow => ({
  parameters: [needed(left), needed(right), ...options],
  lower: (a) => {
    const both = alikePair(a, left, right);
    const each = both === undefined ? undefined : make(a, ...both);
    return each === undefined ? undefined : meanOf(a, each);
  },
});

/** Reports unless labels have the shape of the rows of the logits. */
function fitRows(a: Arguments): boolean {
  if (!a.needsRank('logits', [1, 2, 3, 4], 'an array whose last axis is the classes')) return false;
  const [z, y] = [a.operand('logits'), a.operand('labels')];
  const rows = z.value.type.shape.slice(0, -1);
  if (a.c.b.sameShape(rows, y.value.type.shape)) return true;
  const because = rows.length === rankOf(y.value) ? 'their rows differ' : 'there is one label a row';
  reportMismatch(a.c, `\`${a.name}\``, z, y, a.call.span, because, [...rows, ...y.value.type.shape]);
  return false;
}

/** The mean over rows of logsumexp(z) − z_y; labels of kind int, one a row, or probabilities of the logits' own shape. */
const crossEntropy: LibraryRow = {
  parameters: [needed('logits'), needed('labels')],
  lower: (a) => {
    const { b } = a.c;
    const logits = a.real('logits');
    const last = rankOf(logits) - 1;
    if (a.value('labels').type.dtype === 'real' && rankOf(a.value('labels')) === rankOf(logits) && last >= 0) {
      const both = alikePair(a, 'logits', 'labels');
      return both === undefined ? undefined : meanOf(a, b.neg(b.sum(b.mul(both[1], logSoftmax(b, both[0], last)), [last])));
    }
    const labels = labelsOf(a, 'labels');
    if (labels === undefined || !fitRows(a)) return undefined;
    const chosen = b.sum(b.mul(oneHot(b, labels, logits.type.shape[last] as Dim), logits), [last]);
    return meanOf(a, b.sub(logsumexp(b, logits, [last]), chosen));
  },
};

/** The share of rows whose greatest logit is the label's; for one logit a row, whose sign is: labels 0 and 1. */
const accuracy: LibraryRow = {
  parameters: [needed('logits'), needed('labels')],
  lower: (a) => {
    const { b } = a.c;
    const logits = a.real('logits');
    if (rankOf(logits) === rankOf(a.value('labels'))) {
      const both = alikePair(a, 'logits', 'labels');
      return both === undefined ? undefined : meanOf(a, toReal(a.c, b.equal(toReal(a.c, b.less(b.constant(0), both[0])), both[1])));
    }
    const labels = labelsOf(a, 'labels');
    if (labels === undefined || !fitRows(a)) return undefined;
    return meanOf(a, toReal(a.c, b.equal(b.one('argmax', [logits], { axis: rankOf(logits) - 1 }), labels)));
  },
};

/** r² / 2 where |r| ≤ δ, δ (|r| − δ / 2) beyond. */
function huber(a: Arguments, prediction: Value, target: Value): Value | undefined {
  const { b } = a.c;
  if (a.has('delta') && !a.needsRank('delta', [0], 'a number')) return undefined;
  const delta = a.has('delta') ? a.real('delta') : b.constant(1);
  const residual = b.sub(prediction, target);
  const distance = b.abs(residual);
  const square = b.scale(b.mul(residual, residual), 0.5);
  const line = b.mul(delta, b.sub(distance, b.scale(delta, 0.5)));
  return b.select(b.lessEqual(distance, delta), square, line);
}

/** (X − mean) / sd of each column; the mean and sd are those of `by`, by default of X itself. */
const standardize: LibraryRow = {
  parameters: [needed('x'), named('by')],
  lower: (a) => {
    const { b } = a.c;
    const by = a.has('by') ? 'by' : 'x';
    if (!a.needsRank('x', [1, 2, 3, 4], 'an array, one case a row') || !a.needsRank(by, [1, 2, 3, 4], 'an array, one case a row'))
      return undefined;
    const { span } = a.operand(by);
    const from = a.real(by);
    const centred = pairwise(a.c, '`standardize`', a.operand('x'), { value: mean(b, from, [0]), span }, a.call.span, (x, m) => b.sub(x, m));
    if (centred === undefined) return undefined;
    const sd = { value: b.sqrt(variance(b, from, [0])), span };
    return pairwise(a.c, '`standardize`', { value: centred, span: a.operand('x').span }, sd, a.call.span, (x, s) => b.div(x, s));
  },
};

export const losses: LibraryTable = {
  mse: meanOfPairs('prediction', 'target', ({ c: { b } }, x, y) => {
    const residual = b.sub(x, y);
    return b.mul(residual, residual);
  }),
  cross_entropy: crossEntropy,
  /** The mean of softplus(z) − y z; labels 0 and 1. */
  binary_cross_entropy: meanOfPairs('logits', 'labels', ({ c: { b } }, z, y) => b.sub(b.unary('softplus', z), b.mul(y, z))),
  /** The mean of max(0, 1 − y s); labels −1 and 1. */
  hinge: meanOfPairs('scores', 'labels', ({ c: { b } }, s, y) => b.maximum(b.sub(b.constant(1), b.mul(y, s)), b.constant(0))),
  huber: meanOfPairs('prediction', 'target', huber, [optional('delta')]),
  accuracy,
  standardize,
};
