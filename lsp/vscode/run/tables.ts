/** Results as the view shows them: figures, tables, and the document of the command line. Says nothing that `bilevel` does not say. */
import { counted, figure, roughly, shareText, summary, timeText, memoryText } from '../../../library/figures.ts';
import { costText } from '../../../library/costs.ts';
import { gradientJson, runJson, verifyJson } from '../../../library/json.ts';
import type { PlanDocument, PlanFacts } from '../../../library/plan-document.ts';
import { actsText, degreeText, meaningText } from '../../../library/plan-words.ts';
import { bestSteps, gradientRows, runTitles, runWords, verifyWords, type Row } from '../../../library/result-words.ts';
import { countsText, toneOf } from '../../../library/words.ts';
import { environmentOf } from '../../../plan/predict.ts';
import type { ProblemModule, Tensor } from '../../../plan/types.ts';
import { indexText, norm } from '../../../runtime/tensor.ts';
import type { ErrorReport, GradientResult, RunResult, VerifyResult } from '../../../runtime/types.ts';
import type { Shows } from './ending.ts';
import type { Cell, Figure, Table } from './results.ts';

/** Rows of hypers that are shown each on their own. */
const mostRows = 40;

const written = (document: object): string => JSON.stringify(document, undefined, 2);

const section = (title: string, rows: readonly Row[]): readonly Table[] => (rows.length === 0 ? [] : [{ title, rows: rows.map(named) }]);

const named = ([name, words]: Row): readonly Cell[] => [{ text: name, tone: 'strong' }, words];

/** How far a hypergradient may be off, and of what kind the statement is. `length`: its own, where it is not about to vanish. */
export function errorFigure({ bound, estimate, certified, why }: ErrorReport, length = 0): Figure {
  const size = bound ?? estimate;
  const name = 'error of the hypergradient';
  if (size === undefined) return { name, value: 'not known', tone: 'doubtful', means: why };
  const share = length > 0 ? `, ${roughly(size / length)} of its length` : '';
  const kind = bound === undefined ? 'An estimate of' : certified ? 'A proved bound of' : 'A bound of';
  return {
    name,
    value: `${bound === undefined ? 'about' : 'at most'} ${roughly(size)}`,
    means: `${kind} its distance from the true one over all hypers${share}: ${why}`,
  };
}

const lengthOf = (point: GradientResult['hypergradient']): number => norm(Object.values(point).flatMap(({ data }) => [...data]));

export function runTables(module: ProblemModule, result: RunResult): Shows {
  const { criterion, hypers, chosen, reports, params, refit, solving, labels } = runWords(module, result);
  const { outerStatus, outerMethod, hypergradient, error, history } = result;
  const steps = bestSteps(result);
  const manyStarts = new Set(history.map(({ start }) => start)).size > 1;
  const [best] = steps;
  const last = steps.at(-1)?.step ?? 0;
  return {
    words: `${outerStatus} after ${counted(last, 'step')}`,
    ...(manyStarts && best !== undefined ? { best: best.start } : {}),
    figures: [
      { name: 'criterion', value: criterion.to, means: `from ${criterion.from ?? criterion.to} at the start` },
      ...reports.map(([name, value]) => ({ name, value, means: 'reported at the end' })),
      { name: 'outer solver', value: outerStatus, tone: toneOf(outerStatus), means: `${outerMethod}, ${counted(last, 'step')}` },
      errorFigure(error),
    ],
    tables: [
      {
        title: runTitles.hypers,
        heads: ['hyper', 'start', 'found', 'hypergradient'],
        rows: hypers.map(({ name, from = '', to }) => {
          const derivative = hypergradient[name];
          return [{ text: name, tone: 'strong' }, from, { text: to, tone: 'strong' }, derivative === undefined ? '' : summary(derivative)];
        }),
        figures: [1, 2, 3],
      },
      ...section(runTitles.chosen, chosen),
      ...section(runTitles.params(result), params),
      ...section(runTitles.refit, refit),
      ...section(runTitles.labels, labels),
      ...section(runTitles.solving, solving),
    ],
    json: written(runJson(module.description.name, result)),
  };
}

