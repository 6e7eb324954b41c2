/** Printed graphs read back to equal graphs, and well-formed ones are told from broken ones. */
import { describe, expect, it } from 'vitest';
import { InternalError } from '../../diagnostics/internal-error.ts';
import { printAttributes } from '../../compiler/ir/attributes.ts';
import { Builder } from '../../compiler/ir/builder.ts';
import { number, symbol } from '../../compiler/ir/dims.ts';
import type { Graph, Node, Value } from '../../compiler/ir/graph.ts';
import { parseGraph } from '../../compiler/ir/parse.ts';
import { printGraph, printTensorType } from '../../compiler/ir/print.ts';
import { verify } from '../../compiler/ir/verify.ts';
import { opNames, type OpName } from '../../plan/op-names.ts';
import { ops } from '../../compiler/ops/table.ts';
import { batch } from '../../compiler/transform/batch.ts';
import { jvp } from '../../compiler/transform/jvp.ts';
import { vjp } from '../../compiler/transform/transpose.ts';
import { instance, isReal } from '../ops/instances.ts';
import { samplesOf, sizes, type Sample } from '../ops/samplers.ts';

/** A graph as plain data, written without the printer: what two equal graphs have in common. */
function structure(graph: Graph): unknown {
  const places = new Map<Value, string>();
  const place = (v: Value): string => places.get(v) ?? 'nowhere';
  graph.inputs.forEach((v, i) => places.set(v, `input ${i}`));
  graph.nodes.forEach((node, n) => node.outputs.forEach((v, i) => places.set(v, `node ${n}.${i}`)));
  const inner: unknown[] = [];
  const nodes = graph.nodes.map(({ op, inputs, attributes, outputs }) => ({
    op,
    inputs: inputs.map(place),
    types: outputs.map((v) => printTensorType(v.type)),
    attributes: printAttributes(attributes, (g) => `graph ${inner.push(structure(g))}`),
  }));
  return {
    name: graph.name,
    inputs: graph.inputs.map((v) => [
      printTensorType(v.type),
      v.node.op === 'input' ? v.node.attributes.name : '',
      v.node.op === 'input' ? v.node.attributes.role : 'state',
    ]),
    nodes,
    outputs: graph.outputs.map(place),
    outputNames: graph.outputNames,
    inner,
  };
}

/** The op itself, its derivatives and its batch: graphs of every kind that there is. */
function graphsOf(op: OpName, sample: Sample): readonly Graph[] {
  const { b, inputs, outputs } = instance(op, sample);
  const graphs = [
    b.graph(
      `${op}_itself`,
      inputs,
      outputs,
      outputs.map((_, i) => `result ${i}`),
    ),
  ];
  const wide = inputs.map((v) => b.input('wide', 'state', { dtype: v.type.dtype, shape: [symbol('B'), ...v.type.shape] }));
  graphs.push(b.graph('batch', [...inputs, ...wide], batch(b, outputs, new Map(inputs.map((v, i) => [v, wide[i] ?? v])), symbol('B'))));
  const real = inputs.filter(isReal);
  if (op === 'iterate' || real.length === 0) return graphs;
  const tangents = real.map((v) => b.input('tangent', 'state', v.type));
  graphs.push(
    b.graph(
      'jvp',
      [...inputs, ...tangents],
      jvp(b, outputs, new Map(real.map((v, i) => [v, tangents[i] ?? v]))).flatMap((t) => t ?? []),
    ),
  );
  const live = outputs.filter(isReal);
  const cotangents = live.map((v) => b.input('cotangent', 'state', v.type));
  graphs.push(
    b.graph(
      'vjp',
      [...inputs, ...cotangents],
      vjp(b, live, cotangents, real).flatMap((t) => t ?? []),
    ),
  );
  return graphs;
}

const used = opNames.filter((op) => op !== 'input');

describe('every op, its derivatives and its batch', () => {
  it.each(used)('%s is printed, and read back to an equal graph', (op) => {
    for (const sample of samplesOf(op)) {
      for (const graph of graphsOf(op, sample)) {
        const text = printGraph(graph);
        const back = parseGraph(text, { fixed: sizes });
        expect(structure(back), text).toEqual(structure(graph));
        expect(printGraph(back)).toBe(text);
      }
    }
  });

  it.each(used)('%s is well formed, before and after', (op) => {
    for (const sample of samplesOf(op)) {
      for (const graph of graphsOf(op, sample)) {
        expect(verify(graph), printGraph(graph)).toEqual([]);
        expect(verify(parseGraph(printGraph(graph)))).toEqual([]);
      }
    }
  });

  it.each(used)('%s is emitted again by a builder to the same graph', (op) => {
    for (const sample of samplesOf(op)) {
      const [graph] = graphsOf(op, sample);
      if (graph === undefined) return expect.fail(op);
      expect(structure(parseGraph(printGraph(graph), { builder: new Builder() }))).toEqual(structure(graph));
    }
  });
});

