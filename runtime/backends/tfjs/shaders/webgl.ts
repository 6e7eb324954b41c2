/** Shaders of ours on the library's WebGL backend. Their textures hold one element a texel; what a kernel of the library has packed, it unpacks for them. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { elementsOf, tensorOf, type Tfjs } from '../library.ts';
import { flat, variableNames, type Shaders } from './programs.ts';
import type { Shading } from './writer.ts';

/** What the backend takes a program to be. */
interface Program {
  readonly variableNames: readonly string[];
  readonly outputShape: readonly number[];
  readonly userCode: string;
}

interface Backend {
  readonly runWebGLProgram: (program: Program, inputs: readonly TensorInfo[], dtype: 'float32') => TensorInfo;
}

const shading: Shading = {
  variable: (name, type, value) => `${type === 'real' ? 'float' : 'int'} ${name} = ${value};`,
  choose: (condition, yes, no) => `((${condition}) ? (${yes}) : (${no}))`,
  toReal: (whole) => `float(${whole})`,
  toWhole: (value) => `int(${value})`,
  infinity: 'uintBitsToFloat(0x7f800000u)',
  nan: 'NAN',
  read: (operand, place) => `getX${operand}(${place})`,
};

/** A row alone leaves half of a GPU's quads without work: the greatest number of rows up to a square that gives no more elements. */
function rowsOf(count: number): number {
  let rows = Math.floor(Math.sqrt(count));
  while (count % rows !== 0) rows--;
  return rows;
}

export const webglShaders = (tfjs: Tfjs): Shaders => ({
  shading,
  // There are 16 at least.
  mostOperands: 13,
  run: ({ lines, result, operands, shape }) => {
    const count = elementsOf(shape);
    const rows = rowsOf(count);
    const program: Program = {
      variableNames: variableNames(operands.length),
      outputShape: [rows, count / rows],
      userCode: [
        'void main() {',
        'ivec2 place = getOutputCoords();',
        `int at = place.x * ${count / rows} + place.y;`,
        ...lines,
        `setOutput(${result});`,
        '}',
      ].join('\n'),
    };
    return (...tensors) => {
      // The library hands its backend out as one of any kind.
      const backend = tfjs.tf.backend() as unknown as Backend;
      return tensorOf(tfjs, { ...backend.runWebGLProgram(program, flat(tensors, operands), 'float32'), shape: [...shape] });
    };
  },
});
