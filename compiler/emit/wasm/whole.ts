/** Ops that run as a whole, on operands that lie in memory row by row: one kernel each. */
import { InternalError } from '../../../diagnostics/internal-error.ts';
import { given } from '../../ir/attributes.ts';
import { add, literal, multiply, number, one, scale, size, zero, type Poly, type Shape } from '../../ir/dims.ts';
import type { Node } from '../../ir/graph.ts';
import type { OpsWith } from '../../transform/fusion-roles.ts';
import type { Whole } from '../../transform/schedule.ts';
import { isSamePlace, type Location } from './context.ts';
import { constant, i32, memory, type I32 } from './instructions.ts';
import type { GraphSite } from './site.ts';
import { emitLoop } from './loops.ts';
import { cholesky, choleskyScratch } from './routines/cholesky.ts';
import { eigh } from './routines/eigh.ts';
import { multiply as multiplyMatrices, packedPadding, scratchElements } from './routines/matrix-product.ts';
import { uniforms } from './routines/noise.ts';
import { argmax, cumsum, gather, scatterAdd } from './routines/positions.ts';
import { solve } from './routines/solve.ts';
import { argsort, SORT_SCRATCH } from './routines/sort.ts';
import { solveMatrix, solveMatrixScratch, solveVector } from './routines/triangular-solve.ts';

/** What runs as a whole, and the products that cannot be cut into rows. */
type WholeOp = OpsWith<'whole' | 'product'>;

/** An op with its operands' and its results' addresses. */
interface Call {
  readonly site: GraphSite;
  readonly step: Whole;
  readonly node: Node;
  readonly shapes: readonly Shape[];
  /** Address of operand i. */
  readonly from: (i: number) => I32;
  readonly to: (output?: number) => I32;
}

/** A shape about one axis: positions before it, along it, behind it. */
const about = (shape: Shape, axis: number, width = 1): readonly [Poly, Poly, Poly] => [
  size(shape.slice(0, axis)),
  size(shape.slice(axis, axis + width)),
  size(shape.slice(axis + width)),
];

