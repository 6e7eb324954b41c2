/**
 * From a file's name to a problem that can be bound and run: what every command that works on one problem does first. What the compiler
 * made before is taken from the cache; the compiler is loaded only when something is not there.
 */
import type { CompiledProblem } from '../compiler/pipeline.ts';
import { unknownPass, whichProblem, wrongFlag } from '../diagnostics/usage.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { canAskFor, strategiesOf } from '../library/asked.ts';
import type { CandidateCalls } from '../plan/calls.ts';
import type { CandidateCode, Precision } from '../plan/kernels.ts';
import type { Library } from '../plan/placement.ts';
import type { Certifies, Plan, ProblemDescription } from '../plan/types.ts';
import { closestName } from '../runtime/tensor.ts';
import { openCache } from './cache.ts';
import { Failure } from './failure.ts';
import type { RawFlags } from './flags.ts';
import { demand, type Session } from './session.ts';

export interface LoadedProblem {
  readonly description: ProblemDescription;
  readonly plan: Plan;
  readonly code: (candidate: string, precision: Precision) => Promise<CandidateCode>;
  /** The same as calls on the kernels of a library. */
  readonly calls: (candidate: string, library: Library) => Promise<CandidateCalls>;
  readonly certifies: () => Promise<Certifies>;
  /** Everything that the compiler knows: for those who want to see graphs and costs, or to interpret. */
  readonly compiled: () => Promise<CompiledProblem>;
}

/** Of a page, as much as is needed before anything is bound. Plain data. */
interface Outline {
  /** What it was made from beside the page. */
  readonly imports: ReadonlyMap<string, string | undefined>;
  readonly problems: readonly { readonly description: ProblemDescription; readonly plan: Plan }[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Takes the one problem of a page that is meant; warnings are shown, errors stop the command. */
export async function loadProblem(session: Session, file: string, flags: RawFlags): Promise<LoadedProblem> {
  const text = session.readPage(file);
  const cache = openCache(session.io, flags, (words) => session.note(words));
  const page = compiledPage(session, text, file);
  const { problems, diagnostics, imports } = await cache.kept(
    ['page', file, text],
    async (): Promise<Outline> => {
      const { value, diagnostics: found, imports: read } = await page();
      return { imports: read, problems: value.map(({ module: { description, plan } }) => ({ description, plan })), diagnostics: found };
    },
    // Of a file that was not there nothing is kept: what is said of it speaks of others.
    (kept) => [...kept.imports].every(([name, before]) => before !== undefined && session.readImport(name) === before),
  );
  const words = [file, text, ...[...imports].flatMap(([name, imported]) => [name, imported ?? ''])];
  demand(session, diagnostics);
  const names = problems.map((p) => p.description.name);
  const { problem: asked } = flags;
  const place = asked === undefined ? (names.length === 1 ? 0 : -1) : names.indexOf(asked);
  const chosen = problems[place];
  if (chosen === undefined) {
    const suggestion = asked === undefined ? undefined : closestName(asked, names);
    throw new Failure([whichProblem({}, { file, asked, problems: names, suggestion })]);
  }
  const { description, plan } = chosen;
  demandStrategy(plan, flags.strategy);
  const compiled = async (): Promise<CompiledProblem> => (await page()).value[place] as CompiledProblem;
  return {
    description,
    plan,
    compiled,
    certifies: () => cache.kept(['certifies', ...words, description.name], async () => (await compiled()).certifies()),
    code: (candidate, precision) =>
      cache.kept(['code', ...words, description.name, candidate, precision], async () => (await compiled()).code(candidate, precision)),
    calls: (candidate, library) =>
      cache.kept(['calls', ...words, description.name, candidate, library], async () => (await compiled()).calls(candidate, library)),
  };
}

/** Compiles a page when it is first asked for. */
function compiledPage({ readImport }: Session, text: string, file: string) {
  const compile = async () => (await import('../compiler/pipeline.ts')).compile(text, file, readImport);
  let page: ReturnType<typeof compile> | undefined;
  return () => (page ??= compile());
}

/** A strategy that no plan has is a slip of the command line; one that refuses the problem is for the solve to explain. */
function demandStrategy(plan: Plan, asked: string | undefined): void {
  if (asked === undefined || canAskFor(plan, asked)) return;
  const names = strategiesOf(plan);
  const form = closestName(asked, names) ?? names.join(', --strategy ');
  throw new Failure([wrongFlag({}, { flag: '--strategy', given: asked, because: 'the plan has no such strategy', form })]);
}

/** Prints the graphs that `--dump` names; true when there was such a flag, and the command is done. */
export async function dumped(session: Session, { compiled, description }: LoadedProblem, { dump }: RawFlags): Promise<boolean> {
  if (dump === undefined) return false;
  const { dumps } = await compiled();
  const print = dumps.get(dump);
  const passes = [...dumps.keys()];
  if (print === undefined) throw new Failure([unknownPass({}, { asked: dump, passes, suggestion: closestName(dump, passes) })]);
  const text = print();
  session.print(text.trimEnd());
  session.document({ problem: description.name, pass: dump, text });
  return true;
}
