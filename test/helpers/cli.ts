/**
 * The command line as a function: the path that a user's command takes, without a process; and pages written for a test.
 * Knows of the commands' answers only what the language page promises of their JSON.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bilevel } from '../cli/harness.ts';

export { bilevel };

/** A number, a vector, a matrix: what JSON says of a tensor. */
export type Numbers = number | readonly Numbers[];
export type Named = Readonly<Record<string, Numbers>>;

export interface GradientDocument {
  readonly problem: string;
  readonly precision: string;
  readonly precision_why?: string;
  readonly strategy: string;
  readonly status: string;
  readonly outer: number;
  readonly inner: { readonly loss: number; readonly gradient_norm: number; readonly steps: number };
  readonly hyper: Named;
  readonly hypergradient: Named;
  readonly error: { readonly bound?: number; readonly estimate?: number; readonly certified: boolean; readonly why: string };
  readonly param: Named;
  readonly diagnostics: readonly DiagnosticDocument[];
}

/** Runs a command with `--json` that must end with exit code 0. */
export async function json<T>(command: string, page: string, ...flags: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await bilevel([command, page, ...flags, '--json']);
  if (code !== 0) throw new Error(`bilevel ${command} ${page} ended with ${code}:\n${stdout}${stderr}`);
  return JSON.parse(stdout) as T;
}

export interface VerifyRow {
  readonly strategy: string;
  readonly solver: string;
  readonly hypergradient?: Named;
  readonly error?: GradientDocument['error'];
  readonly agrees?: boolean;
  readonly because?: string;
}

export interface VerifyDocument extends GradientDocument {
  readonly agrees: boolean;
  readonly verify: readonly VerifyRow[];
}

export interface RunDocument extends GradientDocument {
  readonly outer_status: string;
  readonly spent: { readonly evaluations: number; readonly inner_steps: number; readonly linear_steps: number };
  readonly history: readonly { readonly start: number; readonly step: number; readonly outer: number; readonly hyper: Named }[];
  readonly report: Named;
  readonly chosen?: Readonly<Record<string, string | Numbers>>;
}

export interface DiagnosticDocument {
  readonly code: string;
  readonly slug: string;
  readonly severity: 'error' | 'warning' | 'hint';
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly hints: readonly string[];
}

/** The document of a command that failed. */
export interface FailureDocument {
  readonly status: string;
  readonly exit_code?: number;
  readonly hypergradient?: Named;
  readonly diagnostics: readonly DiagnosticDocument[];
}

export const gradient = (page: string, ...flags: readonly string[]): Promise<GradientDocument> => json('gradient', page, ...flags);
export const verify = (page: string, ...flags: readonly string[]): Promise<VerifyDocument> => json('gradient', page, ...flags, '--verify');
export const solve = (page: string, ...flags: readonly string[]): Promise<RunDocument> => json('run', page, ...flags);

const solved = new Map<string, Promise<RunDocument>>();
/** By the candidate that a module of the page took: it carries what is good at any size, and another may be best here. Once each. */
export function solveAs(page: string, { strategy, solver }: { readonly strategy: string; readonly solver: string }): Promise<RunDocument> {
  const key = `${strategy}+${solver} ${page}`;
  const run = solved.get(key) ?? solve(page, '--strategy', `${strategy}+${solver}`);
  solved.set(key, run);
  return run;
}

/** Runs a command that must fail with `code`, without a stack trace. */
export async function failing(code: number, ...args: readonly string[]): Promise<FailureDocument> {
  const outcome = await bilevel([...args, '--json']);
  if (outcome.code !== code)
    throw new Error(`bilevel ${args.join(' ')} ended with ${outcome.code}, not ${code}:\n${outcome.stdout}${outcome.stderr}`);
  if (/^\s+at .*:\d+/mu.test(outcome.stdout + outcome.stderr)) throw new Error(`a stack trace:\n${outcome.stdout}${outcome.stderr}`);
  return JSON.parse(outcome.stdout) as FailureDocument;
}

/** A temporary folder of pages and data files; `remove` it in `afterAll`. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'bilevel-test-'));
  private count = 0;

  /** Writes a file and answers its path. */
  write(name: string, text: string | Uint8Array): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** Writes a page of its own; a text without a `problem` is the body of one. */
  page(text: string): string {
    this.count += 1;
    return this.write(`page${this.count}.bilevel`, text.includes('problem ') ? text : `problem page${this.count} {\n${text}\n}\n`);
  }

  /** Writes a CSV without a header: a matrix, or a vector one number a line. */
  csv(name: string, rows: readonly (number | readonly number[])[]): string {
    return this.write(name, rows.map((row) => `${typeof row === 'number' ? row : row.join(',')}\n`).join(''));
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** All numbers of a tensor, matrices by rows. */
export const flat = (value: Numbers): number[] => (typeof value === 'number' ? [value] : value.flatMap(flat));

/** All numbers of named tensors, in the order of `names`. */
export const flatAll = (values: Named, names: readonly string[] = Object.keys(values)): number[] =>
  names.flatMap((name) => {
    const value = values[name];
    if (value === undefined) throw new Error(`no '${name}' among ${Object.keys(values).join(', ')}`);
    return flat(value);
  });

/** max|a − b| / max|b|; NaN anywhere, or a difference of sizes, is an infinite distance. Where b is zero: max|a|. */
export function distance(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return Infinity;
  let difference = 0;
  let scale = 0;
  for (const [i, x] of a.entries()) {
    const y = b[i] ?? NaN;
    if (!Number.isFinite(x) || !Number.isFinite(y)) return Infinity;
    difference = Math.max(difference, Math.abs(x - y));
    scale = Math.max(scale, Math.abs(y));
  }
  return scale === 0 ? difference : difference / scale;
}

/** Pseudo-random numbers in (−1, 1), the same on every machine (a linear congruential generator; tests print the seed). */
export function uniforms(seed: number): () => number {
  let state = (Math.imul(seed, 2654435761) ^ 0x9e3779b9) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 4294967296) * 2 - 1;
  };
}
