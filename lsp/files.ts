/** What the server does when files get other names, and how it finds the pages of the folders that an editor has open. A part of `server.ts`. */
import type { ClientCapabilities, Connection, FileOperationRegistrationOptions, ServerCapabilities } from 'vscode-languageserver';
import type { Analysis } from './analysis.ts';
import { movedFiles } from './features/moved-files.ts';
import type { Host } from './host.ts';
import { endings } from './named-files.ts';
import { plain } from './uri.ts';
import type { Workspace } from './workspace.ts';

const named: FileOperationRegistrationOptions = {
  filters: [
    { pattern: { glob: `**/*.{${[...endings.pages, ...endings.data].join(',')}}`, matches: 'file' } },
    { pattern: { glob: '**', matches: 'folder' } },
  ],
};

export const fileOperations = ({ workspace }: ClientCapabilities): ServerCapabilities => {
  const { willRename = false, didRename = false } = workspace?.fileOperations ?? {};
  const operations = { ...(willRename ? { willRename: named } : {}), ...(didRename ? { didRename: named } : {}) };
  return Object.keys(operations).length === 0 ? {} : { workspace: { fileOperations: operations } };
};

/** Folders are looked into for pages up to this number: an editor may have a whole disk open. */
const MOST_FOLDERS = 5000;

export interface Served {
  readonly connection: Connection;
  readonly workspace: Workspace;
  readonly host: Host;
  /** Known when the client has introduced itself: the folders that are open in it. */
  readonly folders: () => Promise<readonly string[]>;
  /** Files are not what they were. */
  readonly lookAnew: () => void;
}

export function serveFiles({ connection, workspace, host, folders, lookAnew }: Served): void {
  connection.workspace.onWillRenameFiles(async ({ files }) => {
    await workspace.settled();
    const inFolders = await pagesIn(await folders(), host, (words) => connection.console.warn(words));
    return movedFiles(await read([...workspace.pages().map(({ uri }) => uri), ...inFolders], workspace, host), files);
  });
  connection.workspace.onDidRenameFiles(({ files }) => {
    for (const { oldUri, newUri } of files) for (const uri of [oldUri, newUri]) host.forget?.(uri);
    lookAnew();
  });
}

/** Each once; what cannot be read is no page. */
async function read(uris: readonly string[], workspace: Workspace, host: Host): Promise<readonly Analysis[]> {
  let pages: readonly Analysis[];
  do pages = uris.flatMap((uri) => workspace.page(uri) ?? []);
  while (await host.arrived?.());
  return [...new Map(pages.map((page) => [plain(page.uri), page])).values()];
}

/** As for `bilevel fmt`: not in `node_modules`, nor where the name of a folder begins with a dot. */
async function pagesIn(folders: readonly string[], host: Host, warn: (words: string) => void): Promise<readonly string[]> {
  let found: string[];
  do {
    found = [];
    const waiting = folders.map((uri) => (uri.endsWith('/') ? uri : `${uri}/`));
    for (const folder of waiting) {
      for (const name of host.list?.(folder) ?? [])
        if (name.endsWith('.bilevel')) found.push(folder + encodeURIComponent(name));
        else if (name.endsWith('/') && !name.startsWith('.') && name !== 'node_modules/')
          if (waiting.length < MOST_FOLDERS) waiting.push(`${folder}${encodeURIComponent(name.slice(0, -1))}/`);
          else {
            warn(`pages are looked for in ${MOST_FOLDERS} folders, and there are more: open a smaller one to have all pages follow a file`);
            return found;
          }
    }
  } while (await host.arrived?.());
  return found;
}
