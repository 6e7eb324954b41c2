/** Solves one problem in a thread of its own, so that the page stays free: it is told which, and tells every outer step. */
import { readData } from 'bilevel/data';
import { csv } from 'bilevel/data/csv';
import { ProblemError, type Problem, type Solution, type Tensor } from 'bilevel/runtime';
import hyperCleaning from '../../hyper-cleaning/hyper-cleaning.bilevel';
import ridge from '../../ridge/ridge.bilevel';
import { files } from './files.ts';
import type { Answer, Failure, Request, Result } from './messages.ts';

const stopping = new AbortController();
const tell = (answer: Answer): void => self.postMessage(answer);
const formats = [csv];

self.onmessage = ({ data: request }: MessageEvent<Request>): void => {
  if (request.kind === 'stop') stopping.abort();
  else void solve(request).catch((error: unknown) => tell({ kind: 'failed', failure: failureOf(error) }));
};

async function solve({ problem, spoil }: Extract<Request, { kind: 'solve' }>): Promise<void> {
  const kept = ({ shape, data }: Tensor): Tensor['data'] => (spoil ? data.slice(0, (shape[0] ?? 0) - 1) : data);
  if (problem === 'ridge') {
    const data = await readData(ridge, { files, formats });
    return follow(ridge, { ...data, y: kept(data.y) });
  }
  const data = await readData(hyperCleaning, { files, formats });
  // The same problem with the labels that were written: what the page does not know.
  const right = await readData(hyperCleaning, { files, formats, overrides: { y: { file: 'train.csv', key: 'written' } } });
  tell({ kind: 'digits', digits: { images: data.X.data, labels: data.y.data, written: right.y.data } });
  return follow(hyperCleaning, { ...data, y: kept(data.y) });
}

/** Solves, and tells of it. What was reached before it was stopped is a result too. */
async function follow<Data extends object, Hyper extends object, Param, Report extends object>(
  problem: Problem<Data, Hyper, Param, Report>,
  data: Data,
): Promise<void> {
  try {
    const solution = await problem.solve(data, {
      signal: stopping.signal,
      onStep: ({ step, outer, hyper }) => {
        const [value] = Object.values(hyper) as (number | Tensor)[];
        tell({ kind: 'step', step: { step, outer, hyper: typeof value === 'number' ? [value] : (value?.data ?? []) } });
      },
    });
    tell({ kind: 'done', result: resultOf(solution) });
  } catch (error) {
    if (!(error instanceof ProblemError) || error.status !== 'interrupted' || error.lastGood === undefined) throw error;
    tell({ kind: 'done', result: resultOf(error.lastGood as Solution<Hyper, Param, Report>) });
  }
}

const resultOf = <Hyper, Param, Report extends object>(solution: Solution<Hyper, Param, Report>): Result => {
  const { outer, outerStatus, strategy, solver, computedBy, elapsedMs, report } = solution;
  const { threads, why } = computedBy;
  return { outer, outerStatus, strategy, solver, threads, why, milliseconds: elapsedMs, report: report as Record<string, number> };
};

function failureOf(error: unknown): Failure {
  if (!(error instanceof ProblemError)) return { title: 'A mistake of this application', message: String(error), spans: [] };
  const { code, message, diagnostics } = error;
  return { title: `The problem could not be solved: ${code}`, message, spans: diagnostics.flatMap(({ span }) => span ?? []) };
}
