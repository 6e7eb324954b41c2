/** What each kind and each distribution is, in a sentence. */
import type { KindName } from '../../grammar/ast.ts';
import type { DistributionName } from '../program.ts';

export const kindWords: Readonly<Record<KindName | 'choice', string>> = {
  real: 'Any number; `real in [a, b]` is one between two bounds, kept there by projection.',
  positive: 'x > 0, searched by its logarithm.',
  nonnegative: 'x ≥ 0, kept there by projection.',
  unit: '0 < x < 1, searched by its logit.',
  simplex: 'x ≥ 0, and the last axis sums to 1. As a hyper it is a softmax, as a param projected.',
  int: 'Whole numbers: labels and positions. As a hyper it is a real number while it is searched, and rounded in the end.',
  choice: 'One of several functions, for a hyper: a mixture while it is searched, and one of them in the end.',
};

export const distributionWords: Readonly<Record<DistributionName, string>> = {
  normal: 'The normal distribution, by its mean and its standard deviation.',
  uniform: 'Even between two numbers.',
  gumbel: 'The standard Gumbel distribution, −log(−log u).',
  logistic: 'The standard logistic distribution, log u − log(1 − u).',
};
