/** `bilevel compile FILE`: a module for an application, with its kernels; files appear when all of them are complete. */
import { basename, dirname, relative } from 'node:path';
import type { Target } from '../compiler/emit/module/module.ts';
import { compile as compilePage } from '../compiler/pipeline.ts';
import { absentPrecision } from '../diagnostics/backend.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { wrongFlag } from '../diagnostics/usage.ts';
import { sizesWith, type Sizes } from '../library/asked.ts';
import { moduleOf, writtenFiles } from '../library/module.ts';
import type { Precision } from '../plan/kernels.ts';
import type { ProblemDescription } from '../plan/types.ts';
import { noneChosen } from '../runtime/open.ts';
import { Failure, exit, type ExitCode } from './failure.ts';
import { memoryText } from './figures.ts';
import type { RawFlags } from './flags.ts';
import { dumped, loadProblem } from './load.ts';
import { writeFiles, type Session } from './session.ts';

export async function compile(session: Session, file: string, raw: RawFlags): Promise<ExitCode> {
  const { target, output, precisions, isStandalone } = readCompileFlags(raw);
  const problem = await loadProblem(session, file, raw);
  if (await dumped(session, problem, raw)) return exit.done;
  const sizes = readSizes(raw.sizes, problem.description);
  const text = session.readPage(file);
  // Under its own name, wherever it stands: the module is the same on every machine.
  const page = { name: basename(file), text };
  const compiled = compilePage(text, page.name).value.find((p) => p.module.description.name === problem.description.name);
  const { io } = session;
  const script = `${problem.description.outer.name}.js`;
  const standalone = isStandalone ? { script: io.readStandalone(script), types: io.readStandalone('types.d.ts') } : undefined;
  const module = compiled && moduleOf(compiled, page, { target, precisions, sizes, strategy: raw.strategy, standalone });
  if (module === undefined) throw new Failure([noneChosen(problem, sizes, raw.strategy)]);
  const {
    candidates,
    files: [first],
  } = module;
  if (output === undefined) {
    session.print((first?.text ?? '').trimEnd());
    session.document({ status: 'ok', problem: problem.description.name, candidates, module: first?.text });
    return exit.done;
  }
  const files = new Map<string, string>();
  for (const { name, text: emitted, map } of writtenFiles(module, output, (name) => relative(dirname(name), file).replaceAll('\\', '/'))) {
    files.set(name, emitted);
    files.set(`${name}.map`, map);
  }
  writeFiles(io, files);
  const written = [...files.keys()].filter((name) => !name.endsWith('.map'));
  const bytes = written.reduce((sum, name) => sum + Buffer.byteLength(files.get(name) ?? ''), 0);
  session.print(written.join('\n'));
  session.note(`${memoryText(bytes)}, with ${candidates.join(', ')}`);
  session.document({ status: 'ok', problem: problem.description.name, candidates, files: [...files.keys()], bytes });
  return exit.done;
}

interface CompileFlags {
  readonly target: Target;
  /** Without the ending. */
  readonly output: string | undefined;
  readonly precisions: readonly Precision[];
  readonly isStandalone: boolean;
}

const present: readonly Precision[] = ['f64', 'f32'];

function readCompileFlags({ target, output, precision = 'f64', standalone: isStandalone = false }: RawFlags): CompileFlags {
  const wrong: Diagnostic[] = [];
  const refuse = (flag: string, given: string, because: string, form: string): void => {
    wrong.push(wrongFlag({}, { flag, given, because, form }));
  };
  if (target !== undefined && target !== 'ts' && target !== 'js') refuse('--target', target, 'there is no such target', 'ts or js');
  const ending = /\.(?<ending>[a-z]+)$/iu.exec(output ?? '')?.groups?.['ending'];
  if (output !== undefined && ending !== 'ts' && ending !== 'js')
    refuse('--output', output, 'a module ends in .ts or .js', `${output.replace(/\.[^./\\]*$/u, '')}.ts`);
  const silent: Target = ending === 'js' || (isStandalone && ending === undefined) ? 'js' : 'ts';
  const chosen: Target = target === 'js' || target === 'ts' ? target : silent;
  if (isStandalone && chosen === 'ts') {
    const because = 'a standalone module is JavaScript, with a declaration file';
    if (output === undefined) refuse('--target', 'ts', because, 'js');
    else refuse('--output', output, because, output.replace(/\.[a-z]+$/iu, '.js'));
  }
  if (ending !== undefined && target !== undefined && ending !== target)
    refuse('--output', output ?? '', `the target is ${target}`, `${(output ?? '').replace(/\.[a-z]+$/iu, '')}.${target}`);
  const precisions = precision.split(',').map((name) => name.trim());
  for (const asked of precisions)
    if (!present.some((name) => name === asked)) wrong.push(absentPrecision({}, { asked, backend: 'wasm', present }));
  if (wrong.length > 0) throw new Failure(wrong);
  return {
    target: chosen,
    output: output?.replace(/\.[a-z]+$/iu, ''),
    precisions: present.filter((name) => precisions.includes(name)),
    isStandalone,
  };
}

/** `n=442,d=10`. */
function readSizes(given: string | undefined, description: ProblemDescription): Sizes {
  const entries = (given?.split(',') ?? []).map((entry): readonly [string, number] => {
    const [name = '', size = ''] = entry.split('=').map((part) => part.trim());
    return [name, size === '' ? Number.NaN : Number(size)];
  });
  const asked = sizesWith(description, entries);
  if (asked.ok) return asked.sizes;
  const { because, instead } = asked;
  throw new Failure([wrongFlag({}, { flag: '--sizes', given: given ?? '', because, form: `${instead.dim}=${instead.size}` })]);
}
