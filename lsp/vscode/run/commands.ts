/**
 * The commands that run a problem: from the lens above it, the palette, or the view of its results. Each run has a runner of its own, which
 * ends with it. Owns what VS Code shows of a run besides the view: progress, diagnostics, questions.
 */
import type { DocumentSymbol } from 'vscode';
import {
  commands,
  ProgressLocation,
  SymbolKind,
  Uri,
  window,
  workspace,
  type ExtensionContext,
  type Position,
  type TextDocument,
} from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { DataFiles } from './data-files.ts';
import { Findings } from './findings.ts';
import type { Ended, FromRunner, Order, Port, ToRunner, Unbound } from './messages.ts';
import { answerTo, besidePage, transferOf } from './page-files.ts';
import { Panels } from './panels.ts';
import { actionWords, type Action, type Finished } from './results.ts';

/** A runner, and what to do where it breaks. */
export interface Runner extends Port<ToRunner, FromRunner> {
  readonly broke: (hear: (because: string) => void) => void;
  readonly end: () => void;
}

/** How long a runner has to end by itself when it is cancelled, in milliseconds: a factorisation comes to its end first. */
const patience = 1500;

export function runCommands(context: ExtensionContext, client: BaseLanguageClient, startRunner: () => Runner): void {
  const runs = new Runs(context, client, startRunner);
  const actions: readonly Action[] = ['run', 'gradient', 'plan', 'verify'];
  context.subscriptions.push(
    ...actions.map((action) =>
      commands.registerCommand(`bilevel.${action}`, (uri?: string, problem?: string) => runs.begin(action, uri, problem)),
    ),
    commands.registerCommand('bilevel.cancel', () => runs.cancel(openPage()?.uri.toString())),
    commands.registerCommand('bilevel.results', () => runs.showResults()),
    commands.registerCommand('bilevel.data', () => runs.chooseData()),
    runs,
  );
}

class Runs {
  private readonly client: BaseLanguageClient;
  private readonly startRunner: () => Runner;
  private readonly panels: Panels;
  private readonly files: DataFiles;
  private readonly findings: Findings;
  /** What cancels a run, by its page. */
  private readonly running = new Map<string, () => void>();
  /** By page: how many runs were asked for, and the end of those that have begun. */
  private readonly latest = new Map<string, number>();
  private readonly turns = new Map<string, Promise<void>>();

  constructor(context: ExtensionContext, client: BaseLanguageClient, startRunner: () => Runner) {
    this.client = client;
    this.startRunner = startRunner;
    this.files = new DataFiles(context);
    this.panels = new Panels(context, {
      again: (action, uri, problem) => void this.begin(action, uri, problem),
      cancel: (uri) => this.cancel(uri),
    });
    this.findings = new Findings(context.subscriptions);
  }

  dispose(): void {
    this.running.forEach((cancel) => cancel());
  }

  /** Of the page that is named, or the one that is open; of the problem that is named, or the one at the cursor. */
  async begin(action: Action, uri?: string, problem?: string): Promise<void> {
    if (!(await isAllowed())) return;
    const page = uri === undefined ? openPage() : await workspace.openTextDocument(Uri.parse(uri, true));
    if (page === undefined) {
      void window.showInformationMessage('Open a page of the bilevel language first: a file whose name ends in .bilevel.');
      return;
    }
    const name = problem ?? (await chosenProblem(page, actionWords[action]));
    if (name !== undefined) await this.run(action, page, name);
  }

  /** The run of a page; without one, or where the page has none, all of them. */
  cancel(uri?: string): void {
    const own = uri === undefined ? undefined : this.running.get(uri);
    if (own !== undefined) own();
    else this.running.forEach((cancel) => cancel());
  }

  showResults(): void {
    const page = openPage();
    if (page !== undefined && this.panels.has(page.uri.toString())) this.panels.show(page.uri.toString());
    else void window.showInformationMessage('There are no results of this page yet: run one of its problems first.');
  }

