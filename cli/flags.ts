/** The flags that several commands share, and how their values are read. Knows no problem: names are checked where data are bound. */
import type { Command } from 'commander';
import { absentBackend, absentPrecision } from '../diagnostics/backend.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { malformedTensor } from '../diagnostics/data.ts';
import { wrongFlag } from '../diagnostics/usage.ts';
import { precisions as allPrecisions } from '../library/options.ts';
import type { Arithmetic, Tensor } from '../plan/types.ts';
import { libraryBackendNames, type LibraryBackendName } from '../plan/backends.ts';
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
  readonly threads?: string;
  readonly fused?: boolean;
  readonly strategy?: string;
  readonly strict?: boolean;
  /** False for `--no-cache`. */
  readonly cache?: boolean;
  readonly verify?: boolean;
  /** A strategy or a candidate of which everything is asked. */
  readonly why?: string;
  readonly measure?: boolean;
  readonly check?: boolean;
  readonly width?: string;
  readonly fix?: boolean;
  readonly output?: string;
  readonly target?: string;
  readonly sizes?: string;
  readonly standalone?: boolean;
  readonly dump?: string;
  readonly hypergradientTolerance?: string;
  readonly certify?: boolean;
  readonly accuracy?: string;
  /** False for `--no-refit`. */
  readonly refit?: boolean;
}

export interface DataFlag {
  readonly file: string;
  readonly key?: string;
}

/** What is to compute, in which numbers. */
export interface BackendFlags {
  /** `auto`: what is predicted to be quickest. */
  readonly backend: Backend | 'auto';
  /** `auto`: as the backend can, of what has no float64. */
  readonly precision: Arithmetic | 'auto';
  /** Why these, where the choice was left to the program. */
  readonly chosen?: string;
}

/** The flags by which a command binds and solves a problem. */
export interface SolveFlags extends BackendFlags {
  readonly data: ReadonlyMap<string, DataFlag>;
  readonly set: ReadonlyMap<string, Tensor>;
  readonly seed: number;
  readonly threads: number | 'auto';
  readonly fused: boolean;
  readonly strategy: string | undefined;
  readonly strict: boolean;
  readonly hypergradientTolerance: number | undefined;
  readonly certify: boolean;
}

export type Backend = 'wasm' | 'reference' | LibraryBackendName;

const ours: Readonly<Partial<Record<Backend, readonly Arithmetic[]>>> = { wasm: [...allPrecisions, 'mixed'], reference: ['f64'] };
const theirs: readonly Arithmetic[] = ['mixed', 'f32'];

/** In which a backend computes; where float64 is one of them it is what `auto` takes. */
export const precisionsOf = (backend: Backend): readonly Arithmetic[] => ours[backend] ?? theirs;

export const defaultBackend = 'wasm';

const backends: readonly (Backend | 'auto')[] = ['wasm', 'reference', ...libraryBackendNames, 'auto'];

/** Rows are cut into no more chunks than this: more threads would have nothing to do. */
const mostThreads = 64;

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** `--json`, `--quiet`, `--no-color`. */
export const addOutputFlags = (command: Command): Command =>
  command
    .option('--json [form]', 'one JSON document on stdout; --json=ndjson writes an event a line')
    .option('--quiet', 'no progress, no warnings, no decoration')
    .option('--no-color', 'no colour, also with the environment variable NO_COLOR');

/** `--dump`, and the problem that is meant. */
export const addDumpFlags = (command: Command): Command =>
  command
    .option('--problem <name>', 'the problem, where the file holds several')
    .option('--dump <pass>', 'print the graphs after a pass of the compiler, and stop');

/** The flags of commands about how one problem is to be solved. */
export const addProblemFlags = (command: Command): Command =>
  addDumpFlags(command).option('--strategy <name>', 'a strategy, by its name or by its id in `bilevel plan`');

/** The flags of commands that look at its data as well. */
export const addDataFlags = (command: Command): Command =>
  addProblemFlags(command).option('--data <name=file>', 'bind data to a file, NAME=FILE or NAME=FILE:KEY (repeatable)', collect);

/** The flags that say what computes. */
export const addBackendFlags = (command: Command): Command =>
  command
    .option('--backend <name>', `what computes: ${backends.join(', ')}; see bilevel backends (default: ${defaultBackend})`)
    .option(
      '--precision <name>',
      `floating-point numbers: ${precisionsOf('wasm').join(', ')}, or auto (default: f64, or auto where the backend has none)`,
    );

