/**
 * An application as every host runs it, unchanged. It is given a task as JSON and prints what came of it as JSON:
 *   solve    a module on the files of its page
 *   refuse   what a module says of data that do not fit, and of a signal that was raised
 *   threads  a module on many rows, on one thread and on two; the second is known to have come up
 */
import process from 'node:process';
import { readData } from 'bilevel/data';
import { csv } from 'bilevel/data/csv';
import { npy } from 'bilevel/data/npy';
import { fromFolder } from 'bilevel/data/folder';
import { ProblemError } from 'bilevel/runtime';

const tasks = { solve, refuse, threads };
const { task, ...given } = JSON.parse(process.argv[2]);
process.stdout.write(`${JSON.stringify(await tasks[task](given), plainly)}\n`);

/** Tensors as they are kept, numbers by their shortest decimals: every bit of them. */
function plainly(_, value) {
  return value instanceof Float64Array ? [...value] : value;
}

async function solve({ module, folder }) {
  const { default: problem } = await import(module);
  const data = await readData(problem, { files: fromFolder(folder), formats: [csv, npy] });
  let told = 0;
  const { outer, hyper, param, report, strategy, solver, status, history } = await problem.solve(data, { onStep: () => void (told += 1) });
  return { outer, hyper, param, report, strategy, solver, status, told, steps: history.map((step) => step.outer) };
}

async function refuse({ module, folder, short }) {
  const { default: problem } = await import(module);
  const files = fromFolder(folder);
  const data = await readData(problem, { files, formats: [csv, npy] });
  const controller = new AbortController();
  const stop = ({ step }) => step === 2 && controller.abort(new Error('enough'));
  return {
    data: await refusal(problem.solve({ ...data, [short]: [1, 2] })),
    format: await refusal(readData(problem, { files, formats: [] })),
    file: await refusal(readData(problem, { files, formats: [csv], overrides: { [short]: { file: 'no-such.csv' } } })),
    aborted: await refusal(problem.solve(data, { signal: AbortSignal.abort(new Error('enough')) })),
    stopped: await refusal(problem.solve(data, { signal: controller.signal, onStep: stop })),
  };
}

async function refusal(call) {
  try {
    await call;
    return 'it was taken';
  } catch (error) {
    const { name, code, status, message, cause, lastGood } = error;
    return { name, code, status, message, isOurs: error instanceof ProblemError, cause: cause?.message, reached: lastGood?.history.length };
  }
}

async function threads({ module, rows, columns, data, labels, threadsWord }) {
  const memories = watchSharedMemory();
  const { default: problem } = await import(module);
  const many = { [data]: [], [labels]: [] };
  const next = numbers();
  for (let row = 0; row < rows; row += 1) {
    const cells = Array.from({ length: columns }, next);
    many[data].push(cells);
    many[labels].push(cells[0] + cells[1] + next() > 0 ? 1 : 0);
  }
  const alone = await problem.hypergradient(many, {}, { threads: 1 });
  // Left open: a helping thread keeps no process alive.
  const bound = await problem.bind(many, { threads: 2 });
  await bound.hypergradient();
  const count = () => Math.max(1, ...memories.map(({ buffer }) => Atomics.load(new Int32Array(buffer), threadsWord)));
  for (let waited = 0; count() < 2 && waited < 20_000; waited += 20) await new Promise((resolve) => setTimeout(resolve, 20));
  const up = count();
  const shared = await bound.hypergradient();
  const bits = ({ outer, hypergradient, param }) => ({ outer, hypergradient, param });
  return { up, shared: memories.length, computedBy: shared.computedBy.threads, alone: bits(alone), together: bits(shared) };
}

/** Memory that is made to be shared, from now on. */
function watchSharedMemory() {
  const memories = [];
  const { Memory } = WebAssembly;
  WebAssembly.Memory = function (limits) {
    const memory = new Memory(limits);
    if (limits.shared) memories.push(memory);
    return memory;
  };
  return memories;
}

/** In (−1, 1), the same everywhere: a linear congruential generator. */
function numbers() {
  let state = 20260;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 4294967296) * 2 - 1;
  };
}
