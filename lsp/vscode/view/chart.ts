/**
 * A chart of curves over outer steps. Drawn anew when its curves, its width or its axis change; what somebody has chosen, the axis and the
 * step that is looked at, stays. Knows neither problems nor results.
 */
import { figure } from '../../../library/figures.ts';
import { axisOf, prefersLog, takesLog, type Axis } from './axis.ts';
import { button, html, svg } from './dom.ts';

export interface Curve {
  readonly name: string;
  readonly points: readonly Point[];
  /** Drawn behind the others: another start, say. */
  readonly isFaint?: boolean;
}

export interface Point {
  readonly step: number;
  readonly value: number;
  /** What is said of it besides its value. */
  readonly more?: string;
}

const height = 200;
const margin = { top: 10, right: 14, bottom: 26, left: 64 };
/** More points than these are a line. */
const mostPoints = 120;
/** More points than these are not seen on a line either. */
const mostDrawn = 1500;
/** Colours of a theme; beyond them curves are dashed. */
const colours = 6;

export class Chart {
  readonly element: HTMLElement;
  private readonly drawing = svg('svg', { role: 'img', tabindex: 0, height });
  private readonly readout = html('output', { class: 'readout', 'aria-live': 'polite' });
  private readonly legend = html('ul', { class: 'legend' });
  private readonly toggle: HTMLButtonElement;
  private readonly title: string;
  private curves: readonly Curve[] = [];
  /** Undefined: what suits the values. */
  private log: boolean | undefined;
  /** The step that is looked at; undefined: the last. */
  private looked: number | undefined;

