/**
 * Small files under names, in one folder: what is kept from one run of the program to the next. Whatever goes wrong with them, a file
 * that is not there, not whole or not to be written, is as if nothing had been kept.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Store {
  readonly get: (name: string) => Uint8Array | undefined;
  /** False where it cannot be written. */
  readonly put: (name: string, bytes: Uint8Array) => boolean;
}

/** In all; the files that were not used for longest go first. */
const mostBytes = 64 * 2 ** 20;
const mostFiles = 512;
const extension = '.kept';
const digestBytes = 32;

const digestOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

export function fileStore(folder: string): Store {
  const fileOf = (name: string): string => join(folder, name + extension);
  return {
    get: (name) => {
      try {
        const bytes = readFileSync(fileOf(name));
        const content = bytes.subarray(digestBytes);
        if (!digestOf(content).equals(bytes.subarray(0, digestBytes))) return undefined;
        const now = new Date();
        utimesSync(fileOf(name), now, now);
        return content;
      } catch {
        return undefined;
      }
    },
    put: (name, bytes) => {
      // Put in place when it is complete: another process reads the old one, or the new one.
      const staged = join(folder, `${randomUUID()}.part`);
      try {
        mkdirSync(folder, { recursive: true });
        writeFileSync(staged, Buffer.concat([digestOf(bytes), bytes]));
        renameSync(staged, fileOf(name));
        makeRoom(folder);
        return true;
      } catch {
        rmSync(staged, { force: true });
        return false;
      }
    },
  };
}

function makeRoom(folder: string): void {
  const kept = readdirSync(folder)
    .filter((name) => name.endsWith(extension))
    .map((name) => ({ file: join(folder, name), ...pick(statSync(join(folder, name))) }))
    .sort((a, b) => b.used - a.used);
  let total = 0;
  for (const [index, { file, bytes }] of kept.entries()) {
    total += bytes;
    if (total > mostBytes || index >= mostFiles) rmSync(file, { force: true });
  }
}

const pick = ({ size, mtimeMs }: { readonly size: number; readonly mtimeMs: number }) => ({ bytes: size, used: mtimeMs });