const kernels: Readonly<Record<WholeOp, (call: Call) => void>> = {
  scan: ({ site, step }) => emitLoop(site, step),
  iterate: ({ site, step }) => emitLoop(site, step),

  concat: ({ site, step, node, shapes, from, to }) => {
    const { context, locate, shapeOf } = site;
    const axis = given(node.attributes.axis);
    const target = given(node.outputs[0]);
    const [outer, whole, inner] = about(shapeOf(target), axis);
    let offset = zero;
    shapes.forEach((shape, i) => {
      const run = multiply(given(shape[axis]), inner);
      const access = given(step.operands[i]);
      // What was computed in its place is there already.
      const place: Location = context.at(locate(target), offset);
      const isThere = access.kind === 'memory' && isSamePlace(context.at(locate(access.base), access.offset), place);
      if (!isThere) copyBlocks(site, to(), offset, multiply(whole, inner), from(i), run, outer);
      offset = add(offset, run);
    });
  },

  pad: ({ site, node, shapes, from, to }) => {
    const { context, f, shapeOf, canonical } = site;
    const axis = given(node.attributes.axis);
    const [outer, whole, inner] = about(shapeOf(given(node.outputs[0])), axis);
    f.do(memory.fill(to(), constant.i32(0), context.bytes(multiply(outer, whole, inner))));
    const start = multiply(canonical(given(node.attributes.start)), inner);
    copyBlocks(site, to(), start, multiply(whole, inner), from(0), multiply(given(given(shapes[0])[axis]), inner), outer);
  },

  gather: ({ site, node, shapes, from, to }) => {
    const { context, f } = site;
    const [outer, length, inner] = about(given(shapes[0]), given(node.attributes.axis)).map((p) => context.size(p)) as [I32, I32, I32];
    f.call(gather(context.module, context.lanes), outer, length, inner, context.size(size(given(shapes[1]))), from(0), from(1), to());
  },

  scatter_add: ({ site, node, shapes, from, to }) => {
    const { context, f, canonical } = site;
    const rank = given(shapes[1]).length;
    const [outer, count, inner] = about(given(shapes[0]), given(node.attributes.axis), rank).map((p) => context.size(p)) as [I32, I32, I32];
    const length = context.size(canonical(given(node.attributes.length)));
    f.call(scatterAdd(context.module, context.lanes), outer, length, inner, count, from(0), from(1), to());
  },

  argmax: ({ site, node, shapes, from, to }) => {
    const { context, f } = site;
    const [outer, length, inner] = about(given(shapes[0]), given(node.attributes.axis)).map((p) => context.size(p)) as [I32, I32, I32];
    f.call(argmax(context.module, context.lanes), outer, length, inner, from(0), to());
  },

  argsort: ({ site, node, shapes, from, to }) => {
    const { context, f } = site;
    const [outer, along, inner] = about(given(shapes[0]), given(node.attributes.axis));
    const [count, length, run] = [outer, along, inner].map((p) => context.size(p)) as [I32, I32, I32];
    const room = context.buffer({ elements: scale(along, SORT_SCRATCH / context.lanes.bytes), what: 'room of a sort' });
    f.call(argsort(context.module, context.lanes), count, length, run, from(0), to(), context.address(context.place(room)));
  },

  cumsum: ({ site, node, shapes, from, to }) => {
    const { context, f } = site;
    const [outer, length, inner] = about(given(shapes[0]), given(node.attributes.axis)).map((p) => context.size(p)) as [I32, I32, I32];
    const reversed = constant.i32(node.attributes.reversed === true ? 1 : 0);
    f.call(cumsum(context.module, context.lanes), outer, length, inner, from(0), to(), reversed);
  },

  random_uniform: ({ site, node, shapes, from, to }) => {
    const { context, f, canonical } = site;
    const elements = context.size(size(given(node.attributes.shape).map(canonical)));
    f.call(uniforms(context.module, context.lanes), context.size(size(given(shapes[1]))), elements, from(0), from(1), from(2), to());
  },

  dot_general: ({ site, step, from, to }) => {
    const { context, f } = site;
    const form = given(step.form, 'the form of a product');
    const { module, lanes } = context;
    const { rows, columns, depth, strides, batchStrides } = form;
    const packed = context.buffer({
      elements: multiply(add(columns.count, number(packedPadding(lanes))), depth),
      what: 'a packed operand',
    });
    const room = context.buffer({ elements: number(scratchElements(lanes)), what: 'room of a product' });
    const a = f.let(from(0));
    const b = f.let(from(1));
    const c = f.let(to());
    f.times(context.size(form.batches), () => {
      f.call(
        multiplyMatrices(module, lanes),
        context.size(rows.count),
        context.size(columns.count),
        context.size(depth),
        a,
        context.size(rows.stride),
        context.size(strides[0]),
        b,
        context.size(strides[1]),
        context.size(columns.stride),
        c,
        context.size(columns.count),
        constant.i32(0),
        context.address(context.place(packed)),
        context.address(context.place(room)),
      );
      f.advance(a, context.bytes(batchStrides[0]));
      f.advance(b, context.bytes(batchStrides[1]));
      f.advance(c, context.bytes(multiply(rows.count, columns.count)));
    });
  },

  cholesky: ({ site, shapes, from, to }) => {
    const { context, f } = site;
    const shape = given(shapes[0]);
    const n = given(shape.at(-1));
    const { perRow, constant: fixed } = choleskyScratch(context.lanes);
    const room = context.buffer({ elements: add(scale(n, perRow), number(fixed)), what: 'room of a factorisation' });
    const a = f.let(from(0));
    const out = f.let(to());
    f.times(context.size(size(shape.slice(0, -2))), () => {
      f.call(cholesky(context.module, context.lanes, literal(n)), context.size(n), a, out, context.address(context.place(room)));
      f.advance(a, context.bytes(multiply(n, n)));
      f.advance(out, context.bytes(multiply(n, n)));
    });
  },

  triangular_solve: ({ site, node, shapes, from, to }) => {
    const { context, f } = site;
    const lower = given(shapes[0]);
    const rhs = given(shapes[1]);
    const n = given(lower.at(-1));
    const isVector = rhs.length === lower.length - 1;
    const columns = isVector ? one : given(rhs.at(-1));
    const transposed = constant.i32(node.attributes.transposed === true ? 1 : 0);
    const bytes = context.bytes(size(rhs));
    f.do(memory.copy(to(), from(1), bytes));
    const l = f.let(from(0));
    const x = f.let(to());
    const { perSide, constant: fixed } = solveMatrixScratch(context.lanes);
    const elements = add(scale(columns, perSide), number(fixed));
    const room = isVector ? undefined : context.buffer({ elements, what: 'room of a solve' });
    f.times(context.size(size(lower.slice(0, -2))), () => {
      const { module, lanes } = context;
      const side = context.size(n);
      const k = context.size(columns);
      if (room === undefined) f.call(solveVector(module, lanes, literal(n)), side, l, x, transposed);
      else f.call(solveMatrix(module, lanes), side, k, l, x, k, transposed, context.address(context.place(room)));
      f.advance(l, context.bytes(multiply(n, n)));
      f.advance(x, context.bytes(multiply(n, columns)));
    });
  },

  solve: ({ site, node, shapes, from, to }) => {
    const { context, f } = site;
    const [matrix, rhs] = [given(shapes[0]), given(shapes[1])];
    const n = given(matrix.at(-1));
    const columns = rhs.length === matrix.length - 1 ? one : given(rhs.at(-1));
    const transposed = constant.i32(node.attributes.transposed === true ? 1 : 0);
    f.do(memory.copy(to(), from(1), context.bytes(size(rhs))));
    const a = f.let(from(0));
    const x = f.let(to());
    const room = context.buffer({ elements: multiply(n, n), what: 'room of a solve' });
    f.times(context.size(size(matrix.slice(0, -2))), () => {
      const { module, lanes } = context;
      f.call(solve(module, lanes), context.size(n), context.size(columns), a, x, transposed, context.address(context.place(room)));
      f.advance(a, context.bytes(multiply(n, n)));
      f.advance(x, context.bytes(multiply(n, columns)));
    });
  },

  eigh: ({ site, shapes, from, to }) => {
    const { context, f } = site;
    const matrix = given(shapes[0]);
    const n = given(matrix.at(-1));
    const [a, values, vectors] = [f.let(from(0)), f.let(to(0)), f.let(to(1))];
    const room = context.buffer({ elements: scale(multiply(n, n), 2), what: 'room of eigenvalues' });
    f.times(context.size(size(matrix.slice(0, -2))), () => {
      f.call(eigh(context.module, context.lanes), context.size(n), a, values, vectors, context.address(context.place(room)));
      f.advance(a, context.bytes(multiply(n, n)));
      f.advance(values, context.bytes(n));
      f.advance(vectors, context.bytes(multiply(n, n)));
    });
  },
};

