/** What can be wrong, or doubtful, with text that stands for numbers (BL6xxx): how many words there are, and what each is called. */
import { defineDiagnostic } from './diagnostic.ts';

const quote = (name: string): string => `\`${name}\``;
const most = 12;
const wordsText = (words: readonly string[]): string => {
  const shown = words.slice(0, most).map((word) => JSON.stringify(word.length > 40 ? `${word.slice(0, 40)}…` : word));
  return words.length <= most ? shown.join(', ') : `${shown.join(', ')} and ${words.length - most} more`;
};
const countText = (count: number): string => `${count} ${count === 1 ? 'word' : 'words'}`;

export const headerAmongLabels = /* @__PURE__ */ defineDiagnostic<{ data: string; file: string; header: string }>(
  {
    code: 'BL6026',
    slug: 'header-among-labels',
    severity: 'error',
  },
  {
    message: ({ data, file, header }) =>
      `${quote(data)}: the first row of ${file} is taken for a header, and its ${quote(header)} is also a word of the column below it`,
    hints: () => ['give the file a first row that names its columns: a column of text alone does not show whether it has one'],
  },
);

/** An interval and the words that are numbered within it, or not. */
interface Numbered {
  readonly data: string;
  readonly type: string;
  readonly low: number;
  readonly high: number;
  readonly labels: readonly string[];
}

const roomText = ({ low, high }: Numbered): string =>
  high === Number.POSITIVE_INFINITY
    ? `holds whole numbers from ${low}`
    : `holds the numbers ${low === Number.NEGATIVE_INFINITY ? 'up' : low} to ${high}`;

export const labelsOutsideInterval = /* @__PURE__ */ defineDiagnostic<Numbered & { file: string }>(
  {
    code: 'BL6027',
    slug: 'labels-outside-interval',
    severity: 'error',
  },
  {
    message: (numbered) =>
      `\`${numbered.data}: ${numbered.type}\` ${roomText(numbered)}, but its text in ${numbered.file} has ${countText(numbered.labels.length)}, ` +
      `numbered 0 to ${numbered.labels.length - 1}: ${wordsText(numbered.labels)}`,
    hints: ({ low, labels }) => [
      low > 0
        ? `words are numbered from 0: write \`in [0, ${labels.length - 1}]\``
        : `a word that is misspelt is a word of its own; for ${labels.length} classes write \`in [0, ${labels.length - 1}]\`, or give the dim that the interval speaks of the size ${labels.length}`,
    ],
  },
);

export const fewLabels = /* @__PURE__ */ defineDiagnostic<Numbered>(
  {
    code: 'BL6034',
    slug: 'few-labels',
    severity: 'warning',
  },
  {
    message: (numbered) =>
      `\`${numbered.data}: ${numbered.type}\` ${roomText(numbered)}, and its text has only ${countText(numbered.labels.length)}: ${wordsText(numbered.labels)}; ` +
      'a class that is missing shifts the numbers of those behind it',
    hints: ({ labels }) => [
      `declare what is there, \`in [0, ${labels.length - 1}]\`, or write numbers in the file where others have to agree with them`,
    ],
  },
);

export const oneClass = /* @__PURE__ */ defineDiagnostic<{
  set: string;
  data: string;
  /** From 1. */
  fold?: number | undefined;
  folds: number;
  value: number;
  word?: string | undefined;
  isStratified: boolean;
}>(
  {
    code: 'BL6036',
    slug: 'one-class',
    severity: 'warning',
  },
  {
    message: ({ set, data, fold, folds, value, word }) =>
      `${fold === undefined ? '' : `in fold ${fold} of ${folds} `}all of ${quote(set)} has ${quote(data)} = ${value}${word === undefined ? '' : ` (${JSON.stringify(word)})`}, ` +
      'and other rows have others: nothing there tells the classes apart',
    hints: ({ data, isStratified }) => [
      isStratified
        ? 'there are too few rows of the other classes: take fewer folds'
        : `write \`stratified by ${data}\` in the split: every part then has its share of each class`,
    ],
  },
);

export const labelsApart = /* @__PURE__ */ defineDiagnostic<{
  word: string;
  first: { data: string; code: number };
  second: { data: string; code: number };
}>(
  {
    code: 'BL6035',
    slug: 'labels-apart',
    severity: 'warning',
  },
  {
    message: ({ word, first, second }) =>
      `${JSON.stringify(word)} is ${first.code} in ${quote(first.data)} and ${second.code} in ${quote(second.data)}: their words are numbered apart`,
    hints: () => ['where they mean the same, give their columns one name: text under one name is numbered together in all files'],
  },
);

export const missingLabel = /* @__PURE__ */ defineDiagnostic<{ data: string; word: string; code: number }>(
  {
    code: 'BL6037',
    slug: 'missing-label',
    severity: 'warning',
  },
  {
    message: ({ data, word, code }) =>
      `${JSON.stringify(word)}, class ${code} of ${quote(data)}, is how many programs write that a value is missing: here it is a class like the others`,
    hints: () => ['leave rows without a label out of the file; where it is a word, as a country that is shortened so, write it in full'],
  },
);
