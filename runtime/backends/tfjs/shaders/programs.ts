/** Programs (decision 033) as shaders, one for each of the two backends' languages: `Shading` is what these write differently. */
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { programRun, type Maker } from '../../calls/parts.ts';
import type { Program } from '../../calls/terms.ts';
import { textOf, type Dialect, type Text } from '../../calls/text.ts';
import { elementsOf, made, mapValues, shared, type Run, type Tfjs } from '../library.ts';
import { formulas } from './formulas.ts';
import { real, Writer, type Shading } from './writer.ts';

/** One invocation an element, whose position is `at`: of tensors the elements in their order are seen, whatever the shape. */
export interface Shader extends Text {
  /** Elements of each operand. */
  readonly operands: readonly number[];
  readonly shape: readonly number[];
}

/** What runs shaders of ours on one backend of the library. */
export interface Shaders {
  readonly shading: Shading;
  /** How many tensors one shader may read. */
  readonly mostOperands: number;
  readonly run: (shader: Shader) => Run;
}

export interface Programs {
  readonly shaders: Shaders;
  readonly dialect: Dialect;
  readonly run: (program: Program) => Run;
}

export const variableNames = (count: number): string[] => Array.from({ length: count }, (_, i) => `x${i}`);

/** As shaders see them. */
export const flat = (tensors: readonly Tensor[], operands: readonly number[]): TensorInfo[] =>
  tensors.map(({ dataId }, i) => ({ dataId, shape: [operands[i] ?? 0], dtype: 'float32' }));

/** Whole numbers are whole: a place may be as far away as it likes. */
export function dialectOf(shading: Shading): Dialect {
  const { variable } = shading;
  return {
    thread: 'at',
    coordinates: (sizes, thread, prefix) => {
      const lines: string[] = [];
      const whole = (name: string, value: string): string => {
        lines.push(variable(`${prefix}${name}`, 'whole', value));
        return `${prefix}${name}`;
      };
      let rest = thread;
      const names = sizes.map(() => rest);
      for (let i = sizes.length - 1; i > 0; i--) {
        const quotient = whole(`q${i}`, `${rest} / ${sizes[i]}`);
        names[i] = whole(`c${i}`, `${rest} - ${quotient} * ${sizes[i]}`);
        rest = quotient;
      }
      return { lines, names: names.map((name, i) => (i === 0 ? rest : name)) };
    },
    declared: variable,
    kept: (place) => place,
    whole: (variable) => variable,
    held: (condition, place) => shading.choose(condition, place, '0'),
    toReal: shading.toReal,
    number: (value) => numberText(shading, Math.fround(value)),
    read: shading.read,
    formulas: mapValues(formulas, (formula) => (to: string, x: string, y: string, z: string) => {
      const w = new Writer(shading, `${to}n`);
      const value = formula(w, x, y, z);
      return [...w.lines, variable(to, 'real', value)];
    }),
    // What is not a number is never passed.
    raised: (to, value) => `if (${value} > ${to} || isnan(${value})) { ${to} = ${value}; }`,
    isFloat64: false,
    areCountersWhole: true,
    areVariablesWhole: true,
  };
}

function numberText({ infinity, nan }: Shading, value: number): string {
  if (Number.isFinite(value)) return real(value);
  return Number.isNaN(value) ? nan : `${value < 0 ? '-' : ''}${infinity}`;
}

export function programsOf(tfjs: Tfjs, shaders: Shaders): Programs {
  const dialect = dialectOf(shaders.shading);
  const maker: Maker<Tensor> = {
    kernel: (program) => {
      const { operands, shape } = program;
      const run = shaders.run({ ...textOf(program, dialect), operands, shape });
      return (tensors) => run(...tensors);
    },
    empty: (shape) => made(tfjs, new Float32Array(elementsOf(shape)), shape),
    same: (tensor, shape) => shared(tfjs, tensor, shape),
    free: (tensor) => void tensor.dispose(),
    mostOperands: shaders.mostOperands,
    hasParts: () => true,
  };
  return {
    shaders,
    dialect,
    run: (program) => {
      const run = programRun(maker, program);
      return (...tensors) => run(tensors);
    },
  };
}
