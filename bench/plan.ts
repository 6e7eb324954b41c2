/**
 * `npm run bench -- --plan`: of every reference problem and every example, what the plan chooses and what would have been best here: each
 * candidate's predicted time beside the measured one. Fails where the choice takes more than 1.5 times as long as the best.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { choose } from '../plan/choose.ts';
import { candidatesAskedFor } from '../plan/decide.ts';
import { bindData } from '../runtime/data/files.ts';
import { nodeSources } from '../runtime/data/node.ts';
import { drawAll } from '../runtime/draws.ts';
import { crossValidation } from '../runtime/folds/cross-validation.ts';
import { measureCandidates } from '../runtime/measure.ts';
import { figuresJson, machine, markdownTable, milliseconds, progress, say, textTable } from './output.ts';
import { compiledPage, linkedModule, words } from './page.ts';
import { placesOf } from './places.ts';

export const usage = `npm run bench -- --plan [flags]
  --only NAME       only problems with NAME in their names
  --seconds S       to measure one candidate (default 0.3)
  --json FILE       write the figures there
Without --only and --json the figures go to bench/plan.json and bench/plan.md.
`;

/** How many times as long as the best the choice may take. */
const limit = 1.5;

export interface Flags {
  readonly only: string;
  readonly seconds: number;
  readonly json: string | undefined;
  readonly help: boolean;
}

/** Flags, or what is wrong with them. */
export function parseFlags(args: readonly string[]): Flags | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        plan: { type: 'boolean' },
        only: { type: 'string', default: '' },
        seconds: { type: 'string', default: '0.3' },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    const { only, json, help } = values;
    const seconds = Number(values.seconds);
    return seconds > 0 ? { only, seconds, json, help } : '--seconds takes a positive number';
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
}

interface Row {
  readonly id: string;
  readonly predictedMs: number | undefined;
  readonly medianMs?: number;
  readonly leastMs?: number;
  readonly innerSteps?: number;
  readonly linearSteps?: number;
  readonly because?: string;
}

interface Weighed {
  readonly problem: string;
  readonly chosen: string;
  /** Of the least times: that of the choice over the best. */
  readonly ratio: number;
  readonly rows: readonly Row[];
}

const folders = ['test/reference', 'examples'] as const;

const pagesOf = (root: string, only: string): readonly { readonly name: string; readonly file: string }[] =>
  folders
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => ({ name, file: join(root, folder, name, `${name}.bilevel`) })))
    .filter(({ name, file }) => name.includes(only) && existsSync(file));

async function weigh(name: string, file: string, seconds: number): Promise<Weighed> {
  const problem = compiledPage(readFileSync(file, 'utf8'), file);
  const module = linkedModule(problem, 'float64', { threads: 1 });
  const { bound, diagnostics } = await bindData(module.description, nodeSources(), 0, { crossValidation, drawAll });
  if (bound === undefined) throw new Error(`${file}: ${words(diagnostics)}`);
  const { chosen, verdicts } = choose(module.plan, bound.sizes);
  const isValid = (id: string): boolean => verdicts.some((v) => v.id === id && v.verdict !== 'not for these sizes');
  const wanted = candidatesAskedFor(module.plan, undefined).filter(({ id }) => isValid(id));
  const measured = await measureCandidates(module, bound, wanted, {
    ms: seconds * 1000,
    onCandidate: (id) => progress(name, `  ${id}`),
  });
  if ('ok' in measured) throw new Error(`${file}: ${words(measured.diagnostics)}`);
  const rows = measured.map((each): Row => {
    const predictedMs = verdicts.find((v) => v.id === each.id)?.predicted;
    if ('because' in each) return { id: each.id, predictedMs, because: each.because };
    const { id, ms, leastMs, steps } = each;
    return {
      id,
      predictedMs,
      medianMs: ms,
      leastMs,
      innerSteps: steps.inner,
      ...(steps.linear === undefined ? {} : { linearSteps: steps.linear }),
    };
  });
  const least = (row: Row | undefined): number => row?.leastMs ?? Infinity;
  rows.sort((a, b) => least(a) - least(b));
  const ratio = least(rows.find(({ id }) => id === chosen?.id)) / least(rows[0]);
  return { problem: name, chosen: chosen?.id ?? '', ratio, rows };
}

const heads = ['', 'predicted, ms', 'measured, ms', 'least, ms', '× best', 'inner steps', 'linear steps', ''];

function lineOf(row: Row, { rows, chosen }: Weighed): readonly string[] {
  const time = (ms: number | undefined): string => (ms === undefined ? '' : milliseconds(ms));
  const best = rows[0]?.leastMs ?? Number.NaN;
  const times = row.leastMs === undefined ? '' : (row.leastMs / best).toFixed(2);
  const remark = row.id === chosen ? 'chosen' : (row.because ?? '');
  const steps = [row.innerSteps, row.linearSteps].map((count) => (count === undefined ? '' : String(count)));
  return [row.id, time(row.predictedMs), time(row.medianMs), time(row.leastMs), times, ...steps, remark];
}

const tableOf = (weighed: Weighed): readonly (readonly string[])[] => [heads, ...weighed.rows.map((row) => lineOf(row, weighed))];
const title = ({ problem, chosen, ratio }: Weighed): string => `${problem}: ${chosen}, ${ratio.toFixed(2)} times the best`;

const key =
  'One hypergradient from the declared start, inner solve included, on one thread, all candidates of a problem side by side. Predicted by `usualCalibration` (`plan/predict.ts`); measured is the median, and what is compared are the least times, on which other programs of the machine have least to say.';

function printMarkdown(all: readonly Weighed[]): string {
  const made = `Made by \`npm run bench -- --plan\`; see README.md. ${Object.values(machine()).join(', ')}.`;
  const worst = Math.max(...all.map(({ ratio }) => ratio));
  const said = `The choice takes at most ${worst.toFixed(2)} times as long as the best candidate, over ${all.length} problems.`;
  return `${['# What the plan chooses', made, key, said, ...all.flatMap((each) => [`## ${title(each)}`, markdownTable(tableOf(each))])].join('\n\n')}\n`;
}

export async function run({ only, seconds, json }: Flags): Promise<number> {
  const { root, bench } = placesOf(process.env);
  const all: Weighed[] = [];
  for (const { name, file } of pagesOf(root, only)) {
    progress(name);
    let weighed = await weigh(name, file, seconds);
    // Another look at what may have been a busy moment.
    if (!(weighed.ratio <= limit)) weighed = await weigh(name, file, 3 * seconds);
    all.push(weighed);
    progress('');
    process.stdout.write(`${[title(weighed), ...textTable(tableOf(weighed))].join('\n')}\n\n`);
  }
  const report = { machine: machine(), settings: { seconds, limit }, problems: all };
  if (json !== undefined) writeFileSync(json, figuresJson(report));
  else if (only === '') {
    writeFileSync(join(bench, 'plan.json'), figuresJson(report));
    writeFileSync(join(bench, 'plan.md'), printMarkdown(all));
  }
  const wrong = all.filter(({ ratio }) => !(ratio <= limit));
  for (const each of wrong) say(`!! ${title(each)}\n`);
  return wrong.length > 0 || all.length === 0 ? 1 : 0;
}
