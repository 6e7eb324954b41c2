/** The view of a page's results: the state that the extension tells, drawn. Kept by VS Code, so that it is there again after a reload. */
import { actionWords, after, type Results, type State } from '../run/results.ts';
import type { FromView, ToView } from '../run/view-messages.ts';
import { Charts } from './charts.ts';
import { button, html } from './dom.ts';
import { figureCard, saidItem, tableSection } from './parts.ts';

declare function acquireVsCodeApi(): {
  readonly postMessage: (message: FromView) => void;
  readonly getState: () => Results | undefined;
  readonly setState: (state: Results) => void;
};

/** What is longer is not kept for the next time. */
const longestKept = 500_000;

const stateWords: Readonly<Record<State, string>> = { running: 'running', done: 'done', failed: 'failed', cancelled: 'cancelled' };

class View {
  private readonly code = acquireVsCodeApi();
  private readonly title = html('h1');
  private readonly page = button('', () => this.say('page'), { class: 'link' });
  private readonly badge = html('span', { class: 'badge' });
  private readonly words = html('p', { class: 'words', role: 'status' });
  private readonly buttons = {
    cancel: button('Cancel', () => this.say('cancel')),
    again: button('Run again', () => this.say('again'), { class: 'primary' }),
    copy: button('Copy as JSON', () => this.say('copy')),
    save: button('Save as JSON…', () => this.say('save')),
  };
  private readonly figures = html('dl', { class: 'figures' });
  private readonly said = html('ul', { class: 'all-said', 'aria-label': 'diagnostics' });
  private readonly charts = new Charts();
  private readonly tables = html('div', { class: 'tables' });
  private results: Results | undefined;
  private isDue = false;
  /** Before the next drawing, in milliseconds. */
  private pause = 0;

  constructor() {
    const { cancel, again, copy, save } = this.buttons;
    document.body.append(
      html(
        'header',
        {},
        html('div', { class: 'what' }, this.title, this.badge, this.page),
        html('div', { class: 'buttons', role: 'toolbar', 'aria-label': 'results' }, cancel, again, copy, save),
        this.words,
      ),
      html('main', {}, this.figures, this.said, this.charts.element, this.tables),
    );
    window.addEventListener('message', ({ data }: MessageEvent<ToView>) => this.hear(data));
    this.show(this.code.getState());
    this.say('ready');
  }

  private say(kind: FromView['kind']): void {
    this.code.postMessage({ kind });
  }

  private hear(message: ToView): void {
    this.show(message.kind === 'results' ? message.results : after(this.results, message));
  }

  /** At most once a frame, and no more than a fifth of the time: steps may come faster, and charts of many take longer. */
  private show(results: Results | undefined): void {
    this.results = results;
    if (this.isDue) return;
    this.isDue = true;
    const draw = (): void => {
      this.isDue = false;
      const began = performance.now();
      if (this.results !== undefined) this.draw(this.results);
      this.pause = 4 * (performance.now() - began);
    };
    setTimeout(() => requestAnimationFrame(draw), this.pause);
  }

  private draw(results: Results): void {
    const { action, page, problem, state, words, figures, said, tables, json } = results;
    document.body.dataset['state'] = state;
    this.title.textContent = problem;
    this.page.textContent = page;
    this.page.setAttribute('aria-label', `show the page ${page}`);
    this.badge.textContent = `${actionWords[action]}: ${stateWords[state]}`;
    this.badge.className = `badge ${state}`;
    this.words.textContent = words;
    const isRunning = state === 'running';
    this.buttons.cancel.hidden = !isRunning;
    this.buttons.again.hidden = isRunning;
    for (const each of [this.buttons.copy, this.buttons.save]) each.hidden = json === undefined;
    this.figures.replaceChildren(...figures.map(figureCard));
    this.said.replaceChildren(...said.map(saidItem));
    this.charts.show(results);
    this.tables.replaceChildren(...tables.map(tableSection));
    if (!isRunning) this.code.setState(kept(results));
  }
}

function kept(results: Results): Results {
  const { json, ...others } = results;
  return json === undefined || json.length > longestKept ? others : results;
}

new View();
