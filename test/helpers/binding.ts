/** Everything that binding data may take, as the command line hands it in. */
import type { BindingParts } from '../../runtime/bind.ts';
import { dataDoubts } from '../../runtime/data-doubts.ts';
import { checkDemands } from '../../runtime/demands.ts';
import { drawAll } from '../../runtime/draws.ts';
import { crossValidation } from '../../runtime/folds/cross-validation.ts';
import { labelDoubts } from '../../runtime/label-doubts.ts';

export const everyBindingPart: BindingParts = { checkDemands, crossValidation, dataDoubts, drawAll, labelDoubts };
