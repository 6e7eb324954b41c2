/** Data files from a server. */
import { FileError, type Files } from './files.ts';

/** As much of the global `fetch` as is used. */
export type Fetch = (url: string) => Promise<{
  readonly ok: boolean;
  readonly status: number;
  readonly arrayBuffer: () => Promise<ArrayBuffer>;
}>;

/**
 * Files by their paths relative to a folder on a server, which in a page may be relative to the page. `request` is `fetch`, or one that
 * adds what the server wants to see.
 */
export function fromUrl(folder: string, request: Fetch = (url) => fetch(url)): Files {
  const base = new URL(folder.endsWith('/') ? folder : `${folder}/`, pageHere());
  return {
    read: async (file) => {
      const { href } = new URL(file.split('/').map(encodeURIComponent).join('/'), base);
      const answer = await request(href).catch((error: unknown) => {
        throw new FileError(`the request failed: ${error instanceof Error ? error.message : String(error)}`);
      });
      if (answer.status === 404 || answer.status === 410) throw new FileError('ENOENT');
      if (!answer.ok) throw new FileError(`the server answers with ${answer.status}`);
      return new Uint8Array(await answer.arrayBuffer());
    },
  };
}

/** Undefined outside a browser. */
const pageHere = (): string | undefined => (globalThis as { readonly location?: { readonly href: string } }).location?.href;
