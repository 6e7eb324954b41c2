/**
 * The world as a command sees it: streams, files, clock, interrupt. Commands take it as an argument, so that tests run them
 * without a process. The only module of `cli/` beside `main.ts` and `host.ts` that touches `process`.
 */
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { cpus } from 'node:os';
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
  /** The name of its processor. */
  processor(): string;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Throws what the system reports, and where the bytes are no UTF-8: what is read as something else would be written back so. */
  readText(file: string): string;
  /** All of standard input. */
  readInput(): string;
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

const strictly = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const readStrictly = (file: string | number): string => strictly.decode(readFileSync(file));

/**
 * Who reads meanwhile reads the old ones; a link stays one, and a file keeps its permissions. If one cannot be written, none is changed: a folder
 * in the way is refused before, and files that were already replaced are put back. `replace` is the system's, but in tests of that.
 */
export function writeStaged(files: ReadonlyMap<string, string>, replace: typeof renameSync = renameSync): void {
  const beside = (file: string, what: string): string => `${file}.${process.pid}.${what}`;
  const staged = [...files].map(([name, text]) => {
    const file = behindLink(name);
    return { name, file, text, part: beside(file, 'part'), former: beside(file, 'former') };
  });
  const replaced: typeof staged = [];
  try {
    for (const { name } of staged) refuseUnwritable(name);
    for (const { file, part, text } of staged) {
      writeFileSync(part, text);
      const there = statSync(file, { throwIfNoEntry: false });
      if (there !== undefined) chmodSync(part, there.mode);
    }
    // The last one is never put back: nothing comes behind it that can fail.
    for (const { file, former } of staged.slice(0, -1)) if (existsSync(file)) copyFileSync(file, former);
    for (const each of staged) {
      replace(each.part, each.file);
      replaced.push(each);
    }
  } catch (error) {
    for (const { file, former } of replaced) {
      if (existsSync(former)) renameSync(former, file);
      else rmSync(file, { force: true });
    }
    throw error;
  } finally {
    for (const { part, former } of staged) for (const left of [part, former]) rmSync(left, { force: true });
  }
}

const behindLink = (path: string): string =>
  lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true && existsSync(path) ? realpathSync(path) : path;

/**
 * A file cannot replace a folder, and is not to replace what may not be written, which the system would let it. Fails as writing would, with the
 * path that is in the way.
 */
function refuseUnwritable(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    throw Object.assign(new Error(`${path} is a folder`), { code: 'EISDIR', path });
  if (existsSync(path)) accessSync(path, constants.W_OK);
}

export const processIo: Io = {
  stdout: terminal(process.stdout),
  stderr: terminal(process.stderr),
  environment: process.env,
  platform: process.platform,
  build,
  processor: () => cpus()[0]?.model ?? 'unknown',
  now: () => performance.now(),
  readText: readStrictly,
  readInput: () => readStrictly(process.stdin.fd),
  writeTexts: (files) => writeStaged(files),
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
