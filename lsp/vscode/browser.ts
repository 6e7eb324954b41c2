/** The extension of a VS Code in a browser: server and runners are workers. */
import { Uri, type ExtensionContext } from 'vscode';
import { BrowserMessageReader, BrowserMessageWriter, LanguageClient, type MessageTransports } from 'vscode-languageclient/browser';
import { id, name, options, start } from './client.ts';
import type { Runner } from './run/commands.ts';
import type { FromRunner } from './run/messages.ts';

export function activate(context: ExtensionContext): Promise<void> {
  const open = (file: string): Worker => new Worker(Uri.joinPath(context.extensionUri, file).toString(true));
  let worker: Worker | undefined;
  // A worker does not end by itself: whoever starts the next one, or leaves, ends it.
  const begin = (): Promise<MessageTransports> => {
    worker?.terminate();
    worker = open('server-worker.js');
    return Promise.resolve({ reader: new BrowserMessageReader(worker), writer: new BrowserMessageWriter(worker) });
  };
  context.subscriptions.push({ dispose: () => worker?.terminate() });
  return start(new LanguageClient(id, name, begin, options(context)), context, () => runnerOf(open('runner-worker.js')));
}

const runnerOf = (worker: Worker): Runner => ({
  post: (message, transfer = []) => worker.postMessage(message, [...transfer]),
  listen: (hear) => worker.addEventListener('message', ({ data }: MessageEvent<FromRunner>) => hear(data)),
  broke: (hear) => worker.addEventListener('error', ({ message }) => hear(message)),
  end: () => worker.terminate(),
});
