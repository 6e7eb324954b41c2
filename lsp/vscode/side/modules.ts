/**
 * The modules that stand beside their pages: read-only documents, each of one problem, which the server compiles anew when pages have rested.
 * A page with errors leaves the last module that there was. Knows nothing of positions.
 */
import {
  CancellationTokenSource,
  EventEmitter,
  Uri,
  workspace,
  type CancellationToken,
  type Disposable,
  type TextDocumentContentProvider,
} from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { compileRequest, type CompileAnswer, type CompileAsked, type ModuleAnswer } from '../../compile-request.ts';

export const scheme = 'bilevel-module';

/** How long pages rest before their modules are compiled anew, in milliseconds. */
const REST = 300;

export interface Shown {
  readonly uri: Uri;
  readonly page: Uri;
  readonly problem: string;
  /** The last that there was. */
  readonly module?: ModuleAnswer;
  /** Why it is not that of the page as it stands. */
  readonly because?: string;
}

export class Modules implements TextDocumentContentProvider, Disposable {
  private readonly client: BaseLanguageClient;
  private readonly shown = new Map<string, Shown>();
  private readonly texts = new EventEmitter<Uri>();
  private readonly answers = new EventEmitter<Shown>();
  private readonly subscriptions: readonly Disposable[];
  private waiting: ReturnType<typeof setTimeout> | undefined;
  private asking = new CancellationTokenSource();

  /** A text is another. */
  readonly onDidChange = this.texts.event;
  /** The server has answered about one. */
  readonly onDidAnswer = this.answers.event;

  constructor(client: BaseLanguageClient) {
    this.client = client;
    this.subscriptions = [
      workspace.registerTextDocumentContentProvider(scheme, this),
      workspace.onDidChangeTextDocument(({ document }) => {
        // A page may be imported by another.
        if (document.languageId === 'bilevel') this.compileSoon();
      }),
      workspace.onDidCloseTextDocument(({ uri }) => void this.shown.delete(uri.toString())),
      this.texts,
      this.answers,
    ];
  }

  /** Those of a page, and the one that a document is. */
  of(uri: Uri): readonly Shown[] {
    return [...this.shown.values()].filter(({ uri: own, page }) => [own, page].some((each) => each.toString() === uri.toString()));
  }

  /** The document of the problem at a place of a page; where there is no problem, why. */
  async at(page: Uri, position: CompileAsked['position']): Promise<Shown | string> {
    const answer = await this.ask(page, position === undefined ? {} : { position });
    if (answer.problem === undefined) return answer.because;
    const shown: Shown = { uri: moduleUri(page, answer.problem), page, problem: answer.problem };
    this.take(shown, answer);
    return this.shown.get(shown.uri.toString()) ?? shown;
  }

  async provideTextDocumentContent(uri: Uri, token: CancellationToken): Promise<string> {
    const known = this.shown.get(uri.toString());
    if (known !== undefined) return textOf(known);
    // The editor opens what was open when it was closed.
    const shown: Shown = { uri, ...pageOf(uri) };
    this.take(shown, await this.ask(shown.page, { problem: shown.problem }, token));
    return textOf(this.shown.get(uri.toString()) ?? shown);
  }

  dispose(): void {
    clearTimeout(this.waiting);
    this.asking.cancel();
    for (const each of this.subscriptions) each.dispose();
  }

  private compileSoon(): void {
    clearTimeout(this.waiting);
    this.asking.cancel();
    if (this.shown.size === 0) return;
    this.waiting = setTimeout(() => void this.compile(), REST);
  }

  private async compile(): Promise<void> {
    this.asking = new CancellationTokenSource();
    const { token } = this.asking;
    for (const shown of this.shown.values()) {
      const answer = await this.ask(shown.page, { problem: shown.problem }, token).catch((error: unknown) => {
        if (!token.isCancellationRequested) this.client.error(`${shown.problem} was not compiled`, error, false);
      });
      if (token.isCancellationRequested) return;
      // It may have been closed meanwhile.
      if (answer !== undefined && this.shown.has(shown.uri.toString())) this.take(shown, answer);
    }
  }

  private ask(page: Uri, what: Partial<CompileAsked>, token?: CancellationToken): Promise<CompileAnswer> {
    const asked: CompileAsked = { textDocument: { uri: this.client.code2ProtocolConverter.asUri(page) }, ...what };
    // One that is not given is no parameter.
    return token === undefined
      ? this.client.sendRequest<CompileAnswer>(compileRequest, asked)
      : this.client.sendRequest<CompileAnswer>(compileRequest, asked, token);
  }

  private take({ uri, page, problem }: Shown, answer: CompileAnswer): void {
    const before = this.shown.get(uri.toString());
    const module = 'text' in answer ? answer : before?.module;
    const now: Shown = {
      ...{ uri, page, problem },
      ...(module === undefined ? {} : { module }),
      ...('because' in answer ? { because: answer.because } : {}),
    };
    this.shown.set(uri.toString(), now);
    if (before !== undefined && textOf(before) !== textOf(now)) this.texts.fire(uri);
    this.answers.fire(now);
  }
}

/** One that has never been there says why. */
const textOf = ({ problem, module, because }: Shown): string => module?.text ?? `// ${problem} has no module yet: ${because ?? ''}\n`;

/** Its name ends as that of a file of its language does; what it is of is in the query, so that it can be opened again. */
function moduleUri(page: Uri, problem: string): Uri {
  const path = page.path.replace(/(?:\.bilevel)?$/u, `.${problem}.ts`);
  return Uri.from({ scheme, path, query: JSON.stringify({ page: page.toString(), problem }) });
}

function pageOf({ query }: Uri): { readonly page: Uri; readonly problem: string } {
  const { page, problem } = JSON.parse(query) as { readonly page: string; readonly problem: string };
  return { page: Uri.parse(page, true), problem };
}
