/** What a view shows besides charts: figures, diagnostics, tables. */
import type { Cell, Figure, Said, Table } from '../run/results.ts';
import { html } from './dom.ts';

/** What is longer has room for two. */
const [longMeaning, longValue] = [60, 14];

export const figureCard = ({ name, value, tone, means }: Figure): HTMLElement =>
  html(
    'div',
    { class: means.length > longMeaning || value.length > longValue ? 'figure wide' : 'figure' },
    html('dt', {}, name),
    html('dd', { class: `value ${tone ?? ''}` }, value),
    html('dd', { class: 'means' }, means),
  );

export const saidItem = ({ severity, code, where, message, hints }: Said): HTMLElement =>
  html(
    'li',
    { class: `said ${severity}` },
    html(
      'p',
      {},
      html('span', { class: 'severity' }, severity),
      html('span', { class: 'code' }, code),
      html('span', { class: 'where' }, where),
    ),
    html('p', { class: 'message' }, message),
    ...hints.map((hint) => html('p', { class: 'hint' }, hint)),
  );

/** A table of rows that may be wider than the view: it scrolls on its own. */
export function tableSection({ title, heads, rows, figures = [], note }: Table): HTMLElement {
  const classOf = (column: number): string | undefined => (figures.includes(column) ? 'figure-cell' : undefined);
  const cellsOf = (row: readonly Cell[]): readonly HTMLElement[] =>
    row.map((cell, column) => {
      const { text, tone } = typeof cell === 'string' ? { text: cell, tone: undefined } : cell;
      const name = [classOf(column), tone].filter((part) => part !== undefined).join(' ');
      return column === 0 ? html('th', { scope: 'row', class: name }, text) : html('td', { class: name }, text);
    });
  const head =
    heads === undefined
      ? []
      : [html('thead', {}, html('tr', {}, ...heads.map((text, column) => html('th', { scope: 'col', class: classOf(column) }, text))))];
  return html(
    'section',
    { class: 'table', 'aria-label': title },
    html('h2', {}, title),
    html(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': title },
      html('table', {}, ...head, html('tbody', {}, ...rows.map((row) => html('tr', {}, ...cellsOf(row))))),
    ),
    ...(note === undefined ? [] : [html('p', { class: 'note' }, note)]),
  );
}
