/**
 * Chooses a candidate: the same code for `bilevel plan`, a hover and a shipped module. Every verdict is kept, also the losers'.
 * Until the full cost model: the order of decision (the candidates' ranks), among those whose conditions hold for these sizes.
 */
import { evaluate, printExpr, type Environment } from './evaluate.ts';
import type { Candidate, Condition, Plan } from './types.ts';

export interface Verdict {
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
  const named = options.only ?? plan.asked.strategy;
  const wanted = plan.candidates.filter((c) =>
    options.only !== undefined
      ? c.id === options.only || c.strategy === options.only
      : plan.asked.strategy === undefined
        ? !c.checkingOnly && c.exact
        : c.strategy === plan.asked.strategy,
  );
  const checked = new Map(plan.candidates.map((c) => [c.id, holdsAll(c.conditions, environment)]));
  const valid = wanted.filter((c) => checked.get(c.id)?.holds !== false);
  const late = (c: Candidate): number => (holdsAll(c.preferred, environment).holds === false ? 1 : 0);
  const chosen = [...valid].sort((a, b) => late(a) - late(b) || a.rank - b.rank)[0];
  const order = [...plan.candidates].sort((a, b) => late(a) - late(b) || a.rank - b.rank);
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
