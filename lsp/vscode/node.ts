/** The extension of a VS Code that has Node: the server is a process of its own, and runners are workers. */
import { Worker } from 'node:worker_threads';
import type { ExtensionContext } from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import { id, name, options, start } from './client.ts';
import type { Runner } from './run/commands.ts';
import type { FromRunner } from './run/messages.ts';
import { taskProvider } from './tasks.ts';

export function activate(context: ExtensionContext): Promise<void> {
  const server = { module: context.asAbsolutePath('server-node.js'), transport: TransportKind.ipc };
  const client = new LanguageClient(id, name, server, options(context));
  context.subscriptions.push(taskProvider(client.outputChannel));
  return start(client, context, () => runnerOf(new Worker(context.asAbsolutePath('runner-node.js'), { execArgv: [] })));
}

const runnerOf = (worker: Worker): Runner => ({
  post: (message, transfer = []) => worker.postMessage(message, [...transfer]),
  listen: (hear) => void worker.on('message', (message: FromRunner) => hear(message)),
  broke: (hear) => void worker.on('error', ({ message }) => hear(message)),
  end: () => void worker.terminate(),
});
