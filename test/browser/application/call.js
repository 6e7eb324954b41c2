// One call of a compiled problem, with an answer that can be sent: values, or what was wrong.
// `problems.js` is written by the test, beside the modules that it compiles.
import { ProblemError } from 'bilevel/runtime';
import * as problems from './problems.js';

export async function call({ problem, data, options, abortAtStep }, told = () => undefined) {
  const controller = new AbortController();
  try {
    const solution = await problems[problem].solve(data, {
      ...options,
      signal: controller.signal,
      onStep: ({ step, outer }) => {
        told({ step, outer });
        if (step === abortAtStep) controller.abort(new Error('stopped by the test'));
      },
    });
    return { solution: plain(solution) };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const { code, status, message, lastGood, cause } = error;
    return { error: { name: error.name, code, status, message, lastGood: plain(lastGood), cause: cause?.message } };
  }
}

/** With lists for typed arrays, as the test can read it. */
const plain = (value) =>
  value instanceof Float64Array
    ? [...value]
    : Array.isArray(value)
      ? value.map(plain)
      : value !== null && typeof value === 'object'
        ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]))
        : value;
