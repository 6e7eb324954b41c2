/**
 * What the extension does wherever VS Code runs: it starts the server, and reads for it the files that pages import, so that these may be
 * wherever VS Code finds them; and it has problems run (`run/commands.ts`). Owns no feature: those are the server's, or stand in modules of
 * their own.
 */
import { commands, FileType, Uri, window, workspace, type ExtensionContext } from 'vscode';
import type { BaseLanguageClient, LanguageClientOptions, StaticFeature } from 'vscode-languageclient';
import {
  listRequest,
  readBytesRequest,
  readRequest,
  type BytesAsked,
  type BytesRead,
  type FileAsked,
  type FileRead,
  type Listed,
} from '../client-files.ts';
import { newPage } from './new-page.ts';
import { runCommands, type Runner } from './run/commands.ts';
import { compiledToSide } from './side/side.ts';
import { status } from './status.ts';

export const id = 'bilevel';
export const name = 'Bilevel';

export const options = ({ extensionUri }: ExtensionContext): LanguageClientOptions => ({
  documentSelector: [{ language: 'bilevel' }],
  initializationOptions: { docs: Uri.joinPath(extensionUri, 'docs').toString(true) },
  outputChannel: window.createOutputChannel(name, { log: true }),
  // A lens that runs nothing is none.
  middleware: { provideCodeLenses: (document, token, next) => (workspace.isTrusted ? next(document, token) : []) },
});

/** Tells the server that there are commands behind its lenses. */
const hasCommands: StaticFeature = {
  fillClientCapabilities: (capabilities) => {
    capabilities.experimental = { commands: true };
  },
  initialize: () => undefined,
  getState: () => ({ kind: 'static' }),
  clear: () => undefined,
};

/** Started, and stopped with the extension. */
export async function start(client: BaseLanguageClient, context: ExtensionContext, startRunner: () => Runner): Promise<void> {
  client.registerFeature(hasCommands);
  const restart = async (): Promise<void> => {
    if (client.isRunning()) await client.stop();
    await client.start();
  };
  context.subscriptions.push(
    client,
    client.onRequest(readBytesRequest, async ({ uri, largest }: BytesAsked): Promise<BytesRead | null> => {
      const file = Uri.parse(uri, true);
      try {
        if (!workspace.isTrusted || (await workspace.fs.stat(file)).size > largest) return {};
        return { base64: base64Of(await workspace.fs.readFile(file)) };
      } catch {
        // There is no such file, or none that can be read: whoever asked says so.
        return null;
      }
    }),
    client.onRequest(listRequest, async ({ uri }: FileAsked): Promise<Listed | null> => {
      try {
        const entries = await workspace.fs.readDirectory(Uri.parse(uri, true));
        return { names: entries.map(([entry, type]) => ((type & FileType.Directory) === 0 ? entry : `${entry}/`)) };
      } catch {
        // There is no such folder.
        return null;
      }
    }),
    client.onRequest(readRequest, async ({ uri }: FileAsked): Promise<FileRead | null> => {
      try {
        return { text: new TextDecoder().decode(await workspace.fs.readFile(Uri.parse(uri, true))) };
      } catch {
        // There is no such file, or none that can be read: whoever asked says so.
        return null;
      }
    }),
    commands.registerCommand('bilevel.restartServer', restart),
    commands.registerCommand('bilevel.showOutput', () => client.outputChannel.show()),
    newPage(context),
    ...compiledToSide(client),
    status(client),
    client.outputChannel,
    // Data may be read now, and there are lenses.
    workspace.onDidGrantWorkspaceTrust(restart),
  );
  runCommands(context, client, startRunner);
  await client.start();
}

/** In pieces that a call can take as arguments. */
function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 1 << 15) text += String.fromCharCode(...bytes.subarray(i, i + (1 << 15)));
  return btoa(text);
}
