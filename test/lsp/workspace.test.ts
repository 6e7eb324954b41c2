/** Analyses that are kept: of pages that are open, and of what these import. */
import { TextDocument } from 'vscode-languageserver-textdocument';
import { expect, it } from 'vitest';
import { Workspace } from '../../lsp/workspace.ts';

const uri = 'file:///folder/a page.bilevel';
const kernels = 'file:///folder/kernels.bilevel';
const other = 'file:///folder/other.bilevel';
const files: Readonly<Record<string, string>> = {
  [uri]: 'fn twice(x: []): [] = 2 * x\n',
  [kernels]: 'fn smooth(x: []): [] = x^2\n',
  [other]: 'fn rough(x: []): [] = x\n',
};

const opened = (): Workspace => {
  const workspace = new Workspace({ read: (file) => files[file] });
  workspace.put(TextDocument.create(encodeURI(uri), 'bilevel', 1, 'import { smooth } from "./kernels.bilevel"\n'));
  workspace.page(uri)?.checked();
  return workspace;
};

const isKept = (workspace: Workspace, asked: string): boolean => {
  const analysis = workspace.page(asked);
  expect(analysis?.document.getText()).toContain('smooth');
  return analysis === workspace.page(asked);
};

it('are kept of pages that are open, and of those that they import', () => {
  const workspace = opened();
  expect(isKept(workspace, uri)).toBe(true);
  expect(isKept(workspace, kernels)).toBe(true);
});

it('are not kept of pages that were only asked about, nor of imports of a page that is closed', () => {
  const workspace = opened();
  const [imported, asked] = [kernels, other].map((file) => workspace.page(file));
  expect(workspace.page(other)).not.toBe(asked);
  workspace.close(encodeURI(uri));
  expect(workspace.isOpen(uri)).toBe(false);
  expect(workspace.page(kernels)).not.toBe(imported);
});
