/** The extension of a VS Code in a browser: the server is a worker. */
import { Uri, type ExtensionContext } from 'vscode';
import { LanguageClient } from 'vscode-languageclient/browser';
import { id, name, options, start } from './client.ts';

export function activate(context: ExtensionContext): Promise<void> {
  const worker = new Worker(Uri.joinPath(context.extensionUri, 'server-worker.js').toString(true));
  context.subscriptions.push({ dispose: () => worker.terminate() });
  return start(new LanguageClient(id, name, worker, options), context);
}
