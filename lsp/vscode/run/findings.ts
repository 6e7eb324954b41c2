/** What runs found wrong with pages, on the pages, until their text changes. What the server says of it is not said twice. */
import { languages, workspace, type Diagnostic, type Disposable, type Uri } from 'vscode';

export class Findings {
  private readonly found = new Map<string, readonly Diagnostic[]>();
  private readonly shown = languages.createDiagnosticCollection('bilevel run');

  constructor(subscriptions: Disposable[]) {
    subscriptions.push(
      this.shown,
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) this.forget(document.uri);
      }),
      workspace.onDidCloseTextDocument(({ uri }) => this.forget(uri)),
      languages.onDidChangeDiagnostics(({ uris }) => uris.forEach((uri) => this.show(uri))),
    );
  }

  set(page: Uri, found: readonly Diagnostic[]): void {
    this.found.set(page.toString(), found);
    this.show(page);
  }

  forget(page: Uri): void {
    this.found.delete(page.toString());
    this.shown.delete(page);
  }

  private show(page: Uri): void {
    const found = this.found.get(page.toString());
    if (found === undefined) return;
    const said = languages.getDiagnostics(page).filter(({ source }) => source === 'bilevel');
    const news = found.filter((each) => !said.some((other) => codeOf(other) === codeOf(each) && other.range.isEqual(each.range)));
    // What is set is heard of here again.
    if (news.length !== (this.shown.get(page)?.length ?? 0)) this.shown.set(page, news);
  }
}

const codeOf = ({ code }: Diagnostic): string | number | undefined => (typeof code === 'object' ? code.value : code);