/** The flags of commands that compute. */
export const addSolveFlags = (command: Command): Command =>
  addBackendFlags(command)
    .option(
      '--set <hyper=value>',
      'start a hyper at a value, JSON for vectors; @point.json sets all that the object names (repeatable)',
      collect,
    )
    .option('--seed <number>', 'the seed of the run: random starts of params, several starts of the outer solver')
    .option('--threads <number>', 'threads that compute: a number, or auto (default: auto)')
    .option('--fused', 'round products and the sums that they are added to at once: faster, and last bits differ between machines')
    .option('--hypergradient-tolerance <number>', 'warn where the estimated relative error of the hypergradient is larger')
    .option('--certify', 'prove a bound of the hypergradient’s error, or say why it cannot be proved')
    .option('--strict', 'not converged is exit code 4')
    .option('--no-cache', 'compile anew, and keep nothing of it');

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
  const computing = backendFlags(raw, wrong);
  const threads = threadsFlag(raw, computing.backend, wrong);
  if (wrong.length > 0) throw new Failure(wrong);
  const { strategy, strict = false, fused = false, certify = false } = raw;
  return { data, set, seed, ...computing, threads, fused, strategy, strict, certify, hypergradientTolerance: tolerance };
}

const accuracies = ['adaptive', 'fixed'] as const;

/** Reads `--accuracy` alone. */
export function readAccuracyFlag({ accuracy = 'adaptive' }: RawFlags): (typeof accuracies)[number] {
  const asked = accuracies.find((word) => word === accuracy);
  if (asked !== undefined) return asked;
  const because = `it is one of ${accuracies.join(', ')}`;
  throw new Failure([wrongFlag({}, { flag: '--accuracy', given: accuracy, because, form: 'fixed' })]);
}

/** Reads `--backend` and `--precision` alone, for a command that does not solve. */
export function readBackendFlags(raw: RawFlags): BackendFlags {
  const wrong: Diagnostic[] = [];
  const flags = backendFlags(raw, wrong);
  if (wrong.length > 0) throw new Failure(wrong);
  return flags;
}

function backendFlags(raw: RawFlags, wrong: Diagnostic[]): BackendFlags {
  const { backend: asked = defaultBackend, precision: askedPrecision } = raw;
  const backend = backends.find((name) => name === asked);
  if (backend === undefined) {
    wrong.push(absentBackend({}, { asked, present: backends, suggestion: closestName(asked, backends) }));
    return { backend: defaultBackend, precision: 'f64' };
  }
  const present = backend === 'auto' ? precisionsOf(defaultBackend) : precisionsOf(backend);
  const hasFloat64 = backend !== 'auto' && present.includes('f64');
  if (askedPrecision === undefined) return { backend, precision: hasFloat64 ? 'f64' : 'auto' };
  if (askedPrecision === 'auto')
    return hasFloat64 ? { backend, precision: 'f64', chosen: `in which \`${backend}\` computes` } : { backend, precision: 'auto' };
  const precision = present.find((name) => name === askedPrecision);
  if (precision === undefined) wrong.push(absentPrecision({}, { asked: askedPrecision, backend, present: [...present, 'auto'] }));
  return { backend, precision: precision ?? 'f64' };
}

function threadsFlag({ threads: given }: RawFlags, backend: Backend | 'auto', wrong: Diagnostic[]): number | 'auto' {
  if (given === undefined || given === 'auto') return 'auto';
  const threads = Number(given);
  const refuse = (because: string): void => {
    wrong.push(wrongFlag({}, { flag: '--threads', given, because, form: 'auto' }));
  };
  if (!Number.isSafeInteger(threads) || threads < 1 || threads > mostThreads)
    refuse(`it is a whole number from 1 to ${mostThreads}, or auto`);
  else if (threads > 1 && backend !== 'wasm' && backend !== 'auto') refuse(`the backend \`${backend}\` computes on one thread`);
  return threads;
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
/** A name is what a choice becomes; what it is searched by are numbers. */
const logitsHint = (text: string): string =>
  /^[a-z_]\w*$/iu.test(text) ? '; of a choice it is a logit for each alternative, as in [0, 1]' : '';

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
    return wrongSet(
      given,
      text === '' ? 'the value is missing' : `the value is neither a number nor a JSON list: ${text}${logitsHint(text)}`,
    );
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
