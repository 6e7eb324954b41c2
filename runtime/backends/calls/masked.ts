/** A step of a loop that changes nothing once the loop's test fails: for devices where looking at a test means to wait. */
import type { Call, CallList, KernelCall } from '../../../plan/calls.ts';

/** Test and body, which have the same inputs, and behind them for each state its new value where the test holds, or else the old one. */
export function maskedStep(test: CallList, body: CallList, constants: number): CallList {
  const { inputs } = body;
  const calls: Call[] = [...test.calls];
  const bodyFrom = inputs.length + resultsOf(test).length;
  const inBody = (register: number): number => (register < inputs.length ? register : register - inputs.length + bodyFrom);
  calls.push(...body.calls.map((call) => ({ ...call, operands: call.operands.map(inBody) })));
  let next = bodyFrom + resultsOf(body).length;
  const [goes = -1] = test.outputs;
  const outputs = body.outputs.map((register, state) => {
    const [old, after] = [constants + state, inBody(register)];
    const type = inputs[old];
    // What stays as it is needs no choice.
    if (after === old || type === undefined) return after;
    const choice: KernelCall = { is: 'kernel', op: 'select', operands: [goes, after, old], results: [type], attributes: {} };
    calls.push(choice);
    return next++;
  });
  return { inputs, calls, outputs };
}

const resultsOf = ({ calls }: CallList): readonly unknown[] => calls.flatMap(({ results }) => results);
