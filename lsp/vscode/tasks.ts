/**
 * Tasks that run the workspace's own `bilevel`: `check`, `run`, `plan` and `compile` of the page in view, `check` of all pages, and what
 * `tasks.json` asks for. For a VS Code with Node, and workspaces that are trusted, alone.
 */
import { isAbsolute, join, posix } from 'node:path';
import {
  FileType,
  ProcessExecution,
  RelativePattern,
  Task,
  TaskGroup,
  tasks,
  Uri,
  window,
  workspace,
  type Disposable,
  type LogOutputChannel,
  type TaskDefinition,
  type WorkspaceFolder,
} from 'vscode';

const type = 'bilevel';
const commands = ['check', 'run', 'plan', 'compile'] as const;
type Command = (typeof commands)[number];

/** As `package.json` declares it for `tasks.json`. */
interface BilevelTask extends TaskDefinition {
  readonly command: Command;
  /** Relative to the folder. */
  readonly files: readonly string[];
  readonly args?: readonly string[];
}

/** A program and what stands before its arguments. */
interface Program {
  readonly process: string;
  readonly args: readonly string[];
}

/** Nothing is offered until the workspace is trusted. */
export function taskProvider(output: LogOutputChannel): Disposable {
  let provider: Disposable | undefined;
  const register = (): void => {
    provider = tasks.registerTaskProvider(type, {
      provideTasks: () => provided(output),
      resolveTask: async ({ definition, scope }) => {
        const folder = typeof scope === 'object' ? scope : workspace.workspaceFolders?.[0];
        return folder === undefined || !isOurs(definition) ? undefined : taskOf(folder, definition, output);
      },
    });
  };
  if (workspace.isTrusted) register();
  const granted = workspace.onDidGrantWorkspaceTrust(register);
  return {
    dispose: () => {
      granted.dispose();
      provider?.dispose();
    },
  };
}

async function provided(output: LogOutputChannel): Promise<Task[]> {
  const folders = (workspace.workspaceFolders ?? []).map(async (folder) => {
    const definitions = await definitionsIn(folder);
    return Promise.all(definitions.map((definition) => taskOf(folder, definition, output)));
  });
  return (await Promise.all(folders)).flat().filter((task) => task !== undefined);
}

async function definitionsIn(folder: WorkspaceFolder): Promise<readonly BilevelTask[]> {
  const found = await workspace.findFiles(new RelativePattern(folder, '**/*.bilevel'), '**/node_modules/**');
  const all = found.map((page) => within(folder, page)).sort();
  const page = window.activeTextEditor?.document;
  const isHere = page?.languageId === 'bilevel' && workspace.getWorkspaceFolder(page.uri) === folder;
  const here = isHere ? commands.map((command) => definitionOf(command, [within(folder, page.uri)])) : [];
  return all.length > 1 ? [...here, definitionOf('check', all)] : here;
}

/** `compile` writes the module beside its page. */
const definitionOf = (command: Command, files: readonly string[]): BilevelTask => ({
  type,
  command,
  files,
  ...(command === 'compile' ? { args: ['-o', (files[0] ?? '').replace(/\.bilevel$/u, '.ts')] } : {}),
});

async function taskOf(folder: WorkspaceFolder, definition: BilevelTask, output: LogOutputChannel): Promise<Task | undefined> {
  const { command, files, args = [] } = definition;
  const program = await programFor(folder, files[0] ?? '');
  if (program === undefined) {
    output.warn(`no task: ${folder.name} has no bilevel. Install it there (npm install bilevel), or say in bilevel.path where it is`);
    return undefined;
  }
  const what = files.length === 1 ? files[0] : `${files.length} pages`;
  const execution = new ProcessExecution(program.process, [...program.args, command, ...files, ...args], { cwd: folder.uri.fsPath });
  const task = new Task(definition, folder, `${command} ${what}`, type, execution, '$bilevel');
  if (command === 'check' || command === 'compile') task.group = TaskGroup.Build;
  return task;
}

/** What the setting names; else what is installed nearest to a page. */
async function programFor(folder: WorkspaceFolder, file: string): Promise<Program | undefined> {
  const named = workspace.getConfiguration('bilevel', folder).get<string>('path', '');
  if (named !== '') return programAt(isAbsolute(named) ? named : join(folder.uri.fsPath, named));
  for (let at = posix.dirname(file); ; at = posix.dirname(at)) {
    const main = Uri.joinPath(folder.uri, at, 'node_modules/bilevel/dist/cli/main.js');
    if (await isFile(main)) return programAt(main.fsPath);
    if (at === '.' || at === '/') return undefined;
  }
}

/** A script is run by the Node that is on the path. */
const programAt = (path: string): Program => (/\.[cm]?js$/u.test(path) ? { process: 'node', args: [path] } : { process: path, args: [] });

async function isFile(uri: Uri): Promise<boolean> {
  try {
    return ((await workspace.fs.stat(uri)).type & FileType.File) !== 0;
  } catch {
    // There is none.
    return false;
  }
}

const within = ({ uri }: WorkspaceFolder, file: Uri): string => posix.relative(uri.path, file.path);

/** What stands in `tasks.json` is the user's. */
const isOurs = (definition: TaskDefinition): definition is BilevelTask => {
  const { command, files, args } = definition as Partial<Record<string, unknown>>;
  const areTexts = (list: unknown): boolean => Array.isArray(list) && list.every((each) => typeof each === 'string');
  return commands.some((each) => each === command) && areTexts(files) && (args === undefined || areTexts(args));
};
