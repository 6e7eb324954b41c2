/** What is unwise about text that stands for numbers: classes that nobody is in, and a word that has two numbers. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { fewLabels, labelsApart } from '../diagnostics/labels.ts';
import type { ProblemDescription } from '../plan/types.ts';
import { domainOf } from './kinds.ts';
import { printType } from './tensor.ts';
import type { BoundProblem } from './types.ts';

export const labelDoubts = (description: ProblemDescription, bound: BoundProblem): readonly Diagnostic[] =>
  bound.labels === undefined ? [] : [...missingClasses(description, bound), ...wordsApart(description, bound.labels)];

function missingClasses({ data }: ProblemDescription, { labels = {}, sizes }: BoundProblem): readonly Diagnostic[] {
  return data.flatMap((each) => {
    const words = labels[each.name];
    const { low, high } = domainOf(each.kind, each.interval, sizes) ?? {};
    if (words === undefined || low === undefined || high === undefined || !Number.isFinite(high) || words.length > high) return [];
    return [fewLabels({ span: each.span }, { data: each.name, type: printType(each), low, high, labels: words })];
  });
}

/** One for each two data: the first word that they number differently. */
function wordsApart({ data }: ProblemDescription, labels: NonNullable<BoundProblem['labels']>): readonly Diagnostic[] {
  const encoded = data.flatMap(({ name, span }) => (labels[name] === undefined ? [] : [{ name, span, words: labels[name] }]));
  return encoded.flatMap((second, i) =>
    encoded.slice(0, i).flatMap((first) => {
      const word = first.words.find((each, code) => ![-1, code].includes(second.words.indexOf(each)));
      if (word === undefined) return [];
      const [one, other] = [first, second].map(({ name, words }) => ({ data: name, code: words.indexOf(word) }));
      if (one === undefined || other === undefined) return [];
      const label = { span: first.span, message: `it is ${one.code} here` };
      return [labelsApart({ span: second.span, labels: [label] }, { word, first: one, second: other })];
    }),
  );
}
