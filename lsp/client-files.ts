/**
 * Files that the client reads for the server, which has none where it runs: in a browser, or beside files that are somewhere else. Each is
 * asked for once, and kept until it is said to have changed. Knows nothing of pages.
 */
import type { Connection } from 'vscode-languageserver';
import { FileError, largestFile, TooLarge } from '../library/data-facts.ts';
import { arraysOf, columnsOf, hasArrays, hasColumns, inMemory } from '../library/file-parts.ts';
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

/** What the client is asked: the names of what lies in a folder, those of folders with `/` behind them; null where there is none. */
export const listRequest = 'bilevel/list';
export interface Listed {
  readonly names: readonly string[];
}

/** Answers that are asked for once, and kept until they are forgotten. */
class Asked<T> {
  private readonly kept = new Map<string, T | undefined>();
  private readonly coming = new Map<string, Promise<void>>();
  private readonly ask: (uri: string) => Promise<T | undefined>;

  constructor(ask: (uri: string) => Promise<T | undefined>) {
    this.ask = ask;
  }

  /** Undefined where there is none, or it is still to come. */
  get(uri: string): T | undefined {
    const key = plain(uri);
    if (!this.kept.has(key) && !this.coming.has(key)) this.begin(uri, key);
    return this.kept.get(key);
  }

  waiting(): readonly Promise<void>[] {
    return [...this.coming.values()];
  }

  forget(uri: string): void {
    this.kept.delete(plain(uri));
    this.coming.delete(plain(uri));
  }

  private begin(uri: string, key: string): void {
    const coming = this.ask(uri)
      // The client cannot read it, or it is damaged: whoever asked says so, or offers nothing.
      .catch(() => undefined)
      .then((answer) => {
        // Forgotten meanwhile: this is what it was.
        if (this.coming.get(key) !== coming) return;
        this.coming.delete(key);
        this.kept.set(key, answer);
      });
    this.coming.set(key, coming);
  }
}

export class ClientFiles implements Host {
  /** How often each file is known to have changed. */
  private readonly changes = new Map<string, number>();
  private readonly connection: Connection;
  /** The folder of the pages about codes, which the client brings along. */
  private docs: string | undefined;
  private readonly texts = new Asked(async (uri) => (await this.tell<FileRead>(readRequest, { uri }))?.text);
  private readonly folders = new Asked(async (uri) => (await this.tell<Listed>(listRequest, { uri }))?.names);
  private readonly tables = new Asked(async (uri) => columnsOf(uri, inMemory(await this.files.read(uri))));
  private readonly archives = new Asked(async (uri) => arraysOf(uri, inMemory(await this.files.read(uri))));

  constructor(connection: Connection) {
    this.connection = connection;
  }

  readonly begin = (options: unknown): void => {
    if (typeof options === 'object' && options !== null && 'docs' in options && typeof options.docs === 'string') this.docs = options.docs;
  };
  readonly docsOf = (code: string): string | undefined => (this.docs === undefined ? undefined : `${this.docs}/${code}.md`);

  readonly read = (uri: string): string | undefined => this.texts.get(uri);
  readonly list = (uri: string): readonly string[] => this.folders.get(uri) ?? [];
  readonly columns = (uri: string): readonly string[] => (hasColumns(uri) ? this.tables.get(uri) : undefined) ?? [];
  readonly arrays = (uri: string): readonly string[] => (hasArrays(uri) ? this.archives.get(uri) : undefined) ?? [];

  readonly arrived = async (): Promise<boolean> => {
    const coming = this.all().flatMap((each) => each.waiting());
    await Promise.all(coming);
    return coming.length > 0;
  };

  readonly files = {
    read: async (uri: string): Promise<Uint8Array> => {
      const asked: BytesAsked = { uri, largest: largestFile };
      const file = await this.tell<BytesRead>(readBytesRequest, asked);
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
    for (const each of this.all()) {
      each.forget(uri);
      each.forget(uri.replace(/[^/]*\/?$/u, ''));
    }
  };

  private all(): readonly Pick<Asked<unknown>, 'waiting' | 'forget'>[] {
    return [this.texts, this.folders, this.tables, this.archives];
  }

  private tell<Answer>(request: string, asked: FileAsked): Promise<Answer | null> {
    return this.connection.sendRequest<Answer | null>(request, asked);
  }
}
