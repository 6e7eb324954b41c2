/** `solve outer with adam(resample = true)`: the criterion is another one at each outer step, and what goes with that. */
import { badResampling } from '../../diagnostics/levels.ts';
import type { MethodInfo } from '../program.ts';
import { numberOption } from '../solvers/options.ts';
import type { Context } from './context.ts';

export function resamples(method: MethodInfo | undefined): boolean {
  const option = method?.options.get('resample');
  return option?.kind === 'flag' && option.flag;
}

/** Reports where there is nothing to draw, or what is compared must be one function. `hasNoise`: the problem draws noise. */
export function checkResampling(c: Context, method: MethodInfo | undefined, hasNoise: boolean): void {
  const option = method?.options.get('resample');
  if (method === undefined || option === undefined || !resamples(method)) return;
  if (!hasNoise) {
    const because = 'there is no `random` noise here that could be drawn anew';
    c.report(badResampling({ span: option.span }, { because, hint: 'leave `resample` out' }));
  } else if ((numberOption(method, 'starts') ?? 1) > 1) {
    const because = 'several starts are compared by one criterion, and with `resample` each outer step has another';
    c.report(badResampling({ span: option.span }, { because, hint: 'leave `starts` or `resample` out' }));
  }
}
