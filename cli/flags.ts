/** The flags that several commands share, and how their values are read. Knows no problem: names are checked where data are bound. */
import type { Command } from 'commander';
import { absentBackend, absentPrecision } from '../diagnostics/backend.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { malformedTensor } from '../diagnostics/data.ts';
import { wrongFlag } from '../diagnostics/usage.ts';
import type { Tensor } from '../plan/types.ts';
import { closestName } from '../runtime/tensor.ts';
import { tensorOf } from '../runtime/values.ts';
import { Failure } from './failure.ts';
import type { Io } from './io.ts';
import { whyUnreadable } from './session.ts';

/** What commander hands over, before it is understood. */
export interface RawFlags {
  readonly json?: 'document' | 'ndjson';
  readonly quiet?: boolean;
  readonly color?: boolean;
  readonly data?: readonly string[];
  readonly set?: readonly string[];
  readonly seed?: string;
  readonly problem?: string;
  readonly backend?: string;
  readonly precision?: string;
  readonly strategy?: string;
  readonly strict?: boolean;
  readonly verify?: boolean;
  readonly check?: boolean;
  readonly dump?: string;
  readonly hypergradientTolerance?: string;
}

export interface DataFlag {
  readonly file: string;
  readonly key?: string;
}

/** The flags by which a command binds and solves a problem. */
export interface SolveFlags {
  readonly data: ReadonlyMap<string, DataFlag>;
  readonly set: ReadonlyMap<string, Tensor>;
  readonly seed: number;
  readonly backend: string;
  readonly precision: string;
  readonly strategy: string | undefined;
  readonly strict: boolean;
  readonly hypergradientTolerance: number | undefined;
}

export const backends: readonly string[] = ['reference'];
export const precisions: readonly string[] = ['f64'];

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** `--json`, `--quiet`, `--no-color`. */
export const addOutputFlags = (command: Command): Command =>
  command
    .option('--json [form]', 'one JSON document on stdout; --json=ndjson writes an event a line')
    .option('--quiet', 'no progress, no warnings, no decoration')
    .option('--no-color', 'no colour, also with the environment variable NO_COLOR');

/** The flags that name a problem and its data. */
export const addProblemFlags = (command: Command): Command =>
  command
    .option('--problem <name>', 'the problem, where the file holds several')
    .option('--data <name=file>', 'bind data to a file, NAME=FILE or NAME=FILE:KEY (repeatable)', collect)
    .option('--strategy <name>', 'a strategy, by its name or by its id in `bilevel plan`')
    .option('--dump <pass>', 'print the graphs after a pass of the compiler, and stop');

/** The flags of commands that compute. */
export const addSolveFlags = (command: Command): Command =>
  command
    .option(
      '--set <hyper=value>',
      'start a hyper at a value, JSON for vectors; @point.json sets all that the object names (repeatable)',
      collect,
    )
    .option('--seed <number>', 'the seed of the run: random starts of params, several starts of the outer solver')
    .option('--backend <name>', `what computes: ${backends.join(', ')}`)
    .option('--precision <name>', `floating-point numbers: ${precisions.join(', ')}`)
    .option('--hypergradient-tolerance <number>', 'warn where the estimated relative error of the hypergradient is larger')
    .option('--strict', 'not converged is exit code 4');

