/** Eigenvalues and eigenvectors of symmetric matrices, by Jacobi's rotations. */
import { MOST_SWEEPS } from '../../../ops/eigh.ts';
import type { FunctionBuilder, FunctionRef, ModuleBuilder } from '../assembler.ts';
import { i32, v128, type I32 } from '../instructions.ts';
import type { Lanes } from '../lanes.ts';
import { inBytes, int, plus, type I32Local, type Vector } from './common.ts';
import { fillElements } from './fill.ts';
import { transposeCopy } from './packing.ts';
import { eachVector, holds, swapRows, turnRows } from './rows.ts';

/**
 * eigh(n, a, values, vectors, scratch): of ½(A + Aᵀ), in ascending order; vectors in columns, the greatest component of each positive; all
 * NaN where there are none. Scratch: 2n² elements.
 * Source: Golub & Van Loan (2013), §8.5.
 */
export const eigh = (module: ModuleBuilder, lanes: Lanes): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32', 'i32'], undefined> => {
  const name = `eigh_${lanes.precision}`;
  const { div, lt, mul } = lanes.arithmetic;
  const unit = lanes.constant(lanes.precision === 'f64' ? 2 ** -53 : 2 ** -24);
  return module.once(name, () => {
    const fill = fillElements(module, lanes);
    const transpose = transposeCopy(module, lanes);
    const turn = sweep(module, lanes);
    const put = putInOrder(module, lanes);
    return module.function(name, ['i32', 'i32', 'i32', 'i32', 'i32'], undefined, (f, n, a, values, vectors, scratch) => {
      const count = f.let(i32.mul(n, n));
      const basis = f.let(plus(scratch, inBytes(lanes, count)));
      f.call(transpose, n, n, a, n, scratch, n);
      const norm = takeMean(f, lanes, count, a, scratch);
      f.call(fill, basis, count, lanes.constant(0));
      const at = f.let(basis);
      f.times(n, () => {
        f.do(lanes.storeOne(at, lanes.constant(1)));
        f.advance(at, plus(inBytes(lanes, n), lanes.bytes));
      });
      const negligible = f.let(div(mul(norm, unit), lanes.splatI32(n)));
      const sweeps = f.let(int(0));
      const isFound = f.let(holds(lanes, lt(norm, lanes.constant(Infinity))));
      const goesOn = f.let(isFound);
      f.while(goesOn, () => {
        f.set(goesOn, f.result(turn, n, scratch, basis, negligible));
        f.if(i32.and(goesOn, i32.eq(sweeps, int(MOST_SWEEPS))), () => {
          f.set(goesOn, int(0));
          f.set(isFound, int(0));
        });
        f.advance(sweeps, 1);
      });
      f.if(
        isFound,
        () => {
          f.call(put, n, scratch, basis, values);
          f.call(transpose, n, n, basis, n, vectors, n);
        },
        () => {
          f.call(fill, values, n, lanes.constant(Number.NaN));
          f.call(fill, vectors, count, lanes.constant(Number.NaN));
        },
      );
    });
  });
};

/** What is at `to` becomes its mean with what is at `from`; its norm, in all lanes. */
function takeMean(f: FunctionBuilder, lanes: Lanes, count: I32, from: I32Local, to: I32): Vector {
  const { add, mul, sqrt } = lanes.arithmetic;
  const at = f.let(to);
  eachVector(f, lanes, count, [from, at], ({ load, store }) => f.do(store(at, mul(lanes.constant(0.5), add(load(at), load(from))))));
  const squares = f.let(lanes.constant(0));
  f.set(at, to);
  f.times(count, () => {
    f.set(squares, add(squares, mul(lanes.loadSplat(at), lanes.loadSplat(at))));
    f.advance(at, lanes.bytes);
  });
  return f.let(sqrt(squares));
}

