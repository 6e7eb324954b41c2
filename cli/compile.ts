/** `bilevel compile FILE`: a module for an application, with its kernels; files appear when all of them are complete. */
import { basename, dirname, join, relative } from 'node:path';
import { relaxedHypers } from '../compiler/emit/module/interfaces.ts';
import type { Target } from '../compiler/emit/module/module.ts';
import { absentBackend, absentPrecision } from '../diagnostics/backend.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { wrongFlag } from '../diagnostics/usage.ts';
import { sizesWith, type Sizes } from '../library/asked.ts';
import { compiledModule, writtenFiles, type CompiledModule } from '../library/module.ts';
import { arithmetics as present } from '../library/options.ts';
import { libraries as allLibraries, type Library } from '../plan/placement.ts';
import type { Arithmetic } from '../plan/types.ts';
import { bindingParts } from '../plan/binding-parts.ts';
import type { ProblemDescription } from '../plan/types.ts';
import { Failure, exit, type ExitCode } from './failure.ts';
import { memoryText } from '../library/figures.ts';
import { closestName } from '../runtime/tensor.ts';
import type { RawFlags } from './flags.ts';
import { dumped, loadProblem } from './load.ts';
import { writeFiles, type Session } from './session.ts';

export async function compile(session: Session, file: string, raw: RawFlags): Promise<ExitCode> {
  const { target, output, precisions, libraries, isStandalone } = readCompileFlags(raw, file);
  const problem = await loadProblem(session, file, raw);
  if (await dumped(session, problem, raw)) return exit.done;
  const sizes = readSizes(raw.sizes, problem.description);
  const { io } = session;
  const script = standaloneScript(problem.description, precisions);
  const standalone = isStandalone ? { script: io.readStandalone(script), types: io.readStandalone('types.d.ts') } : undefined;
  const page = { name: file, text: session.readPage(file), imports: session.readImport };
  const options = { target, precisions, libraries, sizes, strategy: raw.strategy, certify: raw.certify, standalone };
  const { value: module, diagnostics } = compiledModule(await problem.compiled(), page, options);
  if (module === undefined) throw new Failure(diagnostics);
  const facts = { status: 'ok', problem: problem.description.name, candidates: module.candidates };
  if (output === undefined) return showModule(session, module, nameOf(file), facts);
  const files = new Map<string, string>();
  for (const { name, text, map } of writtenFiles(module, output, (written) => relative(dirname(written), file).replaceAll('\\', '/'))) {
    files.set(name, text);
    files.set(`${name}.map`, map);
  }
  writeFiles(io, files);
  const written = [...files.keys()].filter((name) => !name.endsWith('.map'));
  const bytes = written.reduce((sum, name) => sum + Buffer.byteLength(files.get(name) ?? ''), 0);
  session.print(written.join('\n'));
  session.note(`${memoryText(bytes)}, with ${module.candidates.join(', ')}`);
  session.document({ ...facts, files: [...files.keys()], bytes });
  return exit.done;
}

/** Where no file is named. As a text there is room for one file; a document has all of them, as a call of `compile` gives them. */
function showModule(session: Session, module: CompiledModule, name: string, facts: Readonly<Record<string, unknown>>): ExitCode {
  const [first, ...others] = module.files;
  session.print((first?.text ?? '').trimEnd());
  if (session.form === 'text' && others.length > 0) session.note('the declarations are a file of their own, written with -o FILE.js');
  session.document({ ...facts, module: first?.text, files: writtenFiles(module, name, () => `${name}.bilevel`) });
  return exit.done;
}

/** Of a page, and of its module where no other is given. */
const nameOf = (page: string): string => basename(page).replace(/\.bilevel$/u, '');

interface CompileFlags {
  readonly target: Target;
  /** Without the ending. */
  readonly output: string | undefined;
  readonly precisions: readonly Arithmetic[];
  readonly libraries: readonly Library[];
  readonly isStandalone: boolean;
}

const endingPattern = /\.(?<ending>[a-z]+)$/iu;

