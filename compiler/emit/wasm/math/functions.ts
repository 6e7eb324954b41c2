/** The elementary functions on vectors, by their names. What each means is its row in `compiler/ops/pointwise.ts`. */
import { InternalError } from '../../../../diagnostics/internal-error.ts';
import type { FunctionBuilder, FunctionRef, ModuleBuilder } from '../assembler.ts';
import type { V128 } from '../instructions.ts';
import type { Lanes } from '../lanes.ts';
import { erf } from './erf.ts';
import { exp, expm1, sigmoid, softplus, tanh } from './exponential.ts';
import { log, log1p } from './logarithm.ts';
import { pow } from './power.ts';
import { cos, sin } from './trigonometric.ts';

export type MathName = 'exp' | 'log' | 'log1p' | 'expm1' | 'tanh' | 'sigmoid' | 'softplus' | 'sin' | 'cos' | 'erf' | 'pow';

export interface MathFunction {
  readonly arity: 1 | 2;
  /** Written where it is used, so that its constants are made once for a loop; otherwise a function of the module. */
  readonly inline: boolean;
  /** Writes the function into `f`. Operands are evaluated once; the value is to be used once. */
  readonly emit: (module: ModuleBuilder, f: FunctionBuilder, lanes: Lanes, ...x: readonly V128[]) => V128;
}

type Unary = (f: FunctionBuilder, lanes: Lanes, x: V128) => V128;
type UnaryOfModule = (module: ModuleBuilder, f: FunctionBuilder, lanes: Lanes, x: V128) => V128;

const operand = (x: readonly V128[], index: number): V128 => {
  const value = x[index];
  if (value === undefined) throw new InternalError('emit wasm', `a mathematical function lacks operand ${index + 1}`);
  return value;
};
const unary = (write: Unary): MathFunction => ({
  arity: 1,
  inline: true,
  emit: (_module, f, lanes, ...x) => write(f, lanes, operand(x, 0)),
});
const ofModule = (write: UnaryOfModule): MathFunction => ({
  arity: 1,
  inline: true,
  emit: (module, f, lanes, ...x) => write(module, f, lanes, operand(x, 0)),
});

export const mathFunctions: Readonly<Record<MathName, MathFunction>> = {
  exp: unary(exp),
  log: unary(log),
  log1p: unary(log1p),
  expm1: unary(expm1),
  tanh: unary(tanh),
  sigmoid: unary(sigmoid),
  softplus: unary(softplus),
  sin: ofModule(sin),
  cos: ofModule(cos),
  erf: unary(erf),
  pow: { arity: 2, inline: false, emit: (module, f, lanes, ...x) => pow(module, f, lanes, operand(x, 0), operand(x, 1)) },
};

/** Applies one: inline, or through a function that the module has once. Gives a local. */
export function applyMath(module: ModuleBuilder, f: FunctionBuilder, lanes: Lanes, name: MathName, ...x: readonly V128[]): V128 {
  const { inline, arity, emit } = mathFunctions[name];
  if (inline) return f.let(emit(module, f, lanes, ...x));
  const first = operand(x, 0);
  return f.let(f.result(calledOf(module, lanes, name), first, arity === 1 ? lanes.constant(0) : operand(x, 1)));
}

/** With a second operand, whether it is used or not. */
const calledOf = (module: ModuleBuilder, lanes: Lanes, name: MathName): FunctionRef<['v128', 'v128'], 'v128'> =>
  module.once(`${name} ${lanes.precision}`, () =>
    module.function(`${name} ${lanes.precision}`, ['v128', 'v128'], 'v128', (f, a, b) => {
      f.return(mathFunctions[name].emit(module, f, lanes, a, b));
    }),
  );
