// Draws errors.svg: how far inner solutions and hypergradients are off after so many steps, and what the hypergradients say of that.
//   node examples/inexact/draw.mjs            writes errors.svg beside this file
//   node examples/inexact/draw.mjs --json     prints the numbers
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readData } from 'bilevel/data';
import { fromFolder } from 'bilevel/data/folder';
import { npy } from 'bilevel/data/npy';
import { problem } from 'bilevel';

const here = new URL('./', import.meta.url);
const text = readFileSync(new URL('inexact.bilevel', here), 'utf8');
const files = fromFolder(fileURLToPath(here));
const page = (line, options) => problem(text.replace(/\}\s*$/u, `${line}\n}\n`), options);

const whole = page('');
const data = await readData(whole, { files, formats: [npy] });
const exact = await whole.hypergradient(data);
const distance = (a, b) => Math.hypot(...a.data.map((value, i) => value - b.data[i]));

// Least and largest eigenvalue of the inner Hessian, as the paper gives them.
const [least, largest] = [145.602732355, 5108.127831534];
const share = (Math.sqrt(largest) - Math.sqrt(least)) / (Math.sqrt(largest) + Math.sqrt(least));
const rate = 2 / (largest + least);
const inner = {
  'gradient descent': (steps) => `solve inner with gd(rate = ${rate}, steps = ${steps})`,
  'heavy ball': (steps) =>
    `solve inner with heavy_ball(rate = ${4 / (Math.sqrt(largest) + Math.sqrt(least)) ** 2}, momentum = ${share ** 2}, steps = ${steps})`,
};
const linear = {
  'conjugate gradients': (steps) => `differentiate with implicit(solver = cg, steps = ${steps})`,
  // The first of the steps, from 0, needs no product.
  'gradient descent': (steps) => `differentiate with implicit(solver = neumann, rate = ${rate}, steps = ${steps - 1})`,
};

const series = async (lines, steps, measure) =>
  Promise.all(Object.entries(lines).map(async ([name, line]) => ({ name, points: await inTurn(steps(name), (k) => measure(k, line(k))) })));

async function inTurn(list, make) {
  const made = [];
  for (const each of list) made.push(await make(each));
  return made;
}

const solutions = await series(
  inner,
  () => [20, 40, 60, 80, 100],
  async (steps, line) => {
    const { param, outer } = await page(line).evaluate(data);
    return { steps, error: distance(param.x, exact.param.x), outerError: Math.abs(outer - exact.outer) };
  },
);
const hypergradients = await series(
  linear,
  (name) => (name === 'conjugate gradients' ? [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] : [5, 10, 20, 50, 100, 200]),
  async (steps, line) => {
    const { hypergradient, error } = await page(line).hypergradient(data);
    const proved = await page(line, { certify: true }).hypergradient(data);
    return { steps, error: distance(hypergradient.w, exact.hypergradient.w), estimate: error.estimate, bound: proved.error.bound };
  },
);

const { outer, hypergradient } = exact;
const figures = { outer, norm: Math.hypot(...hypergradient.w.data), solutions, hypergradients };
if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`);
else writeFileSync(new URL('errors.svg', here), picture());

/** Two charts side by side, both logarithmic upwards. */
function picture() {
  const colours = { 'gradient descent': '#1b6ca8', 'heavy ball': '#c2571a', 'conjugate gradients': '#c2571a' };
  const [width, height] = [430, 300];
  const chart = (left, title, what, lines) => {
    const points = lines.flatMap((line) => line.points);
    const logs = points
      .flatMap(({ error, estimate = error, bound = error }) => [error, estimate, bound])
      .map((value) => Math.log10(Math.max(value, 1e-14)));
    const [low, high] = [Math.floor(Math.min(...logs)), Math.ceil(Math.max(...logs))];
    const most = Math.max(...points.map(({ steps }) => steps));
    const x = (steps) => (left + 56 + ((width - 76) * steps) / most).toFixed(1);
    const y = (value) => (44 + ((height - 92) * (high - Math.log10(Math.max(value, 1e-14)))) / (high - low)).toFixed(1);
    const powers = Array.from({ length: high - low + 1 }, (_, i) => high - i).filter((p) => p % 2 === 0);
    const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => Math.round(part * most));
    return [
      `<text x="${left + 56}" y="24" class="title">${title}</text>`,
      ...powers.map((p) => `<path d="M${left + 56} ${y(10 ** p)}H${left + width - 20}" class="grid"/>`),
      ...powers.map((p) => `<text x="${left + 48}" y="${Number(y(10 ** p)) + 4}" class="end">1e${p}</text>`),
      ...ticks.map((t) => `<text x="${x(t)}" y="${height - 30}" class="middle">${t}</text>`),
      `<text x="${left + width / 2 + 18}" y="${height - 12}" class="middle">${what}</text>`,
      ...lines.map(
        (line, i) =>
          `<path d="M${line.points.map(({ steps, error }) => `${x(steps)} ${y(error)}`).join('L')}" stroke="${colours[line.name]}" class="line"/>`,
      ),
      ...lines.flatMap((line) =>
        line.points
          .filter(({ estimate }) => estimate !== undefined)
          .map(({ steps, estimate }) => `<circle cx="${x(steps)}" cy="${y(estimate)}" r="4" stroke="${colours[line.name]}" class="ring"/>`),
      ),
      ...lines.flatMap((line) =>
        line.points
          .filter(({ bound }) => bound !== undefined)
          .map(({ steps, bound }) => `<path d="M${x(steps)} ${y(bound)}m-7 0h14" stroke="${colours[line.name]}" class="bound"/>`),
      ),
      ...lines.map(
        (line, i) => `<text x="${left + width - 26}" y="${150 + 16 * i}" fill="${colours[line.name]}" class="end">${line.name}</text>`,
      ),
    ].join('\n');
  };
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${2 * width} ${height}" font-family="system-ui, sans-serif" font-size="11">
<style>.title{font-size:13px;font-weight:600}.end{text-anchor:end}.middle{text-anchor:middle}.grid{stroke:#ccc;stroke-width:.5}.line{fill:none;stroke-width:1.8}.ring{fill:#fff;stroke-width:1.5}.bound{stroke-width:2}</style>
<rect width="100%" height="100%" fill="#fff"/>
${chart(0, 'Inner solution: distance to the minimiser', 'inner steps', solutions)}
${chart(width, 'Hypergradient: error, stated, proved', 'steps of the linear solver', hypergradients)}
</svg>
`;
}