function readCompileFlags(raw: RawFlags, page: string): CompileFlags {
  const { target, output, precision = 'f64', standalone: isStandalone = false } = raw;
  const wrong: Diagnostic[] = [];
  const refuse = (flag: string, given: string, because: string, form: string): void => {
    wrong.push(wrongFlag({}, { flag, given, because, form }));
  };
  const asked = target === 'ts' || target === 'js' ? target : undefined;
  if (target !== asked) refuse('--target', target ?? '', 'there is no such target', 'ts or js');
  const ending = endingPattern.exec(output ?? '')?.groups?.['ending'];
  const ended = ending === 'ts' || ending === 'js' ? ending : undefined;
  const chosen: Target = asked ?? ended ?? (isStandalone ? 'js' : 'ts');
  const stem = output?.replace(endingPattern, '');
  const wanted: Target = isStandalone ? 'js' : chosen;
  if (output !== undefined && stem !== undefined) {
    const mistake = outputMistake(stem, ended, { asked, isStandalone });
    const better = isNamed(stem) ? stem : join(stem, nameOf(page));
    if (mistake !== undefined) refuse('--output', output, mistake, `${better}.${wanted}`);
  } else if (isStandalone && asked === 'ts') refuse('--target', 'ts', onlyScript, 'js');
  const named = precision.split(',').map((name) => name.trim());
  for (const name of named)
    if (!present.some((known) => known === name)) wrong.push(absentPrecision({}, { asked: name, backend: 'wasm', present }));
  const libraries = librariesFlag(raw, wrong);
  if (isStandalone && libraries.length > 0)
    refuse('--backend', raw.backend ?? '', 'a standalone module imports nothing, and so no library', 'wasm');
  if (wrong.length > 0) throw new Failure(wrong);
  return { target: chosen, output: stem, precisions: present.filter((name) => named.includes(name)), libraries, isStandalone };
}

/** `tfjs,gpujs`; every module runs on Wasm, which may be named. */
function librariesFlag({ backend = 'wasm' }: RawFlags, wrong: Diagnostic[]): readonly Library[] {
  const named = backend.split(',').map((name) => name.trim());
  const known = ['wasm', ...allLibraries];
  for (const name of named.filter((each) => !known.includes(each)))
    wrong.push(
      absentBackend(
        {},
        { asked: name, present: known, suggestion: closestName(name, known) ?? allLibraries.find((l) => name.startsWith(l)) },
      ),
    );
  return allLibraries.filter((name) => named.includes(name));
}

const onlyScript = 'a standalone module is JavaScript, with a declaration file';

/** Whether there is a name before the ending: `x`, not the empty text and not a folder. */
const isNamed = (stem: string): boolean => /[^/\\.][^/\\]*$/u.test(stem);

/** What is wrong with `--output`, the worst of it: one mistake is said once. */
function outputMistake(
  stem: string,
  ended: Target | undefined,
  { asked, isStandalone }: { readonly asked: Target | undefined; readonly isStandalone: boolean },
): string | undefined {
  if (!isNamed(stem)) return 'the module has no name';
  if (ended === undefined) return 'a module ends in .ts or .js';
  if (isStandalone && (asked ?? ended) === 'ts') return onlyScript;
  return asked !== undefined && asked !== ended ? `the target is ${asked}` : undefined;
}

/** `n=442,d=10`. */
function readSizes(given: string | undefined, description: ProblemDescription): Sizes {
  const sizes = new Map<string, number>();
  const refuse = (because: string, form: string): never => {
    throw new Failure([wrongFlag({}, { flag: '--sizes', given: given ?? '', because, form })]);
  };
  for (const entry of given?.split(',') ?? []) {
    const [, name = '', size = ''] = /^\s*([^=\s]+)\s*=\s*([^=\s]*)\s*$/u.exec(entry) ?? [];
    if (name === '') refuse(`${entry.trim() === '' ? 'there' : `in \`${entry}\` there`} is no DIM=SIZE`, 'n=442,d=10');
    if (sizes.has(name)) refuse(`there are two sizes of \`${name}\``, `${name}=100`);
    // In digits alone: `Number` also reads 0x10, 1e3 and the empty text.
    sizes.set(name, /^\d+$/u.test(size) ? Number(size) : Number.NaN);
  }
  const asked = sizesWith(description, Object.fromEntries(sizes));
  return asked.ok ? asked.sizes : refuse(asked.because, `${asked.instead.dim}=${asked.instead.size}`);
}

/** The text of the runtime that has what the problem names (`scripts/build.mjs`). */
function standaloneScript(description: ProblemDescription, precisions: readonly Arithmetic[]): string {
  const isInOne = precisions.length === 1 && !precisions.includes('mixed');
  const isPlain =
    isInOne && description.outer.name === 'lbfgs' && [...bindingParts(description), ...relaxedHypers(description)].length === 0;
  return isPlain ? 'plain.js' : 'whole.js';
}
