/** A line chart in SVG: values at the steps 0, 1, 2, …, with numbers on its axes. It knows nothing of what it shows. */

const margin = { top: 12, right: 16, bottom: 34, left: 64 };
const height = 260;
const numbers = new Intl.NumberFormat('en', { maximumSignificantDigits: 6, useGrouping: false });

/** Draws anew, in the width that the element has now. `log`: for values above zero that span orders of magnitude. */
export function drawChart(svg: SVGSVGElement, values: readonly number[], { log = false } = {}): void {
  if (values.length === 0) return svg.replaceChildren();
  const width = svg.clientWidth;
  const across = log ? Math.log10 : (value: number): number => value;
  const [low, high] = range(values.map(across));
  const last = Math.max(values.length - 1, 8);
  const x = (step: number): number => margin.left + ((width - margin.left - margin.right) * step) / last;
  const y = (value: number): number => margin.top + ((height - margin.top - margin.bottom) * (high - across(value))) / (high - low);

  const rows = log ? decades(low, high) : ticks(low, high, 5);
  const columns = ticks(0, last, Math.max(2, width / 90)).filter(Number.isInteger);
  const line = values.map((value, step) => `${step === 0 ? 'M' : 'L'}${x(step)} ${y(value)}`).join('');
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  svg.replaceChildren(
    ...rows.map((value) => draw('path', { class: 'grid', d: `M${margin.left} ${y(value)}H${width - margin.right}` })),
    ...rows.map((value) => text(numbers.format(value), { class: 'row', x: margin.left - 10, y: y(value) })),
    ...columns.map((step) => text(String(step), { class: 'column', x: x(step), y: height - margin.bottom + 18 })),
    text('outer step', { class: 'axis', x: width - margin.right, y: height - 2 }),
    draw('path', { class: 'line', d: line }),
    ...values.map((value, step) => draw('circle', { cx: x(step), cy: y(value), r: step === values.length - 1 ? 4.5 : 2.5 })),
  );
}

/** From the least to the greatest, with some room. */
function range(values: readonly number[]): readonly [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
  return [low - room, high + room];
}

/** About `count` round numbers. */
function ticks(low: number, high: number, count: number): readonly number[] {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const size = power * ([1, 2, 5].find((digit) => digit * power >= rough) ?? 10);
  const first = Math.ceil(low / size);
  return Array.from({ length: Math.floor(high / size) - first + 1 }, (_, i) => (first + i) * size);
}

/** 1, 2 and 5 times the powers of ten between two exponents; where there are many, some of the powers alone. */
function decades(low: number, high: number): readonly number[] {
  const digits = high - low > 3 ? [1] : [1, 2, 5];
  const powers = Array.from({ length: Math.ceil(high) - Math.floor(low) }, (_, i) => Math.floor(low) + i);
  return powers
    .filter((power) => power % Math.ceil(powers.length / 8) === 0)
    .flatMap((power) => digits.map((digit) => digit * 10 ** power))
    .filter((value) => Math.log10(value) >= low && Math.log10(value) <= high);
}

function draw(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

function text(words: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const element = draw('text', attributes);
  element.textContent = words;
  return element;
}
