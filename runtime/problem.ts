/**
 * A compiled problem as an application holds it: values in, values out, failures as `ProblemError`. What an emitted module exports is
 * made here from the code that it carries, each export by a function of its own. Knows no file, no flag and no compiler.
 */
import { decide } from '../plan/decide.ts';
import { knownSizes } from '../plan/splits.ts';
import { BoundToData } from './bound.ts';
import { callRules, checkSizes, hypergradientRules, solveRules, verifyRules } from './call-options.ts';
import { differentiateHeld, evaluateHeld, solveHeld, verifyHeld } from './calls.ts';
import { hold } from './held.ts';
import type { Bound, ModuleCode, ModuleDescription, Problem } from './module.ts';

/** The problem as data. */
export function describeOf({ description, plan, compiler, source }: ModuleCode): ModuleDescription {
  return { ...description, plan, compiler, source };
}

export const planOf =
  (code: ModuleCode): Problem<object, never, never, never>['plan'] =>
  (sizes = {}) => {
    checkSizes(code, sizes);
    const { plan, description, weigh } = code;
    const { chosen, verdicts } = decide(plan, knownSizes(description, sizes), { weigh });
    return { chosen: chosen?.id, verdicts };
  };

export const bindOf =
  <Data extends object, Hyper, Param, Report, Refit = never, Chosen = never>(
    code: ModuleCode,
  ): Problem<Data, Hyper, Param, Report, Refit, Chosen>['bind'] =>
  async (data, options): Promise<Bound<Hyper, Param, Report, Refit, Chosen>> =>
    new BoundToData(await hold(code, data, options));

export const solveOf =
  <Data extends object, Hyper, Param, Report, Refit = never, Chosen = never>(
    code: ModuleCode,
  ): Problem<Data, Hyper, Param, Report, Refit, Chosen>['solve'] =>
  async (data, options) =>
    solveHeld(await hold(code, data, options, solveRules), options);

export const hypergradientOf =
  <Data extends object, Hyper, Param, Report>(code: ModuleCode): Problem<Data, Hyper, Param, Report>['hypergradient'] =>
  async (data, hyper, options) =>
    differentiateHeld(await hold(code, data, options, hypergradientRules), hyper, options);

export const evaluateOf =
  <Data extends object, Hyper, Param, Report>(code: ModuleCode): Problem<Data, Hyper, Param, Report>['evaluate'] =>
  async (data, hyper, options) =>
    evaluateHeld(await hold(code, data, options, callRules), hyper, options);

export const verifyOf =
  <Data extends object, Hyper>(code: ModuleCode): Problem<Data, Hyper, never, never>['verify'] =>
  async (data, options) =>
    verifyHeld(await hold(code, data, options, verifyRules), options);

/** All of it. `Data`, `Hyper`, `Param`, `Report`: interfaces of the declared names. */
export const problem = <Data extends object, Hyper, Param, Report, Refit = never, Chosen = never>(
  code: ModuleCode,
): Problem<Data, Hyper, Param, Report, Refit, Chosen> => ({
  describe: describeOf(code),
  plan: planOf(code),
  bind: bindOf(code),
  solve: solveOf(code),
  hypergradient: hypergradientOf(code),
  evaluate: evaluateOf(code),
  verify: verifyOf(code),
});
