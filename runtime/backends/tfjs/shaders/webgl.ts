/**
 * Shaders of ours on the library's WebGL backend. Pointwise ones keep the library's packed textures, four elements a texel: what is beyond the
 * edge there is 0, for its products of matrices read it.
 */
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { elementsOf, tensorOf, type Tfjs } from '../library.ts';
import { variableNames, type Programs } from './programs.ts';
import { Writer, type Dialect } from './writer.ts';

/** What the backend takes a program to be. */
interface Program {
  readonly variableNames: readonly string[];
  readonly outputShape: readonly number[];
  readonly userCode: string;
  readonly packedInputs: boolean;
  readonly packedOutput: boolean;
  readonly supportsBroadcasting: true;
}

interface Backend {
  readonly compileAndRun: (program: Program, inputs: readonly TensorInfo[], dtype: 'float32') => TensorInfo;
}

const dialect: Dialect = {
  variable: (name, type, value) => `${type === 'real' ? 'float' : 'int'} ${name} = ${value};`,
  choose: (condition, yes, no) => `((${condition}) ? (${yes}) : (${no}))`,
  toReal: (whole) => `float(${whole})`,
  toWhole: (value) => `int(${value})`,
  infinity: 'uintBitsToFloat(0x7f800000u)',
};

const lanes = ['x', 'y', 'z', 'w'] as const;
const channels = ['x', 'y', 'z', 'w', 'u', 'v'] as const;

/** Which of a texel's four elements are there: the next one along the last axis, the next along the axis before it, and both. */
function present(shape: readonly number[]): readonly string[] {
  const rank = shape.length;
  if (elementsOf(shape) === 1) return ['true', 'false', 'false', 'false'];
  if (rank === 1) return ['true', `coords + 1 < ${shape[0]}`, 'false', 'false'];
  const next = (axis: number): string => `coords.${channels[axis]} + 1 < ${shape[axis]}`;
  const [column, row] = [next(rank - 1), next(rank - 2)];
  return ['true', column, row, `${column} && ${row}`];
}

const coordsType = (rank: number): string => (rank <= 1 ? 'int' : rank <= 4 ? `ivec${rank}` : `ivec${rank}`);

export function webglPrograms(tfjs: Tfjs): Programs {
  // The library hands its backend out as one of any kind.
  const backend = (): Backend => tfjs.tf.backend() as unknown as Backend;
  const run = (operands: number, outputShape: readonly number[], userCode: string, isPacked: boolean) => {
    const program = (): Program => ({
      variableNames: variableNames(operands),
      outputShape,
      userCode,
      packedInputs: isPacked,
      packedOutput: isPacked,
      supportsBroadcasting: true,
    });
    return (...tensors: readonly Tensor[]): Tensor => tensorOf(tfjs, backend().compileAndRun(program(), tensors, 'float32'));
  };
  return {
    pointwise: (_name, { operands, result }, element) => {
      const names = variableNames(operands.length);
      const w = new Writer(dialect, 'NAN');
      const parameters = names.map((_, i) => `x${i}`);
      const value = element(w, parameters);
      const reads = names.map((name, i) => `vec4 x${i} = get${name}AtOutCoords();`);
      const there = present(result);
      const results = lanes.map((lane, i) => {
        const one = `element(${parameters.map((x) => `${x}.${lane}`).join(', ')})`;
        return i === 0 ? one : `(${there[i]}) ? ${one} : 0.0`;
      });
      const coords = elementsOf(result) === 1 ? '' : `${coordsType(result.length)} coords = getOutputCoords();`;
      const code = `
float element(${parameters.map((x) => `float ${x}`).join(', ')}) {
${w.lines.join('\n')}
return ${value};
}
void main() {
${coords}
${reads.join('\n')}
setOutput(vec4(${results.join(',\n')}));
}`;
      return run(operands.length, result, code, true);
    },
    placed: (_name, operands, result, element) => {
      const w = new Writer(dialect, 'NAN');
      const read = variableNames(operands).map((name) => (i: string, j: string, k: string) => `get${name}(${i}, ${j}, ${k})`);
      const value = element(w, ['coords.x', 'coords.y', 'coords.z'], read);
      return run(
        operands,
        result,
        `void main() {\nivec3 coords = getOutputCoords();\n${w.lines.join('\n')}\nsetOutput(${value});\n}`,
        false,
      );
    },
  };
}
