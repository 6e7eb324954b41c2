/**
 * What a diagnostic is: data, made by the rows of the catalogue files beside this one, printed by `render.ts`.
 * A leaf: imports nothing, so that every other folder may report in the same words.
 */

/** A stretch of a source text, as UTF-16 offsets; `file` names the text. */
export interface Span {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** A place in a data file: 1-based line and column, where they are known. */
export interface DataPlace {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

export interface Label {
  readonly span: Span;
  readonly message: string;
}

export type Severity = 'error' | 'warning' | 'hint';

export interface Diagnostic {
  /** Permanent, e.g. `BL2003`. */
  readonly code: string;
  /** Short name, e.g. `shape-mismatch`. */
  readonly slug: string;
  readonly severity: Severity;
  readonly message: string;
  readonly span?: Span;
  readonly place?: DataPlace;
  readonly labels: readonly Label[];
  readonly hints: readonly string[];
}

/** One row of the catalogue: everything there is to say about a code. */
export interface CatalogueRow {
  readonly code: string;
  readonly slug: string;
  readonly severity: Severity;
  /** A paragraph or two for `bilevel explain CODE`: the rule, why it is one, the way out. */
  readonly explain: string;
  /** The smallest text that earns it (a `.bilevel` page, or a command and a data file). */
  readonly example: string;
}

export interface Where {
  readonly span?: Span | undefined;
  readonly place?: DataPlace | undefined;
  readonly labels?: readonly Label[];
  readonly hints?: readonly string[];
}

/** A row of the catalogue is also the function that makes its diagnostics. */
export interface Reporter<Payload> {
  (where: Where, payload: Payload): Diagnostic;
  readonly row: CatalogueRow;
}

/** Makes the reporter of one code; `message` and `hints` are the only places where its text is written. */
export function defineDiagnostic<Payload>(
  row: CatalogueRow,
  text: { message: (payload: Payload) => string; hints?: (payload: Payload) => readonly string[] },
): Reporter<Payload> {
  const report = (where: Where, payload: Payload): Diagnostic => ({
    code: row.code,
    slug: row.slug,
    severity: row.severity,
    message: text.message(payload),
    ...(where.span === undefined ? {} : { span: where.span }),
    ...(where.place === undefined ? {} : { place: where.place }),
    labels: where.labels ?? [],
    hints: [...(text.hints?.(payload) ?? []), ...(where.hints ?? [])],
  });
  return Object.assign(report, { row });
}

/** What a phase returns: as much of its value as could be made, and what was wrong. */
export interface Result<T> {
  readonly value: T;
  readonly diagnostics: readonly Diagnostic[];
}

export const hasErrors = (diagnostics: readonly Diagnostic[]): boolean => diagnostics.some((d) => d.severity === 'error');
