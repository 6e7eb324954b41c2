/** Runs a command line in this process, with streams that can be read, a clock that can be set, and files in a folder of its own. */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readStrictly, writeStaged, type Io } from '../../cli/io.ts';
import { main } from '../../cli/program.ts';
import { fileStore } from '../../cli/store.ts';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout as one document. */
  readonly json: () => Record<string, unknown>;
}

export interface Circumstances {
  readonly environment?: Readonly<Record<string, string>>;
  /** A terminal so wide; otherwise none. */
  readonly columns?: number;
  /** What stands on standard input. */
  readonly input?: string;
  /** What the clock moves on at each look, in milliseconds. */
  readonly tick?: number;
  /** Interrupts after so many breaths of the outer loop. */
  readonly interruptAfter?: number;
  /** Called when a command begins to listen for interrupts: where a test makes something break. */
  readonly listen?: () => void;
}

// As a user's program does, tests compile a page once: these sources are a build of their own, for as long as the process lasts.
const build = 'the sources under test';
const kept = mkdtempSync(join(tmpdir(), 'bilevel-cache-'));
const forget = (): void => rmSync(kept, { recursive: true, force: true });
process.on('exit', forget);
// vitest ends its processes by a signal.
process.once('SIGTERM', () => {
  forget();
  process.kill(process.pid, 'SIGTERM');
});

export async function bilevel(argv: readonly string[], circumstances: Circumstances = {}): Promise<Outcome> {
  const { environment = {}, columns, input = '', tick = 0, interruptAfter, listen } = circumstances;
  let stdout = '';
  let stderr = '';
  let time = 0;
  let breaths = 0;
  let interrupt: (() => void) | undefined;
  const io: Io = {
    stdout: { write: (text) => void (stdout += text), columns },
    stderr: { write: (text) => void (stderr += text), columns },
    environment: { BILEVEL_CACHE: kept, ...environment },
    platform: process.platform,
    build,
    now: () => (time += tick),
    readText: readStrictly,
    readInput: () => input,
    writeTexts: writeStaged,
    listFolder: (folder) => readdirSync(folder),
    readStandalone: (name) => readFileSync(join(import.meta.dirname, '..', '..', 'dist', 'standalone', name), 'utf8'),
    store: fileStore,
    onInterrupt: (handler) => {
      listen?.();
      interrupt = handler;
      return () => (interrupt = undefined);
    },
    repeat: (_, callback) => {
      for (let i = 0; i < 8; i++) callback();
      return () => undefined;
    },
    processor: () => 'a processor',
    terminate: (code) => {
      throw new Error(`terminated with ${code}`);
    },
    breathe: () => {
      breaths++;
      if (breaths === interruptAfter) interrupt?.();
      return Promise.resolve();
    },
  };
  const code = await main(argv, io);
  return { code, stdout, stderr, json: () => JSON.parse(stdout) as Record<string, unknown> };
}

export interface Folder {
  readonly path: (name: string) => string;
  readonly remove: () => void;
}

/** A temporary folder with these files in it. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>>): Folder {
  const folder = mkdtempSync(join(tmpdir(), 'bilevel-'));
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return { path: (name) => join(folder, name), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
