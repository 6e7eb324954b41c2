/** In a page: ops and reference problems on a backend, asked for from outside by name. */
import * as tf from '@tensorflow/tfjs-core';
import type { OpName } from '../../../plan/op-names.ts';
import type { DeviceLibrary, OpenDevice } from '../../../runtime/backends/calls/library.ts';
import { gpujsLibrary } from '../../../runtime/backends/gpujs/load.ts';
import { tfjsLibrary } from '../../../runtime/backends/tfjs/load.ts';
import { everyFormat } from '../../../runtime/data/every-format.ts';
import type { DataSources } from '../../../runtime/data/files.ts';
import { hypergradientError } from '../../backends/cases.ts';
import { given } from '../../../compiler/ir/attributes.ts';
import { exampleError, examples } from '../../backends/shapes.ts';
import { openedOr } from '../../helpers/calls.ts';
import { specialAllowances, tfjsSubject, type TfjsName } from '../../backends/tfjs.ts';
import { gpujsSubject, specialAllowance, type GpujsName } from '../../backends/gpujs.ts';
import { disagreements, type Subject } from '../../ops/agreement.ts';
import { graphsApart } from '../../programs/drawn-graphs.ts';
import { specialDisagreements, type SpecialAllowance } from '../../ops/special-operands.ts';

const sources: DataSources = {
  formats: everyFormat,
  resolve: (file, page) => page.replace(/[^/]*$/u, file),
  read: async (file) => new Uint8Array(await (await fetch(file)).arrayBuffer()),
};

/** What a page can be asked about. */
export type DeviceName = TfjsName | GpujsName;

const isGpujs = (name: DeviceName): name is GpujsName => name.startsWith('gpujs');
const libraryOf = (name: DeviceName): DeviceLibrary => (isGpujs(name) ? gpujsLibrary : tfjsLibrary);
const allowanceOf = (name: DeviceName): SpecialAllowance => (isGpujs(name) ? specialAllowance : specialAllowances[name]);

const subjects: Partial<Record<DeviceName, Promise<Subject>>> = {};
const subjectOf = (name: DeviceName): Promise<Subject> =>
  (subjects[name] ??= isGpujs(name) ? gpujsSubject(name, [0, 7]) : tfjsSubject(name, [0, 1, 7]));
const openedOf = (name: DeviceName): Promise<OpenDevice> => openedOr(libraryOf(name), name);

const asked = {
  describe: async (name: DeviceName) => (await openedOf(name)).describe(),
  disagreements: async (name: DeviceName, op: OpName) => disagreements(op, await subjectOf(name)),
  exampleError: async (name: DeviceName, example: string) => exampleError(given(examples[example]), await subjectOf(name)),
  graphsApart: async (name: DeviceName, count: number, seed: number) => graphsApart(await subjectOf(name), count, seed),
  /** Tensors of tfjs that an example leaves behind. */
  left: async (name: TfjsName, example: string) => {
    const subject = await subjectOf(name);
    const before = tf.memory().numTensors;
    await exampleError(given(examples[example]), subject);
    return tf.memory().numTensors - before;
  },
  special: async (name: DeviceName, op: OpName) => specialDisagreements(op, await subjectOf(name), allowanceOf(name)),
  hypergradientError: async (name: DeviceName, file: string) =>
    hypergradientError({ file, text: await (await fetch(file)).text() }, sources, libraryOf(name).library, await openedOf(name)),
};
export type Asked = typeof asked;

Object.assign(globalThis, { asked });
