/** The charts of a run: its criterion, and its hypers, each from its own least to its own largest value. */
import { roughly } from '../../../library/figures.ts';
import type { Charted, Results, Step } from '../run/results.ts';
import { Chart, type Curve } from './chart.ts';
import { html } from './dom.ts';

/** More hypers than these are in the table alone. */
const mostCharts = 12;

export class Charts {
  readonly element = html('section', { class: 'charts', 'aria-label': 'charts over outer steps' });
  private charts = new Map<string, Chart>();
  /** Whose charts they are. */
  private titles = '';

  show({ steps, hypers, best }: Results): void {
    this.element.hidden = steps.length === 0;
    const titles = hypers.map(titleOf).join();
    if (steps.length === 0 || titles !== this.titles) {
      this.titles = titles;
      this.charts = new Map();
      this.element.replaceChildren();
    }
    if (steps.length === 0) return;
    const main = best ?? steps.at(-1)?.start ?? 0;
    this.chart('criterion', 'criterion', 'criterion').show(criterionCurves(steps, main));
    const own = steps.filter(({ start }) => start === main);
    hypers
      .slice(0, mostCharts)
      .forEach((hyper, i) => this.chart(`hyper ${i}`, titleOf(hyper), hyper.name).show(hyperCurves(hyper, i, own)));
  }

  private chart(key: string, title: string, name: string): Chart {
    const known = this.charts.get(key);
    if (known !== undefined) return known;
    const chart = new Chart(title, name);
    this.charts.set(key, chart);
    this.element.append(chart.element);
    return chart;
  }
}

const titleOf = ({ name, elements, size }: Charted): string =>
  elements.length < size ? `${name}, ${elements.length} of its ${size} elements` : name;

/** A curve a start; those that did not lead to the result stand back. */
function criterionCurves(steps: readonly Step[], main: number): readonly Curve[] {
  const starts = [...new Set(steps.map(({ start }) => start))].sort((a, b) => Number(b === main) - Number(a === main) || a - b);
  return starts.map((start) => ({
    name: starts.length === 1 ? 'criterion' : `start ${start + 1}`,
    isFaint: start !== main,
    points: steps
      .filter((step) => step.start === start)
      .map(({ step, criterion, gradientNorm }) => ({ step, value: criterion, more: `gradient norm ${roughly(gradientNorm)}` })),
  }));
}

const hyperCurves = ({ elements }: Charted, hyper: number, steps: readonly Step[]): readonly Curve[] =>
  elements.map((name, element) => ({
    name,
    points: steps.map(({ step, hypers }) => ({ step, value: hypers[hyper]?.[element] ?? Number.NaN })),
  }));
