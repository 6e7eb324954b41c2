/** One contestant's process, seen from the harness: asked one thing at a time, ended when it does not answer. */
import { type ChildProcess, spawn } from 'node:child_process';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { type Entry, oneThread } from './contestants.ts';
import type { Places } from './places.ts';
import type { Answer, EndRequest, RowRequest } from './protocol.ts';

export interface Worker {
  /** False once it ended or was ended. */
  readonly alive: () => boolean;
  readonly ask: (request: RowRequest | EndRequest) => Promise<Answer>;
  readonly end: () => void;
}

export type Started = { readonly worker: Worker; readonly versions: Readonly<Record<string, string>> } | { readonly absent: string };

const keptOfStderr = 2000;
const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

/** Answers as they come, and silence as an error. */
function conversation(child: ChildProcess, limitMs: number): { hear: (write?: string) => Promise<Answer>; alive: () => boolean } {
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-keptOfStderr);
  });
  let gone: string | undefined;
  let take: ((answer: Answer) => void) | undefined;
  const early: Answer[] = [];
  const hand = (answer: Answer): void => {
    if (take === undefined) early.push(answer);
    else take(answer);
    take = undefined;
  };
  const leave = (why: string): void => {
    gone ??= why;
    if (take !== undefined) hand({ error: gone });
  };
  // Node names the whole path of a program that is not there; a report names no path.
  child.on('error', (error) =>
    leave('code' in error && error.code === 'ENOENT' ? `${basename(child.spawnfile)} not found` : error.message),
  );
  // `close` and not `exit`: what it said before it ended is read first.
  child.on('close', (code, signal) => leave(`ended by ${signal ?? `code ${code ?? '?'}`}: ${lastLine(stderr)}`));
  const read = (line: string): void => {
    // What a library prints past everything that we redirect is no answer.
    if (line.startsWith('{')) hand(JSON.parse(line) as Answer);
    else stderr = `${stderr}${line}\n`.slice(-keptOfStderr);
  };
  if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', read);
  child.stdin?.on('error', (error) => leave(error.message));

  const hear = (write?: string): Promise<Answer> =>
    new Promise((resolve) => {
      const said = early.shift();
      if (said !== undefined) return resolve(said);
      if (gone !== undefined) return resolve({ error: gone });
      const timer = setTimeout(() => {
        leave(`no answer in ${limitMs / 1000} s`);
        child.kill('SIGKILL');
      }, limitMs);
      take = (answer) => {
        clearTimeout(timer);
        resolve(answer);
      };
      if (write !== undefined) child.stdin?.write(`${write}\n`);
    });
  return { hear, alive: () => gone === undefined };
}

export async function startWorker(entry: Entry, places: Places, limitMs: number): Promise<Started> {
  const command = entry.command(places);
  if (typeof command === 'string') return { absent: command };
  const [program, ...args] = command;
  const child = spawn(program, args, { env: { ...places.environment, ...oneThread }, stdio: ['pipe', 'pipe', 'pipe'] });
  const { hear, alive } = conversation(child, limitMs);
  const first = await hear();
  if (!('ready' in first)) {
    child.kill();
    const why = 'absent' in first ? first.absent : 'error' in first ? first.error : 'it said something else than its name';
    return { absent: why.replaceAll(places.root, '') };
  }
  return {
    versions: first.ready,
    worker: { alive, ask: (request) => hear(JSON.stringify(request)), end: () => void child.kill() },
  };
}
