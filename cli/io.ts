/**
 * The world as a command sees it: streams, files, clock, interrupt. Commands take it as an argument, so that tests run them
 * without a process. The only module of `cli/` beside `main.ts` and `host.ts` that touches `process`.
 */
import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { fileStore, type Store } from './store.ts';
import { build } from './build.ts';

export interface Out {
  write(text: string): void;
  /** Columns of a terminal; undefined where it is none. */
  readonly columns: number | undefined;
}

export interface Io {
  readonly stdout: Out;
  readonly stderr: Out;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  /** What tells this build of the program from every other; undefined where it runs from its sources. */
  readonly build: string | undefined;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Throws what the system reports. */
  readText(file: string): string;
  /** Texts by file; each is put in place when all of them are complete. */
  writeTexts(files: ReadonlyMap<string, string>): void;
  listFolder(folder: string): readonly string[];
  /** A text that the build made for modules that import nothing (`scripts/build.mjs`). */
  readStandalone(name: string): string;
  /** Small files that are kept in a folder. */
  store(folder: string): Store;
  /** Calls `handler` when the user interrupts; the function that it returns takes it back. */
  onInterrupt(handler: () => void): () => void;
  /** Calls `tick` again and again until the function that it returns is called; keeps no process alive. */
  repeat(milliseconds: number, tick: () => void): () => void;
  /** Ends the process at once. */
  terminate(code: number): void;
  /** Lets what waits be served: a signal, a write. */
  breathe(): Promise<void>;
}

const terminal = (stream: NodeJS.WriteStream): Out => ({
  write: (text) => void stream.write(text),
  get columns() {
    return stream.isTTY ? (stream.columns ?? 80) : undefined;
  },
});

/** Who reads meanwhile reads the old ones; if one cannot be written, none is changed. */
export function writeStaged(files: ReadonlyMap<string, string>): void {
  const staged = [...files].map(([file, text]) => ({ file, part: `${file}.${process.pid}.part`, text }));
  try {
    for (const { part, text } of staged) writeFileSync(part, text);
    for (const { part, file } of staged) renameSync(part, file);
  } catch (error) {
    for (const { part } of staged) rmSync(part, { force: true });
    throw error;
  }
}

export const processIo: Io = {
  stdout: terminal(process.stdout),
  stderr: terminal(process.stderr),
  environment: process.env,
  platform: process.platform,
  build,
  now: () => performance.now(),
  readText: (file) => readFileSync(file, 'utf8'),
  writeTexts: writeStaged,
  listFolder: (folder) => readdirSync(folder),
  readStandalone: (name) => readFileSync(new URL(`../standalone/${name}`, import.meta.url), 'utf8'),
  store: fileStore,
  onInterrupt: (handler) => {
    process.on('SIGINT', handler);
    return () => void process.off('SIGINT', handler);
  },
  repeat: (milliseconds, tick) => {
    const timer = setInterval(tick, milliseconds).unref();
    return () => clearInterval(timer);
  },
  terminate: (code) => process.exit(code),
  breathe: () => new Promise((resolve) => void setImmediate(resolve)),
};
