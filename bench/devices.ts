/**
 * `npm run bench:devices`: one hypergradient on each backend of tfjs and gpu.js, beside code that is written by hand in the same library, on the
 * same device, in one process or page. What the two find is compared; it fails where they differ, and where a backend does not come up.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { LibraryBackendName } from '../plan/backends.ts';
import { dataOf } from './data.ts';
import { kinds, pages, type Kind, type Task } from './devices/kinds.ts';
import { placesToRace, raced, type PlacesToRace, type Told } from './devices/places-to-race.ts';
import { difference } from './fingerprint.ts';
import { command, figuresJson, machine, markdownTable, milliseconds, progress, say, textTable } from './output.ts';
import { pageText, withMethods } from './page.ts';
import { placesOf, type Places } from './places.ts';
import { rows as allRows, type Numbers } from './rows.ts';

const usage = `npm run bench:devices -- [flags]
  --backends a,b    only these (${raced.join(', ')})
  --rows a,b        only rows whose names begin so (c.unrolled)
  --quick           small sizes, short measurements
  --seconds S       to measure both in one row (default 4, with --quick 1)
  --chromium FLAGS  more flags for Chromium, separated by spaces (for a GPU that it does not use by itself)
  --json FILE       write the figures there
Without flags the figures go to bench/devices.json and bench/devices.md. Chromium is what BILEVEL_CHROMIUM names, or a usual place.
`;

interface Flags {
  readonly backends: readonly LibraryBackendName[];
  readonly rows: readonly string[];
  readonly quick: boolean;
  readonly seconds: number;
  readonly chromium: readonly string[];
  readonly json: string | undefined;
  readonly isDefault: boolean;
  readonly help: boolean;
}

const listed = (text: string | undefined, separator = ','): readonly string[] =>
  (text ?? '').split(separator).filter((name) => name !== '');

function parseFlags(words: readonly string[]): Flags | string {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        backends: { type: 'string' },
        rows: { type: 'string' },
        quick: { type: 'boolean', default: false },
        seconds: { type: 'string' },
        chromium: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    const unknown = listed(values.backends).find((name) => !raced.some((backend) => backend === name));
    if (unknown !== undefined) return `no backend ${unknown}: there are ${raced.join(', ')}`;
    const begins = listed(values.rows);
    const missed = begins.find((name) => !rowsOf(values.quick).some(({ id }) => id.startsWith(name)));
    if (missed !== undefined)
      return `no row begins with ${missed}: there are ${rowsOf(values.quick)
        .map(({ id }) => id)
        .join(', ')}`;
    const seconds = Number(values.seconds ?? (values.quick ? 1 : 4));
    if (!(seconds > 0)) return '--seconds takes a number above 0';
    const backends = raced.filter((name) => values.backends === undefined || listed(values.backends).includes(name));
    const chromium = listed(values.chromium, ' ');
    return {
      backends,
      rows: begins,
      quick: values.quick,
      seconds,
      chromium,
      json: values.json,
      isDefault: words.length === 0,
      help: values.help,
    };
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
}

interface DeviceRow extends Pick<Task, 'kind' | 'sizes' | 'at'> {
  readonly id: string;
}

/** Those of `rows.ts`, the network with fewer digits: in plain JavaScript a thousand of them take half a minute. */
const sizesOf: Readonly<Record<Kind, { readonly usual: Numbers; readonly quick: Numbers; readonly label: readonly string[] }>> = {
  'ridge-again': { usual: { n: 500, m: 250, d: 100 }, quick: { n: 250, m: 125, d: 50 }, label: ['n', 'd'] },
  logistic: { usual: { n: 2000, m: 1000, d: 50 }, quick: { n: 400, m: 200, d: 20 }, label: ['n', 'd'] },
  'unrolled-logistic': { usual: { n: 2000, m: 1000, d: 50 }, quick: { n: 400, m: 200, d: 20 }, label: ['n', 'd'] },
  'unrolled-network': { usual: { n: 200, m: 100 }, quick: { n: 50, m: 25 }, label: ['n'] },
};

const rowsOf = (isQuick: boolean): readonly DeviceRow[] =>
  kinds.map((kind) => {
    const model = allRows.find((row) => row.kind === kind);
    if (model === undefined) throw new Error(`no row ${kind}`);
    const { usual, quick, label } = sizesOf[kind];
    const sizes = { ...model.sizes, ...(isQuick ? quick : usual) };
    return { id: `c.${kind}.${label.map((name) => sizes[name as keyof typeof sizes]).join('x')}`, kind, sizes, at: model.at };
  });

function taskOf({ kind, sizes, at }: DeviceRow, { bench, digits }: Places): Task {
  const model = allRows.find((row) => row.kind === kind);
  if (model === undefined) throw new Error(`no row ${kind}`);
  const { page, methods, data } = pages[kind];
  const made = dataOf({ data: model.data, sizes }, digits);
  const arrays = Object.fromEntries(Object.keys(data).map((name) => [name, Array.from(made[name] ?? [])]));
  const text = pageText(bench, page);
  return { kind, sizes, at, arrays, page: methods === undefined ? text : withMethods(text, methods) };
}

