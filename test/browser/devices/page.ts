/** Hypergradients of pages that are compiled in the browser, on the backends that are asked for. */
import { problem } from '../../../library/problem.ts';
import type { BindOptions } from '../../../runtime/module.ts';
import { ProblemError } from '../../../runtime/problem-error.ts';

export interface Asked {
  readonly page: string;
  readonly data: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: readonly number[] }>>;
  readonly hyper: Readonly<Record<string, number | { readonly shape: readonly number[]; readonly data: readonly number[] }>>;
  readonly options: Omit<BindOptions, 'library'>;
}

export interface Answered {
  readonly hypergradient?: Readonly<Record<string, readonly number[]>>;
  readonly computedBy?: {
    readonly backend: string;
    readonly precision: string;
    readonly why: string;
    readonly chosen?: string | undefined;
    readonly declined?: string | undefined;
  };
  readonly status?: string;
  readonly strategy?: string;
  readonly error?: { readonly estimate?: number | undefined; readonly why: string };
  /** Where it failed. */
  readonly failure?: string;
  readonly milliseconds: number;
}

async function hypergradient({ page, data, hyper, options }: Asked): Promise<Answered> {
  const began = performance.now();
  try {
    const found = await problem(page).hypergradient(data, hyper, options);
    const { computedBy, status, strategy, error } = found;
    return {
      hypergradient: Object.fromEntries(
        Object.entries(found.hypergradient).map(([name, value]) => [name, typeof value === 'number' ? [value] : [...value.data]]),
      ),
      computedBy: { ...computedBy },
      status,
      strategy,
      error: { estimate: error.estimate, why: error.why },
      milliseconds: performance.now() - began,
    };
  } catch (error) {
    const failure = error instanceof ProblemError ? `${error.status} ${error.message}` : String(error);
    return { failure, milliseconds: performance.now() - began };
  }
}

Object.assign(globalThis, { hypergradient });