export function gradientTables(module: ProblemModule, verified: VerifyResult): Shows {
  const { chosen } = verified;
  const { rows, verdict, tone, allowance } = verifyWords(verified);
  const differences = rows.find(({ row }) => row.result !== chosen);
  const compared = differences?.row.result?.hypergradient;
  const agrees = differences?.row.agrees;
  const figureOf: readonly Figure[] =
    differences === undefined
      ? []
      : [
          {
            name: 'against differences',
            value: agrees === undefined ? differences.verdict : agrees ? 'agrees' : 'differs',
            ...(tone === undefined ? {} : { tone }),
            means: agreementText(differences.difference, differences.allowed, differences.why || (allowance ?? verdict)),
          },
        ];
  return {
    words: agrees === false ? 'the hypergradient differs from differences' : 'the hypergradient at the declared starts',
    figures: [
      { name: 'criterion', value: figure(chosen.outer), means: 'at the declared starts' },
      ...figureOf,
      errorFigure(chosen.error, lengthOf(chosen.hypergradient)),
    ],
    tables: [
      {
        title: 'hypergradient',
        heads: ['hyper', 'at', 'hypergradient', ...(compared === undefined ? [] : ['by differences', 'apart'])],
        rows: Object.entries(chosen.hypergradient).flatMap(([name, derivative]) =>
          elementRows(name, chosen.hyper[name], derivative, compared?.[name]),
        ),
        figures: [1, 2, 3, 4],
      },
      ...section(runTitles.solving, gradientRows(module, chosen)),
    ],
    json: written({ ...gradientJson(module.description.name, chosen), ...verifyJson(verified) }),
  };
}

const agreementText = (difference: string, allowed: string, why: string): string =>
  difference === '' ? why : `apart by ${difference} of its length${allowed === '' ? '' : `, allowed ${allowed}`}: ${why}`;

/** An element a row; of a long vector one row for all. */
function elementRows(name: string, at: Tensor | undefined, derivative: Tensor, compared: Tensor | undefined): readonly (readonly Cell[])[] {
  const { shape, data } = derivative;
  if (data.length > mostRows) return [[{ text: name, tone: 'strong' }, at === undefined ? '' : summary(at), summary(derivative)]];
  return [...data].map((value, flat) => {
    const other = compared?.data[flat];
    const label = shape.length === 0 ? name : `${name}${indexText(flat, shape)}`;
    const both = other === undefined ? [] : [figure(other), roughly(Math.abs(other - value))];
    return [{ text: label, tone: 'strong' }, figure(at?.data[flat] ?? Number.NaN), figure(value), ...both];
  });
}

export function verifyTables(module: ProblemModule, verified: VerifyResult): Shows {
  const { chosen } = verified;
  const { rows, allowance, verdict, tone } = verifyWords(verified);
  const compared = rows.filter(({ row }) => row.relativeDifference !== undefined).length;
  const tones = { chosen: 'strong', 'not compared': 'quiet', agrees: 'good', DIFFERS: 'bad' } as const;
  return {
    words: verdict,
    figures: [
      { name: 'strategies', value: `${compared + 1}`, ...(tone === undefined ? {} : { tone }), means: verdict },
      { name: 'criterion', value: figure(chosen.outer), means: 'at the declared starts' },
      errorFigure(chosen.error, lengthOf(chosen.hypergradient)),
    ],
    tables: [
      {
        title: 'strategies, against the one that is chosen',
        heads: ['strategy', 'solver', 'difference', 'allowed', 'verdict', 'why'],
        rows: rows.map(({ row, difference, allowed, verdict: word, why }) => [
          { text: row.strategy, tone: 'strong' },
          row.solver,
          difference,
          allowed,
          { text: word === 'DIFFERS' ? 'differs' : word, tone: tones[word] },
          why,
        ]),
        figures: [2, 3],
        ...(allowance === undefined ? {} : { note: allowance }),
      },
      {
        title: 'hypergradient of the chosen one',
        heads: ['hyper', 'at', 'hypergradient'],
        rows: Object.entries(chosen.hypergradient).flatMap(([name, derivative]) =>
          elementRows(name, chosen.hyper[name], derivative, undefined),
        ),
        figures: [1, 2],
      },
      ...section(runTitles.solving, gradientRows(module, chosen)),
    ],
    json: written({ ...gradientJson(module.description.name, chosen), ...verifyJson(verified) }),
  };
}

