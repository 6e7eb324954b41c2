/** The extension of a VS Code that has Node: the server is a process of its own. */
import type { ExtensionContext } from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import { id, name, options, start } from './client.ts';
import { taskProvider } from './tasks.ts';

export function activate(context: ExtensionContext): Promise<void> {
  const server = { module: context.asAbsolutePath('server-node.js'), transport: TransportKind.ipc };
  const client = new LanguageClient(id, name, server, options());
  context.subscriptions.push(taskProvider(client.outputChannel));
  return start(client, context);
}
