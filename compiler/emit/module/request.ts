/** What of a compiled problem goes into its module: the candidates that can be chosen at the sizes that are known, and what checks them. */
import { libraryBackendNames, libraryBackends } from '../../../plan/backends.ts';
import { candidatesToCarry } from '../../../plan/carry.ts';
import { candidatesAskedFor, holdsAll } from '../../../plan/decide.ts';
import { type Environment, namesIn } from '../../../plan/evaluate.ts';
import type { Precision } from '../../../plan/kernels.ts';
import { calibrationsOf } from '../../../plan/library-calibrations.ts';
import type { Library } from '../../../plan/placement.ts';
import { namesInCost } from '../../../plan/predict.ts';
import { checkedId, refinedId, whyNotRefined } from '../../../plan/mixed.ts';
import type { Arithmetic, Candidate, Certifies, Plan } from '../../../plan/types.ts';
import type { CompiledProblem } from '../../pipeline.ts';
import type { CarriedCalls, CarriedCode, ModuleRequest } from './module.ts';

export interface CarryOptions {
  readonly precisions: readonly Arithmetic[];
  /** Libraries of kernels on which it is to run, too. */
  readonly libraries?: readonly Library[] | undefined;
  /** All that may be chosen at any sizes, for who emits none before it is chosen. */
  readonly every?: boolean;
  /** Sizes that are known now; they narrow the choice, and are not fixed by it. */
  readonly sizes: Environment;
  /** A strategy's name or a candidate's id. */
  readonly strategy?: string | undefined;
  /** Kernels in as few bytes as can be. */
  readonly small?: boolean;
  /** Whether it is to prove the errors of its hypergradients. */
  readonly certify?: boolean | undefined;
}

/** `candidates`: what may be chosen, in the order of decision. Undefined where none is valid at these sizes. */
export function carriedCode(
  { module, code, calls, certifies }: CompiledProblem,
  options: CarryOptions,
):
  | (Pick<ModuleRequest, 'plan' | 'certifies' | 'code' | 'calls' | 'isElsewhere' | 'usual' | 'description'> & {
      readonly candidates: readonly string[];
    })
  | undefined {
  const { description, plan } = module;
  const { small = false, certify = false, libraries = [] } = options;
  const carried = options.every === true ? candidatesAskedFor(plan, options.strategy) : toCarry(plan, options);
  const [first] = carried;
  if (first === undefined) return undefined;
  // Differences need the values of a candidate with their inner solver, and no kernels of their own.
  const checks = new Map<Candidate, Candidate>();
  for (const check of plan.candidates.filter((c) => c.checkingOnly && !carried.includes(c))) {
    const host = carried.find((c) => c.innerSolver === check.innerSolver);
    if (host !== undefined && !checks.has(host)) checks.set(host, check);
  }
  const asked: Plan['asked'] =
    options.strategy === undefined ? plan.asked : options.strategy === 'auto' ? {} : { strategy: first.strategy };
  const fixed = Object.fromEntries(description.dims.flatMap(({ name, fixed: size }) => (size === undefined ? [] : [[name, size]])));
  // Where there is one, on one backend, there is nothing to weigh.
  const isWeighed = carried.length > 1 || libraries.length > 0;
  const weighed = [...(isWeighed ? carried : carried.map(withoutCost)), ...[...checks.values()].map(withoutCost)];
  const candidates = weighed.map((c) => ({ ...c, conditions: c.conditions.filter((one) => holdsAll([one], fixed).holds !== true) }));
  /** With what its code serves besides. */
  const named = (candidate: Candidate): readonly string[] => {
    const check = checks.get(candidate);
    return [candidate.id, ...(check === undefined ? [] : [check.id])];
  };
  const isMixed = options.precisions.includes('mixed');
  /** Whether float64 is to judge what float32 found. */
  const isJudged = isMixed || libraries.length > 0 || (options.precisions.includes('f64') && options.precisions.includes('f32'));
  const asFloat64 = isJudged ? (['f64'] as const) : [];
  const numbers = [...new Set<Precision>([...asFloat64, ...options.precisions.filter((precision) => precision !== 'mixed')])];
  const kernels = (names: readonly string[], precision: Precision, of: string): CarriedCode => ({
    candidates: names,
    precision,
    code: () => code(of, precision, { small }),
  });
  const proof = certify ? waysToCarry(certifies(), options.sizes) : undefined;
  const proofs = proof?.ok === true ? proof.ways : [];
  return {
    description,
    ...(proof === undefined ? {} : { certifies: proof }),
    candidates: carried.map((c) => c.id),
    isElsewhere: isJudged,
    ...(isJudged && options.precisions.includes('f32') && !options.precisions.includes('f64') ? { usual: 'f32' as const } : {}),
    plan: { ...plan, asked, candidates, assumptions: assumptionsOf(candidates, plan.assumptions) },
    code: [
      ...carried.flatMap((candidate) => {
        const { id } = candidate;
        return [
          ...numbers.map((precision) => kernels(named(candidate), precision, id)),
          // It has the candidate's stages too, and not their last bits: sums are cut where more of them is asked for.
          ...(isJudged && whyNotRefined(description, candidate) === undefined ? [kernels([checkedId(id)], 'f64', checkedId(id))] : []),
          ...(isMixed && whyNotRefined(description, candidate) === undefined ? [kernels([refinedId(id)], 'f32', refinedId(id))] : []),
        ];
      }),
      ...proofs.flatMap(({ id }) => numbers.map((precision) => kernels([id], precision, id))),
    ],
    calls: libraries.flatMap((library) =>
      carried.flatMap((candidate) => {
        const { id } = candidate;
        const onLibrary = (names: readonly string[], of: string): CarriedCalls => ({
          candidates: names,
          library,
          calls: () => calls(of, library, { small }),
        });
        const isRefined = whyNotRefined(description, candidate) === undefined;
        return [onLibrary(named(candidate), id), ...(isRefined ? [onLibrary([refinedId(id)], refinedId(id))] : [])];
      }),
    ),
  };
}

function toCarry(plan: Plan, { libraries = [], sizes, strategy }: CarryOptions): readonly Candidate[] {
  const elsewhere = libraryBackendNames.filter((name) => libraries.includes(libraryBackends[name].library));
  return candidatesToCarry(plan, sizes, strategy, [undefined, ...elsewhere.flatMap(calibrationsOf)]);
}

/** Of the ways of proving those that may be taken at sizes that are known now. */
function waysToCarry(certifies: Certifies, sizes: Environment): Certifies {
  if (!certifies.ok) return certifies;
  const possible = certifies.ways.filter(({ conditions }) => holdsAll(conditions, sizes).holds !== false);
  const sure = possible.findIndex(({ conditions }) => holdsAll(conditions, sizes).holds === true);
  return { ok: true, ways: sure < 0 ? possible : possible.slice(0, sure + 1) };
}

const withoutCost = ({ cost: _, ...candidate }: Candidate): Candidate => candidate;

/** Those on which the choice depends. */
function assumptionsOf(candidates: readonly Candidate[], all: Plan['assumptions']): Plan['assumptions'] {
  const names = new Set(
    candidates.flatMap(({ conditions, cost = {} }) => [
      ...conditions.flatMap(({ left, right }) => [...namesIn(left), ...namesIn(right)]),
      ...namesInCost(cost),
    ]),
  );
  // Each may speak of those before it.
  for (const [name, assumed] of Object.entries(all).reverse()) if (names.has(name)) for (const other of namesIn(assumed)) names.add(other);
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)));
}
