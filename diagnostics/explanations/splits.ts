/** Splits, at length: see `explanation.ts`. */
import type { Explanations } from './explanation.ts';

export const splits: Explanations = {
  BL2027: {
    explain: `A split cuts one dim, declared by \`dim\`, into shares that are more than 0% and together at most 100%: \`split n into train 60%, valid 20%,
test 20%, seed 7\`. A cross-validation has two parts without a share, what is fitted to and what each fold holds out, and may hold shares out of
all folds: \`split n into train, valid by 5 folds, test 20%, seed 7\`; \`by groups g\` takes the folds from the values of an int data of the dim,
\`by leave_one_out\` makes one of each position. \`stratified by g\` gives every part its share of each value of such a data.`,
    example: `problem p {
  dim n
  data y: [n]
  split n into train 80%, valid 40%, seed 7
  hyper a: positive
  param w: []
  inner minimize mean((w - y[train])^2) + a * w^2
  outer minimize mean((w - y[valid])^2)
}`,
  },
  BL2040: {
    explain: `In a cross-validation the parts without a share are other positions in each fold, and may be more or fewer. They can size what exists
once a fold: a \`param\`, a \`let\`, the result of a \`fn\`. Data and hypers, and the starts of hypers, are the same in all folds: declare them over the
whole dim and index them, as in \`hyper trust: unit[n]\` and \`trust[train]\`. A \`report\` on positions that all folds hold out is evaluated once, at
the end, where the params are fitted to all others: it cannot speak of a single fold as well.`,
    example: `problem p {
  dim n
  data y: [n]
  split n into train, valid by 5 folds, seed 7
  hyper trust: unit[train]
  param w: []
  inner minimize mean(trust * (w - y[train])^2)
  outer minimize mean((w - y[valid])^2)
}`,
  },
  BL6018: {
    explain:
      'A split cuts the order of a dim at round(n · cumulative share). With few rows or a small share a set may come out empty, and a mean over it would have no meaning. Give it a larger share, or use more rows.',
    example: `problem p {
  dim n = 2
  data y: [n] from "y.csv"
  split n into train 90%, valid 10%, seed 1
  hyper penalty: positive
  param w: []
  inner minimize mean((w - y[train])^2) + penalty * w^2
  outer minimize mean((w - y[valid])^2)
}`,
  },
  BL6030: {
    explain: `The positions that the folds share out are fewer than the folds, so that one of them would hold nothing out, and a mean over it would
have no meaning. Groups need two different values at least, and leave-one-out two positions.`,
    example: `problem p {
  dim n = 4
  data y: [n] from "y.csv"
  split n into train, valid by 5 folds
  hyper penalty: positive
  param w: []
  inner minimize mean((w - y[train])^2) + penalty * w^2
  outer minimize mean((w - y[valid])^2)
}`,
  },
  BL6031: {
    explain: `A split that is \`stratified by\` a data gives every part its share of each of its values. Where a value is so rare, or the folds so many,
that a part still has one value only, a loss that tells classes apart means nothing there.`,
    example: `problem p {
  dim n
  data y: int[n] in [0, 1] from "y.csv"
  split n into train, valid by 50 folds, stratified by y
  hyper penalty: positive
  param w: []
  inner minimize mean(softplus(w) - y[train] * w) + penalty * w^2
  outer minimize mean(softplus(w) - y[valid] * w)
}`,
  },
};