/** Copies blocks of `run` elements that lie one behind the other into every `whole` elements, from `start` on. */
function copyBlocks({ context, f }: GraphSite, to: I32, start: Poly, whole: Poly, from: I32, run: Poly, outer: Poly): void {
  const target = f.let(i32.add(to, context.bytes(start)));
  const source = f.let(from);
  const bytes = context.bytes(run);
  f.times(context.size(outer), () => {
    f.do(memory.copy(target, source, bytes));
    f.advance(target, context.bytes(whole));
    f.advance(source, bytes);
  });
}

export function emitWhole(site: GraphSite, step: Whole): void {
  const { node } = step;
  const kernel = kernels[node.op as WholeOp] as ((call: Call) => void) | undefined;
  if (kernel === undefined) throw new InternalError('emit wasm', `${node.op} has no kernel of its own`);
  const { context, locate, shapeOf } = site;
  kernel({
    site,
    step,
    node,
    shapes: node.inputs.map(shapeOf),
    from: (i) => {
      const access = given(step.operands[i]);
      if (access.kind !== 'memory') throw new InternalError('emit wasm', `operand ${i} of ${node.op} is not in memory`);
      return context.address(context.at(locate(access.base), access.offset));
    },
    to: (output = 0) => context.address(locate(given(node.outputs[output]))),
  });
}
