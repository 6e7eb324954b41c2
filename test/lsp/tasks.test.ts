/** The tasks of the extension, with a stand-in for what they ask of VS Code: which processes they are, and that these run. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LogOutputChannel } from 'vscode';
import { taskProvider } from '../../lsp/vscode/tasks.ts';
import { root } from '../project/imports.ts';

interface Place {
  readonly path: string;
  readonly fsPath: string;
}
interface Made {
  readonly name: string;
  readonly definition: object;
  readonly execution: { readonly process: string; readonly args: readonly string[]; readonly options: { readonly cwd: string } };
  readonly matcher: string;
}
interface Provider {
  readonly provideTasks: () => Promise<readonly Made[]>;
  readonly resolveTask: (task: { readonly definition: object; readonly scope: object }) => Promise<Made | undefined>;
}

/** What VS Code knows. */
const world = vi.hoisted(() => ({
  isTrusted: true,
  trust: (): void => undefined,
  setting: '',
  inView: '',
  pages: [] as readonly string[],
  folder: '',
  provider: undefined as Provider | undefined,
}));

vi.mock('vscode', () => {
  const place = (path: string): Place => ({ path, fsPath: path });
  // The same object each time, as VS Code has it.
  const known = {
    name: 'a folder',
    get uri() {
      return place(world.folder);
    },
  };
  class ProcessExecution {
    readonly process: string;
    readonly args: readonly string[];
    readonly options: object;
    constructor(process: string, args: readonly string[], options: object) {
      [this.process, this.args, this.options] = [process, args, options];
    }
  }
  class Task {
    readonly definition: object;
    readonly name: string;
    readonly execution: object;
    readonly matcher: string;
    constructor(definition: object, _scope: object, name: string, _source: string, execution: object, matcher: string) {
      [this.definition, this.name, this.execution, this.matcher] = [definition, name, execution, matcher];
    }
  }
  const disposable = { dispose: () => undefined };
  return {
    ...{ ProcessExecution, Task },
    FileType: { File: 1 },
    TaskGroup: { Build: 'build' },
    RelativePattern: class {},
    Uri: { joinPath: ({ path }: Place, ...parts: readonly string[]) => place(posix.join(path, ...parts)) },
    tasks: {
      registerTaskProvider: (_type: string, provider: Provider) => {
        world.provider = provider;
        return disposable;
      },
    },
    window: {
      get activeTextEditor() {
        return world.inView === ''
          ? undefined
          : { document: { languageId: 'bilevel', uri: place(posix.join(world.folder, world.inView)) } };
      },
    },
    workspace: {
      get isTrusted() {
        return world.isTrusted;
      },
      get workspaceFolders() {
        return [known];
      },
      onDidGrantWorkspaceTrust: (told: () => void) => {
        world.trust = told;
        return disposable;
      },
      getWorkspaceFolder: () => known,
      getConfiguration: () => ({ get: () => world.setting }),
      findFiles: () => Promise.resolve(world.pages.map((page) => place(posix.join(world.folder, page)))),
      fs: { stat: ({ path }: Place) => (existsSync(path) ? Promise.resolve({ type: 1 }) : Promise.reject(new Error('there is none'))) },
    },
  };
});

const folder = mkdtempSync(join(tmpdir(), 'bilevel-tasks-'));
const scope = { name: 'a folder', uri: { path: folder, fsPath: folder } };
const main = join(folder, 'node_modules/bilevel/dist/cli/main.js');
const warned: string[] = [];
const output = { warn: (message: string) => void warned.push(message) } as unknown as LogOutputChannel;

beforeAll(() => {
  mkdirSync(join(folder, 'node_modules'));
  mkdirSync(join(folder, 'deep/er'), { recursive: true });
  symlinkSync(root, join(folder, 'node_modules/bilevel'));
  writeFileSync(join(folder, 'a page.bilevel'), 'problem p {\n  param w: []\n  inner minimize (w - v)^2\n  outer minimize w^2\n}\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  Object.assign(world, { isTrusted: true, setting: '', inView: 'a page.bilevel', pages: ['a page.bilevel'], folder, provider: undefined });
  warned.length = 0;
});

const provided = async (): Promise<readonly Made[]> => {
  taskProvider(output);
  return (await world.provider?.provideTasks()) ?? [];
};
const resolved = (definition: object): Promise<Made | undefined> | undefined => {
  taskProvider(output);
  return world.provider?.resolveTask({ definition: { type: 'bilevel', ...definition }, scope });
};

describe('tasks', () => {
  it('are of the page in view, by the bilevel of its folder', async () => {
    const made = await provided();
    expect(made.map(({ name, execution: { process, args } }) => [name, process, ...args])).toEqual([
      ['check a page.bilevel', 'node', main, 'check', 'a page.bilevel'],
      ['run a page.bilevel', 'node', main, 'run', 'a page.bilevel'],
      ['plan a page.bilevel', 'node', main, 'plan', 'a page.bilevel'],
      ['compile a page.bilevel', 'node', main, 'compile', 'a page.bilevel', '-o', 'a page.ts'],
    ]);
    expect(new Set(made.map(({ matcher }) => matcher))).toEqual(new Set(['$bilevel']));
  });
  it('are processes that run', async () => {
    const [task] = await provided();
    const { process, args = [], options } = task?.execution ?? {};
    const { stdout, status } = spawnSync(process ?? '', args, { ...options, encoding: 'utf8' });
    expect(stdout).toContain('a page.bilevel:3:23: error BL2001 (unknown-name)');
    expect(status).toBe(1);
  });
  it('check all pages, where there are several', async () => {
    Object.assign(world, { inView: '', pages: ['b.bilevel', 'a page.bilevel'] });
    expect((await provided()).map(({ name, execution: { args } }) => [name, ...args.slice(1)])).toEqual([
      ['check 2 pages', 'check', 'a page.bilevel', 'b.bilevel'],
    ]);
  });
  it('are what tasks.json asks for, and nothing that it cannot', async () => {
    const task = await resolved({ command: 'run', files: ['deep/er/x.bilevel'], args: ['--seed', '3; rm'] });
    expect(task?.execution).toMatchObject({
      process: 'node',
      args: [main, 'run', 'deep/er/x.bilevel', '--seed', '3; rm'],
      options: { cwd: folder },
    });
    expect(await resolved({ command: 'format', files: ['x.bilevel'] })).toBeUndefined();
    expect(await resolved({ command: 'run', files: 'x.bilevel' })).toBeUndefined();
  });
  it.each([
    ['tools/bilevel', join(folder, 'tools/bilevel'), []],
    ['tools/main.mjs', 'node', [join(folder, 'tools/main.mjs')]],
    ['/opt/bilevel', '/opt/bilevel', []],
  ])('take the program that the setting names: %s', async (setting, process, before) => {
    world.setting = setting;
    const task = await resolved({ command: 'check', files: ['x.bilevel'] });
    expect(task?.execution).toMatchObject({ process, args: [...before, 'check', 'x.bilevel'] });
  });
  it('say that there is no program', async () => {
    Object.assign(world, { folder: join(folder, 'deep'), inView: 'er/x.bilevel' });
    expect(await provided()).toEqual([]);
    expect(new Set(warned)).toEqual(
      new Set(['no task: a folder has no bilevel. Install it there (npm install bilevel), or say in bilevel.path where it is']),
    );
  });
  it('are none until the folder is trusted', () => {
    world.isTrusted = false;
    taskProvider(output);
    expect(world.provider).toBeUndefined();
    world.trust();
    expect(world.provider).toBeDefined();
  });
});