/** sweep(n, a, basis, negligible): one pass over all pairs; 1 where anything was left to turn. */
const sweep = (module: ModuleBuilder, lanes: Lanes): FunctionRef<readonly ['i32', 'i32', 'i32', 'v128'], 'i32'> => {
  const { abs, add, gt, mul, sub } = lanes.arithmetic;
  const turn = turnRows(module, lanes);
  return module.function(`eigh_sweep_${lanes.precision}`, ['i32', 'i32', 'i32', 'v128'], 'i32', (f, n, a, basis, negligible) => {
    const row = f.let(inBytes(lanes, n));
    const turned = f.let(int(0));
    const [rowP, basisP] = [f.let(a), f.let(basis)];
    f.times(n, (p) => {
      const [rowQ, basisQ, q] = [f.let(rowP), f.let(basisP), f.let(plus(p, 1))];
      f.for(q, n, 1, () => {
        f.advance(rowQ, row);
        f.advance(basisQ, row);
        const betweenAt = f.let(plus(rowP, inBytes(lanes, q)));
        const between = f.let(lanes.loadSplat(betweenAt));
        f.if(holds(lanes, gt(abs(between), negligible)), () => {
          f.set(turned, int(1));
          const [firstAt, secondAt] = [f.let(plus(rowP, inBytes(lanes, p))), f.let(plus(rowQ, inBytes(lanes, q)))];
          const [first, second] = [f.let(lanes.loadSplat(firstAt)), f.let(lanes.loadSplat(secondAt))];
          const { t, c, s } = rotation(f, lanes, first, between, second);
          f.call(turn, n, c, s, rowP, rowQ);
          f.call(turn, n, c, s, basisP, basisQ);
          mirror(f, lanes, n, row, [
            [rowP, plus(a, inBytes(lanes, p))],
            [rowQ, plus(a, inBytes(lanes, q))],
          ]);
          const step = f.let(mul(t, between));
          f.do(lanes.storeOne(firstAt, sub(first, step)));
          f.do(lanes.storeOne(secondAt, add(second, step)));
          f.do(lanes.storeOne(betweenAt, lanes.constant(0)));
          f.do(lanes.storeOne(plus(rowQ, inBytes(lanes, p)), lanes.constant(0)));
        });
      });
      f.advance(rowP, row);
      f.advance(basisP, row);
    });
    f.return(turned);
  });
};

/** The rotation that makes the element between two diagonal ones 0: its tangent, cosine and sine. */
function rotation(
  f: FunctionBuilder,
  lanes: Lanes,
  first: Vector,
  between: Vector,
  second: Vector,
): { readonly t: Vector; readonly c: Vector; readonly s: Vector } {
  const { abs, add, div, lt, mul, neg, sqrt, sub } = lanes.arithmetic;
  const one = lanes.constant(1);
  const theta = f.let(div(sub(second, first), add(between, between)));
  const size = f.let(div(one, add(abs(theta), sqrt(add(mul(theta, theta), one)))));
  const t = f.let(v128.bitselect(neg(size), size, lt(theta, lanes.constant(0))));
  const c = f.let(div(one, sqrt(add(mul(t, t), one))));
  return { t, c, s: f.let(mul(t, c)) };
}

/** Rows into the columns that they are, too. */
function mirror(f: FunctionBuilder, lanes: Lanes, n: I32, row: I32, pairs: readonly (readonly [I32, I32])[]): void {
  const moving = pairs.map(([from, to]) => [f.let(from), f.let(to)] as const);
  f.times(n, () => {
    for (const [from, to] of moving) {
      f.do(lanes.storeOne(to, lanes.loadOne(from)));
      f.advance(from, lanes.bytes);
      f.advance(to, row);
    }
  });
}

/** putInOrder(n, a, basis, values): the diagonal in ascending order, rows of the basis with it, each with its greatest component positive. */
const putInOrder = (module: ModuleBuilder, lanes: Lanes): FunctionRef<readonly ['i32', 'i32', 'i32', 'i32'], undefined> => {
  const { lt } = lanes.arithmetic;
  const swap = swapRows(module, lanes);
  return module.function(`eigh_order_${lanes.precision}`, ['i32', 'i32', 'i32', 'i32'], undefined, (f, n, a, basis, values) => {
    const row = f.let(inBytes(lanes, n));
    const [at, diagonal] = [f.let(values), f.let(a)];
    f.times(n, () => {
      f.do(lanes.storeOne(at, lanes.loadOne(diagonal)));
      f.advance(at, lanes.bytes);
      f.advance(diagonal, plus(row, lanes.bytes));
    });
    const left = f.let(n);
    f.while(left, () => {
      f.advance(left, -1);
      const [least, leastRow, other, otherRow] = [f.let(values), f.let(basis), f.let(values), f.let(basis)];
      f.times(left, () => {
        f.advance(other, lanes.bytes);
        f.advance(otherRow, row);
        f.if(holds(lanes, lt(lanes.loadOne(other), lanes.loadOne(least))), () => {
          f.set(least, other);
          f.set(leastRow, otherRow);
        });
      });
      f.if(i32.ne(least, values), () => {
        f.call(swap, int(1), values, least);
        f.call(swap, n, basis, leastRow);
      });
      makePositive(f, lanes, n, basis);
      f.advance(values, lanes.bytes);
      f.advance(basis, row);
    });
  });
};

/** A row with its sign changed where the first of its greatest components is negative. */
function makePositive(f: FunctionBuilder, lanes: Lanes, n: I32, row: I32): void {
  const { abs, gt, lt, neg } = lanes.arithmetic;
  const [at, greatest] = [f.let(row), f.let(lanes.constant(0))];
  f.times(n, () => {
    f.if(holds(lanes, gt(abs(lanes.loadOne(at)), abs(greatest))), () => f.set(greatest, lanes.loadOne(at)));
    f.advance(at, lanes.bytes);
  });
  f.if(holds(lanes, lt(greatest, lanes.constant(0))), () => {
    f.set(at, row);
    eachVector(f, lanes, n, [at], ({ load, store }) => f.do(store(at, neg(load(at)))));
  });
}
