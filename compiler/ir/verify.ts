/** Guards against our own bugs: says everything that is wrong with a graph. Run after every pass in tests; never throws. */
import { InternalError } from '../../diagnostics/internal-error.ts';
import { ops } from '../ops/table.ts';
import { equalShape, type Sizes } from './dims.ts';
import type { Graph, Node, TensorType, Value } from './graph.ts';
import { printTensorType } from './print.ts';

/**
 * What is wrong with a graph, one sentence each; nothing when it is well formed: operands exist before their users, types are
 * those of the op's shape rule, nothing is used that is neither made inside nor an input, every node is needed, and the graphs of
 * loops are well formed themselves. `fixed` are the dims with a declared value.
 */
export function verify(graph: Graph, fixed: Sizes = new Map()): readonly string[] {
  const wrong: string[] = [];
  const say = (text: string): void => void wrong.push(`${graph.name}: ${text}`);
  const made = new Set<Value>();
  for (const v of graph.inputs) {
    if (made.has(v)) say(`%${v.id} is an input twice`);
    made.add(v);
  }
  for (const node of graph.nodes) {
    for (const v of node.inputs)
      if (!made.has(v)) say(`${node.op} uses %${v.id} (${v.node.op}), which is neither made before it nor an input`);
    checkNode(node, fixed, say);
    for (const key of ['test', 'body'] as const) {
      const nested = node.attributes[key];
      if (nested !== undefined) wrong.push(...verify(nested, fixed).map((text) => `${graph.name}: ${key} of ${node.op}: ${text}`));
    }
    for (const v of node.outputs) {
      if (made.has(v)) say(`%${v.id} is made twice`);
      made.add(v);
    }
  }
  for (const v of graph.outputs) if (!made.has(v)) say(`returns %${v.id} (${v.node.op}), which is neither made inside nor an input`);
  for (const node of unneeded(graph)) say(`${node.op} is made and never used`);
  if (graph.outputNames.length > graph.outputs.length) say(`names ${graph.outputNames.length} of ${graph.outputs.length} results`);
  if (new Set(graph.outputNames).size !== graph.outputNames.length) say('gives two results one name');
  return wrong;
}

function checkNode(node: Node, fixed: Sizes, say: (text: string) => void): void {
  if (node.op === 'input') say(`the input '${node.attributes.name ?? ''}' stands among the nodes`);
  node.outputs.forEach((v, i) => {
    if (v.node !== node || v.index !== i) say(`result ${i} of ${node.op} does not know where it comes from`);
    const late = node.inputs.find((operand) => operand.id >= v.id);
    if (late !== undefined) say(`%${v.id} (${node.op}) is numbered before its operand %${late.id}`);
  });
  const types = answer(node, fixed);
  if ('wrong' in types) {
    say(`${node.op}(${node.inputs.map((v) => printTensorType(v.type)).join(', ')}): ${types.wrong}`);
    return;
  }
  if (types.length !== node.outputs.length) say(`${node.op} has ${node.outputs.length} results, its rule gives ${types.length}`);
  node.outputs.forEach((v, i) => {
    const rule = types[i];
    if (rule !== undefined && !sameType(rule, v.type, fixed))
      say(`%${v.id} is ${printTensorType(v.type)}, the rule of ${node.op} gives ${printTensorType(rule)}`);
  });
}

/** The shape rule's answer; a broken graph may be one that a rule did not count on. */
function answer(node: Node, fixed: Sizes): readonly TensorType[] | { readonly wrong: string } {
  try {
    return ops[node.op].shape(
      node.inputs.map((v) => v.type),
      node.attributes,
      fixed,
    );
  } catch (error) {
    if (error instanceof InternalError) return { wrong: `its shape rule is not total: ${error.message}` };
    throw error;
  }
}

const sameType = (a: TensorType, b: TensorType, fixed: Sizes): boolean => a.dtype === b.dtype && equalShape(a.shape, b.shape, fixed);

function unneeded(graph: Graph): readonly Node[] {
  const needed = new Set(graph.outputs.map((v) => v.node));
  for (const node of [...graph.nodes].reverse()) if (needed.has(node)) for (const v of node.inputs) needed.add(v.node);
  return graph.nodes.filter((node) => !needed.has(node));
}
