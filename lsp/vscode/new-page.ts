/** `bilevel.newPage`: a page to begin with, that runs as it is, in an editor that has no file yet. */
import { commands, Uri, window, workspace, type Disposable, type ExtensionContext } from 'vscode';

export const newPage = ({ extensionUri }: Pick<ExtensionContext, 'extensionUri'>): Disposable =>
  commands.registerCommand('bilevel.newPage', async () => {
    const content = new TextDecoder().decode(await workspace.fs.readFile(Uri.joinPath(extensionUri, 'walkthrough/curve.bilevel')));
    await window.showTextDocument(await workspace.openTextDocument({ language: 'bilevel', content }));
  });
