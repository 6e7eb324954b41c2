/**
 * What the compiler made of a page, kept under the page's content and the identity of this program: a second run of the same page does
 * not compile, and does not even load the compiler.
 */
import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Io } from './io.ts';
import type { RawFlags } from './flags.ts';
import type { Store } from './store.ts';

export interface Cache {
  /** Whether anything is kept at all. */
  readonly keeps: boolean;
  /** What was kept under these words and `isCurrent`, or what `make` makes now, which is kept. */
  readonly kept: <T>(words: readonly string[], make: () => Promise<T>, isCurrent?: (value: T) => boolean) => Promise<T>;
}

/** Where `BILEVEL_CACHE` says, or where programs of this system keep what they can make again. */
export function cacheFolder({ environment, platform }: Pick<Io, 'environment' | 'platform'>): string | undefined {
  const asked = environment['BILEVEL_CACHE'];
  if (asked === 'off') return undefined;
  if (asked !== undefined && asked !== '') return asked;
  // Empty is as if it were not set, and a relative folder is none (XDG base directory specification).
  const named = (name: string): string | undefined => {
    const folder = environment[name];
    return folder !== undefined && isAbsolute(folder) ? folder : undefined;
  };
  const home = named('HOME') ?? homedir();
  if (platform === 'win32') return join(named('LOCALAPPDATA') ?? join(home, 'AppData', 'Local'), 'bilevel', 'cache');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'bilevel');
  return join(named('XDG_CACHE_HOME') ?? join(home, '.cache'), 'bilevel');
}

const nothingKept: Cache = { keeps: false, kept: (_, make) => make() };

/** `note` is told once where the folder that was asked for cannot be used. */
export function openCache(io: Io, { cache = true }: Pick<RawFlags, 'cache'>, note: (text: string) => void): Cache {
  const folder = cacheFolder(io);
  // A program that is not built changes with every edit: nothing of it is kept.
  if (!cache || folder === undefined || io.build === undefined) return nothingKept;
  const { build } = io;
  const store = io.store(folder);
  let isUsable = true;
  return {
    keeps: true,
    kept: async <T>(words: readonly string[], make: () => Promise<T>, isCurrent: (value: T) => boolean = () => true): Promise<T> => {
      const name = createHash('sha256')
        .update(JSON.stringify([build, ...words]))
        .digest('hex');
      const before = read(store, name);
      if (before !== undefined && isCurrent(before.value as T)) return before.value as T;
      const value = await make();
      if (isUsable && !keep(store, name, value)) {
        isUsable = false;
        if (io.environment['BILEVEL_CACHE'] !== undefined) note(`nothing can be kept in ${folder} (BILEVEL_CACHE)`);
      }
      return value;
    },
  };
}

function keep(store: Store, name: string, value: unknown): boolean {
  try {
    return store.put(name, serialize({ value }));
  } catch {
    // Something in it is no data: it is not kept.
    return true;
  }
}

function read(store: Store, name: string): { readonly value: unknown } | undefined {
  const bytes = store.get(name);
  if (bytes === undefined) return undefined;
  try {
    return deserialize(bytes) as { readonly value: unknown };
  } catch {
    // Written by another version of Node, say.
    return undefined;
  }
}
