/** Files get other names: what the server has changed on pages, open and not, before the editor moves them. */
import type { FileRename, WorkspaceEdit } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { beside, pathFrom } from '../../compiler/paths.ts';
import type { Host } from '../../lsp/host.ts';
import { Editor } from './harness.ts';

let editor: Editor | undefined;
afterEach(async () => {
  await editor?.stop();
  editor = undefined;
});

const client = { workspace: { workspaceFolders: true, fileOperations: { willRename: true, didRename: true } } };
const at = (path: string): string => `file:///folder/${path.split('/').map(encodeURIComponent).join('/')}`;
const page = (from: string, ...data: readonly string[]): string =>
  `import { off } from "${from}"\nproblem p {\n${data.map((file, i) => `  data x${i}: [n] from "${file}" column a\n`).join('')}}\n`;

/** Files by their paths in one folder, as a host sees them. */
function hostOf(files: Readonly<Record<string, string>>): Host {
  const inside = (uri: string): string => decodeURIComponent(uri.slice(at('').length));
  return {
    read: (uri) => files[inside(uri)],
    list: (uri) => [
      ...new Set(
        Object.keys(files)
          .filter((file) => file.startsWith(inside(uri)))
          .map((file) => /^[^/]+\/?/u.exec(file.slice(inside(uri).length))?.[0] ?? ''),
      ),
    ],
  };
}

/** The pages that change when files of these paths are moved. */
async function moved(
  files: Readonly<Record<string, string>>,
  moves: Readonly<Record<string, string>>,
  open: readonly string[] = [],
): Promise<Readonly<Record<string, string>>> {
  const started = await Editor.start(
    client,
    () => hostOf(files),
    (connection) => connection.onRequest('workspace/workspaceFolders', () => [{ uri: 'file:///folder', name: 'folder' }]),
  );
  editor = started;
  for (const file of open) await started.open(files[file] ?? '', at(file));
  const asked: FileRename[] = Object.entries(moves).map(([from, to]) => ({ oldUri: at(from), newUri: at(to) }));
  const edit = await started.client.sendRequest<WorkspaceEdit | null>('workspace/willRenameFiles', { files: asked });
  return Object.fromEntries(
    Object.entries(edit?.changes ?? {}).map(([uri, edits]) => {
      const file = decodeURIComponent(uri.slice(at('').length));
      return [file, TextDocument.applyEdits(TextDocument.create(uri, 'bilevel', 1, files[file] ?? ''), edits)];
    }),
  );
}

const lib = 'fn off(a: []): [] = a\n';

describe('a file that gets another name', () => {
  it('is followed by the pages that import it, open or not, in every folder', async () => {
    const files = {
      'lib.bilevel': lib,
      'a.bilevel': page('./lib.bilevel'),
      'in/b c.bilevel': page('../lib.bilevel'),
      'no.bilevel': page('./in/lib.bilevel'),
    };
    expect(await moved(files, { 'lib.bilevel': 'in/my kernels.bilevel' }, ['a.bilevel'])).toEqual({
      'a.bilevel': page('./in/my kernels.bilevel'),
      'in/b c.bilevel': page('./my kernels.bilevel'),
    });
  });

  it('is followed where it holds data, written as it was', async () => {
    const files = { 'a.bilevel': page('lib.bilevel', 'x.csv', './x.csv', 'data/y.npz') };
    expect(await moved(files, { 'x.csv': 'data/x.csv', 'data/y.npz': 'data/z.npz' })).toEqual({
      'a.bilevel': page('lib.bilevel', 'data/x.csv', './data/x.csv', 'data/z.npz'),
    });
  });

  it('takes along what it says of files that stay', async () => {
    const files = { 'a.bilevel': page('./lib.bilevel', 'x.csv', '/data/x.csv', 'https://example.org/x.csv'), 'lib.bilevel': lib };
    expect(await moved(files, { 'a.bilevel': 'in/a.bilevel' })).toEqual({
      'a.bilevel': page('../lib.bilevel', '../x.csv', '/data/x.csv', 'https://example.org/x.csv'),
    });
    await editor?.stop();
    expect(await moved(files, { 'a.bilevel': 'b.bilevel' })).toEqual({});
  });

  it('may be a folder: what is said inside of it stays', async () => {
    const files = {
      'in/a.bilevel': page('./lib.bilevel', 'x.csv', '../y.csv'),
      'in/lib.bilevel': lib,
      'b.bilevel': page('./in/lib.bilevel'),
    };
    expect(await moved(files, { in: 'deep/er' })).toEqual({
      'in/a.bilevel': page('./lib.bilevel', 'x.csv', '../../y.csv'),
      'b.bilevel': page('./deep/er/lib.bilevel'),
    });
  });

  it('is followed on a page that does not parse, and left alone in folders that are not looked into', async () => {
    const broken = `${page('./lib.bilevel')}problem {`;
    expect(
      await moved({ 'a.bilevel': broken, 'node_modules/b.bilevel': broken, '.c/b.bilevel': broken }, { 'lib.bilevel': 'l.bilevel' }),
    ).toEqual({
      'a.bilevel': broken.replace('lib', 'l'),
    });
  });

  it('is asked about by clients that can be told', async () => {
    editor = await Editor.start();
    expect(editor.capabilities.workspace).toBeUndefined();
    await editor.stop();
    editor = await Editor.start(client);
    expect(editor.capabilities.workspace?.fileOperations?.willRename?.filters.map(({ pattern }) => pattern.matches)).toEqual([
      'file',
      'folder',
    ]);
  });

  it('has been renamed: pages that import it are looked at anew', async () => {
    const files: Record<string, string> = { 'lib.bilevel': lib };
    const started = await Editor.start(client, () => hostOf(files));
    editor = started;
    const text = 'import { off } from "./l.bilevel"\nfn f(a: []): [] = off(a)\n';
    await started.open(text, at('a.bilevel'));
    await expect.poll(() => started.told.at(-1)?.diagnostics.length).toBe(1);
    files['l.bilevel'] = lib;
    await started.client.sendNotification('workspace/didRenameFiles', { files: [{ oldUri: at('lib.bilevel'), newUri: at('l.bilevel') }] });
    await expect.poll(() => started.told.at(-1)?.diagnostics).toEqual([]);
  });
});

describe('a path from one file to another', () => {
  const path = fc.array(fc.constantFrom('a', 'b', 'c d', 'é'), { minLength: 1, maxLength: 5 }).map((names) => names.join('/'));
  it.each(['', 'file:///', 'vscode-vfs://github/'])('under `%s` leads there', (root) => {
    fc.assert(
      fc.property(path, path, (from, to) => {
        const written = pathFrom(root + from, root + to);
        expect(beside(root + from, written ?? '')).toBe(root + to);
      }),
      { seed: 33 },
    );
  });
  it('is none between two servers', () => {
    expect(pathFrom('file:///a/b', 'vscode-vfs://github/a/b')).toBeUndefined();
  });
});
