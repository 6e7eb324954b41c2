/** The runner: takes one order, tells what it comes to, and can be cancelled. The same in a worker of a browser and in one of Node. */
import { AskedFiles } from './files.ts';
import type { FromRunner, Port, ToRunner } from './messages.ts';
import { carryOut } from './carry-out.ts';

export function runner(port: Port<FromRunner, ToRunner>): void {
  const files = new AskedFiles(port.post);
  const cancelled = new AbortController();
  port.listen((message) => {
    switch (message.kind) {
      case 'answer':
        return files.hear(message);
      case 'cancel':
        return cancelled.abort();
      case 'order':
        void carryOut(message, { files, signal: cancelled.signal, tell: port.post }).then(port.post, (error: unknown) =>
          port.post({ kind: 'bug', message: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
        );
    }
  });
}
