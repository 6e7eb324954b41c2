/** Data files from a server. */
import { FileError, type Files } from './files.ts';

/** As much of the global `fetch` as is used. */
export type Fetch = (url: string) => Promise<{
  readonly ok: boolean;
  readonly status: number;
  readonly arrayBuffer: () => Promise<ArrayBuffer>;
}>;

/**
 * Files by their paths relative to a folder on a server, which in a page may be relative to the page; a file that is a whole URL is taken
 * as it is. `request` is `fetch`, or one that adds what the server wants to see.
 * Fails: throws a `TypeError` for a folder that is no URL, and relative to none.
 */
export function fromUrl(folder: string, request: Fetch = (url) => fetch(url)): Files {
  const base = folderAt(folder);
  return {
    read: async (file) => {
      const answer = await request(fileAt(file, base)).catch((error: unknown) => {
        throw new FileError(`the request failed: ${wordsOf(error)}`);
      });
      if (answer.status === 404 || answer.status === 410) throw new FileError('ENOENT');
      if (!answer.ok) throw new FileError(`the server answers with ${answer.status}`);
      return new Uint8Array(await answer.arrayBuffer());
    },
  };
}

function folderAt(folder: string): URL {
  const page = pageHere();
  const path = typeof folder === 'string' && !folder.endsWith('/') ? `${folder}/` : folder;
  if (typeof folder === 'string' && URL.canParse(path, page)) return new URL(path, page);
  throw new TypeError(
    `fromUrl(${JSON.stringify(folder)}): ${page === undefined ? 'there is no page here that it could be relative to; give a whole URL, or use `fromFolder` of bilevel/data/folder' : 'it is no URL'}`,
  );
}

/** What is no URL is a path, whatever characters its names have. */
function fileAt(file: string, base: URL): string {
  const isUrl = /^[a-z][a-z0-9+.-]*:\/\//iu.test(file);
  const path = isUrl ? file : file.split('/').map(encodeURIComponent).join('/');
  if (!URL.canParse(path, base.href)) throw new FileError('it is no URL');
  return new URL(path, base).href;
}

/** With what caused it, where `fetch` says no more than that it failed; an error of several tries has a code and no message. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.message === '' && 'code' in error ? String(error.code) : error.message;
  return error.cause === undefined ? own : `${own}: ${wordsOf(error.cause)}`;
}

/** Undefined outside a browser. */
const pageHere = (): string | undefined => (globalThis as { readonly location?: { readonly href: string } }).location?.href;
