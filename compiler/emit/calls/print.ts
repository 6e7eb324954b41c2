/** Lists of calls as text, for people: `--dump CANDIDATE/STAGE/LIBRARY`. */
import type { Call, CallAttributes, CallList, CallType } from '../../../plan/calls.ts';
import { printExpr } from '../../../plan/evaluate.ts';
import type { Expr } from '../../../plan/types.ts';

export function printCalls(list: CallList, names: readonly string[] = []): string {
  return lines(list, names, '').join('\n');
}

function lines({ inputs, calls, outputs }: CallList, names: readonly string[], indent: string): readonly string[] {
  let next = 0;
  const made = (types: readonly CallType[]): string => types.map((type) => `r${next++}: ${printType(type)}`).join(', ');
  const takes = inputs.map((type, i) => `${made([type])}${names[i] === undefined ? '' : ` = ${names[i]}`}`);
  const body = calls.flatMap((call) => {
    const [head, ...inside] = printCall(call, indent);
    return [`${indent}${made(call.results)} = ${head ?? ''}`, ...inside];
  });
  return [...takes.map((line) => `${indent}${line}`), ...body, `${indent}give ${registers(outputs)}`];
}

function printCall(call: Call, indent: string): readonly string[] {
  const operands = registers(call.operands);
  const within = (list: CallList): readonly string[] => lines(list, [], `${indent}  `);
  switch (call.is) {
    case 'kernel':
      return [`${call.op}(${operands})${printAttributes(call.attributes)}`];
    case 'host':
      return [`host ${call.code}: ${call.ops.join(' ')} (${operands})`];
    case 'scan': {
      const { name, length, reversed, constants, states } = call;
      const words = `scan ${name} (${operands}) ${constants} constants, ${states} states, ${printExpr(length)} steps`;
      return [`${words}${reversed ? ', from the end' : ''}`, ...within(call.body)];
    }
    case 'iterate': {
      const { name, limit, constants, states } = call;
      const words = `iterate ${name} (${operands}) ${constants} constants, ${states} states, at most ${limit} steps`;
      return [words, `${indent} while`, ...within(call.test), `${indent} step`, ...within(call.body)];
    }
  }
}

const registers = (all: readonly number[]): string => all.map((register) => `r${register}`).join(', ');
const printType = ({ dtype, shape }: CallType): string => `${dtype}[${shape.map(printExpr).join(', ')}]`;

function printAttributes(attributes: CallAttributes): string {
  const shown = Object.entries(attributes).map(([name, value]) => `${name} = ${printValue(value as AttributeValue)}`);
  return shown.length === 0 ? '' : ` ${shown.join(', ')}`;
}

type AttributeValue = Expr | boolean | readonly AttributeValue[];

function printValue(value: AttributeValue): string {
  if (Array.isArray(value)) return `[${(value as readonly AttributeValue[]).map(printValue).join(', ')}]`;
  return typeof value === 'boolean' ? String(value) : printExpr(value as Expr);
}
