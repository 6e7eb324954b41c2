/**
 * Carries out an order: the page compiled, its data read, the problem solved, differentiated, planned or compared, as the command line does
 * it. Owns the way from an order to its end; how a result is said is `tables.ts`.
 */
import type { CompiledProblem } from '../../../compiler/pipeline.ts';
import { beside } from '../../../compiler/paths.ts';
import { hasErrors, type Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { parse } from '../../../grammar/parse.ts';
import { chosenProblem } from '../../../library/chosen.ts';
import { typeText, planDocument, planFacts } from '../../../library/plan-document.ts';
import { stepWords } from '../../../library/words.ts';
import { choose } from '../../../plan/choose.ts';
import { knownSizes } from '../../../plan/splits.ts';
import type { ProblemModule } from '../../../plan/types.ts';
import { wasmLink } from '../../../runtime/backends/wasm/backend.ts';
import { checkDemands } from '../../../runtime/demands.ts';
import { bindData, FileError, type Files } from '../../../runtime/data/files.ts';
import { everyFormat } from '../../../runtime/data/every-format.ts';
import { dataDoubts } from '../../../runtime/data-doubts.ts';
import { drawAll } from '../../../runtime/draws.ts';
import { run, verify } from '../../../runtime/drive.ts';
import { crossValidation } from '../../../runtime/folds/cross-validation.ts';
import { labelDoubts } from '../../../runtime/label-doubts.ts';
import type { BoundProblem, OuterStep, RunResult } from '../../../runtime/types.ts';
import { charted, stepOf } from './charted.ts';
import { ending, type Page } from './ending.ts';
import type { Ended, Order } from './messages.ts';
import type { Advanced } from './results.ts';
import { gradientTables, planTables, runTables, verifyTables } from './tables.ts';

export interface Means {
  readonly files: Required<Files>;
  readonly signal: AbortSignal;
  readonly tell: (advanced: Advanced) => void;
}

/** At most so often steps are told, in milliseconds: faster than they can be seen. */
const tellEveryMs = 40;

/** Fails: rejects for our own mistakes alone. */
export async function carryOut(
  { action, page: { uri, name, text }, problem, data }: Order,
  { files, signal, tell }: Means,
): Promise<Ended> {
  const page: Page = { uri, name, text, imports: await importedTexts(name, text, files) };
  const end = ending(page);
  const sources = (file: string): string | undefined => page.imports.get(file);
  const { value, diagnostics } = chosenProblem({ name, text, imports: sources }, { problem });
  // The server shows what is wrong with the page itself.
  if (value === undefined) return end.failed('the page has errors', diagnostics, []);
  if (signal.aborted) return end.cancelled();
  const { description } = value.problem.module;
  const phase = (words: string): void => tell({ kind: 'advanced', words, hypers: [], steps: [] });
  phase('its data are read');
  const bound = await bindData(description, { ...files, formats: everyFormat, by: 'editor', overrides: data }, 0, {
    checkDemands,
    crossValidation,
    dataDoubts,
    drawAll,
    labelDoubts,
  });
  if (signal.aborted) return end.cancelled();
  if (action === 'plan') return end.planned(planOf(value.problem, bound.bound, bound.diagnostics));
  if (bound.bound === undefined || hasErrors(bound.diagnostics)) {
    const unbound = description.data
      .filter(({ from, name: own }) => from === undefined && !Object.hasOwn(data, own))
      .map((own) => ({ name: own.name, declared: `${own.name}: ${typeText(own)}`, rank: own.shape.length }));
    return end.failed('its data do not fit', bound.diagnostics, bound.diagnostics, unbound);
  }
  const module = linked(value.problem, action === 'run' ? () => undefined : (id) => phase(`${id} is compiled and run`));
  const warned = bound.diagnostics;

  switch (action) {
    case 'run': {
      phase('the first inner problem is solved');
      const steps = teller(tell);
      const outcome = await run(module, bound.bound, { signal, onStep: steps.step, onInnerSteps: steps.inner });
      steps.flush();
      const result: RunResult | undefined = outcome.ok ? outcome.value : outcome.lastGood;
      const shown = result === undefined ? {} : runTables(module, result);
      if (!outcome.ok) return end.stopped(outcome, warned, shown);
      if (outcome.value.outerStatus === 'interrupted') return end.cancelled(shown);
      return end.done([...warned, ...outcome.value.warnings], shown);
    }
    case 'gradient': {
      const outcome = await verify(checkedOnly(module, bound.bound), bound.bound, { signal });
      if (!outcome.ok) return end.stopped(outcome, warned);
      return end.done([...warned, ...outcome.value.chosen.warnings], gradientTables(module, outcome.value));
    }
    case 'verify': {
      const outcome = await verify(module, bound.bound, { signal });
      if (!outcome.ok) return end.stopped(outcome, warned);
      return end.done([...warned, ...outcome.value.chosen.warnings], verifyTables(module, outcome.value));
    }
  }
}

/** The texts of the pages that a page imports, and those import, by their names as seen from it. What cannot be read is for the compiler to say. */
async function importedTexts(page: string, text: string, files: Files): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  const asked = new Set([page]);
  const readFrom = async (file: string, own: string): Promise<void> => {
    const paths = parse(own, file).value.items.flatMap((item) => (item.kind === 'import' ? [beside(file, item.path)] : []));
    const anew = [...new Set(paths)].filter((path) => !asked.has(path));
    anew.forEach((path) => asked.add(path));
    await Promise.all(
      anew.map(async (path) => {
        try {
          texts.set(path, new TextDecoder().decode(await files.read(path)));
        } catch (error) {
          if (error instanceof FileError) return;
          throw error;
        }
        await readFrom(path, texts.get(path) ?? '');
      }),
    );
  };
  await readFrom(page, text);
  return texts;
}

