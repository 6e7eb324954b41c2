/** What the files that a page names say of its problem, for whoever writes it: sizes, and what does not fit. Nothing is run. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { ProblemDescription } from '../plan/types.ts';
import { dataDoubts } from '../runtime/data-doubts.ts';
import { everyFormat } from '../runtime/data/every-format.ts';
import { bindData, FileError, type Files } from '../runtime/data/files.ts';
import { checkDemands } from '../runtime/demands.ts';
import { crossValidation } from '../runtime/folds/cross-validation.ts';
import { labelDoubts } from '../runtime/label-doubts.ts';
import type { Sizes } from './asked.ts';

/** Where the files of pages are. */
export interface PageFiles extends Files {
  /** The name, for `read`, of a file as the page says it; undefined where the page lies nowhere, as one that is not saved. */
  readonly resolve: (file: string, page: string) => string | undefined;
}

export interface DataFacts {
  /** Absent where data are given elsewhere, or do not fit. */
  readonly sizes?: Sizes;
  /** About data whose file the page names. */
  readonly diagnostics: readonly Diagnostic[];
}

/** More than is read while a page is written, in bytes. */
export const largestFile = 16 * 2 ** 20;

/** What `read` rejects with where a file is larger: nothing is said of its problem then. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

/** Reads every file that the description names. */
export async function dataFacts(description: ProblemDescription, files: PageFiles): Promise<DataFacts> {
  try {
    return description.data.some(({ from }) => from !== undefined) ? await factsIn(description, files) : { diagnostics: [] };
  } catch (error) {
    if (error instanceof TooLarge) return { diagnostics: [] };
    throw error;
  }
}

async function factsIn(description: ProblemDescription, files: PageFiles): Promise<DataFacts> {
  const parts = { checkDemands, crossValidation, dataDoubts, labelDoubts };
  const { bound, diagnostics } = await bindData(description, { ...files, formats: everyFormat, by: 'flags' }, 0, parts);
  const isGivenElsewhere = ({ span }: Diagnostic): boolean =>
    description.data.some((data) => data.from === undefined && data.span.start === span?.start && data.span.end === span.end);
  const told = diagnostics.filter((diagnostic) => !isGivenElsewhere(diagnostic));
  return bound === undefined ? { diagnostics: told } : { sizes: bound.sizes, diagnostics: told };
}

export { FileError };
