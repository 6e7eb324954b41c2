/** The runner as a worker of Node. */
import { parentPort } from 'node:worker_threads';
import type { ToRunner } from './run/messages.ts';
import { runner } from './run/runner.ts';

const port = parentPort;
if (port === null) throw new Error('the runner is a worker, and this is none');
runner({
  post: (message) => port.postMessage(message),
  listen: (hear) => void port.on('message', (message: ToRunner) => hear(message)),
});
