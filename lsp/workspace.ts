/**
 * The pages that an editor has open, and their analyses. An analysis is kept while its text, and the texts that it imports, are the same.
 * Knows nothing of requests.
 */
import { TextDocument } from 'vscode-languageserver-textdocument';
import { analyse, type Analysis } from './analysis.ts';
import type { Host } from './host.ts';
import { plain } from './uri.ts';

export class Workspace {
  private readonly open = new Map<string, TextDocument>();
  private readonly analyses = new Map<string, Analysis>();
  private readonly host: Host;

  constructor(host: Host) {
    this.host = host;
  }

  /** Opened, or changed: a text of a page that the editor owns. */
  put(document: TextDocument): void {
    this.open.set(plain(document.uri), document);
  }

  close(uri: string): void {
    this.open.delete(plain(uri));
    // What was looked at for its sake goes with it.
    for (const key of [...this.analyses.keys()]) if (!this.isOfUse(key)) this.analyses.delete(key);
    this.host.forget?.(uri);
  }

  isOpen(uri: string): boolean {
    return this.open.has(plain(uri));
  }

  /** Lets the files come that open pages import, where they come one by one: what is still to come is not said to be missing. */
  async settled(): Promise<void> {
    if (this.host.arrived === undefined) return;
    do this.pages().forEach(({ checked }) => void checked());
    while (await this.host.arrived());
  }

  /** All that are open. */
  pages(): readonly Analysis[] {
    return [...this.open.values()].flatMap(({ uri }) => this.page(uri) ?? []);
  }

  /** Of an open page, or of a file that there is. */
  page(uri: string): Analysis | undefined {
    const known = this.analyses.get(plain(uri));
    const text = this.textOf(uri);
    if (text === undefined) return undefined;
    if (known !== undefined && known.document.getText() === text && this.isCurrent(known)) return known;
    const document = this.open.get(plain(uri)) ?? TextDocument.create(encodeURI(plain(uri)), 'bilevel', 0, text);
    // The editor goes on changing its own document: an analysis has a text that stays.
    const own = TextDocument.create(document.uri, 'bilevel', document.version, text);
    const analysis = analyse(own, (file) => this.textOf(file), known?.kept());
    if (this.isOfUse(plain(uri))) this.analyses.set(plain(uri), analysis);
    return analysis;
  }

  /** Whether more will be asked of it: of a page that is open, or that an open one imports. */
  private isOfUse(key: string): boolean {
    const imports = [...this.open.keys()].flatMap((open) => [...(this.analyses.get(open)?.imports.keys() ?? [])]);
    return this.open.has(key) || imports.some((file) => plain(file) === key);
  }

  private isCurrent({ imports }: Analysis): boolean {
    return [...imports].every(([file, text]) => this.textOf(file) === text);
  }

  private textOf(uri: string): string | undefined {
    return this.open.get(plain(uri))?.getText() ?? this.host.read(uri);
  }
}
