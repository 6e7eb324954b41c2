/**
 * What a call may be given beside its data: every option with what it must be, and the one check of them. An option that `module.ts` has
 * and this has not is a type error. Knows no call.
 */
import { callOption } from '../diagnostics/usage.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { OwnLibrary } from './backends/calls/library.ts';
import type { BindOptions, CallOptions, HypergradientOptions, ModuleCode, SolveOptions, SourceText, VerifyOptions } from './module.ts';
import { ProblemError } from './problem-error.ts';
import { closestName } from './tensor.ts';

/** What an option must be, in words and as a test. It may be left out, unless it is `needed`. */
export type Rule = readonly [form: string, holds: (value: unknown) => boolean, needed?: 'needed'];
/** Of options by their names; some hold options of their own. */
export interface Rules {
  readonly [name: string]: Rule | Rules;
}
/** Rules for every option of an interface. */
export type RulesOf<Options> = { readonly [Name in keyof Options]-?: Rule | Rules };

const isOf =
  (type: string) =>
  (value: unknown): boolean =>
    typeof value === type;
const text: Rule = ['a text', isOf('string')];
const flag: Rule = ['`true` or `false`', isOf('boolean')];
const called: Rule = ['a function', isOf('function')];
const whole = (least: number): Rule => [
  `a whole number, ${least} or more`,
  (value) => Number.isSafeInteger(value) && Number(value) >= least,
];
const or = (other: unknown, [form, holds]: Rule): Rule => [`${form}, or \`${String(other)}\``, (value) => value === other || holds(value)];
/** Things by name. */
export const object: Rule = ['an object', (value) => typeof value === 'object' && value !== null];

export const bindRules = {
  seed: whole(0),
  backend: text,
  library: {
    tf: ['the library itself, all that `@tensorflow/tfjs-core` exports', (value) => object[1](value) && 'engine' in Object(value)],
    GPU: ['the class `GPU`', isOf('function')],
  } satisfies RulesOf<OwnLibrary>,
  precision: text,
  threads: or('auto', whole(1)),
  fused: flag,
  strategy: text,
} satisfies RulesOf<BindOptions>;

export const callRules = {
  signal: ['an AbortSignal', (value) => value instanceof AbortSignal],
  onInnerSteps: called,
} satisfies RulesOf<CallOptions>;

export const hypergradientRules = { ...callRules, error: flag } satisfies RulesOf<HypergradientOptions>;

export const solveRules = {
  ...callRules,
  hyper: object,
  onStep: called,
  accuracy: ['`adaptive` or `fixed`', (value) => value === 'adaptive' || value === 'fixed'],
  refit: flag,
  budget: {
    milliseconds: ['a number, 0 or more', (value) => typeof value === 'number' && value >= 0],
    steps: whole(0),
  } satisfies RulesOf<SolveOptions<never>['budget'] & object>,
} satisfies RulesOf<SolveOptions<never>>;

export const verifyRules = {
  ...callRules,
  largest: or(Infinity, whole(1)),
} satisfies RulesOf<VerifyOptions>;

/** `holder`: what the caller calls them. Throws a `ProblemError` with all that is wrong. */
export function checkOptions(source: SourceText, options: unknown, rules: Rules, holder = 'options'): void {
  const diagnostics = wrongIn(holder, options, rules);
  if (diagnostics.length > 0) throw new ProblemError(source, { status: 'not-started', diagnostics });
}

/** Sizes that a caller gives, by the names of dims and index sets. Throws a `ProblemError`. */
export function checkSizes({ source, description }: ModuleCode, sizes: unknown): void {
  const { dims, splits } = description;
  const named = [...dims, ...splits.flatMap(({ parts }) => parts)];
  checkOptions(source, sizes, Object.fromEntries(named.map(({ name }) => [name, whole(0)])), 'sizes');
}

function wrongIn(holder: string, options: unknown, rules: Rules): readonly Diagnostic[] {
  const mustBe = (name: string, form: string, value: unknown): Diagnostic => callOption({}, { name, form, given: printed(value) });
  const [form, isObject] = object;
  if (!isObject(options)) return [mustBe(holder, form, options)];
  const given = options as Readonly<Record<string, unknown>>;
  const known = Object.keys(rules);
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  return [
    ...unknown.map((name) => callOption({}, { name, holder, known, closest: closestName(name, known) })),
    ...Object.entries(rules).flatMap(([name, rule]): readonly Diagnostic[] => {
      const value = given[name];
      if (!isRule(rule)) return value === undefined ? [] : wrongIn(name, value, rule);
      const [form, holds, needed] = rule;
      return (value === undefined ? needed === undefined : holds(value)) ? [] : [mustBe(name, form, value)];
    }),
  ];
}

const isRule = (rule: Rule | Rules): rule is Rule => Array.isArray(rule);

const printed = (value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(value) : Object(value) === value ? `of type ${typeof value}` : String(value);
