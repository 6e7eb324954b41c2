/**
 * Files that the client reads for the server, which has none where it runs: in a browser, or beside files that are somewhere else. Each is
 * asked for once, and kept until it is said to have changed. Knows nothing of pages.
 */
import type { Connection } from 'vscode-languageserver';
import type { Host } from './host.ts';

/** What the client is asked: the text of a file; null where there is none. */
export const readRequest = 'bilevel/read';
export interface FileAsked {
  readonly uri: string;
}
export interface FileRead {
  readonly text: string;
}

export class ClientFiles implements Host {
  private readonly kept = new Map<string, string | undefined>();
  private readonly coming = new Map<string, Promise<void>>();
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  readonly read = (uri: string): string | undefined => {
    if (!this.kept.has(uri) && !this.coming.has(uri)) this.ask(uri);
    return this.kept.get(uri);
  };

  readonly arrived = async (): Promise<boolean> => {
    const coming = [...this.coming.values()];
    await Promise.all(coming);
    return coming.length > 0;
  };

  readonly forget = (uri: string): void => {
    this.kept.delete(uri);
    this.coming.delete(uri);
  };

  private ask(uri: string): void {
    const asked: FileAsked = { uri };
    const answer = this.connection.sendRequest<FileRead | null>(readRequest, asked).then(
      (file) => file?.text,
      // The client cannot read it: whoever asked says so.
      () => undefined,
    );
    const coming = answer.then((text) => {
      // Forgotten meanwhile: this is what it was.
      if (this.coming.get(uri) !== coming) return;
      this.coming.delete(uri);
      this.kept.set(uri, text);
    });
    this.coming.set(uri, coming);
  }
}
