/** What is unwise about labels: parts of the rows that have one class only; of text, classes that nobody is in, and a word with two numbers. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { fewLabels, labelsApart, missingLabel, oneClass } from '../diagnostics/labels.ts';
import type { ProblemDescription } from '../plan/types.ts';
import { domainOf } from './kinds.ts';
import { printType } from './tensor.ts';
import type { BoundProblem } from './types.ts';

/** The words of data that are text, by the name of the data: a map, since one may be called `toString`. */
type Words = ReadonlyMap<string, readonly string[]>;

export function labelDoubts(description: ProblemDescription, bound: BoundProblem): readonly Diagnostic[] {
  const words: Words = new Map(Object.entries(bound.labels ?? {}));
  return [
    ...partsOfOneClass(description, bound, words),
    ...missingClasses(description, bound, words),
    ...missingValues(description, words),
    ...wordsApart(description, words),
  ];
}

/** One for each data that are labels, in the first fold where a part of them has a single value. What a fold holds out may be one row. */
function partsOfOneClass({ demands, splits }: ProblemDescription, { slots, folds }: BoundProblem, words: Words): readonly Diagnostic[] {
  const seen = new Set<string>();
  return (demands?.positions ?? []).flatMap(({ data, among: set }) => {
    const split = splits.find(({ parts }) => parts.some(({ name }) => name === set));
    const values = slots[`data:${data}`];
    if (set === undefined || split === undefined || values?.shape.length !== 1 || new Set(values.data).size < 2) return [];
    const varying = split.parts.filter(({ percent }) => percent === undefined);
    if (seen.has(data) || varying[1]?.name === set) return [];
    const isVarying = varying.some(({ name }) => name === set);
    const instances = isVarying ? (folds?.each ?? []).map((each) => each.slots) : [slots];
    const fold = instances.findIndex((own) => classesIn(own[`index:${set}`]?.data, values.data).size === 1);
    if (fold < 0) return [];
    seen.add(data);
    const [value = 0] = classesIn(instances[fold]?.[`index:${set}`]?.data, values.data);
    const word = words.get(data)?.[value];
    const payload = { set, data, folds: instances.length, value, word, isStratified: split.stratifiedBy === data };
    return [oneClass({ span: split.span }, { ...payload, fold: isVarying ? fold + 1 : undefined })];
  });
}

const classesIn = (members: Float64Array = new Float64Array(), values: Float64Array): ReadonlySet<number> =>
  new Set(Array.from(members, (position) => values[position] ?? 0));

function missingClasses({ data }: ProblemDescription, { sizes }: BoundProblem, words: Words): readonly Diagnostic[] {
  return data.flatMap((each) => {
    const own = words.get(each.name);
    const { low, high } = domainOf(each.kind, each.interval, sizes) ?? {};
    if (own === undefined || low === undefined || high === undefined || !Number.isFinite(high) || own.length > high) return [];
    return [fewLabels({ span: each.span }, { data: each.name, type: printType(each), low, high, labels: own })];
  });
}

/** What R, SQL, pandas and spreadsheets write where there is no value. */
const missingWords = /^(?:na|n\/a|#n\/a|<na>|null|none|missing)$/iu;

/** One for each data. */
const missingValues = ({ data }: ProblemDescription, words: Words): readonly Diagnostic[] =>
  data.flatMap(({ name, span }) => {
    const own = words.get(name) ?? [];
    const code = own.findIndex((word) => missingWords.test(word));
    return code < 0 ? [] : [missingLabel({ span }, { data: name, word: own[code] ?? '', code })];
  });

/** One for each two data of different files: the first word that they number differently. Columns of one table mean different things, and may share words. */
function wordsApart({ data }: ProblemDescription, words: Words): readonly Diagnostic[] {
  const encoded = data.flatMap(({ name, span, from }) => {
    const own = words.get(name);
    return own === undefined ? [] : [{ name, span, file: from?.file, words: own }];
  });
  return encoded.flatMap((second, i) =>
    encoded.slice(0, i).flatMap((first) => {
      if (first.file !== undefined && first.file === second.file) return [];
      const word = first.words.find((each, code) => ![-1, code].includes(second.words.indexOf(each)));
      if (word === undefined) return [];
      const [one, other] = [first, second].map(({ name, words }) => ({ data: name, code: words.indexOf(word) }));
      if (one === undefined || other === undefined) return [];
      const label = { span: first.span, message: `it is ${one.code} here` };
      return [labelsApart({ span: second.span, labels: [label] }, { word, first: one, second: other })];
    }),
  );
}

export type LabelDoubts = typeof labelDoubts;
