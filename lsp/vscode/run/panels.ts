/** The views of results: one a page, beside it. Each is told events, and is given the whole state when it begins. */
import { env, Uri, ViewColumn, window, workspace, type ExtensionContext, type WebviewPanel } from 'vscode';
import { after, type Action, type Event, type Results } from './results.ts';
import type { FromView, ToView } from './view-messages.ts';

export const viewType = 'bilevel.results';

/** What a view asks for that is not its own. */
export interface Wishes {
  readonly again: (action: Action, uri: string, problem: string) => void;
  readonly cancel: (uri: string) => void;
}

export class Panels {
  private readonly panels = new Map<string, WebviewPanel>();
  private readonly results = new Map<string, Results>();
  private readonly context: ExtensionContext;
  private readonly wishes: Wishes;

  constructor(context: ExtensionContext, wishes: Wishes) {
    this.context = context;
    this.wishes = wishes;
    const restored = {
      deserializeWebviewPanel: (panel: WebviewPanel, state: unknown): Promise<void> => {
        if (isResults(state)) this.restore(panel, state);
        else panel.dispose();
        return Promise.resolve();
      },
    };
    context.subscriptions.push(
      window.registerWebviewPanelSerializer(viewType, restored),
      workspace.onDidCloseTextDocument(({ uri }) => this.forgetUnseen(uri.toString())),
    );
  }

  /** Whether there is anything to show of a page. */
  has(uri: string): boolean {
    return this.results.has(uri);
  }

  show(uri: string): void {
    const open = this.panels.get(uri);
    if (open !== undefined) {
      open.reveal(undefined, true);
      return;
    }
    const name = Uri.parse(uri).path.replace(/^.*\//u, '');
    const panel = window.createWebviewPanel(
      viewType,
      `Results: ${name}`,
      { viewColumn: ViewColumn.Beside, preserveFocus: true },
      { enableScripts: true, retainContextWhenHidden: true, localResourceRoots: [this.context.extensionUri] },
    );
    this.open(uri, panel);
  }

  tell(uri: string, event: Event): void {
    const now = after(this.results.get(uri), event);
    if (now === undefined) return;
    this.results.set(uri, now);
    const message: ToView = event;
    void this.panels.get(uri)?.webview.postMessage(message);
  }

  private restore(panel: WebviewPanel, state: Results): void {
    const { uri } = state;
    if (this.panels.has(uri)) {
      panel.dispose();
      return;
    }
    this.results.set(
      uri,
      state.state === 'running' ? { ...state, state: 'cancelled', words: 'cancelled when the window was closed' } : state,
    );
    panel.webview.options = { enableScripts: true, localResourceRoots: [this.context.extensionUri] };
    this.open(uri, panel);
  }

  /** Results are kept as long as their view is open, or the page that they can be asked of. */
  private forgetUnseen(uri: string): void {
    const isOpen = workspace.textDocuments.some((page) => page.uri.toString() === uri);
    if (!isOpen && !this.panels.has(uri)) this.results.delete(uri);
  }

  private open(uri: string, panel: WebviewPanel): void {
    this.panels.set(uri, panel);
    panel.onDidDispose(() => {
      this.panels.delete(uri);
      this.forgetUnseen(uri);
    });
    panel.webview.onDidReceiveMessage((message: FromView) => void this.hear(uri, panel, message));
    panel.iconPath = Uri.joinPath(this.context.extensionUri, 'icon.png');
    panel.webview.html = this.html(panel);
  }

  private async hear(uri: string, { webview }: WebviewPanel, message: FromView): Promise<void> {
    const results = this.results.get(uri);
    if (results === undefined) return;
    switch (message.kind) {
      case 'ready': {
        const all: ToView = { kind: 'results', results };
        await webview.postMessage(all);
        return;
      }
      case 'again':
        return this.wishes.again(results.action, uri, results.problem);
      case 'cancel':
        return this.wishes.cancel(uri);
      case 'page':
        await window.showTextDocument(Uri.parse(uri), { viewColumn: ViewColumn.One });
        return;
      case 'copy':
        await env.clipboard.writeText(results.json ?? '');
        window.setStatusBarMessage('The results are copied as JSON', 3000);
        return;
      case 'save':
        await save(results);
    }
  }

  private html({ webview }: WebviewPanel): string {
    const of = (file: string): string => webview.asWebviewUri(Uri.joinPath(this.context.extensionUri, file)).toString();
    const nonce = [...crypto.getRandomValues(new Uint8Array(18))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'`;
    return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" nonce="${nonce}" href="${of('view.css')}">
<title>Results</title>
</head>
<body>
<script nonce="${nonce}" src="${of('view.js')}"></script>
</body>
</html>`;
  }
}

/** Where somebody wants it, beside the page unless another place is chosen. */
async function save({ uri, problem, action, json = '' }: Results): Promise<void> {
  const page = Uri.parse(uri);
  const file = `${problem}-${action}.json`;
  const defaultUri = page.scheme === 'untitled' ? undefined : Uri.joinPath(page, '..', file);
  const chosen = await window.showSaveDialog({ filters: { JSON: ['json'] }, ...(defaultUri === undefined ? {} : { defaultUri }) });
  if (chosen !== undefined) await workspace.fs.writeFile(chosen, new TextEncoder().encode(`${json}\n`));
}

/** What a view of this version has kept. */
const isResults = (state: unknown): state is Results =>
  typeof state === 'object' && state !== null && 'uri' in state && 'problem' in state && 'tables' in state && 'steps' in state;
