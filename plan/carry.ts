/** Which candidates a compiled module carries: those that the choice can fall on, at the sizes that are known when it is compiled. */
import { choose } from './choose.ts';
import { candidatesAskedFor, holdsAll, type Choice } from './decide.ts';
import { evaluate, namesIn, type Environment } from './evaluate.ts';
import { environmentOf, namesInCost } from './predict.ts';
import type { Calibration, Candidate, Plan } from './types.ts';

/** What a size may turn out to be, and what it most likely is. */
const scales = [10, 1000, 100_000] as const;
const [, usual] = scales;
/** Sizes that are thought of one by one; those beyond them are as large as the last. */
const mostNames = 4;

/** A module with one candidate is half as large: it may take so many times as long as the choice at other sizes; on libraries, whose code is small, less. */
const [LONGEST, LONGEST_ON_LIBRARIES] = [2, 1.1] as const;

/**
 * In the order of decision. Where the choice at usual sizes is valid at all of them, and nowhere far from the choice there, it alone; otherwise
 * each that is the choice at some sizes, and, so that there is always one, the first that is valid at all.
 * `only`: a strategy's name or a candidate's id, instead of what the page asks for. `calibrations`: of all that it is to run on; undefined is Wasm's.
 * Empty where nothing is valid at these sizes.
 */
export function candidatesToCarry(
  plan: Plan,
  sizes: Environment,
  only?: string,
  calibrations: readonly (Calibration | undefined)[] = [undefined],
): readonly Candidate[] {
  const wanted = candidatesAskedFor(plan, only);
  const known = environmentOf(plan, sizes);
  const holdsAtAll = ({ conditions }: Candidate): boolean | undefined => holdsAll(conditions, known).holds;
  const names = unknownIn(plan, wanted, known);
  const choiceAt = (guess: Environment, calibration?: Calibration): Choice =>
    choose(plan, { ...guess, ...sizes }, { ...(only === undefined ? {} : { only }), calibration });
  const { chosen: likely } = choiceAt(Object.fromEntries(names.map((name) => [name, usual])));
  const longest = calibrations.length > 1 ? LONGEST_ON_LIBRARIES : LONGEST;
  const choices = calibrations.flatMap((calibration) => guesses(names).map((guess) => choiceAt(guess, calibration)));
  if (likely !== undefined && holdsAtAll(likely) === true && choices.every((choice) => isNear(choice, likely, longest))) return [likely];
  const found = new Set([wanted.find((c) => holdsAtAll(c) === true), likely, ...choices.map(({ chosen }) => chosen)]);
  return wanted.filter((c) => found.has(c));
}

function isNear({ chosen, verdicts }: Choice, candidate: Candidate, longest: number): boolean {
  const msOf = (id: string | undefined): number => verdicts.find((v) => v.id === id)?.predicted ?? 0;
  return msOf(candidate.id) <= longest * msOf(chosen?.id);
}

function unknownIn(plan: Plan, candidates: readonly Candidate[], known: Environment): readonly string[] {
  const used = candidates.flatMap(({ conditions, cost = {} }) => [
    ...conditions.flatMap(({ left, right }) => [...namesIn(left), ...namesIn(right)]),
    ...namesInCost(cost),
  ]);
  const assumed = Object.values(plan.assumptions).flatMap(namesIn);
  return [...new Set([...used, ...assumed])].filter(
    (name) => evaluate(name, known) === undefined && !Object.hasOwn(plan.assumptions, name),
  );
}

/** Every scale of every name. */
function guesses(names: readonly string[]): readonly Environment[] {
  const [single, last] = [names.slice(0, mostNames - 1), names.slice(mostNames - 1)];
  let found: readonly Environment[] = [{}];
  for (const group of [...single.map((name) => [name]), last])
    found = found.flatMap((guess) => scales.map((scale) => ({ ...guess, ...Object.fromEntries(group.map((name) => [name, scale])) })));
  return found;
}
