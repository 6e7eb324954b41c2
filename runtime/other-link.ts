/**
 * What a module needs to compute in another way than on Wasm in the numbers of its kernels. Here: on Wasm in float32 that is corrected or judged in
 * float64; on libraries of kernels it is `other-backends.ts`. Handed in where a module was compiled for that.
 */
import { absentPrecision } from '../diagnostics/backend.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Environment } from '../plan/evaluate.ts';
import type { Precision } from '../plan/kernels.ts';
import { refinedId, whyNotRefined } from '../plan/mixed.ts';
import type { Arithmetic, Plan, ProblemModule } from '../plan/types.ts';
import type { OwnLibrary } from './backends/calls/library.ts';
import { linkIn } from './backends/mixed/link.ts';
import type { ModuleCode } from './module.ts';

type Link = ProblemModule['link'];

export interface Asked {
  readonly code: ModuleCode;
  readonly backend: string;
  /** `auto`: as the backend can. */
  readonly precision: Arithmetic | 'auto';
  /** What Wasm computes in where nobody asks for another. */
  readonly usual: Precision;
  readonly library: OwnLibrary | undefined;
  readonly threads: number | 'auto';
  /** To the module's own kernels. */
  readonly own: (precision: Precision) => Link;
  readonly sizes: Environment;
}

/** A link, with what else is another there than on Wasm, or why there is none; undefined: the module's own kernels will do. */
export type OtherLink = (
  asked: Asked,
) => Promise<(Pick<ProblemModule, 'link' | 'calibration'> & { readonly plan?: Plan }) | Diagnostic | undefined>;

/** Of a module without libraries. */
export const otherPrecisions: OtherLink = ({ code, backend, precision, own }) => {
  if (backend !== 'wasm' && backend !== 'auto') return Promise.resolve(undefined);
  const inSingle = (): ReturnType<OtherLink> => Promise.resolve({ link: linkIn(precision, code, own('f32'), own('f64'), own('f32')) });
  if (precision === 'f32' && hasFloat64(code)) return inSingle();
  if (precision !== 'mixed') return Promise.resolve(undefined);
  const refinable = code.plan.candidates.filter((candidate) => whyNotRefined(code.description, candidate) === undefined);
  return refinable.every(({ id }) => code.code[refinedId(id)]?.f32 !== undefined)
    ? inSingle()
    : Promise.resolve(absentPrecision({}, { asked: precision, present: precisionsOf(code) }));
};

/** In which it carries kernels. */
export const precisionsOf = ({ code }: ModuleCode): readonly Precision[] =>
  [...new Set(Object.values(code).flatMap((own) => Object.keys(own)))] as Precision[];

const hasFloat64 = ({ code }: ModuleCode): boolean => Object.values(code).some(({ f64, f32 }) => f64 !== undefined && f32 !== undefined);
