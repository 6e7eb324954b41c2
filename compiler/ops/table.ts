/** The op table: one row an op, exhaustive by type. */
import type { OpName } from './names.ts';
import type { OpRow } from './spec.ts';

export const ops: Readonly<Record<OpName, OpRow>> = {} as Record<OpName, OpRow>;
