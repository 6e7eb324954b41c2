/** In a page: ops on a backend against the reference interpreter, asked for from outside by name. */
import type { OpName } from '../../../plan/op-names.ts';
import { tfjsLibrary } from '../../../runtime/backends/tfjs/load.ts';
import { openedOr } from '../../helpers/calls.ts';
import { specialAllowances, tfjsSubject, type TfjsName } from '../../backends/tfjs.ts';
import { disagreements, type Subject } from '../../ops/agreement.ts';
import { specialDisagreements } from '../../ops/special-operands.ts';

const subjects: Partial<Record<TfjsName, Promise<Subject>>> = {};
const subjectOf = (name: TfjsName): Promise<Subject> => (subjects[name] ??= tfjsSubject(name, [0, 1, 7, 33]));

const asked = {
  describe: async (name: TfjsName) => (await openedOr(tfjsLibrary, name)).describe(),
  disagreements: async (name: TfjsName, op: OpName) => disagreements(op, await subjectOf(name)),
  special: async (name: TfjsName, op: OpName) => specialDisagreements(op, await subjectOf(name), specialAllowances[name]),
};
export type Asked = typeof asked;

Object.assign(globalThis, { asked });
