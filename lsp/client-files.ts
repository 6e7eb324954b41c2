/**
 * Files that the client reads for the server, which has none where it runs: in a browser, or beside files that are somewhere else. Each is
 * asked for once, and kept until it is said to have changed. Knows nothing of pages.
 */
import type { Connection } from 'vscode-languageserver';
import { FileError, largestFile, TooLarge } from '../library/data-facts.ts';
import type { Host } from './host.ts';
import { plain } from './uri.ts';

/** What the client is asked: the text of a file; null where there is none. */
export const readRequest = 'bilevel/read';
export interface FileAsked {
  readonly uri: string;
}
export interface FileRead {
  readonly text: string;
}

/** What the client is asked for data: the bytes of a file, in base 64, none where it is not to be read now, as one that is too large; null where there is none. */
export const readBytesRequest = 'bilevel/readBytes';
export interface BytesAsked extends FileAsked {
  readonly largest: number;
}
export interface BytesRead {
  readonly base64?: string;
}

export class ClientFiles implements Host {
  private readonly kept = new Map<string, string | undefined>();
  /** How often each file is known to have changed. */
  private readonly changes = new Map<string, number>();
  private readonly coming = new Map<string, Promise<void>>();
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  readonly read = (uri: string): string | undefined => {
    const key = plain(uri);
    if (!this.kept.has(key) && !this.coming.has(key)) this.ask(uri, key);
    return this.kept.get(key);
  };

  readonly arrived = async (): Promise<boolean> => {
    const coming = [...this.coming.values()];
    await Promise.all(coming);
    return coming.length > 0;
  };

  readonly files = {
    read: async (uri: string): Promise<Uint8Array> => {
      const asked: BytesAsked = { uri, largest: largestFile };
      const file = await this.connection.sendRequest<BytesRead | null>(readBytesRequest, asked);
      if (file === null) throw new FileError('ENOENT');
      if (file.base64 === undefined) throw new TooLarge(uri);
      return Uint8Array.from(atob(file.base64), (character) => character.charCodeAt(0));
    },
    resolve: (file: string, page: string): string | undefined =>
      URL.canParse(file, encodeURI(page)) ? plain(new URL(file, encodeURI(page)).href) : undefined,
    stamp: (uri: string): Promise<string> => Promise.resolve(String(this.changes.get(plain(uri)) ?? 0)),
  };

  readonly forget = (uri: string): void => {
    this.changes.set(plain(uri), (this.changes.get(plain(uri)) ?? 0) + 1);
    this.kept.delete(plain(uri));
    this.coming.delete(plain(uri));
  };

  private ask(uri: string, key: string): void {
    const asked: FileAsked = { uri };
    const answer = this.connection.sendRequest<FileRead | null>(readRequest, asked).then(
      (file) => file?.text,
      // The client cannot read it: whoever asked says so.
      () => undefined,
    );
    const coming = answer.then((text) => {
      // Forgotten meanwhile: this is what it was.
      if (this.coming.get(key) !== coming) return;
      this.coming.delete(key);
      this.kept.set(key, text);
    });
    this.coming.set(key, coming);
  }
}
