/** From the work of a candidate to the time that it takes: the sizes and counts put in, and what each kind of work takes on a machine. */
import type { Weigh } from './decide.ts';
import { evaluate, namesIn, type Environment } from './evaluate.ts';
import { workKinds, type Calibration, type Cost, type Plan, type WorkKind } from './types.ts';

/**
 * What holds where nobody has measured, in nanoseconds: fitted to 128 hypergradients of all reference problems and examples, measured by
 * `npm run bench -- --plan`, in float64 on one thread of an Intel Xeon at 2.5 GHz, Node 20.
 */
export const usualCalibration: Calibration = { products: 0.19, factors: 0.22, elements: 0.6, kernels: 40, calls: 26_000 };

/** What the stages of `compiler/calibration.ts` take on that machine, in milliseconds: the least of many times. */
const usualTimes: Readonly<Record<WorkKind, number>> = { products: 0.195, factors: 0.245, elements: 0.207, kernels: 0.0152, calls: 0.0026 };

/** A stage that takes no longer than a call measures nothing: no machine is so many times faster. */
const fastest = 1 / 20;

/** From what those stages take elsewhere. */
export function calibrationBy(times: Readonly<Record<WorkKind, number>>): Calibration {
  const own = (of: Readonly<Record<WorkKind, number>>, kind: WorkKind): number => of[kind] - (kind === 'calls' ? 0 : of.calls);
  return Object.fromEntries(
    workKinds.map((kind) => [kind, usualCalibration[kind] * Math.max(fastest, own(times, kind) / own(usualTimes, kind))]),
  ) as Calibration;
}

/** Sizes, counts as far as a run has found them, and what the plan assumes of the others. */
export function environmentOf({ assumptions }: Pick<Plan, 'assumptions'>, sizes: Environment, counted: Environment = {}): Environment {
  const known: Record<string, number> = { ...sizes, ...counted };
  for (const [name, assumed] of Object.entries(assumptions)) {
    const value = evaluate(assumed, known);
    if (evaluate(name, known) === undefined && value !== undefined) known[name] = value;
  }
  return known;
}

/** Weighs candidates by what work takes on a machine, and by what a run has counted. */
export const weigher =
  (calibration: Calibration = usualCalibration, counted?: Environment): Weigh =>
  (plan, sizes) => {
    const environment = environmentOf(plan, sizes, counted);
    return ({ cost }) => cost && predictedMs(cost, environment, calibration);
  };

/** By what work usually takes: for modules, whose machine nobody has measured. */
export const weigh: Weigh = (plan, sizes, calibration) => weigher(calibration)(plan, sizes);

/** In milliseconds; undefined where a size is not known. */
export function predictedMs(cost: Cost, environment: Environment, calibration: Calibration): number | undefined {
  let nanoseconds = 0;
  for (const kind of workKinds) {
    const amount = evaluate(cost[kind] ?? 0, environment);
    if (amount === undefined) return undefined;
    nanoseconds += amount * calibration[kind];
  }
  return nanoseconds / 1e6;
}

/** The names that a cost needs. */
export const namesInCost = (cost: Cost): readonly string[] => [...new Set(workKinds.flatMap((kind) => namesIn(cost[kind] ?? 0)))];
