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

/** Another stretch of the page that has to do with it, and how. */
export interface Label {
  readonly span: Span;
  readonly message: string;
}

/** A stretch of a page, and the text that is to stand in its place. */
export interface Edit {
  readonly span: Span;
  readonly text: string;
}

export type Severity = 'error' | 'warning' | 'hint';

/** What is wrong, or doubtful, with its place and the ways out. Plain data. */
export interface Diagnostic {
  /** Permanent, e.g. `BL2003`. */
  readonly code: string;
  /** Short name, e.g. `shape-mismatch`. */
  readonly slug: string;
  readonly severity: Severity;
  readonly message: string;
  /** Where in the page. */
  readonly span?: Span;
  /** Where in a data file. */
  readonly place?: DataPlace;
  readonly labels: readonly Label[];
  /** Ways out. */
  readonly hints: readonly string[];
}

/** What a code is; what there is to say about it at length is in `explanations/`, which an application need not ship. */
export interface DiagnosticKind {
  readonly code: string;
  readonly slug: string;
  readonly severity: Severity;
}

export interface Where {
  readonly span?: Span | undefined;
  readonly place?: DataPlace | undefined;
  readonly labels?: readonly Label[];
  readonly hints?: readonly string[];
}

/** The kind of a diagnostic is also the function that makes it. */
export interface Reporter<Payload> {
  (where: Where, payload: Payload): Diagnostic;
  readonly kind: DiagnosticKind;
}

/** Makes the reporter of one code; `message` and `hints` are the only places where its text is written. */
export function defineDiagnostic<Payload>(
  kind: DiagnosticKind,
  text: { message: (payload: Payload) => string; hints?: (payload: Payload) => readonly string[] },
): Reporter<Payload> {
  const report = (where: Where, payload: Payload): Diagnostic => ({
    code: kind.code,
    slug: kind.slug,
    severity: kind.severity,
    message: text.message(payload),
    ...(where.span === undefined ? {} : { span: where.span }),
    ...(where.place === undefined ? {} : { place: where.place }),
    labels: where.labels ?? [],
    hints: [...(text.hints?.(payload) ?? []), ...(where.hints ?? [])],
  });
  return Object.assign(report, { kind });
}

/** What a phase returns: as much of its value as could be made, and what was wrong. */
export interface Result<T> {
  readonly value: T;
  readonly diagnostics: readonly Diagnostic[];
}

export const hasErrors = (diagnostics: readonly Diagnostic[]): boolean => diagnostics.some((d) => d.severity === 'error');
