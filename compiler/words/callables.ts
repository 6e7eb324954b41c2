/**
 * How everything is called that has arguments: functions of the library, of the prelude and of pages, solvers, strategies, distributions.
 * Read from the tables that calls are checked by, so that both say the same. For editors; knows nothing of them.
 */
import type { FnDeclaration } from '../../grammar/ast.ts';
import { innerMethods, outerMethods, strategies, type MethodTable, type OptionKind, type OptionRow } from '../check/methods.ts';
import { distributions } from '../lower/distributions.ts';
import type { Parameter, ParameterKind } from '../lower/library/arguments.ts';
import { isLibraryRow, libraryRow } from '../lower/library/table.ts';
import { preludeFns } from '../lower/prelude.ts';
import { preludeText } from '../prelude/text.ts';
import { functionWords } from './functions.ts';
import { methodWords, optionWords } from './methods.ts';
import { distributionWords, kindWords } from './types.ts';

export interface CallableParameter {
  readonly name: string;
  /** As it stands in the head: `x`, `axis = …`, `width: [] = 1`. */
  readonly label: string;
  /** By its name only. */
  readonly namedOnly: boolean;
  /** Takes all positional arguments from here on. */
  readonly rest: boolean;
  readonly says?: string;
  /** What it may be, where that is not an expression: one of these words, or the name of an index set or a dim. */
  readonly takes?: readonly string[] | 'set';
}

export interface Callable {
  readonly name: string;
  readonly parameters: readonly CallableParameter[];
  /** What it gives, where its head says so: `: [n]`. */
  readonly result: string;
  readonly says?: string;
}

/** `sum(x, axis = …)`. */
export const headOf = ({ name, parameters, result }: Callable): string =>
  `${name}(${parameters.map(({ label }) => label).join(', ')})${result}`;

/** The meaning of a name in a table of words, where it has one. */
export const wordsOf = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

const said = (says: string | undefined): { readonly says?: string } => (says === undefined ? {} : { says });

// ---- functions ------------------------------------------------------------------------------------------------------------------

const argumentWords: Readonly<Record<Exclude<ParameterKind, 'word'>, string>> = {
  value: '',
  size: 'A dim or a whole number.',
  shape: 'A list of dims and whole numbers.',
  integer: 'A whole number that is written out.',
  axes: 'An axis, from 0 or, negative, from the end, or a list of them; all without it.',
};

function ofParameter({ name, kind, optional, namedOnly, rest, words = [] }: Parameter): CallableParameter {
  const written = words.length === 0 ? '…' : words.join(' | ');
  const label = namedOnly === true ? `${name} = ${written}` : rest === true ? `${name}, …` : optional === true ? `${name}?` : name;
  const about = kind === 'word' ? `One of ${words.map((word) => `\`${word}\``).join(', ')}.` : argumentWords[kind];
  return {
    name,
    label,
    namedOnly: namedOnly === true,
    rest: rest === true,
    ...(kind === 'word' ? { takes: words } : {}),
    ...said(about === '' ? undefined : about),
  };
}

/** A function that is written in the language; `text` is that of its page. */
export function callableOf({ name, parameters, result, doc }: FnDeclaration, text: string): Callable {
  const written = ({ start, end }: { readonly start: number; readonly end: number }): string =>
    text.slice(start, end).replaceAll(/\s+/gu, ' ');
  return {
    name: name.name,
    parameters: parameters.map(({ name: parameter, type, init }) => ({
      name: parameter.name,
      label: written({ start: parameter.span.start, end: (init ?? type).span.end }),
      namedOnly: false,
      rest: false,
    })),
    result: `: ${written(result.span)}`,
    ...said(doc),
  };
}

/** All forms of a function that no page declares; none where there is no such function. */
export function libraryFunction(name: string): readonly Callable[] {
  if (!isLibraryRow(name)) return preludeFns(name).map(({ declaration }) => callableOf(declaration, preludeText));
  const parameters = (libraryRow(name)?.parameters ?? []).filter(({ refused }) => refused !== true).map(ofParameter);
  return [{ name, parameters, result: '', ...said(wordsOf(functionWords, name)) }];
}

export function distribution(name: string): Callable | undefined {
  const parameters = wordsOf<readonly string[]>(distributions, name);
  if (parameters === undefined) return undefined;
  const named = parameters.map((each) => ({ name: each, label: each, namedOnly: false, rest: false }));
  return { name, parameters: named, result: '', ...said(wordsOf(distributionWords, name)) };
}

/** The kind `choice(f, g)`. */
export const choice: Callable = {
  name: 'choice',
  parameters: [
    { name: 'f', label: 'f, g, …', namedOnly: false, rest: true, says: 'Functions of one signature.' },
    { name: 'temperature', label: 'temperature = 1', namedOnly: true, rest: false, says: 'Above 0: the lower, the closer to one of them.' },
    {
      name: 'gumbel',
      label: 'gumbel = false',
      namedOnly: true,
      rest: false,
      takes: ['true', 'false'],
      says: 'Whether the weights are drawn anew at each step, by Gumbel noise.',
    },
  ],
  result: '',
  says: kindWords.choice,
};

// ---- solvers and strategies -----------------------------------------------------------------------------------------------------

export type MethodOf = 'solve-inner' | 'solve-outer' | 'differentiate';

const methodTables: Readonly<Record<MethodOf, MethodTable>> = {
  'solve-inner': innerMethods,
  'solve-outer': outerMethods,
  differentiate: strategies,
};

/** Those that can be taken there. */
export const methodNames = (of: MethodOf): readonly string[] =>
  Object.entries(methodTables[of]).flatMap(([name, { refused }]) => (refused === undefined ? [name] : []));

const ranges = { positive: 'A number above 0.', nonnegative: 'A number, at least 0.', share: 'A number, at least 0 and below 1.' } as const;

function rangeOf(kind: OptionKind): string {
  switch (kind.is) {
    case 'number':
      return ranges[kind.least];
    case 'count':
      return `A whole number, at least ${kind.least}.`;
    case 'flag':
      return '`true` or `false`.';
    case 'set':
      return 'The name of an index set or a dim.';
    case 'word':
      return `One of ${kind.words.map((word) => `\`${word}\``).join(', ')}.`;
  }
}

/** A solver or a strategy with its options; `undefined` where there is none of this name. */
export function methodNamed(of: MethodOf, name: string): Callable | undefined {
  const row = wordsOf(methodTables[of], name);
  if (row === undefined || row.refused !== undefined) return undefined;
  const describe = ([option, { kind, differentiable }]: readonly [string, OptionRow]): CallableParameter => {
    const initial = row.defaults?.[option];
    const isNeeded = row.needs?.includes(option) === true;
    const canLearn = differentiable === true && of === 'solve-inner' ? ' In a recipe it may hold hypers and `step`.' : '';
    const has = isNeeded ? ' It has no default.' : initial === undefined ? '' : ` By default ${String(initial)}.`;
    return {
      name: option,
      label: `${option} = ${initial === undefined ? '…' : String(initial)}`,
      namedOnly: true,
      rest: false,
      ...(kind.is === 'word'
        ? { takes: kind.words }
        : kind.is === 'flag'
          ? { takes: ['true', 'false'] }
          : kind.is === 'set'
            ? { takes: kind.is }
            : {}),
      says: `${wordsOf(optionWords, option) ?? ''} ${rangeOf(kind)}${canLearn}${has}`.trim(),
    };
  };
  const options = Object.entries(row.options).filter(([, { refused }]) => refused === undefined);
  return { name, parameters: options.map(describe), result: '', ...said(wordsOf(methodWords, name)) };
}
