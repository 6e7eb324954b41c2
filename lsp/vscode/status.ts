/** Whether the server is there, among what VS Code says of the language of a file. */
import { languages, LanguageStatusSeverity, type Disposable } from 'vscode';
import { State, type BaseLanguageClient } from 'vscode-languageclient';

const restart = { title: 'Restart', command: 'bilevel.restartServer' };
const output = { title: 'Output', command: 'bilevel.showOutput' };

export function status(client: BaseLanguageClient): Disposable {
  const item = languages.createLanguageStatusItem('bilevel.server', { language: 'bilevel' });
  item.name = 'Bilevel';
  const show = (state: State): void => {
    item.busy = state === State.Starting;
    item.text =
      state === State.Running ? 'Bilevel server' : state === State.Starting ? 'Bilevel server starts' : 'Bilevel server has stopped';
    item.severity = state === State.Stopped ? LanguageStatusSeverity.Error : LanguageStatusSeverity.Information;
    item.command = state === State.Stopped ? restart : output;
  };
  show(State.Starting);
  const following = client.onDidChangeState(({ newState }) => show(newState));
  return {
    dispose: () => {
      following.dispose();
      item.dispose();
    },
  };
}
