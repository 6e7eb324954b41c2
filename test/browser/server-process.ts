/** A server that a reader starts by a command of the shell: until it says where it listens, and until it is told to end. */
import { spawn } from 'node:child_process';
import type { Site } from './site.ts';

const address = /http:\/\/[\w.]+:\d+\//u;

export interface StartedServer extends Site {
  /** All that it has said by now. */
  readonly said: () => string;
}

/** Fails: rejects with what the command said, where it ends without an address. */
export function startServer(command: string, folder: string): Promise<StartedServer> {
  // A group of its own: npm and npx start a process that is to end too.
  const server = spawn('bash', ['-c', command], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const close = async (): Promise<void> => {
    if (server.pid !== undefined && server.exitCode === null) process.kill(-server.pid);
    await ended;
  };
  return new Promise((resolve, reject) => {
    let said = '';
    const listen = (text: Buffer): void => {
      said += text.toString();
      const [url] = address.exec(said) ?? [];
      if (url !== undefined) resolve({ url, close, said: () => said });
    };
    server.stdout.on('data', listen);
    server.stderr.on('data', listen);
    void ended.then(() => reject(new Error(`\`${command}\` ended: ${said}`)));
  });
}
