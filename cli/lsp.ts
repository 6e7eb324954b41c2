/** `bilevel lsp --stdio`: the language server of an editor that starts it. Ends when the editor says so, or is gone. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createConnection, ProposedFeatures, StreamMessageReader, StreamMessageWriter } from 'vscode-languageserver/node';
import type { Host } from '../lsp/host.ts';
import { serve } from '../lsp/server.ts';
import { exit, type ExitCode } from './failure.ts';

const host: Host = {
  read(uri) {
    try {
      return readFileSync(fileURLToPath(uri), 'utf8');
    } catch {
      // There is no such file, or it is none: whoever asked says so.
      return undefined;
    }
  },
};

export async function lsp(): Promise<ExitCode> {
  const connection = createConnection(
    ProposedFeatures.all,
    new StreamMessageReader(process.stdin),
    new StreamMessageWriter(process.stdout),
  );
  serve(connection, host);
  connection.listen();
  await new Promise<void>((resolve) => process.stdin.once('close', resolve));
  return exit.done;
}
