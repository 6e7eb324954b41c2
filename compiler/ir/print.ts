/** Graphs as text that `parse.ts` reads back: one line a node, bodies of loops as indented blocks. */
import { printAttributes } from './attributes.ts';
import { printShape } from './dims.ts';
import type { Attributes, Graph, TensorType, Value } from './graph.ts';

export const printTensorType = (t: TensorType): string => `${t.dtype}${printShape(t.shape)}`;

/** The text of a graph; values are numbered in order, loop bodies have their own numbers. */
export function printGraph(graph: Graph, indent = ''): string {
  const names = new Map<Value, string>();
  const name = (v: Value): string => {
    const known = names.get(v) ?? `%${names.size}`;
    names.set(v, known);
    return known;
  };
  const typed = (v: Value): string => `${name(v)}: ${printTensorType(v.type)}`;
  const lines = [`${indent}graph ${graph.name} {`];
  for (const v of graph.inputs) {
    const { op, attributes } = v.node;
    lines.push(`${indent}  input ${typed(v)}${op === 'input' ? ` ${JSON.stringify(attributes.name)} ${attributes.role}` : ''}`);
  }
  for (const node of graph.nodes) {
    const operands = node.inputs.map(name).join(', ');
    const results = node.outputs.map(typed).join(', ');
    lines.push(`${indent}  ${results} = ${node.op}(${operands})${printAttributes(withoutGraphs(node.attributes), () => '')}`);
    for (const key of ['test', 'body'] as const) {
      const nested = node.attributes[key];
      if (nested !== undefined) lines.push(`${indent}    ${key}`, printGraph(nested, `${indent}    `));
    }
  }
  graph.outputs.forEach((v, i) => lines.push(`${indent}  return ${name(v)}${graph.outputNames[i] === undefined ? '' : ` ${JSON.stringify(graph.outputNames[i])}`}`));
  lines.push(`${indent}}`);
  return lines.join('\n');
}

function withoutGraphs(attributes: Attributes): Attributes {
  const { body: _body, test: _test, ...rest } = attributes;
  return rest;
}
