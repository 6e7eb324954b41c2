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

/** A few hundred kilobytes each at most. Where there are more, the half that was not used for longest goes. */
const mostFiles = 256;
const extension = '.kept';
const staging = '.part';
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
        markAsUsed(fileOf(name));
        return content;
      } catch {
        return undefined;
      }
    },
    put: (name, bytes) => {
      // Put in place when it is complete: another process reads the old one, or the new one.
      const staged = join(folder, randomUUID() + staging);
      try {
        mkdirSync(folder, { recursive: true });
        writeFileSync(staged, Buffer.concat([digestOf(bytes), bytes]));
        renameSync(staged, fileOf(name));
      } catch {
        forget(staged);
        return false;
      }
      try {
        makeRoom(folder);
      } catch {
        // Another process makes room as well.
      }
      return true;
    },
  };
}

function markAsUsed(file: string): void {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    // It can be read, and not be written: then it grows old.
  }
}

function forget(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // The folder is not one.
  }
}

function makeRoom(folder: string): void {
  // What was left half-written by a process that was ended grows old too.
  const kept = readdirSync(folder).filter((name) => name.endsWith(extension) || name.endsWith(staging));
  if (kept.length <= mostFiles) return;
  const byAge = kept
    .map((name) => join(folder, name))
    .map((file) => ({ file, used: statSync(file).mtimeMs }))
    .sort((a, b) => a.used - b.used);
  for (const { file } of byAge.slice(0, mostFiles / 2)) rmSync(file, { force: true });
}
