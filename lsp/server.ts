/**
 * The language server: which requests it answers, and with what. Owns the talk with the client; what a page means is the compiler's, and what
 * an editor shows of it a feature's. The same in Node and in a worker: what differs is the `Host`.
 */
import {
  CompletionTriggerKind,
  DidChangeWatchedFilesNotification,
  DocumentDiagnosticReportKind,
  LSPErrorCodes,
  ResponseError,
  TextDocuments,
  TextDocumentSyncKind,
  type ClientCapabilities,
  type CompletionItem,
  type Connection,
  type InitializeResult,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { version } from '../library/version.ts';
import type { Analysis } from './analysis.ts';
import { appearance, serveAppearance } from './appearance.ts';
import { asking } from './asking.ts';
import { Background, deriveInTurns } from './background.ts';
import { compileRequest, type CompileAnswer, type CompileAsked } from './compile-request.ts';
import { codeActions, kinds } from './features/code-actions.ts';
import { compiledModuleOf } from './features/compiled-module.ts';
import { completion, resolveCompletion } from './features/completion.ts';
import { diagnosticsOf } from './features/diagnostics.ts';
import { formatting } from './features/formatting.ts';
import { hover } from './features/hover.ts';
import { definition, highlights, references } from './features/navigation.ts';
import { prepareRename, rename } from './features/rename.ts';
import { signatureHelp } from './features/signature-help.ts';
import { documentSymbols, workspaceSymbols } from './features/symbols.ts';
import { fileOperations, serveFiles } from './files.ts';
import type { Host } from './host.ts';
import { Inbox } from './inbox.ts';
import { endings } from './named-files.ts';
import { serveSettings } from './settings.ts';
import { isFormer } from './uri.ts';
import { Workspace } from './workspace.ts';

/** How long a page rests after a keystroke before it is looked at, in milliseconds. */
const REST = 60;

/** Answers everything that comes over the connection; `connection.listen()` is the caller's. */
export function serve(connection: Connection, host: Host): void {
  const workspace = new Workspace(host);
  const documents = new TextDocuments(TextDocument);
  const pageAt = (uri: string): Analysis | undefined => workspace.page(uri);
  const inbox = new Inbox();
  const asks = asking(workspace, inbox);
  const { at, of, within } = asks;
  let client: ClientCapabilities = {};
  const openPage = (uri: string): Analysis | undefined => (workspace.isOpen(uri) ? pageAt(uri) : undefined);
  const background = new Background(host, openPage, () => {
    if (client.workspace?.inlayHint?.refreshSupport === true) void connection.languages.inlayHint.refresh();
    lookAnew();
  });
  const failed = (error: unknown): void => connection.console.error(wordsOf(error));
  const settings = serveSettings(connection, () => refresh());
  const { forget, refresh } = serveAppearance(connection, workspace, asks, background, () => client, settings.current);
  /** Whether the client asks for diagnostics, or wants to be told; whether it asks anew when it is told to. */
  let pulls = false;
  let refreshes = false;
  /** Whether the client says when files change. */
  let watches = false;
  /** Whether the client goes through the places of a snippet. */
  let snippets = false;

  /** The one folder of a client that knows of no more. */
  let root: string | null = null;

  connection.onInitialize(({ capabilities, rootUri, initializationOptions }): InitializeResult => {
    client = capabilities;
    root = rootUri;
    settings.start(capabilities, initializationOptions);
    host.begin?.(initializationOptions);
    pulls = capabilities.textDocument?.diagnostic !== undefined;
    snippets = capabilities.textDocument?.completion?.completionItem?.snippetSupport === true;
    refreshes = capabilities.workspace?.diagnostics?.refreshSupport ?? false;
    watches = capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration ?? false;
    return {
      serverInfo: { name: 'bilevel', version },
      capabilities: {
        textDocumentSync: TextDocumentSyncKind.Incremental,
        hoverProvider: true,
        completionProvider: { triggerCharacters: [...' (:~"/,'], resolveProvider: true },
        signatureHelpProvider: { triggerCharacters: ['(', ','], retriggerCharacters: ['='] },
        definitionProvider: true,
        referencesProvider: true,
        documentHighlightProvider: true,
        renameProvider: { prepareProvider: true },
        documentSymbolProvider: true,
        workspaceSymbolProvider: true,
        documentFormattingProvider: true,
        ...(takesActions(capabilities) ? { codeActionProvider: { codeActionKinds: [...kinds] } } : {}),
        ...appearance(capabilities),
        ...fileOperations(capabilities),
        ...(pulls ? { diagnosticProvider: { interFileDependencies: true, workspaceDiagnostics: false } } : {}),
      },
    };
  });

  connection.onInitialized(() => {
    settings.begin();
    const watchers = [{ globPattern: '**/*.bilevel' }, { globPattern: `**/*.{${endings.data.join(',')}}` }];
    if (watches) void connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
  });

  const waiting = new Map<string, ReturnType<typeof setTimeout>>();
  /** Looks at a page when it has rested; a later keystroke begins the rest anew, so that at most one look waits. */
  const tellSoon = (uri: string): void => {
    clearTimeout(waiting.get(uri));
    const tell = async (): Promise<void> => {
      waiting.delete(uri);
      await workspace.settled();
      const analysis = pageAt(uri);
      if (analysis === undefined || isFormer(uri)) return;
      // Waiting again: the page has changed.
      await deriveInTurns(analysis, () => waiting.has(uri));
      if (waiting.has(uri)) return;
      const { version: looked } = analysis.document;
      void connection.sendDiagnostics({ uri, version: looked, diagnostics: [...diagnosticsOf(analysis, host)] });
    };
    waiting.set(
      uri,
      setTimeout(() => void tell().catch(failed), REST),
    );
  };

  /** Files are not what they were: pages that import them may be right now, or wrong. */
  const lookAnew = (): void => {
    if (!pulls) documents.keys().forEach(tellSoon);
    else if (refreshes) void connection.languages.diagnostics.refresh();
  };

  documents.onDidChangeContent(({ document }) => {
    inbox.changed(document.uri);
    workspace.put(document);
    background.lookSoon(document.uri, failed);
    // A client that asks knows that pages which import this one may be right now, or wrong.
    if (!pulls) lookAnew();
  });
  documents.onDidClose(({ document: { uri } }) => {
    clearTimeout(waiting.get(uri));
    workspace.close(uri);
    inbox.closed(uri);
    forget(uri);
    background.forget(uri);
    if (!pulls) void connection.sendDiagnostics({ uri, diagnostics: [] });
    lookAnew();
  });
  connection.onDidChangeWatchedFiles(({ changes }) => {
    for (const { uri } of changes) host.forget?.(uri);
    lookAnew();
    background.lookAnew(documents.keys(), failed);
  });

  const folders = async (): Promise<readonly string[]> => {
    const open = client.workspace?.workspaceFolders === true ? await connection.workspace.getWorkspaceFolders() : null;
    return open?.map(({ uri }) => uri) ?? (root === null ? [] : [root]);
  };
  serveFiles({ connection, workspace, host, folders, lookAnew });

  // Whoever has said goodbye is told nothing more.
  connection.onShutdown(() => {
    waiting.forEach((timer) => clearTimeout(timer));
    background.stop();
  });

  connection.languages.diagnostics.on(async ({ textDocument: { uri } }, token) => {
    inbox.note();
    await inbox.read(uri);
    if (token.isCancellationRequested) throw stale();
    await workspace.settled();
    const analysis = pageAt(uri);
    if (analysis === undefined || isFormer(uri)) return { kind: DocumentDiagnosticReportKind.Full, items: [] };
    await deriveInTurns(analysis, () => token.isCancellationRequested);
    if (token.isCancellationRequested) throw stale();
    const items = [...diagnosticsOf(analysis, host)];
    return { kind: DocumentDiagnosticReportKind.Full, items };
  });

  connection.onHover((asked) => at(asked, (analysis, offset) => hover(analysis, offset, pageAt) ?? null));
  connection.onCompletion((asked) => {
    const bySign = asked.context?.triggerKind === CompletionTriggerKind.TriggerCharacter;
    return at(asked, async (analysis, offset) => {
      // Names of files, and of what is in them, may be still to come.
      let items: CompletionItem[];
      do items = [...completion(analysis, offset, { snippets, bySign }, host, pageAt)];
      while (await host.arrived?.());
      return items;
    });
  });
  connection.onCompletionResolve((item) => resolveCompletion(item, pageAt));
  connection.onSignatureHelp((asked) => at(asked, (analysis, offset) => signatureHelp(analysis, offset, pageAt) ?? null));
  connection.onDefinition((asked) => at(asked, (analysis, offset) => definition(analysis, offset, pageAt) ?? null));
  connection.onReferences((asked) => {
    const withDeclaration = asked.context.includeDeclaration;
    return at(asked, (analysis, offset) => [...references(analysis, offset, workspace.pages(), pageAt, { withDeclaration })]);
  });
  connection.onDocumentHighlight((asked) => at(asked, (analysis, offset) => [...highlights(analysis, offset)]));
  connection.onPrepareRename((asked) => at(asked, (analysis, offset) => orRefused(prepareRename(analysis, offset))));
  connection.onRenameRequest((asked) =>
    at(asked, (analysis, offset) => {
      const answer = rename(analysis, offset, asked.newName, workspace.pages(), pageAt);
      return 'because' in answer ? refused(answer.because) : answer.edit;
    }),
  );
  connection.onDocumentSymbol((asked) => of(asked, documentSymbols));
  connection.onWorkspaceSymbol(({ query }) => [...workspaceSymbols(workspace.pages(), query)]);
  connection.onDocumentFormatting((asked) => of(asked, formatting));
  connection.onCodeAction((asked) => within(asked, (analysis, span) => codeActions(analysis, span, host, asked.context.only)));

  connection.onRequest<CompileAnswer, void>(compileRequest, async (asked: CompileAsked): Promise<CompileAnswer> => {
    await inbox.read(asked.textDocument.uri);
    await workspace.settled();
    const analysis = pageAt(asked.textDocument.uri);
    if (analysis === undefined) return { because: 'there is no such page' };
    return compiledModuleOf(analysis, asked, asked.position && analysis.document.offsetAt(asked.position));
  });

  documents.listen(connection);
}

/** A client that knows commands alone could do nothing with edits. */
const takesActions = ({ textDocument }: ClientCapabilities): boolean => textDocument?.codeAction?.codeActionLiteralSupport !== undefined;

/** Our own mistake in one page is told, and the others are still looked at. */
const wordsOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

const refused = (because: string): ResponseError<void> => new ResponseError<void>(LSPErrorCodes.RequestFailed, because);

const orRefused = <T extends object>(answer: T | { readonly because: string }): T | ResponseError<void> =>
  'because' in answer ? refused(answer.because) : answer;

/** To a client that no longer waits. */
const stale = (): ResponseError<void> => new ResponseError(LSPErrorCodes.RequestCancelled, 'the page has changed');
