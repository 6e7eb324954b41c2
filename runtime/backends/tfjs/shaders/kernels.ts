import { InternalError } from '../../../../diagnostics/internal-error.ts';
import type { Tfjs } from '../library.ts';
import type { OwnKernels } from '../own.ts';
export function shaderKernels(_tfjs: Tfjs): OwnKernels {
  throw new InternalError('tfjs', 'not yet');
}
