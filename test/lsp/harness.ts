/**
 * A client that talks to the server over streams, as an editor does, with pages whose places are marked: `<|>` is the cursor, and what stands
 * between two of `⟦ ⟧` a range. Marks are taken out before the server sees the text.
 */
import { PassThrough } from 'node:stream';
import {
  createConnection,
  createProtocolConnection,
  ProposedFeatures,
  StreamMessageReader,
  StreamMessageWriter,
  type Connection,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  type Range,
  type ServerCapabilities,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Host } from '../../lsp/host.ts';
import { serve } from '../../lsp/server.ts';

export interface Marked {
  readonly text: string;
  /** Of each `<|>`. */
  readonly cursors: readonly number[];
  /** Of each `⟦…⟧`. */
  readonly ranges: readonly { readonly start: number; readonly end: number }[];
}

export function marked(written: string): Marked {
  let text = '';
  const cursors: number[] = [];
  const ranges: { start: number; end: number }[] = [];
  const open: number[] = [];
  for (const part of written.split(/(<\|>|⟦|⟧)/u)) {
    if (part === '<|>') cursors.push(text.length);
    else if (part === '⟦') open.push(text.length);
    else if (part === '⟧') ranges.push({ start: open.pop() ?? 0, end: text.length });
    else text += part;
  }
  return { text, cursors, ranges: ranges.sort((a, b) => a.start - b.start) };
}

export interface OpenPage extends Marked {
  readonly uri: string;
  readonly document: TextDocument;
}

/** One editor with one server. */
export class Editor {
  readonly client: ProtocolConnection;
  readonly told: PublishDiagnosticsParams[] = [];
  capabilities: ServerCapabilities = {};
  private readonly server: Connection;

  private constructor(hostOf: (server: Connection) => Host) {
    const [up, down] = [new PassThrough(), new PassThrough()];
    this.server = createConnection(ProposedFeatures.all, new StreamMessageReader(up), new StreamMessageWriter(down));
    serve(this.server, hostOf(this.server));
    this.server.listen();
    this.client = createProtocolConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
    this.client.onNotification('textDocument/publishDiagnostics', (told: PublishDiagnosticsParams) => void this.told.push(told));
    this.client.listen();
  }

  /** `files`: what is on the disk, by URI; or a host, what the client does before it says hello, and what it starts the server with. */
  static async start(
    capabilities: object = {},
    files: Readonly<Record<string, string>> | ((server: Connection) => Host) = {},
    prepare: (client: ProtocolConnection) => void = () => undefined,
    initializationOptions?: object,
  ): Promise<Editor> {
    const editor = new Editor(typeof files === 'function' ? files : () => ({ read: (uri) => files[uri] }));
    prepare(editor.client);
    const answer = await editor.client.sendRequest<{ capabilities: ServerCapabilities }>('initialize', {
      processId: null,
      rootUri: null,
      capabilities,
      ...(initializationOptions === undefined ? {} : { initializationOptions }),
    });
    editor.capabilities = answer.capabilities;
    await editor.client.sendNotification('initialized', {});
    return editor;
  }

  async open(written: string, uri = 'file:///folder/page.bilevel'): Promise<OpenPage> {
    const page = marked(written);
    await this.client.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'bilevel', version: 1, text: page.text },
    });
    return { ...page, uri, document: TextDocument.create(uri, 'bilevel', 1, page.text) };
  }

  /** A request about the cursor of a page. */
  ask<T>(method: string, page: OpenPage, more: object = {}, cursor = 0): Promise<T> {
    const position = page.document.positionAt(page.cursors[cursor] ?? 0);
    return this.client.sendRequest<T>(method, { textDocument: { uri: page.uri }, position, ...more });
  }

  async stop(): Promise<void> {
    await this.client.sendRequest('shutdown');
    this.client.dispose();
    this.server.dispose();
  }
}

/** A range of a page, as offsets. */
export const offsetsOf = ({ document }: Pick<OpenPage, 'document'>, { start, end }: Range): { start: number; end: number } => ({
  start: document.offsetAt(start),
  end: document.offsetAt(end),
});
