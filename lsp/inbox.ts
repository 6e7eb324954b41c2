/**
 * Lets what has come meanwhile be read before a longer answer is begun. A client that writes faster than the server looks sends changes and
 * questions in turn: of these only the last are worth an answer, so that never more than one look at a page is still to be made.
 */
import { LSPErrorCodes, ResponseError } from 'vscode-languageserver';

/** So many turns of the event loop the connection takes to hand a message on, and some more. */
const turnsOfMessage = 6;

export class Inbox {
  private messages = 0;
  private readonly versions = new Map<string, number>();

  /** A question has been read. */
  note(): void {
    this.messages += 1;
  }

  /** A page has another text. */
  changed(uri: string): void {
    this.note();
    this.versions.set(uri, (this.versions.get(uri) ?? 0) + 1);
  }

  closed(uri: string): void {
    this.versions.delete(uri);
  }

  /** Resolves when nothing waits to be read; rejects where the page has changed meanwhile: whoever asked asks again, of its new text. */
  async read(uri: string): Promise<void> {
    const version = this.versions.get(uri);
    let before = this.messages;
    for (let quiet = 0; quiet < turnsOfMessage; quiet += 1) {
      await breath();
      if (this.versions.get(uri) !== version) throw new ResponseError(LSPErrorCodes.ContentModified, 'the page has changed');
      if (this.messages !== before) quiet = -1;
      before = this.messages;
    }
  }
}

/** A turn of the event loop, in which a message is read where one waits. */
export const breath = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
