/** `bilevel lsp --stdio`: the language server of an editor that starts it. Ends when the editor says so, or is gone. */
import { createConnection, ProposedFeatures, StreamMessageReader, StreamMessageWriter } from 'vscode-languageserver/node';
import { serve } from '../lsp/server.ts';
import { exit, type ExitCode } from './failure.ts';
import { nodeHost } from './lsp-host.ts';

export async function lsp(): Promise<ExitCode> {
  const connection = createConnection(
    ProposedFeatures.all,
    new StreamMessageReader(process.stdin),
    new StreamMessageWriter(process.stdout),
  );
  serve(connection, nodeHost);
  connection.listen();
  await new Promise<void>((resolve) => process.stdin.once('close', resolve));
  return exit.done;
}
