/** `bilevel.compileToSide`: the module of the problem under the cursor, beside its page. */
import { commands, ProgressLocation, Uri, ViewColumn, window, type Disposable } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { Modules } from './modules.ts';
import { Positions } from './positions.ts';

export function compiledToSide(client: BaseLanguageClient): readonly Disposable[] {
  const modules = new Modules(client);
  const positions = new Positions(modules);
  const show = async (page = window.activeTextEditor?.document.uri): Promise<void> => {
    if (page === undefined) {
      void window.showInformationMessage('Open a page first: a module is compiled from a page.');
      return;
    }
    const editor = window.visibleTextEditors.find(({ document }) => document.uri.toString() === page.toString());
    const cursor = editor && client.code2ProtocolConverter.asPosition(editor.selection.active);
    const found = await window.withProgress({ location: ProgressLocation.Window, title: 'Compiling…' }, () => modules.at(page, cursor));
    if (typeof found === 'string') {
      void window.showInformationMessage(`There is no module: ${found}.`);
      return;
    }
    await window.showTextDocument(found.uri, { viewColumn: ViewColumn.Beside, preserveFocus: true, preview: false });
    positions.refresh();
  };
  return [
    modules,
    positions,
    // A button or a menu says which page; from a key or the palette it is the one in view.
    commands.registerCommand('bilevel.compileToSide', (asked: unknown) => show(asked instanceof Uri ? asked : undefined)),
  ];
}
