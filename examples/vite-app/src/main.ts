/** The page: what is chosen, one solve at a time in a worker of its own, and what is shown of it. */
import cleaningText from '../../hyper-cleaning/hyper-cleaning.bilevel?raw';
import ridgeText from '../../ridge/ridge.bilevel?raw';
import { drawChart } from './chart.ts';
import { type HyperView, part, penaltyView, weightsView } from './hyper-views.ts';
import type { Answer, Failure, ProblemName, Request, Result, Step } from './messages.ts';

interface Shown {
  readonly criterion: string;
  readonly hyper: string;
  readonly hyperAbout: string;
  readonly text: string;
  readonly view: () => HyperView;
}

const problems: Readonly<Record<ProblemName, Shown>> = {
  ridge: {
    criterion: 'The squared error on patients whom the fit has not seen, after each outer step.',
    hyper: 'Penalty',
    hyperAbout: 'How much large coefficients cost the fit. It is positive, and searched by its logarithm.',
    text: ridgeText,
    view: penaltyView,
  },
  'hyper-cleaning': {
    criterion: 'The loss on 200 digits with right labels, after each outer step.',
    hyper: 'Trust in each training digit',
    hyperAbout: 'Each is shown with its label, the least trusted first and faint. Red labels were falsified; nothing told the problem so.',
    text: cleaningText,
    view: weightsView,
  },
};

const controls = part(document, '#controls', HTMLFormElement);
const [solveButton, stopButton] = [part(document, '#solve', HTMLButtonElement), part(document, '#stop', HTMLButtonElement)];
const chart = part(document, '#criterion .chart', SVGSVGElement);
const status = part(document, '#status', HTMLElement);
const figures = new Intl.NumberFormat('en', { maximumSignificantDigits: 6 });

/** The solve that is shown: running, or at its end. */
let shown: { readonly worker: Worker; readonly history: Step[]; readonly view: HyperView } | undefined;

const chosen = (): ProblemName => (new FormData(controls).get('problem') === 'hyper-cleaning' ? 'hyper-cleaning' : 'ridge');

function start(): void {
  shown?.worker.terminate();
  const name = chosen();
  const { criterion, hyper, hyperAbout, text, view: makeView } = problems[name];
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const view = makeView();
  shown = { worker, history: [], view };
  part(document, '#criterion .about', HTMLElement).textContent = criterion;
  part(document, '#hypers h2', HTMLElement).textContent = hyper;
  part(document, '#hypers .about', HTMLElement).textContent = hyperAbout;
  part(document, '#hypers .view', HTMLElement).replaceChildren(view.element);
  showPage(name, text, []);
  part(document, '#error', HTMLElement).hidden = true;
  show('#time', undefined);
  showSteps();
  showRunning(true, 'Solving …');
  worker.onmessage = ({ data: answer }: MessageEvent<Answer>) => hear(name, answer);
  worker.onerror = ({ message }) => showFailure(name, { title: 'The worker failed', message, spans: [] });
  const request: Request = { kind: 'solve', problem: name, spoil: new FormData(controls).has('spoil') };
  worker.postMessage(request);
}

function hear(name: ProblemName, answer: Answer): void {
  if (shown === undefined) return;
  switch (answer.kind) {
    case 'digits':
      return shown.view.digits?.(answer.digits);
    case 'step':
      shown.history.push(answer.step);
      return showSteps();
    case 'done':
      return showResult(answer.result);
    case 'failed':
      return showFailure(name, answer.failure);
  }
}

function showSteps(): void {
  if (shown === undefined) return;
  const { history, view } = shown;
  const [first, last] = [history[0], history.at(-1)];
  drawChart(
    chart,
    history.map(({ outer }) => outer),
  );
  view.show(history);
  show('#outer', last?.outer);
  show('#first', first?.outer);
  show('#steps', last?.step ?? 0);
}

function showResult({ outerStatus, outer, report, strategy, solver, threads, why, milliseconds }: Result): void {
  shown?.worker.terminate();
  show('#outer', outer);
  show('#time', milliseconds, `${figures.format(Math.round(milliseconds))} ms`);
  const reports = Object.entries(report).map(([name, value]) => `${name} = ${figures.format(value)}`);
  const method = strategy === solver ? strategy : `${strategy} with ${solver}`;
  const how = `${method}, on ${threads === 1 ? 'one thread' : `${threads} threads`} (${why})`;
  showRunning(false, `${outerStatus === 'interrupted' ? 'Stopped' : capital(outerStatus)}: ${reports.join(', ')}. Solved by ${how}.`);
}

function showFailure(name: ProblemName, { title, message, spans }: Failure): void {
  shown?.worker.terminate();
  const place = part(document, '#error', HTMLElement);
  part(place, 'h2', HTMLElement).textContent = title;
  part(place, 'pre', HTMLElement).textContent = message;
  place.hidden = false;
  showPage(name, problems[name].text, spans);
  showRunning(false, 'Not solved.');
}

/** The text of the page, with the places that a failure speaks of marked. */
function showPage(name: ProblemName, text: string, spans: Failure['spans']): void {
  const nodes: (string | HTMLElement)[] = [];
  let end = 0;
  for (const span of [...spans].sort((a, b) => a.start - b.start).filter(({ start }, i, all) => start >= (all[i - 1]?.end ?? 0))) {
    const mark = document.createElement('mark');
    mark.textContent = text.slice(span.start, span.end);
    nodes.push(text.slice(end, span.start), mark);
    end = span.end;
  }
  part(document, '#page h2', HTMLElement).textContent = `${name}.bilevel`;
  part(document, '#page pre', HTMLElement).replaceChildren(...nodes, text.slice(end));
}

/** A number as it is read, and all of its digits for who asks. */
function show(selector: string, value: number | undefined, words = value === undefined ? '–' : figures.format(value)): void {
  const element = part(document, selector, HTMLDataElement);
  element.value = value === undefined ? '' : String(value);
  element.title = element.value;
  element.textContent = words;
}

function showRunning(isRunning: boolean, words: string): void {
  status.textContent = words;
  stopButton.disabled = !isRunning;
  solveButton.textContent = isRunning ? 'Start again' : 'Solve again';
}

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

controls.addEventListener('submit', (event) => {
  event.preventDefault();
  start();
});
controls.addEventListener('change', () => {
  // So that a reload shows the same problem.
  location.hash = chosen();
  start();
});
stopButton.addEventListener('click', () => {
  const request: Request = { kind: 'stop' };
  shown?.worker.postMessage(request);
});
window.addEventListener('resize', showSteps);

for (const input of controls.querySelectorAll<HTMLInputElement>('[name=problem]'))
  input.checked = location.hash.slice(1) === input.value || input.checked;
start();
