/** Files are to have other names: what pages say of them follows, and what pages that move say of files that stay. */
import type { FileRename, TextEdit, WorkspaceEdit } from 'vscode-languageserver-protocol';
import { beside, isWhole, pathFrom } from '../../compiler/paths.ts';
import { rangeOf, type Analysis } from '../analysis.ts';
import { insideQuotes, namedFiles } from '../named-files.ts';
import { plain } from '../uri.ts';

/** Edits of pages under the names that they still have. A folder moves with all that is in it. */
export function movedFiles(pages: readonly Analysis[], moves: readonly FileRename[]): WorkspaceEdit {
  const moved = (uri: string): string => {
    for (const { oldUri, newUri } of moves) {
      const [from, to] = [plain(oldUri), plain(newUri)];
      if (uri === from || uri.startsWith(`${from}/`)) return to + uri.slice(from.length);
    }
    return uri;
  };
  const changes: Record<string, TextEdit[]> = {};
  for (const analysis of pages) {
    const before = plain(analysis.uri);
    const edits = namedFiles(analysis).flatMap(({ path, span }): readonly TextEdit[] => {
      const written = respelt(path, moved(before), moved(beside(before, path)));
      if (written === undefined) return [];
      return [{ range: rangeOf(analysis, insideQuotes(span)), newText: JSON.stringify(written).slice(1, -1) }];
    });
    if (edits.length > 0) changes[analysis.uri] = edits;
  }
  return { changes };
}

/** What is to be written on a page for `path`; nothing where that still leads to the file, or nothing would. */
function respelt(path: string, page: string, target: string): string | undefined {
  if (path === '' || isWhole(path) || beside(page, path) === target) return undefined;
  const written = pathFrom(page, target);
  return written === undefined || written.startsWith('../') || !path.startsWith('.') ? written : `./${written}`;
}
