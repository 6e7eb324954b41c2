/**
 * What the extension does wherever VS Code runs: it starts the server, and reads for it the files that pages import, so that these may be
 * wherever VS Code finds them; and it has problems run (`run/commands.ts`). Owns no feature: those are the server's.
 */
import { Uri, workspace, type ExtensionContext } from 'vscode';
import { CodeLensRequest, type BaseLanguageClient, type LanguageClientOptions, type StaticFeature } from 'vscode-languageclient';
import { readRequest, type FileAsked, type FileRead } from '../client-files.ts';
import { runCommands, type Runner } from './run/commands.ts';

export const id = 'bilevel';
export const name = 'Bilevel';

export const options: LanguageClientOptions = {
  documentSelector: [{ language: 'bilevel' }],
  // A lens that runs nothing is none.
  middleware: { provideCodeLenses: (document, token, next) => (workspace.isTrusted ? next(document, token) : []) },
};

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
  context.subscriptions.push(
    client,
    client.onRequest(readRequest, async ({ uri }: FileAsked): Promise<FileRead | null> => {
      try {
        return { text: new TextDecoder().decode(await workspace.fs.readFile(Uri.parse(uri, true))) };
      } catch {
        // There is no such file, or none that can be read: whoever asked says so.
        return null;
      }
    }),
    workspace.onDidGrantWorkspaceTrust(() => {
      const lenses = client.getFeature(CodeLensRequest.method);
      for (const document of workspace.textDocuments) lenses.getProvider(document)?.onDidChangeCodeLensEmitter.fire();
    }),
  );
  runCommands(context, client, startRunner);
  await client.start();
}
