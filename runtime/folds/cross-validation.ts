/** What a problem with folds or strata needs of the runtime, and others do without: handed in where it is bound. */
import { bindFolds } from './bind.ts';
import { cutSpecial } from './cut.ts';

export const crossValidation = { cut: cutSpecial, bind: bindFolds } as const;

export type CrossValidation = typeof crossValidation;