  /** Files for data, also for such as the page has files for. */
  async chooseData(): Promise<void> {
    if (!(await isAllowed())) return;
    const page = openPage();
    const problem = page && (await chosenProblem(page, 'Choose data files'));
    if (page === undefined || problem === undefined) return;
    const data = await dataOf(page, problem);
    const chosen = this.files.of(page.uri, problem);
    const items = data.map((name) => {
      const { file, key } = chosen[name] ?? {};
      return { label: name, description: file === undefined ? 'as the page says' : `${file}${key === undefined ? '' : `: ${key}`}` };
    });
    const clear = { label: '$(discard) All as the page says', description: '' };
    const picked = await window.showQuickPick([...items, ...(Object.keys(chosen).length === 0 ? [] : [clear])], {
      title: `Data of ${problem}`,
      placeHolder: 'For which data is another file to be read?',
    });
    if (picked === clear) await this.files.forget(page.uri, problem);
    else if (picked !== undefined) await this.files.choose(page.uri, problem, [{ name: picked.label, declared: picked.label, rank: 1 }]);
  }

  /** One run of a page at a time: a later one ends it, and begins when it has ended. */
  private async run(action: Action, document: TextDocument, problem: string): Promise<void> {
    const uri = document.uri.toString();
    const own = (this.latest.get(uri) ?? 0) + 1;
    this.latest.set(uri, own);
    const isLatest = (): boolean => this.latest.get(uri) === own;
    this.running.get(uri)?.();
    const before = this.turns.get(uri) ?? Promise.resolve();
    const turn = before.then(() => (isLatest() ? this.runAlone(action, document, problem, isLatest) : []));
    this.turns.set(
      uri,
      turn.then(
        () => undefined,
        () => undefined,
      ),
    );
    const unbound = await turn;
    if (unbound.length > 0) await this.askForFiles(action, problem, document, unbound);
  }

  /** Gives the data that have no file. */
  private async runAlone(action: Action, document: TextDocument, problem: string, isLatest: () => boolean): Promise<readonly Unbound[]> {
    const { uri: page, version } = document;
    const uri = page.toString();
    this.findings.forget(page);
    const name = page.path.replace(/^.*\//u, '');
    this.panels.tell(uri, { kind: 'begun', action, uri, page: name, problem });
    this.panels.show(uri);
    await commands.executeCommand('setContext', 'bilevel.hasResults', true);
    const order: Order = {
      kind: 'order',
      action,
      page: { uri, name, text: document.getText() },
      problem,
      data: this.files.of(page, problem),
    };
    const ended = await this.carryOut(order, page, isLatest);
    this.panels.tell(uri, ended.finished);
    if (document.version === version) await this.showOnPage(page, ended);
    return ended.unbound;
  }

  /** Files for data that have none; then it begins anew. */
  private async askForFiles(action: Action, problem: string, document: TextDocument, unbound: readonly Unbound[]): Promise<void> {
    const choose = 'Choose Files…';
    const names = unbound.map(({ name }) => `\`${name}\``).join(', ');
    const asked = await window.showWarningMessage(`The page names no file for ${names}.`, choose);
    if (asked === choose && (await this.files.choose(document.uri, problem, unbound))) await this.run(action, document, problem);
  }

  private async carryOut(order: Order, page: Uri, isLatest: () => boolean): Promise<Ended> {
    const { uri } = order.page;
    const runner = this.startRunner();
    const title = `${actionWords[order.action]}: ${order.problem}`;
    let done: (ended: Ended) => void = () => undefined;
    const ended = new Promise<Ended>((resolve) => (done = resolve));
    const cancel = (): void => {
      runner.post({ kind: 'cancel' });
      setTimeout(() => done(endedAs('cancelled', 'cancelled')), patience);
    };
    this.running.set(uri, cancel);
    if (!isLatest()) cancel();
    await tellRunning(this.running);
    void window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, async (progress, token) => {
      token.onCancellationRequested(cancel);
      let share = 0;
      runner.broke((because) => done(broken(because)));
      runner.listen((message) => {
        switch (message.kind) {
          case 'question':
            void answerTo(message, page).then((answer) => runner.post(answer, transferOf(answer)));
            return;
          case 'advanced': {
            this.panels.tell(uri, message);
            const increment = Math.max(0, (message.share ?? share) - share) * 100;
            share = message.share ?? share;
            progress.report({ message: message.words, increment });
            return;
          }
          case 'ended':
            return done(message);
          case 'bug':
            return done(broken(message.message));
        }
      });
      runner.post(order);
      await ended;
    });
    try {
      return await ended;
    } finally {
      runner.end();
      this.running.delete(uri);
      await tellRunning(this.running);
    }
  }

