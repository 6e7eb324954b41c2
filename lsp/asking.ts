/** From what a request names, a page and a place on it, to the analysis that a feature is asked with. */
import type { Range, TextDocumentIdentifier, TextDocumentPositionParams } from 'vscode-languageserver';
import type { Span } from '../diagnostics/diagnostic.ts';
import type { Analysis } from './analysis.ts';
import type { Inbox } from './inbox.ts';
import type { Workspace } from './workspace.ts';

interface OfPage {
  readonly textDocument: TextDocumentIdentifier;
}

/** A page that is nowhere has no answer; one whose imports are still to come is waited for. What is asked of a whole page waits until all is read. */
export interface Asking {
  readonly at: <T>(asked: TextDocumentPositionParams, answer: (analysis: Analysis, offset: number) => T | Promise<T>) => Promise<T | null>;
  readonly of: <T>(asked: OfPage, answer: (analysis: Analysis) => readonly T[]) => Promise<T[]>;
  readonly within: <T>(asked: OfPage & { readonly range: Range }, answer: (analysis: Analysis, span: Span) => readonly T[]) => Promise<T[]>;
}

export function asking(workspace: Workspace, inbox: Inbox): Asking {
  const of: Asking['of'] = async ({ textDocument: { uri } }, answer) => {
    inbox.note();
    await inbox.read(uri);
    await workspace.settled();
    const analysis = workspace.page(uri);
    return analysis === undefined ? [] : [...answer(analysis)];
  };
  return {
    of,
    at: async ({ textDocument: { uri }, position }, answer) => {
      inbox.note();
      await workspace.settled();
      const analysis = workspace.page(uri);
      return analysis === undefined ? null : answer(analysis, analysis.document.offsetAt(position));
    },
    within: (asked, answer) =>
      of(asked, (analysis) => {
        const [start, end] = [asked.range.start, asked.range.end].map((place) => analysis.document.offsetAt(place));
        return answer(analysis, { file: analysis.uri, start: start ?? 0, end: end ?? 0 });
      }),
  };
}
