/**
 * Chooses a candidate: the same code for `bilevel plan`, a hover and a shipped module. Every verdict is kept, also the losers'.
 * Until the full cost model: the order of decision (the candidates' ranks), among those whose conditions hold for these sizes.
 */
import { evaluate, printExpr, type Environment } from './evaluate.ts';
import type { Candidate, Condition, Plan } from './types.ts';

/** What became of one candidate at some sizes, and why. */
export interface Verdict {
  /** Such as `implicit+cg+newton`; fit to be asked for by name. */
  readonly id: string;
  readonly strategy: string;
  readonly solver: string;
  readonly verdict: 'chosen' | 'valid' | 'not for these sizes' | 'sizes unknown' | 'refused';
  readonly why: string;
}

export interface Choice {
  readonly chosen: Candidate | undefined;
  /** In the order of decision; refusals last. */
  readonly verdicts: readonly Verdict[];
}

export interface ChooseOptions {
  /** A candidate's id, or a strategy's name, that is to be taken instead. */
  readonly only?: string;
}

export function choose(plan: Plan, sizes: Environment, options: ChooseOptions = {}): Choice {
  const environment = { ...plan.assumptions, ...sizes };
  const named = nameAskedFor(plan, options.only);
  const wanted = candidatesAskedFor(plan, options.only);
  const checked = new Map(plan.candidates.map((c) => [c.id, holdsAll(c.conditions, environment)]));
  const valid = wanted.filter((c) => checked.get(c.id)?.holds !== false);
  const [chosen] = inOrderOfDecision(valid, environment);
  const order = inOrderOfDecision(plan.candidates, environment);
  const verdicts = order.map((c): Verdict => {
    const { holds, why } = checked.get(c.id) ?? { holds: undefined, why: '' };
    return {
      id: c.id,
      strategy: c.strategy,
      solver: c.solver,
      verdict: c === chosen ? 'chosen' : holds === false ? 'not for these sizes' : holds === undefined ? 'sizes unknown' : 'valid',
      why: holds === false ? why : c === chosen && named !== undefined ? `${c.why}; asked for by name` : c.why,
    };
  });
  const refused = plan.refusals.map((r): Verdict => ({
    id: r.solver === undefined ? r.strategy : `${r.strategy}+${r.solver}`,
    strategy: r.strategy,
    solver: r.solver ?? '',
    verdict: 'refused',
    why: r.because,
  }));
  return { chosen, verdicts: [...verdicts, ...refused] };
}

/** A strategy's name or a candidate's id: what is asked for now, or else by the page; `auto` asks for none. */
function nameAskedFor(plan: Plan, only: string | undefined): string | undefined {
  const name = only ?? plan.asked.strategy;
  return name === 'auto' ? undefined : name;
}

/** Gives another number than the derivative, on purpose; finite differences mean the derivative, and state their error. */
export const approximates = ({ exact, checkingOnly }: Candidate): boolean => !exact && !checkingOnly;

/** Without a name: those that may be chosen by themselves. */
export function candidatesAskedFor(plan: Plan, only: string | undefined): readonly Candidate[] {
  const name = nameAskedFor(plan, only);
  return plan.candidates.filter((c) => (name === undefined ? !c.checkingOnly && c.exact : c.strategy === name || c.id === name));
}

/** By rank; those beyond the sizes at which they are meant come last. */
export function inOrderOfDecision(candidates: readonly Candidate[], sizes: Environment): readonly Candidate[] {
  const late = (c: Candidate): number => (holdsAll(c.preferred, sizes).holds === false ? 1 : 0);
  return [...candidates].sort((a, b) => late(a) - late(b) || a.rank - b.rank);
}

/** `holds` is undefined where a size that decides is not known. */
export function holdsAll(conditions: readonly Condition[], sizes: Environment): { holds: boolean | undefined; why: string } {
  let known = true;
  for (const condition of conditions) {
    const left = evaluate(condition.left, sizes);
    const right = evaluate(condition.right, sizes);
    if (left === undefined || right === undefined) known = false;
    else if (left > right) return { holds: false, why: `${condition.because} (${printExpr(condition.left)} = ${left} > ${right})` };
  }
  return { holds: known ? true : undefined, why: '' };
}
