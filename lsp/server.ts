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
  type CancellationToken,
  type ClientCapabilities,
  type Connection,
  type InitializeResult,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { version } from '../library/version.ts';
import type { Analysis } from './analysis.ts';
import { appearance, serveAppearance } from './appearance.ts';
import { asking } from './asking.ts';
import { codeActions, kinds } from './features/code-actions.ts';
import { completion, resolveCompletion } from './features/completion.ts';
import { diagnosticsOf } from './features/diagnostics.ts';
import { formatting } from './features/formatting.ts';
import { hover } from './features/hover.ts';
import { definition, highlights, references } from './features/navigation.ts';
import { prepareRename, rename } from './features/rename.ts';
import { signatureHelp } from './features/signature-help.ts';
import { documentSymbols, workspaceSymbols } from './features/symbols.ts';
import type { Host } from './host.ts';
import { Workspace } from './workspace.ts';

/** How long a page rests after a keystroke before it is looked at, in milliseconds. */
const REST = 60;

/** Answers everything that comes over the connection; `connection.listen()` is the caller's. */
export function serve(connection: Connection, host: Host): void {
  const workspace = new Workspace(host);
  const documents = new TextDocuments(TextDocument);
  const pageAt = (uri: string): Analysis | undefined => workspace.page(uri);
  const asks = asking(workspace);
  const { at, of, within } = asks;
  let client: ClientCapabilities = {};
  const { forget } = serveAppearance(connection, workspace, asks, () => client);
  /** Whether the client asks for diagnostics, or wants to be told; whether it asks anew when it is told to. */
  let pulls = false;
  let refreshes = false;
  /** Whether the client says when files change. */
  let watches = false;
  /** Whether the client goes through the places of a snippet. */
  let snippets = false;

  connection.onInitialize(({ capabilities }): InitializeResult => {
    client = capabilities;
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
        ...(pulls ? { diagnosticProvider: { interFileDependencies: true, workspaceDiagnostics: false } } : {}),
      },
    };
  });

  connection.onInitialized(() => {
    const watchers = [{ globPattern: '**/*.bilevel' }];
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
      if (analysis === undefined) return;
      const { version: looked } = analysis.document;
      void connection.sendDiagnostics({ uri, version: looked, diagnostics: [...diagnosticsOf(analysis, host)] });
    };
    waiting.set(
      uri,
      setTimeout(() => void tell().catch((error: unknown) => connection.console.error(wordsOf(error))), REST),
    );
  };

  /** Files are not what they were: pages that import them may be right now, or wrong. */
  const lookAnew = (): void => {
    if (!pulls) documents.keys().forEach(tellSoon);
    else if (refreshes) void connection.languages.diagnostics.refresh();
  };

  documents.onDidChangeContent(({ document }) => {
    workspace.put(document);
    // A client that asks knows that pages which import this one may be right now, or wrong.
    if (!pulls) lookAnew();
  });
  documents.onDidClose(({ document: { uri } }) => {
    clearTimeout(waiting.get(uri));
    workspace.close(uri);
    forget(uri);
    if (!pulls) void connection.sendDiagnostics({ uri, diagnostics: [] });
    lookAnew();
  });
  connection.onDidChangeWatchedFiles(({ changes }) => {
    for (const { uri } of changes) host.forget?.(uri);
    lookAnew();
  });

  // Whoever has said goodbye is told nothing more.
  connection.onShutdown(() => {
    waiting.forEach((timer) => clearTimeout(timer));
    forget();
  });

  connection.languages.diagnostics.on(async ({ textDocument: { uri } }, token) => {
    await rest(token);
    await workspace.settled();
    const analysis = pageAt(uri);
    const items = analysis === undefined ? [] : [...diagnosticsOf(analysis, host)];
    return { kind: DocumentDiagnosticReportKind.Full, items };
  });

  connection.onHover((asked) => at(asked, (analysis, offset) => hover(analysis, offset, pageAt) ?? null));
  connection.onCompletion((asked) => {
    const bySign = asked.context?.triggerKind === CompletionTriggerKind.TriggerCharacter;
    return at(asked, (analysis, offset) => [...completion(analysis, offset, { snippets, bySign }, host, pageAt)]);
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

  documents.listen(connection);
}

/** A client that knows commands alone could do nothing with edits. */
const takesActions = ({ textDocument }: ClientCapabilities): boolean => textDocument?.codeAction?.codeActionLiteralSupport !== undefined;

/** Our own mistake in one page is told, and the others are still looked at. */
const wordsOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

const refused = (because: string): ResponseError<void> => new ResponseError<void>(LSPErrorCodes.RequestFailed, because);

const orRefused = <T extends object>(answer: T | { readonly because: string }): T | ResponseError<void> =>
  'because' in answer ? refused(answer.because) : answer;

/** Lets what has come meanwhile be read: a request that its client no longer waits for is not answered. */
async function rest(token: CancellationToken): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'the page has changed');
}
