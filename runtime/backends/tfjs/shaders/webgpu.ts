/** Shaders of ours on the library's WebGPU backend: one invocation an element. */
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { elementsOf, tensorOf, type Tfjs } from '../library.ts';
import { variableNames, type Programs } from './programs.ts';
import { Writer, type Dialect } from './writer.ts';

/** What the backend takes a program to be. */
interface Program {
  readonly variableNames: readonly string[];
  readonly outputShape: readonly number[];
  readonly shaderKey: string;
  readonly size: true;
  readonly workgroupSize: readonly [number, number, number];
  readonly dispatchLayout: { readonly x: readonly number[] };
  readonly dispatch: readonly [number, number, number];
  readonly getUserCode: () => string;
}

interface Backend {
  readonly runWebGPUProgram: (program: Program, inputs: readonly TensorInfo[], dtype: 'float32') => TensorInfo;
}

const dialect: Dialect = {
  variable: (name, type, value) => `var ${name}: ${type === 'real' ? 'f32' : 'i32'} = ${value};`,
  choose: (condition, yes, no) => `select(${no}, ${yes}, ${condition})`,
  toReal: (whole) => `f32(${whole})`,
  toWhole: (value) => `i32(${value})`,
  infinity: 'uniforms.INFINITY',
};

const width = 64;

export function webgpuPrograms(tfjs: Tfjs): Programs {
  // The library hands its backend out as one of any kind.
  const backend = (): Backend => tfjs.tf.backend() as unknown as Backend;
  const run = (name: string, operands: number, shape: readonly number[], main: string) => {
    const count = Math.ceil(elementsOf(shape) / width);
    const program = (): Program => ({
      variableNames: variableNames(operands),
      outputShape: shape,
      shaderKey: `bilevel ${name} ${main}`,
      size: true,
      workgroupSize: [width, 1, 1],
      dispatchLayout: { x: shape.map((_, axis) => axis) },
      dispatch: [count, 1, 1],
      getUserCode: () =>
        `fn main(index: i32) {\nif (index >= uniforms.size) { return; }\nlet coords = getCoordsFromIndex(index);\n${main}\n}`,
    });
    // What runs a program writes into it.
    return (...tensors: readonly Tensor[]): Tensor => tensorOf(tfjs, backend().runWebGPUProgram(program(), tensors, 'float32'));
  };
  return {
    pointwise: (name, { operands, result }, element) => {
      const w = new Writer(dialect, 'uniforms.NAN');
      const read = variableNames(operands.length).map((variable) => w.let(`get${variable}ByOutputIndex(index)`));
      const value = element(w, read);
      return run(name, operands.length, result, [...w.lines, `setOutputAtIndex(index, ${value});`].join('\n'));
    },
    placed: (name, operands, result, element) => {
      const w = new Writer(dialect, 'uniforms.NAN');
      const read = variableNames(operands).map((variable) => (i: string, j: string, k: string) => `get${variable}(${i}, ${j}, ${k})`);
      const value = element(w, ['coords.x', 'coords.y', 'coords.z'], read);
      return run(name, operands, result, [...w.lines, `setOutputAtIndex(index, ${value});`].join('\n'));
    },
  };
}
