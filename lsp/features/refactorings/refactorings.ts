/** All refactorings, in the order in which they are offered. */
import type { Rewriter } from '../code-actions.ts';
import { changeKind } from './change-kind.ts';
import { crossValidate } from './cross-validate.ts';
import { extractFn } from './extract-fn.ts';
import { extractLet } from './extract-let.ts';
import { flipIf } from './flip-if.ts';
import { inlineFn } from './inline-fn.ts';
import { inlineLet } from './inline-let.ts';
import { nameStrategy } from './name-strategy.ts';
import { removeUnused } from './remove-unused.ts';
import { rewriteForm } from './rewrite-form.ts';

export const refactorings: readonly Rewriter[] = [
  extractLet,
  extractFn,
  inlineLet,
  inlineFn,
  rewriteForm,
  flipIf,
  crossValidate,
  changeKind,
  nameStrategy,
  removeUnused,
];
