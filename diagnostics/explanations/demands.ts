/** What a page asks of sizes and positions, at length: see `explanation.ts`. */
import type { Explanations } from './explanation.ts';

export const demands: Explanations = {
  BL6028: {
    explain:
      'A range, a position or a size is written in dims that the data fix, and with these data it is none: the range ends before it begins, or reaches out of its axis, or a size is less than 1. With dims that have a declared value the compiler says so; with others it can be known only when the data are bound. In cross-validation it holds in every fold.',
    example: `problem p {
  dim v
  data x: [v] from "x.csv"   // two rows
  hyper penalty: positive
  param w: []
  inner minimize mean((w - x[2 .. v - 2])^2) + penalty * w^2
  outer minimize (w - 1)^2
}`,
  },
  BL6029: {
    explain:
      'Whole numbers of a file are used as positions of an axis, in `a[g]` and `take`, or as labels of so many classes, in `one_hot` and `cross_entropy`. Positions and labels are counted from 0, and one of these is negative or too large: no value is there, and a label that is no class would take no part in the loss without a word. Files that count from 1 are the usual cause. Only positions that are used are looked at: of `g[train]` those in `train`.',
    example: `problem p {
  dim n, m = 3
  data a: [m] from "a.csv"
  data g: int[n] from "g.csv"   // 0, 1, 7
  hyper penalty: positive
  param w: []
  inner minimize mean((w - a[g])^2) + penalty * w^2
  outer minimize (w - 1)^2
}`,
  },
};
