/** What is shown of the hypers of each problem, beside the criterion. */
import { drawChart } from './chart.ts';
import type { Digits, Step } from './messages.ts';

/** Lives as long as one solve. */
export interface HyperView {
  readonly element: HTMLElement;
  readonly show: (history: readonly Step[]) => void;
  readonly digits?: (digits: Digits) => void;
}

/** One positive number at each step, on the scale on which it is searched. */
export function penaltyView(): HyperView {
  const element = document.createElement('div');
  element.innerHTML = '<svg class="chart" role="img" aria-label="The penalty at each outer step"></svg><p class="note"></p>';
  const [svg, note] = [part(element, 'svg', SVGSVGElement), part(element, 'p', HTMLElement)];
  return {
    element,
    show: (history) => {
      const penalties = history.map(({ hyper }) => hyper[0] ?? Number.NaN);
      drawChart(svg, penalties, { log: true });
      const last = penalties.at(-1);
      note.textContent = last === undefined ? '' : `penalty = ${last.toPrecision(6)}`;
    },
  };
}

/** Every training row as its image, those that are trusted least first; a label that is not what was written is marked. */
export function weightsView(): HyperView {
  const element = document.createElement('div');
  element.innerHTML = '<p class="note"></p><ol class="digits"></ol>';
  const [note, list] = [part(element, 'p', HTMLElement), part(element, 'ol', HTMLElement)];
  let tiles: readonly HTMLLIElement[] = [];
  return {
    element,
    digits: (digits) => {
      tiles = Array.from({ length: digits.labels.length }, (_, row) => tile(digits, row));
      list.replaceChildren(...tiles);
    },
    show: (history) => {
      const { hyper: weights = [] } = history.at(-1) ?? {};
      const order = [...tiles.keys()].sort((a, b) => (weights[a] ?? 0) - (weights[b] ?? 0));
      const wrong = (row: number): boolean => tiles[row]?.classList.contains('wrong') === true;
      for (const [rank, row] of order.entries()) {
        tiles[row]?.style.setProperty('--rank', String(rank));
        tiles[row]?.style.setProperty('--weight', String(weights[row] ?? 0));
      }
      const falsified = order.filter(wrong).length;
      const found = order.slice(0, falsified).filter(wrong).length;
      note.textContent = history.length === 0 ? '' : `Of the ${falsified} digits that are trusted least, ${found} have a wrong label.`;
    },
  };
}

function tile({ images, labels, written }: Digits, row: number): HTMLLIElement {
  const [label, digit] = [labels[row], written[row]];
  const element = document.createElement('li');
  element.title = label === digit ? `labelled ${label}` : `labelled ${label}, but it is ${digit}`;
  element.classList.toggle('wrong', label !== digit);
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 8;
  // Ink of the colour black, more or less of it: the style sheet inverts it where the page is dark.
  const pixels = new ImageData(8, 8);
  for (let i = 0; i < 64; i++) pixels.data[4 * i + 3] = ((images[64 * row + i] ?? 0) / 16) * 255;
  canvas.getContext('2d')?.putImageData(pixels, 0, 0);
  const caption = document.createElement('span');
  caption.textContent = String(label);
  element.append(canvas, caption);
  return element;
}

/** The one such part of a piece of the page. */
export function part<E extends Element>(parent: ParentNode, selector: string, type: new () => E): E {
  const found = parent.querySelector(selector);
  if (!(found instanceof type)) throw new TypeError(`no ${selector}`);
  return found;
}
