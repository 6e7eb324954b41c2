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

/** A way out that edits of the page go. */
export interface Fix {
  readonly title: string;
  /** Of one page or several; they do not overlap. */
  readonly edits: readonly Edit[];
  /** It writes what was clearly meant, so that it may be applied unseen. */
  readonly isCertain: boolean;
}

/** A way out in words; of a fix, these are its title. One whose edits are not known is words alone. */
export type Hint = string | Fix;

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
  /** Those of them that are definite, and others that need no words. */
  readonly fixes: readonly Fix[];
}

/** What a code is; what there is to say about it at length is in `explanations/`, which an application need not ship. */
export interface DiagnosticKind {
  readonly code: string;
  readonly slug: string;
  readonly severity: Severity;
}

/** `Way`: what its ways out are: words, or edits too. */
export interface Where<Way = string> {
  readonly span?: Span | undefined;
  readonly place?: DataPlace | undefined;
  readonly labels?: readonly Label[];
  readonly hints?: readonly Way[];
  /** Ways out that the hints say in fewer words. */
  readonly fixes?: readonly Fix[];
}

/** The kind of a diagnostic is also the function that makes it. */
export interface Reporter<Payload, Way = string> {
  (where: Where<Way>, payload: Payload): Diagnostic;
  readonly kind: DiagnosticKind;
}

/**
 * Makes the reporter of one code; `message` and `hints` are the only places where its text is written. For a code whose ways out are edits of
 * the page there is `defineMendable` (`fix.ts`), which an application need not ship.
 */
export function defineDiagnostic<Payload>(
  kind: DiagnosticKind,
  text: { message: (payload: Payload) => string; hints?: (payload: Payload) => readonly string[] },
): Reporter<Payload> {
  const report = ({ span, place, labels = [], hints = [], fixes = [] }: Where, payload: Payload): Diagnostic => ({
    ...kind,
    message: text.message(payload),
    ...(span && { span }),
    ...(place && { place }),
    labels,
    hints: [...(text.hints?.(payload) ?? []), ...hints],
    fixes,
  });
  return Object.assign(report, { kind });
}

/** What a phase returns: as much of its value as could be made, and what was wrong. */
export interface Result<T> {
  readonly value: T;
  readonly diagnostics: readonly Diagnostic[];
}

export const hasErrors = (diagnostics: readonly Diagnostic[]): boolean => diagnostics.some((d) => d.severity === 'error');
