/** Files that somebody chose for the data of a problem, over what its page says. Kept with the folder that is open. */
import { window, type ExtensionContext, type Uri } from 'vscode';
import { isTableEnding, endingOf } from '../../../runtime/data/format.ts';
import type { FileOverride } from '../../../runtime/data/files.ts';
import type { Unbound } from './messages.ts';
import { calledFrom, folderOf } from './page-files.ts';

type Chosen = Readonly<Record<string, FileOverride>>;

const formats = { 'Data files': ['csv', 'tsv', 'json', 'npy', 'npz', 'parquet'] };

export class DataFiles {
  private readonly kept: ExtensionContext['workspaceState'];

  constructor({ workspaceState }: Pick<ExtensionContext, 'workspaceState'>) {
    this.kept = workspaceState;
  }

  of(page: Uri, problem: string): Chosen {
    return this.kept.get<Chosen>(keyOf(page, problem), {});
  }

  async forget(page: Uri, problem: string): Promise<void> {
    await this.kept.update(keyOf(page, problem), undefined);
  }

  /** Asks for a file for each of the data, and for what of it is meant; false where somebody has thought better of it. */
  async choose(page: Uri, problem: string, data: readonly Unbound[]): Promise<boolean> {
    const chosen: Record<string, FileOverride> = { ...this.of(page, problem) };
    for (const [i, asked] of data.entries()) {
      const title = `A file for ${asked.declared}${data.length > 1 ? ` (${i + 1} of ${data.length})` : ''}`;
      const override = await this.ask(page, asked, title);
      if (override === undefined) return false;
      chosen[asked.name] = override;
    }
    await this.kept.update(keyOf(page, problem), chosen);
    return true;
  }

  private async ask(page: Uri, { name, rank }: Unbound, title: string): Promise<FileOverride | undefined> {
    const folder = folderOf(page);
    const [found] =
      (await window.showOpenDialog({
        title,
        openLabel: `Use for ${name}`,
        filters: formats,
        ...(folder === undefined ? {} : { defaultUri: folder }),
      })) ?? [];
    if (found === undefined) return undefined;
    const file = calledFrom(page, found);
    const selects = selected(endingOf(file), rank);
    if (selects === undefined) return { file };
    const key = await window.showInputBox({
      title,
      prompt: `${selects} of ${file} for ${name}; leave it empty for the whole file`,
      placeHolder: name,
    });
    return key === undefined ? undefined : key.trim() === '' ? { file } : { file, key: key.trim() };
  }
}

const keyOf = (page: Uri, problem: string): string => `data ${page.toString()} ${problem}`;

/** What of such a file may be meant by a key; undefined where there is nothing to choose. */
function selected(ending: string, rank: number): string | undefined {
  if (isTableEnding(ending)) return rank <= 1 ? 'The column' : undefined;
  return ending === '.npz' || ending === '.json' ? 'The array' : undefined;
}
