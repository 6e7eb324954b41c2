/** The extension of a VS Code in a browser: the server is a worker. */
import { Uri, type ExtensionContext } from 'vscode';
import { BrowserMessageReader, BrowserMessageWriter, LanguageClient, type MessageTransports } from 'vscode-languageclient/browser';
import { id, name, options, start } from './client.ts';

export function activate(context: ExtensionContext): Promise<void> {
  let worker: Worker | undefined;
  // A worker does not end by itself: whoever starts the next one, or leaves, ends it.
  const begin = (): Promise<MessageTransports> => {
    worker?.terminate();
    worker = new Worker(Uri.joinPath(context.extensionUri, 'server-worker.js').toString(true));
    return Promise.resolve({ reader: new BrowserMessageReader(worker), writer: new BrowserMessageWriter(worker) });
  };
  context.subscriptions.push({ dispose: () => worker?.terminate() });
  return start(new LanguageClient(id, name, begin, options()), context);
}
