/** What can be wrong with a split: as it is declared (BL2xxx), and as it cuts the data that it is bound to (BL6xxx). */
import { defineDiagnostic, type Hint } from './diagnostic.ts';
import { defineMendable } from './fix.ts';

const quote = (name: string): string => `\`${name}\``;

export const badSplit = /* @__PURE__ */ defineMendable<{ because: string; hint?: Hint | undefined }>(
  {
    code: 'BL2027',
    slug: 'bad-split',
    severity: 'error',
  },
  { message: ({ because }) => because, hints: ({ hint }) => (hint === undefined ? [] : [hint]) },
);

export const variesOverFolds = /* @__PURE__ */ defineDiagnostic<{ what: string; set: string; hint: string }>(
  {
    code: 'BL2040',
    slug: 'varies-over-folds',
    severity: 'error',
  },
  {
    message: ({ what, set }) => `${what} is one for all folds, and ${quote(set)} is another in each`,
    hints: ({ hint }) => [hint],
  },
);

export const emptyIndexSet = /* @__PURE__ */ defineDiagnostic<{ set: string; dim: string; size: number; percent: number }>(
  {
    code: 'BL6018',
    slug: 'empty-index-set',
    severity: 'error',
  },
  { message: ({ set, dim, size, percent }) => `the index set ${quote(set)} is empty: ${percent}% of ${quote(dim)} = ${size} holds no row` },
);

export const foldWithoutRows = /* @__PURE__ */ defineDiagnostic<{ dim: string; size: number; folds: number; groups?: string | undefined }>(
  {
    code: 'BL6030',
    slug: 'fold-without-rows',
    severity: 'error',
  },
  {
    message: ({ dim, size, folds, groups }) =>
      groups === undefined
        ? `${folds} ${folds === 1 ? 'fold' : 'folds'} of ${size} ${size === 1 ? 'position' : 'positions'} of ${quote(dim)}: one of them has nothing to fit to, or nothing to hold out`
        : `${quote(groups)} has one value at all ${size} positions of ${quote(dim)}: a fold of it leaves nothing to fit to`,
    hints: ({ size, folds, groups }) =>
      groups === undefined && folds > 2 && size > 1 ? [`at most \`by ${size} folds\``] : ['two positions in two folds are the least'],
  },
);

export const foldOfOneClass = /* @__PURE__ */ defineDiagnostic<{
  set: string;
  data: string;
  fold: number;
  folds: number;
  value: string;
}>(
  {
    code: 'BL6031',
    slug: 'fold-of-one-class',
    severity: 'error',
  },
  {
    message: ({ set, data, fold, folds, value }) =>
      `in fold ${fold} of ${folds} all of ${quote(set)} has ${quote(data)} = ${value}, though the split is stratified by it`,
    hints: () => ['take fewer folds, or leave `stratified by` out where a part of one class is meant'],
  },
);