/** `without`: why there are no data, where there are none. */
export function planTables(facts: PlanFacts, document: PlanDocument, without: readonly string[]): Shows {
  const { description, plan, sizes } = facts;
  const environment = environmentOf(plan, sizes);
  const known = Object.entries(sizes).map(([name, size]) => `${name} = ${size}`);
  const { chosen, candidates, memory, stages } = document;
  const verdictTones = {
    chosen: 'good',
    valid: undefined,
    'sizes unknown': 'doubtful',
    'not for these sizes': 'doubtful',
    refused: 'quiet',
  } as const;
  const best = candidates.find(({ id }) => id === chosen);
  return {
    words: chosen === null ? 'no candidate can be chosen' : `${chosen} would be taken`,
    figures: [
      {
        name: 'chosen',
        value: chosen ?? 'none',
        tone: chosen === null ? 'doubtful' : 'good',
        means: best?.why ?? 'no candidate can be chosen',
      },
      {
        name: 'one hypergradient',
        value: timeText(best?.predicted) || 'not known',
        means: best?.predicted === undefined ? 'not all sizes are known' : 'predicted, by what work usually takes',
      },
      {
        name: 'memory',
        value: memory === null ? 'not known' : memoryText(memory.bytes),
        means:
          memory === null
            ? 'not all sizes are known'
            : `the largest are ${memory.largest.map(({ what, bytes }) => `${what} (${memoryText(bytes)})`).join(', ')}`,
      },
    ],
    tables: [
      {
        title: 'candidates',
        heads: ['candidate', 'verdict', 'predicted', 'error', 'flops', 'moved', 'steps', 'why'],
        rows: candidates.map((row) => {
          const cost = facts.costs.get(row.id);
          const tone = verdictTones[row.verdict];
          return [
            { text: row.verdict === 'refused' ? row.strategy : row.id, tone: 'strong' },
            tone === undefined ? row.verdict : { text: row.verdict, tone },
            timeText(row.predicted),
            'error' in row ? shareText(row.error.share) : '',
            cost === undefined ? '' : costText(cost.flops, environment, 'flop'),
            cost === undefined ? '' : costText(cost.bytes, environment, 'B'),
            'steps' in row ? countsText(row.steps) : '',
            row.why,
          ];
        }),
        figures: [2, 3, 4, 5],
        note: 'Errors are shares of the hypergradient: they tell candidates apart, and bound nothing.',
      },
      ...section('the problem', [
        ['meaning', meaningText(description)],
        ['degree', `inner ${degreeText(description.degree.inner)}, outer ${degreeText(description.degree.outer)} in the params`],
        ['curvature', `${description.curvature.word}: ${description.curvature.why}`],
        ['sizes', known.length === 0 ? 'not known' : known.join(', ')],
        ...(without.length === 0 ? [] : [['data', `without data, because ${[...new Set(without)].join('; ')}`] as const]),
        ...description.hypers.map((hyper): Row => [hyper.name, actsText(hyper)]),
      ]),
      ...(stages.length === 0
        ? []
        : [
            {
              title: `stages of ${chosen ?? ''}`,
              heads: ['stage', 'flops', 'what it computes'],
              rows: stages.map(({ stage, flops, cost, what }): readonly Cell[] => [
                { text: stage, tone: 'strong' },
                flops === undefined ? cost : costText(flops, environment, 'flop'),
                what,
              ]),
              figures: [1],
            },
          ]),
    ],
    json: written(document),
  };
}
