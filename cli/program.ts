/**
 * The command line as a whole: which commands there are, their flags, and how each way of ending becomes an exit code.
 * A command is loaded when it is called: `--help` and `explain` need no compiler.
 */
import { Command, CommanderError } from 'commander';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { InternalError } from '../diagnostics/internal-error.ts';
import { wrongFlag, wrongUsage } from '../diagnostics/usage.ts';
import { Failure, exit, exitCodeOf, type ExitCode } from './failure.ts';
import { addBackendFlags, addDataFlags, addDumpFlags, addOutputFlags, addProblemFlags, addSolveFlags, type RawFlags } from './flags.ts';
import type { Io } from './io.ts';
import { openSession, type Session } from './session.ts';
import { version } from '../library/version.ts';

/** Runs one command line, without the name of the program; never throws. */
export async function main(argv: readonly string[], io: Io): Promise<ExitCode> {
  // A bare `--json` would otherwise take the file's name for its form.
  const words = argv.map((word) => (word === '--json' ? '--json=document' : word));
  let code: ExitCode = exit.done;
  let session = openSession(io, { form: formOf(words), quiet: words.includes('--quiet'), color: !words.includes('--no-color') });
  const wrongForm = words.find((word) => word.startsWith('--json=') && !forms.includes(word));
  if (wrongForm !== undefined) return session.fail([unknownForm(wrongForm)], exit.usage);
  const start = (flags: RawFlags): Session => {
    session = openSession(io, { form: formOf(words), quiet: flags.quiet ?? false, color: flags.color ?? true });
    return session;
  };
  const finish = async (ending: ExitCode | Promise<ExitCode>): Promise<void> => {
    code = await ending;
  };
  const program = describe(io, { start, finish });
  try {
    await program.parseAsync(words, { from: 'user' });
    return code;
  } catch (error) {
    return explainEnd(session, error, io, argv);
  }
}

const forms: readonly string[] = ['--json=document', '--json=ndjson'];
const unknownForm = (word: string): Diagnostic =>
  wrongFlag({}, { flag: '--json', given: word.slice('--json='.length), because: 'there is no such form', form: 'or --json=ndjson' });

function formOf(words: readonly string[]): Session['form'] {
  const form = words.findLast((word) => word.startsWith('--json='))?.slice('--json='.length);
  return form === 'ndjson' ? 'ndjson' : form === 'document' ? 'json' : 'text';
}

interface Runner {
  readonly start: (flags: RawFlags) => Session;
  readonly finish: (ending: ExitCode | Promise<ExitCode>) => Promise<void>;
}

function describe(io: Io, { start, finish }: Runner): Command {
  const program = new Command('bilevel')
    .description('Bilevel optimisation from one page of mathematics: the hypergradient, an estimate of its error, and a solved problem.')
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      // Its mistakes are shown as diagnostics, in one place.
      outputError: () => undefined,
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
    });
  const command = (name: string, words: string): Command =>
    addOutputFlags(program.command(name).description(words).helpOption('--help', 'print this help'));

  addDumpFlags(command('check', 'say what is wrong with pages: syntax, names, shapes, curvature').argument('<files...>', 'pages'))
    .option('--fix', 'mend in the pages what was clearly meant otherwise; what is left is said as always')
    .action(async (files: string[], flags: RawFlags) => finish((await import('./check.ts')).check(start(flags), files, flags)));
  addBackendFlags(
    addDataFlags(
      command('plan', 'show every strategy, valid or not and why, how long it is predicted to take, and the choice').argument(
        '<file>',
        'a page',
      ),
    ),
  )
    .option('--why <name>', 'one strategy or candidate in full: its conditions, what its time is made of, what would make it the choice')
    .option('--measure', 'run every valid candidate here but those that only check, and print what it took beside what was predicted')
    .option('--no-cache', 'compile and calibrate anew, and keep nothing of it')
    .action(async (file: string, flags: RawFlags) => finish((await import('./plan.ts')).plan(start(flags), file, flags)));
  addSolveFlags(
    addDataFlags(command('gradient', 'one hypergradient, with an estimate of its error, or a proved bound').argument('<file>', 'a page')),
  )
    .option('--verify', 'compare every strategy that accepts the problem, and finite differences')
    .action(async (file: string, flags: RawFlags) => finish((await import('./gradient.ts')).gradient(start(flags), file, flags)));
  addSolveFlags(addDataFlags(command('run', 'solve the problem').argument('<file>', 'a page')))
    .option(
      '--accuracy <how>',
      'inner and linear solves as accurate as the outer solver needs, or always to the end: adaptive, fixed (default: adaptive)',
    )
    .option('--no-refit', 'with folds: do not fit once more, at the end, to all that they share out')
    .action(async (file: string, flags: RawFlags) => finish((await import('./run.ts')).run(start(flags), file, flags)));
  addProblemFlags(command('compile', 'write the problem as a module for an application').argument('<file>', 'a page'))
    .option('-o, --output <file>', 'the module: a name that ends in .ts or .js; without it, the text goes to stdout')
    .option('--target <language>', 'ts, or js with a declaration file (default: what the name ends in, or ts)')
    .option('--standalone', 'the runtime inside: a module that imports nothing, in JavaScript with a declaration file')
    .option('--certify', 'prove the errors of its hypergradients')
    .option('--sizes <dim=size,...>', 'sizes that are known, so that only what can be chosen at them is carried')
    .option('--backend <libraries>', 'libraries of kernels on which it is to run, too: tfjs, gpujs, or tfjs,gpujs (default: Wasm alone)')
    .option('--precision <names>', 'floating-point numbers of the kernels: f64, f32, mixed, or several, as f64,f32 (default: f64)')
    .action(async (file: string, flags: RawFlags) => finish((await import('./compile.ts')).compile(start(flags), file, flags)));
  command('fmt', 'write pages in their canonical form')
    .argument('<paths...>', 'pages, folders of pages, Markdown with pages between ```bilevel and ```, or - for standard input')
    .option('--check', 'write nothing; exit code 1 when a page is not in its canonical form')
    .option('--width <characters>', 'how long a line may be where it can be broken (default: 100)')
    .action(async (paths: string[], flags: RawFlags) => finish((await import('./fmt.ts')).fmt(start(flags), paths, flags)));
  command('types', 'write the types of pages beside them, x.d.bilevel.ts for x.bilevel')
    .argument('[paths...]', 'pages, or folders of pages (default: this folder)')
    .option('--check', 'write nothing; exit code 1 when types are out of date')
    .action(async (paths: string[], flags: RawFlags) => finish((await import('./types.ts')).types(start(flags), paths, flags)));
  command('backends', 'list what can compute here, and why each other backend cannot').action(async (flags: RawFlags) =>
    finish((await import('./backends.ts')).backends(start(flags))),
  );
  command('explain', 'explain a diagnostic at length; without a code, list all of them')
    .argument('[code]', 'such as BL2003 or shape-mismatch')
    .action(async (code: string | undefined, flags: RawFlags) => finish((await import('./explain.ts')).explain(start(flags), code)));
  program
    .command('lsp')
    .description('the language server, for an editor that starts it')
    .helpOption('--help', 'print this help')
    .requiredOption('--stdio', 'speak on standard input and output')
    .action(async () => finish((await import('./lsp.ts')).lsp()));
  return program;
}