/** How many times as fast as code by hand ours is to be. */
const leastRatio = (kind: Kind): number => (pages[kind].isUnrolled ? 1.2 : 0.95);
const mostApart = 1e-3;

interface Figure {
  readonly row: string;
  readonly backend: string;
  readonly kind: Kind;
  readonly told: Told;
}

const median = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;

function judged({ row, backend, kind, told }: Figure) {
  if ('failure' in told) return { row, backend, failure: told.failure };
  const { ours, theirs, computedBy } = told.answered;
  const ratio = median(theirs.times) / median(ours.times);
  const apart = difference(ours.found, theirs.found);
  return {
    row,
    backend,
    oursMs: median(ours.times),
    byHandMs: median(theirs.times),
    ratio,
    atLeast: leastRatio(kind),
    // Not `ratio < least`: what is no number falls short, too.
    isShort: !(ratio >= leastRatio(kind)),
    apart,
    isWrong: !(apart <= mostApart),
    oursMinMs: Math.min(...ours.times),
    byHandMinMs: Math.min(...theirs.times),
    samples: ours.times.length,
    computedBy,
  };
}

type Judged = ReturnType<typeof judged>;

const tableOf = (all: readonly Judged[]): readonly (readonly string[])[] => [
  ['row', 'backend', 'ours, ms', 'by hand, ms', 'ratio', 'at least'],
  ...all.map((figure) => {
    if ('failure' in figure) return [figure.row, figure.backend, 'failed', '', '', ''];
    const { row, backend, oursMs, byHandMs, ratio, atLeast, isShort, isWrong } = figure;
    const mark = isWrong ? ' WRONG' : isShort ? ' short' : '';
    return [row, backend, milliseconds(oursMs), milliseconds(byHandMs), `${ratio.toFixed(2)}${mark}`, String(atLeast)];
  }),
];

/** A figure as it comes: a run takes minutes. */
function shortly(figure: Figure): string {
  const [, line = []] = tableOf([judged(figure)]);
  const [row, backend, ours, byHand, ratio] = line;
  return byHand === '' ? `${backend} ${row}: failed` : `${backend} ${row}: ${ours} ms, by hand ${byHand} ms, ratio ${ratio}`;
}

const key =
  'Medians of one hypergradient from a cold start, read back; samples of the two taken in turn, in one process or page. The ratio is the time by hand over ours: above 1 ours is faster.';
const software =
  'On a GPU that is software, or none, the ratios of WebGL and WebGPU are of dispatch and not of arithmetic: they say how many kernels are run, and what it takes to have one run.';

/** What the backends say they ran on. */
const devices = (all: readonly Judged[]): readonly string[] => [
  ...new Set(all.flatMap((figure) => ('failure' in figure ? [] : [`${figure.backend}: ${figure.computedBy.device}`]))),
];

async function measured(flags: Flags, places: Places, where: PlacesToRace): Promise<readonly Figure[]> {
  const rows = rowsOf(flags.quick).filter(({ id }) => flags.rows.length === 0 || flags.rows.some((name) => id.startsWith(name)));
  const figures: Figure[] = [];
  for (const backend of flags.backends) {
    const place = await where.open(backend);
    for (const row of rows) {
      progress(`${backend} ${row.id}`, '  …');
      const told = await place.race({ ...taskOf(row, places), backend, seconds: flags.seconds });
      figures.push({ row: row.id, backend, kind: row.kind, told });
      progress('');
      say(`${shortly({ row: row.id, backend, kind: row.kind, told })}\n`);
    }
    await place.close();
  }
  return figures;
}

async function run(flags: Flags): Promise<number> {
  const places = placesOf(process.env);
  const where = placesToRace(places, flags.chromium);
  const figures = await measured(flags, places, where).finally(where.close);
  const all = figures.map(judged).toSorted((a, b) => rowOrder(flags, a) - rowOrder(flags, b));
  const about = `${Object.values(machine()).join(', ')}. ${devices(all).join('; ')}.`;
  process.stdout.write(`${[about, ...textTable(tableOf(all)), key, software].join('\n')}\n`);
  const report = { machine: machine(), figures: all };
  if (flags.json !== undefined) writeFileSync(flags.json, figuresJson(report));
  if (flags.isDefault) {
    writeFileSync(join(places.bench, 'devices.json'), figuresJson(report));
    const made = `Made by \`npm run bench:devices\`; see README.md. ${about}`;
    writeFileSync(
      join(places.bench, 'devices.md'),
      `${['# Devices, beside code by hand', made, `${key} ${software}`, markdownTable(tableOf(all))].join('\n\n')}\n`,
    );
  }
  for (const figure of all) {
    if ('failure' in figure) say(`!! ${figure.row} on ${figure.backend}: ${figure.failure}\n`);
    else if (figure.isWrong) say(`!! ${figure.row} on ${figure.backend}: the two are ${figure.apart.toExponential(1)} apart\n`);
  }
  return all.some((figure) => 'failure' in figure || figure.isWrong) ? 1 : 0;
}

const rowOrder = ({ quick }: Flags, { row }: Judged): number => rowsOf(quick).findIndex(({ id }) => id === row);

process.exitCode = await command(parseFlags, usage, run);
