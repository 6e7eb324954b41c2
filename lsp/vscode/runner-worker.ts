/** The runner as a worker of a browser. */
import type { ToRunner } from './run/messages.ts';
import { runner } from './run/runner.ts';

runner({
  post: (message) => self.postMessage(message),
  listen: (hear) => self.addEventListener('message', ({ data }: MessageEvent<ToRunner>) => hear(data)),
});