/** Reads all flags; what cannot be understood is thrown as diagnostics, all of it at once. */
export function readSolveFlags(io: Io, raw: RawFlags): SolveFlags {
  const wrong: Diagnostic[] = [];
  const data = dataFlags(raw, wrong);
  const set = new Map<string, Tensor>();
  for (const given of raw.set ?? []) {
    const answer = given.startsWith('@') ? readPointFile(io, given) : readSetFlag(given);
    if ('code' in answer) wrong.push(answer);
    else for (const [name, tensor] of answer) set.set(name, tensor);
  }
  const seed = raw.seed === undefined ? 0 : Number(raw.seed);
  if (!Number.isSafeInteger(seed) || seed < 0)
    wrong.push(wrongFlag({}, { flag: '--seed', given: raw.seed ?? '', because: 'a seed is a whole number, 0 or more', form: '7' }));
  const tolerance = raw.hypergradientTolerance === undefined ? undefined : Number(raw.hypergradientTolerance);
  if (tolerance !== undefined && !(tolerance > 0))
    wrong.push(
      wrongFlag(
        {},
        {
          flag: '--hypergradient-tolerance',
          given: raw.hypergradientTolerance ?? '',
          because: 'a tolerance is a number above 0',
          form: '1e-6',
        },
      ),
    );
  const { backend = 'reference', precision = 'f64' } = raw;
  if (!backends.includes(backend))
    wrong.push(absentBackend({}, { asked: backend, present: backends, suggestion: closestName(backend, backends) }));
  if (!precisions.includes(precision)) wrong.push(absentPrecision({}, { asked: precision, backend, present: precisions }));
  if (wrong.length > 0) throw new Failure(wrong);
  return { data, set, seed, backend, precision, strategy: raw.strategy, strict: raw.strict ?? false, hypergradientTolerance: tolerance };
}

/** Reads `--data` alone, for a command that does not solve. */
export function readDataFlags(raw: RawFlags): ReadonlyMap<string, DataFlag> {
  const wrong: Diagnostic[] = [];
  const data = dataFlags(raw, wrong);
  if (wrong.length > 0) throw new Failure(wrong);
  return data;
}

function dataFlags(raw: RawFlags, wrong: Diagnostic[]): ReadonlyMap<string, DataFlag> {
  const data = new Map<string, DataFlag>();
  for (const given of raw.data ?? []) {
    const flag = readDataFlag(given);
    if (flag === undefined)
      wrong.push(wrongFlag({}, { flag: '--data', given, because: 'there is no NAME=FILE in it', form: 'NAME=FILE or NAME=FILE:KEY' }));
    else data.set(flag.name, flag.value);
  }
  return data;
}

/** `NAME=FILE` or `NAME=FILE:KEY`; a single letter before the colon is a drive, not a file. */
export function readDataFlag(given: string): { readonly name: string; readonly value: DataFlag } | undefined {
  const equals = given.indexOf('=');
  const name = given.slice(0, equals).trim();
  const rest = given.slice(equals + 1);
  if (equals < 1 || name === '' || rest === '') return undefined;
  const keyed = /^(?<file>.{2,}):(?<key>[^/\\:]+)$/u.exec(rest)?.groups;
  return {
    name,
    value: keyed?.['file'] !== undefined && keyed['key'] !== undefined ? { file: keyed['file'], key: keyed['key'] } : { file: rest },
  };
}

type Settings = readonly (readonly [string, Tensor])[];

const setForm = 'HYPER=VALUE, HYPER=[1, 2] or @point.json';
const wrongSet = (given: string, because: string): Diagnostic => wrongFlag({}, { flag: '--set', given, because, form: setForm });

/** `HYPER=VALUE`, the value being JSON; or what is wrong with it. */
export function readSetFlag(given: string): Settings | Diagnostic {
  const equals = given.indexOf('=');
  if (equals < 1) return wrongSet(given, 'there is no HYPER=VALUE in it');
  const text = given.slice(equals + 1).trim();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return wrongSet(given, text === '' ? 'the value is missing' : `the value is neither a number nor a JSON list: ${text}`);
  }
  return settingsOf([[given.slice(0, equals).trim(), value]]);
}

function readPointFile(io: Io, given: string): Settings | Diagnostic {
  const file = given.slice(1);
  let value: unknown;
  try {
    value = JSON.parse(io.readText(file));
  } catch (error) {
    return wrongSet(given, `${file} cannot be read as JSON: ${whyUnreadable(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return wrongSet(given, `${file} holds no object that names hypers`);
  return settingsOf(Object.entries(value));
}

function settingsOf(entries: readonly (readonly [string, unknown])[]): Settings | Diagnostic {
  const settings: (readonly [string, Tensor])[] = [];
  for (const [name, value] of entries) {
    const answer = tensorOf(value);
    if (!answer.ok) return malformedTensor({}, { data: name, reason: answer.reason });
    settings.push([name, answer.tensor]);
  }
  return settings;
}