  /** As the server shows its own; places in data files lead there. */
  private async showOnPage(page: Uri, { diagnostics }: Ended): Promise<void> {
    const own = page.toString();
    const resolved = diagnostics.map((each) => ({
      ...each,
      relatedInformation: (each.relatedInformation ?? []).map(({ location: { uri, range }, message }) => ({
        location: { uri: uri === own ? own : (besidePage(page, uri)?.toString() ?? own), range },
        message,
      })),
    }));
    this.findings.set(page, await this.client.protocol2CodeConverter.asDiagnostics(resolved));
  }
}

const endedAs = (state: Finished['state'], words: string, said: Finished['said'] = []): Ended => ({
  kind: 'ended',
  finished: { kind: 'finished', state, words, figures: [], tables: [], said },
  diagnostics: [],
  unbound: [],
});

/** Our own mistake, or a runner that had not enough memory. */
const broken = (because: string): Ended =>
  endedAs('failed', 'the runner broke, which is a mistake of ours or a lack of memory', [
    { severity: 'error', code: 'internal', where: '', message: because, hints: [] },
  ]);

const tellRunning = (running: ReadonlyMap<string, () => void>): Thenable<unknown> =>
  commands.executeCommand('setContext', 'bilevel.isRunning', running.size > 0);

const openPage = (): TextDocument | undefined =>
  [window.activeTextEditor, ...window.visibleTextEditors].find((editor) => editor?.document.languageId === 'bilevel')?.document;

/** To run is to read files and to compute for as long as it takes: not in a folder that is not trusted. */
async function isAllowed(): Promise<boolean> {
  if (workspace.isTrusted) return true;
  const manage = 'Manage Workspace Trust';
  const text = 'Problems are run, planned and compared in trusted folders only: running reads the files that the page names.';
  if ((await window.showWarningMessage(text, manage)) === manage) await commands.executeCommand('workbench.trust.manage');
  return false;
}

/** The only problem, the one at the cursor, or the one that somebody picks. */
async function chosenProblem(page: TextDocument, title: string): Promise<string | undefined> {
  const problems = await problemsOf(page);
  if (problems.length === 0) {
    void window.showInformationMessage('The page has no problem: one begins `problem NAME {`.');
    return undefined;
  }
  const at = window.visibleTextEditors.find(({ document }) => document === page)?.selection.active;
  const own = problems.length === 1 ? problems[0] : problems.find(({ range }) => isWithin(range, at));
  return (
    own?.name ??
    window.showQuickPick(
      problems.map(({ name }) => name),
      { title, placeHolder: 'Which problem?' },
    )
  );
}

const isWithin = (range: DocumentSymbol['range'], at: Position | undefined): boolean => at !== undefined && range.contains(at);

/** As the server outlines them. */
async function problemsOf(page: TextDocument): Promise<readonly DocumentSymbol[]> {
  const symbols = await commands.executeCommand<readonly DocumentSymbol[] | undefined>('vscode.executeDocumentSymbolProvider', page.uri);
  return (symbols ?? []).filter(({ kind }) => kind === SymbolKind.Module);
}

const dataOf = async (page: TextDocument, problem: string): Promise<readonly string[]> =>
  (await problemsOf(page))
    .filter(({ name }) => name === problem)
    .flatMap(({ children }) => children.filter(({ kind }) => kind === SymbolKind.Array).map(({ name }) => name));
