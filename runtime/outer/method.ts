/**
 * What every outer method is: a start, a step, and how it ended, over a box of search coordinates. Always minimises; failure is a value.
 * A method knows no problem: it is given a function that evaluates criterion and gradient, and a state is never changed, only followed by another.
 */
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { outerOption } from '../../diagnostics/numerics.ts';
import { outerDefaults } from '../../plan/defaults.ts';
import type { Status } from '../../plan/status.ts';
import type { SourceSpan } from '../../plan/types.ts';
import { float64, type Rounding } from '../rounding.ts';
import { closestName } from '../tensor.ts';

export interface Box {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** The farthest that one step should move each coordinate. */
  readonly stepLimit: Float64Array;
}

/** A point where all was well; `payload` is the caller's own, and comes back as the place to start the next evaluation from. */
export interface Good<P> {
  readonly ok: true;
  readonly z: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
  /** What an inexact inner solution leaves uncertain in `value`; absent: nothing. */
  readonly slack?: number;
  /** How far the solves behind it went, in the measure of `accuracy`. */
  readonly reached?: number;
  /** How far they were asked to go; absent or 0: to the end. */
  readonly accuracy?: number | undefined;
  readonly payload: P;
}

export interface Failed {
  readonly ok: false;
  readonly status: Status;
  readonly diagnostics: readonly Diagnostic[];
}

export type Trial<P> = Good<P> | Failed;

/** `from` is the last accepted point; `accuracy` what is asked of solves that need not go to the end; 0: to the end, and not to be stopped. */
export type Evaluate<P> = (z: Float64Array, from: Good<P>, accuracy?: number) => Promise<Trial<P>>;

export interface Ended {
  readonly status: Status;
  /** The failure of the point that the method had to go to; absent if it ended by itself. */
  readonly failure?: Failed;
  /** The last failure among the trials, where none of them could be accepted. */
  readonly blockedBy?: Failed;
}

/** A method under way. */
export interface Running<P> {
  readonly current: Good<P>;
  /** Steps taken. */
  readonly step: number;
  readonly ended: Ended | undefined;
  /** Takes one step. Needs: not ended. Never throws for numerical reasons. */
  next(evaluate: Evaluate<P>): Promise<Running<P>>;
  /** The same, going on from its point as it was evaluated once more. */
  again(current: Good<P>): Running<P>;
}

export type Settings = Readonly<Record<string, number | boolean>>;

export interface OptionRule {
  readonly name: string;
  readonly default: number | boolean | undefined;
  readonly holds: (value: number | boolean) => boolean;
  readonly rule: string;
}

export interface OuterMethod {
  readonly name: string;
  readonly options: readonly OptionRule[];
  /** What is asked of the solves at the first point; absent: to go to the end. */
  readonly first?: number;
  /** `rounding` of what evaluates; default: float64. */
  begin<P>(first: Good<P>, box: Box, settings: Settings, rounding?: Rounding): Running<P>;
}

const isNumber =
  (test: (x: number) => boolean) =>
  (value: number | boolean): boolean =>
    typeof value === 'number' && test(value);
const option = (name: string, initial: number | boolean | undefined, holds: OptionRule['holds'], rule: string): OptionRule => ({
  name,
  default: initial,
  holds,
  rule,
});

export const positiveOption = (name: string, initial?: number): OptionRule =>
  option(
    name,
    initial,
    isNumber((x) => x > 0),
    'must be a number above 0',
  );
export const fractionOption = (name: string, initial: number): OptionRule =>
  option(
    name,
    initial,
    isNumber((x) => x >= 0 && x < 1),
    'must be at least 0 and below 1',
  );
export const wholeOption = (name: string, initial: number, least: number): OptionRule =>
  option(
    name,
    initial,
    isNumber((x) => Number.isInteger(x) && x >= least),
    `must be a whole number, at least ${least}`,
  );
export const toleranceOption = (initial: number): OptionRule =>
  option(
    'tolerance',
    initial,
    isNumber((x) => x >= 0),
    'must be at least 0',
  );
export const flagOption = (name: string, initial: boolean): OptionRule =>
  option(name, initial, (value) => typeof value === 'boolean', 'must be `true` or `false`');
/** Several starts are the driver's business; every method has the option. */
const startsOption: OptionRule = wholeOption('starts', outerDefaults.starts, 1);

/** The settings of a method: what the page gives over the defaults; an unknown option, a missing one or a senseless value is a diagnostic. */
export function settingsOf(
  method: OuterMethod,
  given: Readonly<Record<string, number | boolean | string>>,
  span: SourceSpan,
  rounding = float64,
): { readonly settings: Settings; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const settings: Record<string, number | boolean> = {};
  const rules = [...method.options, startsOption];
  const report = (name: string, reason: string, closest?: string): void => {
    diagnostics.push(outerOption({ span }, { method: method.name, option: name, reason, closest }));
  };
  for (const name of Object.keys(given)) {
    if (rules.some((r) => r.name === name)) continue;
    const known = rules.map((r) => r.name);
    report(name, `does not exist; it has ${known.join(', ')}`, closestName(name, known));
  }
  for (const rule of rules) {
    // Where a default asks for more than the arithmetic can give, what it can.
    const initial = rule.name === 'tolerance' && rule.default === float64.tolerance ? rounding.tolerance : rule.default;
    const value = given[rule.name] ?? initial;
    if (value === undefined) report(rule.name, 'has no default and must be given');
    else if (typeof value === 'string' || !rule.holds(value)) report(rule.name, `${rule.rule}; it is ${String(value)}`);
    else settings[rule.name] = value;
  }
  return { settings, diagnostics };
}

export const numberSetting = (settings: Settings, name: string): number => Number(settings[name]);

/** Whether a coordinate stands at a bound through which its gradient would push it. */
export const isBlocked = (box: Pick<Box, 'lower' | 'upper'>, z: number, gradient: number, i: number): boolean =>
  (z <= (box.lower[i] ?? Number.NEGATIVE_INFINITY) && gradient > 0) || (z >= (box.upper[i] ?? Number.POSITIVE_INFINITY) && gradient < 0);

/** The gradient without the components that point out of the box: zero exactly at a first-order optimum. */
export const projectedGradient = (box: Pick<Box, 'lower' | 'upper'>, z: Float64Array, gradient: Float64Array): Float64Array =>
  gradient.map((g, i) => (isBlocked(box, z[i] ?? 0, g, i) ? 0 : g));
