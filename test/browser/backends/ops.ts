/** In a page: ops and reference problems on a backend, asked for from outside by name. */
import type { OpName } from '../../../plan/op-names.ts';
import { tfjsLibrary } from '../../../runtime/backends/tfjs/load.ts';
import { everyFormat } from '../../../runtime/data/every-format.ts';
import type { DataSources } from '../../../runtime/data/files.ts';
import { hypergradientError } from '../../backends/cases.ts';
import { given } from '../../../compiler/ir/attributes.ts';
import { exampleError, examples } from '../../backends/shapes.ts';
import { openedOr } from '../../helpers/calls.ts';
import { specialAllowances, tfjsSubject, type TfjsName } from '../../backends/tfjs.ts';
import { disagreements, type Subject } from '../../ops/agreement.ts';
import { specialDisagreements } from '../../ops/special-operands.ts';

const sources: DataSources = {
  formats: everyFormat,
  resolve: (file, page) => page.replace(/[^/]*$/u, file),
  read: async (file) => new Uint8Array(await (await fetch(file)).arrayBuffer()),
};

const subjects: Partial<Record<TfjsName, Promise<Subject>>> = {};
const subjectOf = (name: TfjsName): Promise<Subject> => (subjects[name] ??= tfjsSubject(name, [0, 1, 7]));

const asked = {
  describe: async (name: TfjsName) => (await openedOr(tfjsLibrary, name)).describe(),
  disagreements: async (name: TfjsName, op: OpName) => disagreements(op, await subjectOf(name)),
  exampleError: async (name: TfjsName, example: string) => exampleError(given(examples[example]), await subjectOf(name)),
  special: async (name: TfjsName, op: OpName) => specialDisagreements(op, await subjectOf(name), specialAllowances[name]),
  hypergradientError: async (name: TfjsName, file: string) =>
    hypergradientError({ file, text: await (await fetch(file)).text() }, sources, 'tfjs', await openedOr(tfjsLibrary, name)),
};
export type Asked = typeof asked;

Object.assign(globalThis, { asked });