/** `began` is told which candidate is to run. */
function linked({ module, code, certifies }: CompiledProblem, began: (id: string) => void): ProblemModule {
  const { description, plan } = module;
  const link = wasmLink((candidate) => code(candidate, 'f64'), { threads: 'auto', fused: false });
  return {
    description,
    plan,
    certifies: () => Promise.resolve(certifies()),
    link: (id, sizes) => {
      began(id);
      return link(id, sizes);
    },
  };
}

/** The same problem with two candidates: the one that is taken, and differences to check it by. */
function checkedOnly(module: ProblemModule, { sizes }: BoundProblem): ProblemModule {
  const { plan } = module;
  const taken = choose(plan, sizes).chosen?.id;
  const byDifferences = plan.candidates.find(({ checkingOnly }) => checkingOnly)?.id;
  const candidates = plan.candidates.filter(({ id }) => id === taken || id === byDifferences);
  // Where none can be taken, the refusals say why.
  return taken === undefined ? module : { ...module, plan: { ...plan, candidates, refusals: [] } };
}

/** Without data that fit, by the sizes that the page alone tells; why is said. */
function planOf(problem: CompiledProblem, bound: BoundProblem | undefined, diagnostics: readonly Diagnostic[]) {
  const sizes = bound?.sizes ?? knownSizes(problem.module.description);
  const facts = planFacts(problem, sizes, { backend: 'wasm', precision: 'f64' });
  const errors = bound === undefined ? diagnostics.filter(({ severity }) => severity === 'error') : [];
  return planTables(
    facts,
    planDocument(facts),
    errors.map(({ message }) => message),
  );
}

/** Tells steps a few at a time, and the steps of an inner solve that takes long. */
function teller(tell: Means['tell']): {
  readonly step: (step: OuterStep, total: number | undefined) => void;
  readonly inner: (steps: number) => void;
  readonly flush: () => void;
} {
  const began = performance.now();
  let told = began;
  let waiting: OuterStep[] = [];
  let hypers: Advanced['hypers'] = [];
  let last: { readonly step: OuterStep; readonly total: number | undefined } | undefined;
  const flush = (inner?: number): void => {
    told = performance.now();
    if (last === undefined && inner === undefined) return;
    const words = last === undefined ? ['the first inner problem is solved'] : stepWords(last.step, last.total, told - began);
    const share = last?.total === undefined ? {} : { share: Math.min(1, last.step.step / last.total) };
    const more = inner === undefined || inner === 0 ? [] : [`inner step ${inner}`];
    tell({ kind: 'advanced', words: [...words, ...more].join(', '), hypers, steps: waiting.map(stepOf), ...share });
    waiting = [];
  };
  const soon = (inner?: number): void => {
    if (performance.now() - told >= tellEveryMs) flush(inner);
  };
  return {
    step: (step, total) => {
      last = { step, total };
      if (hypers.length === 0) hypers = charted(step.hyper);
      waiting.push(step);
      soon();
    },
    inner: soon,
    flush,
  };
}