const ridge = `graph ridge(%0 "w": real[d] state, %1 "X": real[n, d] data, %2 "the penalty": real[] hyper) {
  %3: real[n] = dot_general(%1, %0) {batch=[[], []], contract=[[1], [0]]}
  %4: real[] = dot_general(%3, %3) {batch=[[], []], contract=[[0], [0]]}
  %5: real[] = dot_general(%0, %0) {batch=[[], []], contract=[[0], [0]]}
  %6: real[] = mul(%2, %5)
  %7: real[] = add(%4, %6)
  return %7 "loss", %3
}`;

describe('the text', () => {
  it('is what it is meant to be', () => {
    const b = new Builder();
    const w = b.input('w', 'state', { dtype: 'real', shape: [symbol('d')] });
    const x = b.input('X', 'data', { dtype: 'real', shape: [symbol('n'), symbol('d')] });
    const penalty = b.input('the penalty', 'hyper');
    const fit = b.matmul(x, w);
    const loss = b.add(b.inner(fit, fit), b.mul(penalty, b.inner(w, w)));
    expect(printGraph(b.graph('ridge', [w, x, penalty], [loss, fit], ['loss']))).toBe(ridge);
  });

  it('is read whatever its line breaks and comments are', () => {
    const loose = ridge.replaceAll('\n', ' ').replaceAll('{batch', '// a comment\n\t{ batch');
    expect(printGraph(parseGraph(loose))).toBe(ridge);
  });

  it('keeps spans when asked to', () => {
    const b = new Builder();
    const x = b.input('x', 'state');
    b.span = { file: 'page.bilevel', start: 10, end: 24 };
    const y = b.unary('exp', x);
    b.span = undefined;
    const graph = b.graph('f', [x], [b.mul(y, x)]);
    const text = printGraph(graph, { spans: true });
    expect(text).toContain('= exp(%0) @10:24\n');
    const back = parseGraph(text, { file: 'page.bilevel' });
    expect(back.nodes.map((n) => n.span)).toEqual([{ file: 'page.bilevel', start: 10, end: 24 }, undefined]);
    expect(printGraph(graph)).not.toContain('@');
  });

  it('keeps numbers to the last bit', () => {
    for (const value of [0.1, -0, 1e-308, 5e-324, 1 / 3, -1.7976931348623157e308, Infinity, -Infinity, Number.NaN]) {
      const b = new Builder();
      const back = parseGraph(printGraph(b.graph('f', [], [b.constant(value)])));
      expect(back.nodes[0]?.attributes.value).toBe(value);
    }
  });

  it('keeps polynomials and names that are no words', () => {
    const text = `graph "closed form/value"(%0 "data:λ": real[2*n*n + 3*n - 1, λ] noise) {\n  return %0 "x \\"y\\""\n}`;
    expect(printGraph(parseGraph(text))).toBe(text);
  });

  it('gives an operand that another graph made neither name nor role', () => {
    const b = new Builder();
    const x = b.input('x', 'data');
    const squared = b.mul(x, x);
    const text = printGraph(b.graph('later', [squared], [b.unary('exp', squared)]));
    expect(text).toBe('graph later(%0: real[]) {\n  %1: real[] = exp(%0)\n  return %1\n}');
    expect(printGraph(parseGraph(text))).toBe(text);
  });

  it.each([
    ['graph f(%0 "x": real[] state) { return %1 }', /made before, not %1/],
    ['graph f(%0 "x": real[] state) {\n %1: real[] = sine(%0)\n return %1 }', /line 2.*input, constant/s],
    ['graph f(%0 "x": real[n] state) { %1: real[n] = add(%0)\n return %1 }', /add\(real\[n\]\): takes 2 operands, got 1/],
    ['graph f(%0 "x": real[n] state) { %1: real[m] = exp(%0)\n return %1 }', /%1 to be real\[n\] by the rule of exp, not real\[m\]/],
    ['graph f(%0 "x": real[] state) { %1: real[] = exp(%0) {colour=3}\n return %1 }', /not 'colour'/],
    ['graph f(%0 "x": real[] state) { return %0 } more', /expected the end, found 'more|expected the end, found ' more/],
    ['graph f(%0 "x": real[] friend) { return %0 }', /data, hyper, noise, state/],
  ])('that is wrong is refused: %s', (text, message) => {
    expect(() => parseGraph(text)).toThrow(InternalError);
    expect(() => parseGraph(text)).toThrow(message);
  });
});

