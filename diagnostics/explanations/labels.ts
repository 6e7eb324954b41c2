/** Text that stands for numbers, at length: see `explanation.ts`. */
import type { Explanations } from './explanation.ts';

const classes = (types: string): string => `problem p {
${types}
  hyper penalty: positive
  param w: [k]
  inner minimize mean((w[y] - 1)^2) + penalty * sum(w^2)
  outer minimize sum((w - 1)^2)
}`;

export const labels: Explanations = {
  BL6026: {
    explain:
      'A table whose first row is not all numbers has a header. In a file of text alone the first row of data would be taken for one and be lost; that its word comes again below shows it. A header that no class shares is told from the data by nothing, so the file needs one.',
    example: classes('  dim n, k = 2\n  data y: int[n] in [0, k - 1] from "y.csv"   // y.csv: yes, no, yes, without a header'),
  },
  BL6027: {
    explain:
      'Words are numbered 0, 1, … in the order of their code points. An interval says which numbers there may be, so it also says how many words: `in [0, k - 1]` has room for k. The text has a word more, often a misspelt one, or one in another case; or the interval begins above 0.',
    example: classes('  dim n, k = 2\n  data y: int[n] in [0, k - 1] from "y.csv" column species   // Iris is there beside iris'),
  },
  BL6034: {
    explain:
      'The interval has room for more classes than the text has words. That may be meant: a class that nobody happens to be in. But words are numbered by their order among those that are there, so a missing one shifts all that come behind it, and numbers that are kept elsewhere would mean others. Text of several files under one column’s name is numbered together, and a class has to be in one of them only.',
    example: classes('  dim n, k = 3\n  data y: int[n] in [0, k - 1] from "y.csv" column species   // two species'),
  },
  BL6036: {
    explain:
      'Data that the page uses as labels have several values, and the rows of an index set, in a cross-validation those that a fold is fitted to, have only one of them. A classifier that has seen one class predicts it everywhere, and a criterion that sees one class cannot tell a good one from that. Files that are sorted by class are cut so by `unshuffled`; a rare class may miss a part by chance. With `stratified by` every part has its share of each class.',
    example: `problem p {
  dim n, k = 2
  data x: [n] from "x.csv"
  data y: int[n] in [0, k - 1] from "y.csv"   // 0, 0, 0, 0, 1, 1, 1, 1
  split n into train 50%, valid 50%, unshuffled
  hyper penalty: positive
  param w: [k]
  inner minimize cross_entropy(outer(x[train], w), y[train]) + penalty * sum(w^2)
  outer minimize sum((w - 1)^2)
}`,
  },
  BL6035: {
    explain:
      'Two data are text and share a word, which has another number in each, because columns of two names are numbered each by their own words. That is right where they speak of different things; of two columns of one file it is not asked. Where they are the same classes, in a file to fit to and one to test on, a number would stand for another class there: give both columns one name, and their words are numbered together.',
    example: `problem p {
  dim n, m, k = 2
  data y: int[n] from "y.csv" column species
  data z: int[m] from "z.csv" column kind   // has one of the two species
  hyper penalty: positive
  param w: [k]
  inner minimize mean((w[y] - 1)^2) + penalty * sum(w^2)
  outer minimize mean((w[z] - 1)^2)
}`,
  },
  BL6037: {
    explain:
      'Values that are missing are not guessed: an empty cell in a column of labels is an error. `NA`, `N/A`, `NULL`, `None` and the like are words, and may be labels; far more often a program wrote them where it had no value, and those rows would be fitted as a class of their own.',
    example: classes('  dim n, k = 3\n  data y: int[n] in [0, k - 1] from "y.csv" column species   // iris, rose, and NA'),
  },
};
