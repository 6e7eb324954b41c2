/** Shaders of ours on the library's WebGPU backend. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { elementsOf, tensorOf, type Tfjs } from '../library.ts';
import { flat, variableNames, type Shaders } from './programs.ts';
import type { Shading } from './writer.ts';

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

const shading: Shading = {
  variable: (name, type, value) => `var ${name}: ${type === 'real' ? 'f32' : 'i32'} = ${value};`,
  choose: (condition, yes, no) => `select(${no}, ${yes}, ${condition})`,
  toReal: (whole) => `f32(${whole})`,
  toWhole: (value) => `i32(${value})`,
  infinity: 'uniforms.INFINITY',
  nan: 'uniforms.NAN',
  read: (operand, place) => `x${operand}[${place}]`,
};

const width = 64;

/** The library makes a key of more than this for each run: of a text it has its number. */
const numbers = new Map<string, number>();

export const webgpuShaders = (tfjs: Tfjs): Shaders => ({
  shading,
  // Every device has eight buffers for a shader; one is the result.
  mostOperands: 7,
  run: ({ lines, result, operands, shape }) => {
    const count = elementsOf(shape);
    const code = ['fn main(at: i32) {', 'if (at >= uniforms.size) { return; }', ...lines, `setOutputAtIndex(at, ${result});`, '}'].join(
      '\n',
    );
    const number = numbers.get(code) ?? numbers.size;
    numbers.set(code, number);
    // What runs a program writes into it.
    const program = (): Program => ({
      variableNames: variableNames(operands.length),
      outputShape: [count],
      shaderKey: `bilevel ${number}`,
      size: true,
      workgroupSize: [width, 1, 1],
      dispatchLayout: { x: [0] },
      dispatch: [Math.ceil(count / width), 1, 1],
      getUserCode: () => code,
    });
    return (...tensors) => {
      // The library hands its backend out as one of any kind.
      const backend = tfjs.tf.backend() as unknown as Backend;
      return tensorOf(tfjs, { ...backend.runWebGPUProgram(program(), flat(tensors, operands), 'float32'), shape: [...shape] });
    };
  },
});
