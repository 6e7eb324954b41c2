/** All parts of a session that some problem may need, for who does not know the problem yet; a module is handed its own (`session.ts`). */
import { brokenSolve } from './broken-solves.ts';
import { byDifferences } from './by-differences.ts';
import { inFloat32 } from './in-float32.ts';
import { curvedKinds } from './curved-kinds.ts';
import { everyDoubt, everyRemark } from './doubts.ts';
import { drawnStart } from './drawn-start.ts';
import { iterative } from './iterative.ts';
import { outerDoubts } from './outer-doubts.ts';
import { adapted } from './resampled.ts';
import type { SessionParts } from './session.ts';
import { wholeOf } from './whole.ts';

export const everyPart = {
  brokenSolve,
  byDifferences,
  doubts: everyDoubt,
  remarks: everyRemark,
  outerDoubts,
  inFloat32,
  iterative,
  adapt: adapted,
  curvedKinds,
  drawnStart,
  wholeOf,
} satisfies SessionParts;
