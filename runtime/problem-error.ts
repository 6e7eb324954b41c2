/** The one error that an emitted module rejects with: what is wrong as data, and where. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Status } from '../plan/status.ts';
import type { SourceText } from './module.ts';

/**
 * A call that has no result. `code` and `status` are for programs: the code of the first diagnostic (`BL6011`; `interrupted` where there
 * is none), and how far it came: `not-started` where data, options or point are wrong. `lastGood`: of a solve that failed or was
 * interrupted on its way, what it had reached.
 */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: string;
  readonly status: Status | 'not-started';
  readonly diagnostics: readonly Diagnostic[];
  readonly lastGood: unknown;

  constructor(
    source: SourceText,
    {
      status,
      diagnostics,
      lastGood,
      cause,
    }: Pick<ProblemError, 'status' | 'diagnostics'> & { readonly lastGood?: unknown; readonly cause?: unknown },
  ) {
    super(messageOf(source, status, diagnostics, cause), cause === undefined ? undefined : { cause });
    const [first] = diagnostics;
    this.code = first?.code ?? status;
    this.status = status;
    this.diagnostics = diagnostics;
    this.lastGood = lastGood;
  }
}

/**
 * All of them, a line each, with lines and columns from 1: `ridge.bilevel:6:8: BL6011 (…): …`. A module does not carry the text of its page,
 * so that columns are counted in UTF-16: beyond a character that takes two of these they are larger than those of the command line.
 */
function messageOf(source: SourceText, status: string, diagnostics: readonly Diagnostic[], cause: unknown): string {
  if (diagnostics.length === 0) return `${source.file}: ${status}${cause instanceof Error ? `: ${cause.message}` : ''}`;
  return diagnostics
    .map(({ code, slug, message, span, place, hints }) => {
      const where =
        place?.line !== undefined
          ? `${place.file}:${place.line}`
          : span?.file === source.file
            ? `${source.file}:${position(source, span.start)}`
            : (place ?? span ?? source).file;
      const [hint] = hints;
      return `${where}: ${code} (${slug}): ${message}${hint === undefined ? '' : ` (${hint})`}`;
    })
    .join('\n');
}

function position({ lines }: SourceText, offset: number): string {
  const line = lines.findLastIndex((start) => start <= offset);
  return `${line + 1}:${offset - (lines[line] ?? 0) + 1}`;
}
