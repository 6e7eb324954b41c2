/**
 * What a run, a gradient and a comparison of strategies say, in words: rows of tables that a terminal and an editor draw. Knows neither
 * widths nor colours.
 */
import { hypergradientApproximate } from '../diagnostics/strategy.ts';
import type { ProblemModule } from '../plan/types.ts';
import type { GradientResult, OuterStep, RunResult, VerifyResult, VerifyRow } from '../runtime/types.ts';
import { counted, duration, figure, roughly, summary } from './figures.ts';
import {
  computedText,
  errorSentence,
  innerSentence,
  reweighedSentence,
  type Say,
  spentSentence,
  strategySentence,
  type Tone,
} from './words.ts';

/** What a row is about, and what is said of it. */
export type Row = readonly [name: string, words: string];

/** What a run has changed; without `from` where it did not begin with another. */
export interface Change {
  readonly name: string;
  readonly from?: string;
  readonly to: string;
}

export interface RunWords {
  readonly hypers: readonly Change[];
  /** What `choice` and `int` hypers became. */
  readonly chosen: readonly Row[];
  readonly criterion: Change;
  /** The criterion with what was chosen, and the reports. */
  readonly reports: readonly Row[];
  readonly params: readonly Row[];
  readonly refit: readonly Row[];
  readonly solving: readonly Row[];
  /** The numbers that stand for text. */
  readonly labels: readonly Row[];
}

export function runWords(
  { description, plan }: Pick<ProblemModule, 'description' | 'plan'>,
  result: RunResult,
  say: Say = String,
): RunWords {
  const { history, computedBy } = result;
  const best = bestSteps(result);
  const [first, last] = [best[0], best.at(-1)];
  const gradientNorm = last === undefined ? '' : `, gradient norm ${roughly(last.gradientNorm)}`;
  const starts = new Set(history.map((step) => step.start)).size;
  const steps = counted(last?.step ?? 0, 'step');
  return {
    hypers: Object.entries(result.hyper).map(([name, value]) => {
      const before = first?.hyper[name];
      return { name, ...(before === undefined ? {} : { from: summary(before) }), to: summary(value) };
    }),
    chosen: Object.entries(result.chosen ?? {}).map(([name, is]) => [name, typeof is === 'object' ? summary(is) : String(is)]),
    criterion: { name: 'criterion', from: figure(first?.outer ?? result.outer), to: figure(result.outer) },
    reports: [
      ...(result.whole === undefined ? [] : [['with what was chosen', figure(result.whole.outer)] as const]),
      ...Object.entries(result.report).map(([name, value]): Row => [name, typeof value === 'number' ? figure(value) : summary(value)]),
    ],
    params: paramRows(result.param),
    refit: result.refit === undefined ? [] : paramRows(result.refit.param),
    solving: [
      ['inner', innerSentence(result, description.meaning, say)],
      ['strategy', strategySentence(plan, result)],
      ...(result.reweighed === undefined ? [] : [['weighed again', reweighedSentence(result.reweighed)] as const]),
      ['error', `of the hypergradient ${errorSentence(result.error)}`],
      [
        'outer',
        `${description.direction}, ${result.outerMethod}: ${say(result.outerStatus)} after ${steps}${gradientNorm}${starts > 1 ? `, best of ${starts} starts` : ''}`,
      ],
      ['spent', spentSentence(result.spent)],
      ['computed by', computedText(computedBy)],
      ['elapsed', duration(result.elapsedMs)],
    ],
    labels: labelRows(result),
  };
}

/** The titles of what a run has to say, one for the terminal and the editor. */
export const runTitles = {
  labels: 'text as numbers',
  hypers: 'hypers',
  chosen: 'chosen, and the inner problem solved again: reports and params are of that',
  reports: 'criterion and reports',
  params: ({ computedBy: { folds } }: RunResult): string => (folds === undefined ? 'params' : `params of ${folds} folds`),
  refit: 'params, fitted once more to all folds',
  solving: 'how it was solved',
} as const;

const paramRows = (values: RunResult['param']): readonly Row[] => Object.entries(values).map(([name, value]) => [name, summary(value)]);

/** With several starts those of the one that holds the point of the result. */
export function bestSteps({ history, outer }: RunResult): readonly OuterStep[] {
  const best = history.findLast((step) => step.outer === outer)?.start ?? history.at(-1)?.start ?? 0;
  return history.filter(({ start }) => start === best);
}

/** More words than these are in the JSON. */
const mostWords = 12;

const labelRows = ({ labels = {} }: RunResult): readonly Row[] =>
  Object.entries(labels).map(([data, words]) => {
    const shown = words.slice(0, mostWords).map((word, code) => `${code} = ${word}`);
    return [data, `${shown.join(', ')}${words.length > mostWords ? `, … ${words.length - 1} = ${words.at(-1) ?? ''}` : ''}`];
  });

export const gradientRows = (
  { description, plan }: Pick<ProblemModule, 'description' | 'plan'>,
  result: GradientResult,
  say: Say = String,
): readonly Row[] => [
  ['outer', figure(result.outer, 10)],
  ['inner', innerSentence(result, description.meaning, say)],
  ['strategy', strategySentence(plan, result)],
  ['error', errorSentence(result.error)],
  ['computed by', computedText(result.computedBy)],
];

export interface VerifyWords {
  readonly rows: readonly {
    readonly row: VerifyRow;
    readonly difference: string;
    readonly allowed: string;
    readonly verdict: 'chosen' | 'not compared' | 'agrees' | 'DIFFERS';
    readonly why: string;
  }[];
  /** What is allowed where a row says nothing else. */
  readonly allowance?: string;
  readonly verdict: string;
  /** Absent where nothing was to agree. */
  readonly tone?: Tone;
}

export function verifyWords(result: VerifyResult): VerifyWords {
  const { rows, agrees, chosen } = result;
  // What nearly all rows are allowed, and why, is said once, below them.
  const whys = rows.flatMap((row) => (row.allowed === undefined ? [] : [row.allowed.why]));
  const common = whys.find((why) => whys.filter((other) => other.endsWith(why)).length > 1) ?? '';
  const isCompared = rows.some((row) => row.agrees !== undefined);
  const verdict: Pick<VerifyWords, 'verdict' | 'tone'> =
    !isCompared && rows.some((row) => row.relativeDifference !== undefined)
      ? {
          verdict: chosen.warnings.some(({ code }) => code === hypergradientApproximate.kind.code)
            ? 'What is chosen only approximates the derivative: the differences are its distances, and nothing is to agree.'
            : 'No two of these are to agree.',
        }
      : agrees
        ? { verdict: 'All that accept the problem agree.', tone: 'good' }
        : { verdict: 'Not all that accept the problem agree.', tone: 'bad' };
  return {
    rows: rows.map((row) => ({
      row,
      difference: row.relativeDifference === undefined ? '' : roughly(row.relativeDifference),
      allowed: row.allowed === undefined ? '' : roughly(row.allowed.relative),
      verdict: row.result === chosen ? 'chosen' : row.agrees === undefined ? 'not compared' : row.agrees ? 'agrees' : 'DIFFERS',
      why: row.because ?? (row.allowed?.why ?? '').replace(common, '').replace(/; $/u, ''),
    })),
    ...(common === '' ? {} : { allowance: `Allowed, where nothing else is said: ${common}.` }),
    ...verdict,
  };
}