describe('verify', () => {
  const real = { dtype: 'real', shape: [symbol('n')] } as const;
  const valid = (): { graph: Graph; x: Value; y: Value; z: Value } => {
    const b = new Builder();
    const x = b.input('x', 'state', real);
    const y = b.unary('exp', x);
    const z = b.mul(y, x);
    return { graph: b.graph('f', [x], [z], ['z']), x, y, z };
  };
  const replaced = (graph: Graph, at: number, change: (node: Node) => Node): Graph => ({
    ...graph,
    nodes: graph.nodes.map((n, i) => (i === at ? change(n) : n)),
  });

  it('finds nothing wrong with a graph that a builder made', () => {
    expect(verify(valid().graph)).toEqual([]);
  });

  it('finds a value that is not closed over', () => {
    const { graph } = valid();
    expect(verify({ ...graph, inputs: [] })).toContain('f: exp uses %0 (input), which is neither made before it nor an input');
    const stranger = new Builder().input('stranger', 'data', real);
    expect(verify({ ...graph, outputs: [...graph.outputs, stranger] }).join()).toContain('returns %0 (input)');
  });

  it('finds nodes out of order, nodes that are missing and nodes for nothing', () => {
    const { graph } = valid();
    expect(verify({ ...graph, nodes: [...graph.nodes].reverse() }).join()).toContain(
      'mul uses %1 (exp), which is neither made before it nor an input',
    );
    expect(verify({ ...graph, nodes: graph.nodes.slice(1) }).join()).toContain('mul uses %1 (exp)');
    expect(verify({ ...graph, outputs: [graph.inputs[0] ?? valid().x] }).join()).toContain('is made and never used');
  });

  it('finds types that the shape rule does not give, and results that do not know their node', () => {
    const { graph, y } = valid();
    const wrongType = { ...y, type: { dtype: 'real', shape: [symbol('m')] } } as const;
    const broken = replaced(graph, 0, (node) => ({ ...node, outputs: [wrongType] }));
    expect(verify(broken).join()).toContain('%1 is real[m], the rule of exp gives real[n]');
    expect(verify(broken).join()).toContain('result 0 of exp does not know where it comes from');
    const refused = replaced(graph, 0, (node) => ({ ...node, op: 'not' }));
    expect(verify(refused).join()).toContain('not(real[n])');
  });

  it('takes a dim with a declared value for its number', () => {
    const b = new Builder(new Map([['d', 3]]));
    const x = b.input('x', 'state', { dtype: 'real', shape: [symbol('d')] });
    const y = b.input('y', 'state', { dtype: 'real', shape: [number(3)] });
    const graph = b.graph('f', [x, y], [b.add(x, y)]);
    expect(verify(graph, b.fixed)).toEqual([]);
    expect(verify(graph).join()).toContain('operands must have one shape');
  });

  it('finds what is wrong inside a loop, and a body that does not fit its states', () => {
    const text = `graph f(%0 "x": real[n] state) {
  %1: real[n] = scan(%0) {constants=0, dim=k, states=1}
    body graph step(%0 "s": real[n] state) {
      %1: real[n] = exp(%0)
      return %1
    }
  return %1
}`;
    const graph = parseGraph(text);
    expect(verify(graph)).toEqual([]);
    const other = parseGraph('graph step(%0 "s": real[n] state) {\n  %1: bool[n] = is_finite(%0)\n  return %1\n}');
    expect(verify(replaced(graph, 0, (node) => ({ ...node, attributes: { ...node.attributes, body: other } }))).join()).toContain(
      'state 0 changes its type in the body',
    );
    const body = graph.nodes[0]?.attributes.body;
    if (body === undefined) return expect.fail('no body');
    const open = { ...body, inputs: [] };
    expect(verify(replaced(graph, 0, (node) => ({ ...node, attributes: { ...node.attributes, body: open } }))).join()).toContain(
      'f: body of scan: step: exp uses %0',
    );
  });

  it('finds a test that does not fit its loop', () => {
    const text = (state: string): string => `graph f(%0 "x": real[n] state) {
  %1: real[n] = iterate(%0) {constants=0, limit=3, states=1}
    test graph continue(%0 "s": ${state} state) {
      %1: real[] = reduce_max(%0) {axes=[0]}
      %2: real[] = constant() {dtype=real, value=1}
      %3: bool[] = less(%2, %1)
      return %3
    }
    body graph step(%0 "s": real[n] state) {
      %1: real[n] = sin(%0)
      return %1
    }
  return %1
}`;
    expect(verify(parseGraph(text('real[n]')))).toEqual([]);
    expect(() => parseGraph(text('real[m]'))).toThrow('the test of a loop takes what its body takes');
  });

  it('never throws, whatever the attributes are', () => {
    for (const op of opNames) {
      const { graph } = valid();
      for (const attributes of [{}, { axis: -1, axes: [7], constants: 9, states: 9 }, { contract: [[0], []], batch: [[], []] } as const]) {
        expect(() => verify(replaced(graph, 1, (node) => ({ ...node, op, attributes })))).not.toThrow();
      }
      expect(ops[op]).toBeDefined();
    }
  });
});
