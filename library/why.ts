/** One candidate’s verdict in full: what its predicted time is made of, and what would make it the choice. Knows neither a text nor a table. */
import { choose, type ChooseOptions } from '../plan/choose.ts';
import { evaluate, printExpr, type Environment } from '../plan/evaluate.ts';
import { environmentOf, namesInCost } from '../plan/predict.ts';
import {
  workKinds,
  type Calibration,
  type Candidate,
  type Condition,
  type Cost,
  type ErrorPart,
  type Expr,
  type Plan,
  type WorkKind,
} from '../plan/types.ts';
import type { Rounding } from '../runtime/rounding.ts';
import type { Sizes } from './asked.ts';

/** Work of one kind, and the milliseconds that it is predicted to take. */
export interface WeighedWork {
  readonly kind: WorkKind;
  readonly amount: number;
  readonly ms: number;
}

/** A condition with its numbers; those are absent where a size is not known. */
export interface JudgedCondition {
  readonly because: string;
  readonly left?: number;
  readonly right?: number;
  readonly holds?: boolean;
}

/** Undefined where a size is not known. */
export function weighedWork(plan: Plan, cost: Cost, sizes: Sizes, calibration: Calibration): readonly WeighedWork[] | undefined {
  const environment = environmentOf(plan, sizes);
  const works: WeighedWork[] = [];
  for (const kind of workKinds) {
    const amount = evaluate(cost[kind] ?? 0, environment);
    if (amount === undefined) return undefined;
    works.push({ kind, amount, ms: (amount * calibration[kind]) / 1e6 });
  }
  return works;
}

export const judgedConditions = (plan: Plan, conditions: readonly Condition[], sizes: Sizes): readonly JudgedCondition[] =>
  conditions.map(({ left, right, because }) => {
    const [a, b] = [left, right].map((side) => evaluate(side, environmentOf(plan, sizes)));
    return {
      because,
      ...(a === undefined ? {} : { left: a }),
      ...(b === undefined ? {} : { right: b }),
      ...(a === undefined || b === undefined ? {} : { holds: a <= b }),
    };
  });

/** A part of a predicted error. */
export interface PredictedPart {
  readonly from: string;
  /** As a share of the hypergradient. Absent where nobody knows it before a run. */
  readonly share?: number;
  /** The same in the condition number `κ`, the unit roundoff `ε` and the tolerances, such as `τ_inner`. */
  readonly formula?: string;
}

/**
 * The error that a hypergradient is predicted to have, supposing that its solves reach their tolerances. Constants of which nobody knows
 * more are taken for one: it tells candidates apart, and bounds nothing.
 */
export interface PredictedError {
  /** As a share of the hypergradient: the sum of the parts, and no more than 1. Absent where one of them is not known. */
  readonly share?: number;
  readonly parts: readonly PredictedPart[];
}

/** `counted`: a condition number that is known, in the place of the one that the plan assumes. */
export function predictedError(
  plan: Plan,
  { tolerances }: Pick<Candidate, 'tolerances'>,
  parts: readonly ErrorPart[],
  { unit, inner, linear }: Rounding,
  counted: Environment = {},
): PredictedError {
  const environment = {
    ...environmentOf(plan, {}, counted),
    ε: unit,
    τ_inner: tolerances?.inner ?? inner,
    τ_linear: tolerances?.linear ?? linear,
    τ_newton: inner,
  };
  const predicted = parts.map(({ from, share }): PredictedPart => {
    const value = share === undefined ? undefined : evaluate(share, environment);
    return { from, ...(value === undefined ? {} : { share: value }), ...(share === undefined ? {} : { formula: formulaOf(share) }) };
  });
  const shares = predicted.flatMap(({ share }) => share ?? []);
  const whole = Math.min(
    1,
    shares.reduce((sum, share) => sum + share, 0),
  );
  return { ...(shares.length === parts.length ? { share: whole } : {}), parts: predicted };
}

/** As `printExpr`, which modules carry, does it; with what is raised to a power in parentheses. */
const formulaOf = (expr: Expr): string => printExpr(withPowers(expr)).replaceAll('+ -', '- ');

function withPowers(expr: Expr): Expr {
  if (typeof expr !== 'object') return expr;
  if (expr.op !== 'pow') return { ...expr, args: expr.args.map(withPowers) } as Expr;
  const [base, exponent] = expr.args;
  return `(${formulaOf(base)})^${typeof exponent === 'object' ? `(${formulaOf(exponent)})` : formulaOf(exponent)}`;
}

/** The counts of steps that a cost assumes, by the names of their loops. */
export function assumedSteps(plan: Plan, cost: Cost, sizes: Sizes): Readonly<Record<string, number>> {
  const environment = environmentOf(plan, sizes);
  return Object.fromEntries(
    namesInCost(cost).flatMap((name) => {
      const count = environment[name];
      return name.startsWith('T_') && Object.hasOwn(plan.assumptions, name) && count !== undefined ? [[name.slice(2), count]] : [];
    }),
  );
}

/** What would make a candidate the choice: one size, or the condition number `κ`, otherwise than it is. */
export interface Turn {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

const mostDoublings = 20;

/** The least change by doubling or halving of each size on its own with which the candidate is chosen; of the others, nothing. */
export function turnsTo(plan: Plan, id: string, sizes: Sizes, asked: Pick<ChooseOptions, 'only' | 'calibration'>): readonly Turn[] {
  const environment = environmentOf(plan, sizes);
  const isChosenWith = (name: string, value: number): boolean =>
    choose(plan, Object.hasOwn(plan.assumptions, name) ? sizes : { ...sizes, [name]: value }, {
      ...asked,
      ...(Object.hasOwn(plan.assumptions, name) ? { counted: { [name]: value } } : {}),
    }).chosen?.id === id;
  return ['κ', ...Object.keys(sizes)].flatMap((name) => {
    const from = environment[name];
    if (from === undefined) return [];
    for (let doublings = 1; doublings <= mostDoublings; doublings += 1)
      for (const to of [from * 2 ** doublings, Math.ceil(from / 2 ** doublings)])
        if (to !== from && to >= 1 && isChosenWith(name, to)) return [{ name, from, to }];
    return [];
  });
}
