/** What a page looks like: the requests for colours, folds, selections, links, hints, lenses and calls. A part of `server.ts`. */
import {
  CodeLensRefreshRequest,
  type CallHierarchyItem,
  type ClientCapabilities,
  type Connection,
  type ServerCapabilities,
  type TextDocumentIdentifier,
} from 'vscode-languageserver';
import type { Analysis } from './analysis.ts';
import type { Asking } from './asking.ts';
import type { Background } from './background.ts';
import { incomingCalls, outgoingCalls, prepareCalls } from './features/call-hierarchy.ts';
import { codeLenses } from './features/code-lens.ts';
import { folding } from './features/folding.ts';
import { inlayHints } from './features/inlay-hints.ts';
import { links } from './features/links.ts';
import { rangeFormatting } from './features/range-formatting.ts';
import { selection } from './features/selection.ts';
import { legend, semanticTokens, tokenEdits } from './features/semantic-tokens.ts';
import type { Settings } from './settings.ts';
import type { Workspace } from './workspace.ts';

/** The commands behind lenses are the client's, so they are for one that says it has them: `experimental: { commands: true }`. */
const hasCommands = ({ experimental }: { readonly experimental?: unknown }): boolean =>
  typeof experimental === 'object' && experimental !== null && 'commands' in experimental && experimental.commands === true;

export const appearance = (client: ClientCapabilities): ServerCapabilities => ({
  semanticTokensProvider: { legend, full: { delta: true }, range: true },
  foldingRangeProvider: true,
  selectionRangeProvider: true,
  documentLinkProvider: {},
  documentRangeFormattingProvider: true,
  callHierarchyProvider: true,
  inlayHintProvider: true,
  ...(hasCommands(client) ? { codeLensProvider: {} } : {}),
});

interface TokenAnswer {
  readonly resultId: string;
  readonly data: number[];
}

/** Answers them; `client()` is known when it has introduced itself. What it gives forgets a page, and has the client ask anew. */
export function serveAppearance(
  connection: Connection,
  workspace: Workspace,
  { at, of, within }: Asking,
  background: Background,
  client: () => ClientCapabilities,
  settings: () => Settings,
): { readonly forget: (uri: string) => void; readonly refresh: () => void } {
  const pageAt = workspace.page.bind(workspace);

  connection.onFoldingRanges((asked) => of(asked, folding));
  connection.onDocumentLinks((asked) => of(asked, links));
  connection.onCodeLens((asked) => of(asked, (analysis) => (settings().lenses ? codeLenses(analysis) : [])));
  connection.onSelectionRanges((asked) =>
    of(asked, (analysis) => asked.positions.map((position) => selection(analysis, analysis.document.offsetAt(position)))),
  );
  connection.onDocumentRangeFormatting((asked) => within(asked, rangeFormatting));

  const { callHierarchy, inlayHint, semanticTokens: tokens } = connection.languages;
  callHierarchy.onPrepare((asked) => at(asked, (analysis, offset) => [...prepareCalls(analysis, offset, pageAt)]));
  const ofItem = <T>(
    { item: { uri, selectionRange } }: { readonly item: CallHierarchyItem },
    answer: (analysis: Analysis, offset: number) => readonly T[],
  ): Promise<T[]> => of({ textDocument: { uri } }, (analysis) => answer(analysis, analysis.document.offsetAt(selectionRange.start)));
  callHierarchy.onIncomingCalls((asked) => ofItem(asked, (analysis, offset) => incomingCalls(analysis, offset, workspace.pages(), pageAt)));
  callHierarchy.onOutgoingCalls((asked) => ofItem(asked, (analysis, offset) => outgoingCalls(analysis, offset, pageAt)));

  /** The last answer for each page, from which the next may tell what has changed. */
  const answered = new Map<string, TokenAnswer>();
  let answers = 0;
  const answer = async ({ textDocument }: { readonly textDocument: TextDocumentIdentifier }): Promise<TokenAnswer> => {
    const data = await of({ textDocument }, (analysis) => semanticTokens(analysis));
    const result = { resultId: String((answers += 1)), data };
    // Closed meanwhile: nobody will ask what has changed.
    if (workspace.isOpen(textDocument.uri)) answered.set(textDocument.uri, result);
    return result;
  };
  tokens.on(answer);
  tokens.onDelta(async (asked) => {
    const before = answered.get(asked.textDocument.uri);
    const now = await answer(asked);
    if (before === undefined || before.resultId !== asked.previousResultId) return now;
    return { resultId: now.resultId, edits: [...tokenEdits(before.data, now.data)] };
  });
  tokens.onRange(async (asked) => ({ data: await within(asked, semanticTokens) }));

  const refreshesHints = (): boolean => client().workspace?.inlayHint?.refreshSupport === true;
  inlayHint.on((asked) =>
    within(asked, (analysis, span) => {
      const { 'inlayHints.shapes': shapes, 'inlayHints.stages': stages, 'inlayHints.strategy': isWanted } = settings();
      const isKnown = background.hasLooked(analysis) || analysis.problems().every(({ compiled }) => compiled.isMade());
      return inlayHints(analysis, span, { shapes, stages, strategy: isWanted && (!refreshesHints() || isKnown) });
    }),
  );

  return {
    forget: (uri) => void answered.delete(uri),
    refresh: () => {
      if (refreshesHints()) void inlayHint.refresh();
      if (client().workspace?.codeLens?.refreshSupport === true) void connection.sendRequest(CodeLensRefreshRequest.type);
    },
  };
}
