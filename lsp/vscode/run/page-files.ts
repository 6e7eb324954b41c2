/** Files by their paths from a page, wherever VS Code finds them. Answers the runner's questions. */
import { FileSystemError, FileType, Uri, workspace } from 'vscode';
import type { Answer, Question } from './messages.ts';

const isUri = /^[a-z][a-z\d+.-]+:/iu;
const isAbsolute = /^(?:[/\\]|[a-z]:[/\\])/iu;

/** Undefined for a path from a page that is not saved, where no folder is open. */
export function besidePage(page: Uri, path: string): Uri | undefined {
  if (isUri.test(path)) return Uri.parse(path, true);
  if (isAbsolute.test(path)) return page.scheme === 'file' ? Uri.file(path) : page.with({ path });
  const folder = folderOf(page);
  return folder === undefined ? undefined : Uri.joinPath(folder, path);
}

/** Of a page that is not saved the folder that is open. */
export const folderOf = (page: Uri): Uri | undefined =>
  page.scheme === 'untitled' ? workspace.workspaceFolders?.[0]?.uri : Uri.joinPath(page, '..');

/** How a file is called from a page: by its path, where it is in the folder of the page or below; else by its whole URI. */
export function calledFrom(page: Uri, file: Uri): string {
  const folder = folderOf(page);
  const path = folder === undefined ? undefined : `${folder.path.replace(/\/$/u, '')}/`;
  const isBelow = folder?.scheme === file.scheme && folder.authority === file.authority && path !== undefined && file.path.startsWith(path);
  return isBelow ? file.path.slice(path.length) : file.toString();
}

export async function answerTo({ id, what, path }: Question, page: Uri): Promise<Answer> {
  const file = besidePage(page, path);
  if (file === undefined) return { kind: 'answer', id, code: 'the page is not saved, and so has no folder: save it beside its files' };
  try {
    return what === 'bytes' ? { kind: 'answer', id, bytes: await bytesOf(file) } : { kind: 'answer', id, names: await namesBeside(file) };
  } catch (error) {
    return { kind: 'answer', id, code: codeOf(error) };
  }
}

/** What an answer holds and need not be copied. */
export const transferOf = (answer: Answer): readonly ArrayBuffer[] =>
  'bytes' in answer && answer.bytes.buffer instanceof ArrayBuffer ? [answer.bytes.buffer] : [];

/** A page as the editor has it, saved or not; of a buffer that others share a copy. */
async function bytesOf(file: Uri): Promise<Uint8Array> {
  const open = workspace.textDocuments.find(({ uri, languageId }) => languageId === 'bilevel' && uri.toString() === file.toString());
  if (open !== undefined) return new TextEncoder().encode(open.getText());
  const bytes = await workspace.fs.readFile(file);
  // Not with the methods of Node's buffers, which do not travel.
  return bytes.byteLength === bytes.buffer.byteLength ? new Uint8Array(bytes.buffer) : new Uint8Array(bytes);
}

async function namesBeside(file: Uri): Promise<readonly string[]> {
  const entries = await workspace.fs.readDirectory(Uri.joinPath(file, '..'));
  return entries.filter(([, type]) => type !== FileType.Directory).map(([name]) => name);
}

const codes: Readonly<Record<string, string>> = { FileNotFound: 'ENOENT', FileIsADirectory: 'EISDIR', NoPermissions: 'EACCES' };

function codeOf(error: unknown): string {
  if (error instanceof FileSystemError) return codes[error.code] ?? error.message;
  return error instanceof Error ? error.message : String(error);
}
