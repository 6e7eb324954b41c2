/**
 * Graphs as text that `parse.ts` reads back to an equal graph. Knows no op.
 *
 *     graph step(%0 "w": real[d] state, %1 "X": real[n, d] data) {
 *       %2: real[n] = dot_general(%1, %0) {batch=[[], []], contract=[[1], [0]]}
 *       return %2 "fit"
 *     }
 *
 * Values are numbered in the order in which they appear; the graphs of a loop are blocks behind their node and have numbers of
 * their own. An operand that another graph made has neither name nor role.
 */
import { printAttributes } from './attributes.ts';
import { printShape } from './dims.ts';
import type { Attributes, Graph, Node, TensorType, Value } from './graph.ts';

export const printTensorType = (t: TensorType): string => `${t.dtype}${printShape(t.shape)}`;

export interface PrintOptions {
  /** Adds `@start:end` to nodes that come from source text. */
  readonly spans?: boolean;
}

const graphKeys = ['test', 'body'] as const;

export function printGraph(graph: Graph, options: PrintOptions = {}): string {
  return printLines(graph, options).join('\n');
}

function printLines(graph: Graph, options: PrintOptions): readonly string[] {
  const names = new Map<Value, string>();
  const name = (v: Value): string => {
    const known = names.get(v) ?? `%${names.size}`;
    names.set(v, known);
    return known;
  };
  const inputs = graph.inputs.map((v) => `${name(v)}${inputName(v)}: ${printTensorType(v.type)}${inputRole(v)}`);
  const lines = [`graph ${printWord(graph.name)}(${inputs.join(', ')}) {`];
  for (const node of graph.nodes) lines.push(...printNode(node, name, options).map((line) => `  ${line}`));
  const outputs = graph.outputs.map(
    (v, i) => `${name(v)}${graph.outputNames[i] === undefined ? '' : ` ${JSON.stringify(graph.outputNames[i])}`}`,
  );
  lines.push(`  return${outputs.length === 0 ? '' : ` ${outputs.join(', ')}`}`, '}');
  return lines;
}

function printNode(node: Node, name: (v: Value) => string, options: PrintOptions): readonly string[] {
  const operands = node.inputs.map(name).join(', ');
  const results = node.outputs.map((v) => `${name(v)}: ${printTensorType(v.type)}`).join(', ');
  const attributes = printAttributes(withoutGraphs(node.attributes), () => '');
  const span = options.spans === true && node.span !== undefined ? ` @${node.span.start}:${node.span.end}` : '';
  const lines = [`${results} = ${node.op}(${operands})${attributes === '' ? '' : ` ${attributes}`}${span}`];
  for (const key of graphKeys) {
    const nested = node.attributes[key];
    if (nested === undefined) continue;
    const [first, ...rest] = printLines(nested, options);
    lines.push(`  ${key} ${first ?? ''}`, ...rest.map((line) => `  ${line}`));
  }
  return lines;
}

const isNamed = (v: Value): boolean => v.node.op === 'input' && v.node.attributes.name !== '';
const inputName = (v: Value): string => (isNamed(v) ? ` ${JSON.stringify(v.node.attributes.name)}` : '');
const inputRole = (v: Value): string => (isNamed(v) ? ` ${v.node.attributes.role ?? ''}` : '');

/** A name as it stands where it is a plain word, else in quotes. */
const printWord = (text: string): string => (/^[\p{L}_][\p{L}\p{N}_]*$/u.test(text) ? text : JSON.stringify(text));

function withoutGraphs(attributes: Attributes): Attributes {
  const { body: _body, test: _test, ...rest } = attributes;
  return rest;
}