  constructor(title: string, name: string) {
    this.title = title;
    this.toggle = button('log', () => this.setLog(this.toggle.getAttribute('aria-pressed') !== 'true'), {
      class: 'toggle',
      'aria-label': `logarithmic axis of ${title}`,
    });
    this.element = html(
      'figure',
      { class: 'chart', 'data-chart': name },
      html('figcaption', {}, html('h3', {}, title), this.readout, this.toggle),
      this.drawing,
      this.legend,
    );
    this.drawing.addEventListener('keydown', (event) => this.press(event));
    this.drawing.addEventListener('pointermove', (event) => this.look(event));
    this.drawing.addEventListener('pointerleave', () => this.lookAt(undefined));
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  show(curves: readonly Curve[]): void {
    this.curves = curves.map((curve) => ({ ...curve, points: curve.points.filter(({ value }) => Number.isFinite(value)) }));
    this.draw();
  }

  private setLog(log: boolean): void {
    this.log = log;
    this.draw();
  }

  private get steps(): readonly number[] {
    return [...new Set(this.main.flatMap(({ points }) => points.map(({ step }) => step)))].sort((a, b) => a - b);
  }

  private get main(): readonly Curve[] {
    return this.curves.filter(({ isFaint }) => isFaint !== true);
  }

  private press(event: KeyboardEvent): void {
    const { steps } = this;
    const at = this.looked === undefined ? steps.length - 1 : steps.indexOf(this.looked);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: steps.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.lookAt(steps[Math.min(steps.length - 1, Math.max(0, to))]);
  }

  /** At the step that is nearest to the pointer. */
  private look({ offsetX }: PointerEvent): void {
    const { x, steps } = { ...this.scales(), steps: this.steps };
    const near = steps.reduce<number | undefined>(
      (best, step) => (best === undefined || Math.abs(x(step) - offsetX) < Math.abs(x(best) - offsetX) ? step : best),
      undefined,
    );
    this.lookAt(near);
  }

  private lookAt(step: number | undefined): void {
    this.looked = step;
    this.draw();
  }

  private scales(): {
    readonly x: (step: number) => number;
    readonly y: (value: number) => number;
    readonly across: Axis;
    readonly up: Axis;
    readonly width: number;
    readonly isLog: boolean;
  } {
    const values = this.curves.flatMap(({ points }) => points.map(({ value }) => value));
    const steps = this.curves.flatMap(({ points }) => points.map(({ step }) => step));
    const isLog = takesLog(values) && (this.log ?? prefersLog(values));
    const width = Math.max(160, this.element.clientWidth);
    const up = axisOf(values, { log: isLog });
    const across = axisOf(steps, { log: false, ticks: Math.max(2, Math.floor(width / 90)) });
    return {
      across,
      up,
      width,
      isLog,
      x: (step) => margin.left + across.at(step) * (width - margin.left - margin.right),
      y: (value) => height - margin.bottom - up.at(value) * (height - margin.top - margin.bottom),
    };
  }

  private draw(): void {
    const { x, y, across, up, width, isLog } = this.scales();
    const values = this.curves.flatMap(({ points }) => points.map(({ value }) => value));
    this.toggle.setAttribute('aria-pressed', String(isLog));
    this.toggle.disabled = !takesLog(values);
    this.toggle.title = takesLog(values) ? '' : 'A logarithm shows what is larger than 0 alone.';
    this.drawing.setAttribute('width', String(width));
    this.drawing.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.drawing.setAttribute('aria-label', this.described());
    const [left, right, bottom] = [margin.left, width - margin.right, height - margin.bottom];
    const digits = digitsFor(up.ticks);
    const lines = up.ticks.flatMap((value) => [
      svg('line', { class: 'grid', x1: left, x2: right, y1: y(value), y2: y(value) }),
      svg('text', { class: 'tick', x: left - 8, y: y(value), 'text-anchor': 'end', 'dominant-baseline': 'middle' }, figure(value, digits)),
    ]);
    const whole = across.ticks.filter((step) => Number.isInteger(step) && step >= 0);
    const feet = whole.map((step) => svg('text', { class: 'tick', x: x(step), y: bottom + 17, 'text-anchor': 'middle' }, String(step)));
    const looked = this.looked ?? this.steps.at(-1);
    const cursor =
      looked === undefined || this.looked === undefined
        ? []
        : [svg('line', { class: 'cursor', x1: x(looked), x2: x(looked), y1: margin.top, y2: bottom })];
    const ordered = [...this.curves.entries()].sort(([, a], [, b]) => Number(b.isFaint ?? false) - Number(a.isFaint ?? false));
    const drawn = ordered.map(([i, curve]) => this.curve(curve, i, x, y, looked));
    this.drawing.replaceChildren(
      ...lines,
      ...feet,
      svg('line', { class: 'axis', x1: left, x2: right, y1: bottom, y2: bottom }),
      ...cursor,
      ...drawn,
    );
    this.legend.replaceChildren(...(this.main.length > 1 ? this.main.map((curve) => this.legendOf(curve, looked)) : []));
    this.readout.textContent = looked === undefined ? '' : this.saidAt(looked);
  }

  private curve(
    { points, isFaint = false, name }: Curve,
    i: number,
    x: (step: number) => number,
    y: (value: number) => number,
    looked: number | undefined,
  ): SVGElement {
    const every = Math.ceil(points.length / mostDrawn);
    const seen = points.filter((_, at) => at % every === 0 || at === points.length - 1);
    const path = seen.map(({ step, value }, at) => `${at === 0 ? 'M' : 'L'}${x(step).toFixed(1)} ${y(value).toFixed(1)}`).join('');
    const dots = points.length > mostPoints || isFaint ? points.filter(({ step }) => step === looked && !isFaint) : points;
    return svg(
      'g',
      { class: `${toneOf(i)}${isFaint ? ' faint' : ''}`, 'data-curve': name },
      svg('path', { class: 'curve', d: path }),
      ...dots.map(({ step, value }) =>
        svg('circle', {
          class: step === looked ? 'point looked' : 'point',
          cx: x(step).toFixed(1),
          cy: y(value).toFixed(1),
          r: step === looked ? 4 : 2.5,
        }),
      ),
    );
  }

  private legendOf(curve: Curve, looked: number | undefined): HTMLElement {
    const value = curve.points.find(({ step }) => step === looked)?.value;
    const swatch = svg(
      'svg',
      { class: `swatch ${toneOf(this.curves.indexOf(curve))}`, width: 18, height: 10, 'aria-hidden': true },
      svg('path', { class: 'curve', d: 'M0 5H18' }),
    );
    return html(
      'li',
      {},
      swatch,
      html('span', {}, curve.name),
      html('span', { class: 'value' }, value === undefined ? '' : figure(value, 4)),
    );
  }

  private saidAt(step: number): string {
    const [only, ...others] = this.main;
    const point = others.length === 0 ? only?.points.findLast((each) => each.step === step) : undefined;
    return point === undefined
      ? `step ${step}`
      : `step ${step}: ${figure(point.value)}${point.more === undefined ? '' : `, ${point.more}`}`;
  }

  /** For those who do not see it. */
  private described(): string {
    const said = this.main.map(({ name, points }) => {
      const [first, last] = [points[0], points.at(-1)];
      return first === undefined || last === undefined
        ? `${name}: nothing yet`
        : `${name} from ${figure(first.value)} to ${figure(last.value)}`;
    });
    return `${this.title} over ${Math.max(0, this.steps.length - 1)} outer steps: ${said.join('; ')}. Arrow keys go from step to step.`;
  }
}

const toneOf = (i: number): string => `tone-${i % colours}${i >= colours ? ` dash-${Math.min(2, Math.floor(i / colours))}` : ''}`;

/** As many as tell one tick from the next. */
const digitsFor = (ticks: readonly number[]): number =>
  [3, 4, 5, 6, 7].find((digits) => new Set(ticks.map((value) => figure(value, digits))).size === ticks.length) ?? 8;