/** Commands of the language that this version does not have. */
const laterCommands: readonly string[] = ['sensitivity', 'search'];

/** What is said when a command did not come to its end, and the exit code for it. */
function explainEnd(session: Session, error: unknown, io: Io, argv: readonly string[]): ExitCode {
  if (error instanceof Failure) return session.fail(error.diagnostics, exitCodeOf(error.diagnostics));
  if (error instanceof CommanderError) return usageEnd(session, error, argv);
  return bugEnd(session, error, io, argv);
}

function usageEnd(session: Session, error: CommanderError, argv: readonly string[]): ExitCode {
  if (error.exitCode === 0) return exit.done;
  // The help itself, asked for by no command at all; it was already written.
  if (error.code === 'commander.help') return exit.usage;
  const [name] = argv.filter((word) => !word.startsWith('-'));
  const help = error.code === 'commander.unknownCommand' || name === undefined ? 'bilevel --help' : `bilevel ${name} --help`;
  const isLater = error.code === 'commander.unknownCommand' && name !== undefined && laterCommands.includes(name);
  const message = isLater
    ? `\`bilevel ${name}\` comes with a later version`
    : error.message.replace(/^error: /u, '').replaceAll(/\s*\n\s*/gu, ' ');
  const asked = /^(?<words>.*?) \(Did you mean (?:one of )?(?<near>[\w-]+).*\)$/u.exec(message)?.groups;
  return session.fail([wrongUsage({}, { message: asked?.['words'] ?? message, help, suggestion: asked?.['near'] })], exit.usage);
}

/** Our own mistake: what to report, and a stack only for those who ask. */
function bugEnd(session: Session, error: unknown, io: Io, argv: readonly string[]): ExitCode {
  const pass = error instanceof InternalError ? error.pass : undefined;
  const message = error instanceof Error ? error.message : String(error);
  const lines = [
    `bilevel: internal error: ${message}`,
    '',
    'This is a mistake of bilevel, not of your page. Please report it with',
    `  command   bilevel ${argv.join(' ')}`,
    `  version   bilevel ${version}, Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    ...(pass === undefined ? [] : [`  pass      ${pass}`]),
    '  the page, and its data or their shapes.',
  ];
  const wantsStack = (io.environment['BILEVEL_DEBUG'] ?? '') !== '';
  if (wantsStack && error instanceof Error) lines.push('', error.stack ?? 'no stack');
  else lines.push('With the environment variable BILEVEL_DEBUG=1 it also prints where it happened.');
  io.stderr.write(`${lines.join('\n')}\n`);
  return session.fail([], exit.bug, { message, ...(pass === undefined ? {} : { pass }), version });
}
