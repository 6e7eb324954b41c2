/** How a command ends: exit codes, and the one exception by which a command stops with diagnostics. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';

export const exit = { done: 0, problem: 1, usage: 2, data: 3, numerical: 4, bug: 70, interrupted: 130 } as const;

export type ExitCode = (typeof exit)[keyof typeof exit];

/** The word for each code, as `"status"` of a document that holds no result. */
export const exitWords: Readonly<Record<ExitCode, string>> = {
  [exit.done]: 'ok',
  [exit.problem]: 'wrong-problem',
  [exit.usage]: 'usage',
  [exit.data]: 'data-do-not-fit',
  [exit.numerical]: 'numerical-failure',
  [exit.bug]: 'bug',
  [exit.interrupted]: 'interrupted',
};

/** A command cannot go on; caught where the command was started, and nowhere else. */
export class Failure extends Error {
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((d) => d.message).join('\n'));
    this.name = 'Failure';
    this.diagnostics = diagnostics;
  }
}

const byFamily: Readonly<Record<string, ExitCode>> = { '6': exit.data, '7': exit.usage, '8': exit.numerical, '9': exit.usage };

/** Codes whose cause is not what their family says: names and values on the command line, words on the page, a check that failed. */
const byCode: Readonly<Record<string, ExitCode>> = {
  BL6017: exit.usage,
  BL6020: exit.usage,
  BL6023: exit.usage,
  BL7003: exit.data,
  BL8009: exit.problem,
  BL8011: exit.problem,
  BL9008: exit.numerical,
};

/** The exit code that the first error earns; `done` where there is none. */
export function exitCodeOf(diagnostics: readonly Diagnostic[]): ExitCode {
  const first = diagnostics.find((d) => d.severity === 'error');
  if (first === undefined) return exit.done;
  return byCode[first.code] ?? byFamily[first.code[2] ?? ''] ?? exit.problem;
}
