/** All refactorings, in the order in which they are offered. */
import { hasErrors } from '../../../diagnostics/diagnostic.ts';
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

/** Of a page that can be read: of another one the tree says too little. */
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
].map(
  (rewriter): Rewriter =>
    (analysis, at) =>
      hasErrors(analysis.parsed().diagnostics) ? [] : rewriter(analysis, at),
);
