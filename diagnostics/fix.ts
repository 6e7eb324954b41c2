/**
 * How a way out becomes edits of the page, and how edits are put into its text. Knows no code, and of pages nothing but their offsets.
 */
import {
  defineDiagnostic,
  type Diagnostic,
  type DiagnosticKind,
  type Edit,
  type Fix,
  type Hint,
  type Reporter,
  type Span,
} from './diagnostic.ts';

const wordsIn = (hint: Hint): string => (typeof hint === 'string' ? hint : hint.title);
/** Its edits are known, and of a page. */
const isApplicable = (hint: Hint): hint is Fix => typeof hint !== 'string' && Boolean(hint.edits[0]?.span.file);

const nowhere: Span = { file: '', start: 0, end: 0 };

/**
 * As `defineDiagnostic`, of a code whose ways out may be edits of the page: their titles are its hints. `hints` is told the main span; of a
 * diagnostic that has none, they are words alone.
 */
export function defineMendable<Payload>(
  kind: DiagnosticKind,
  text: { message: (payload: Payload) => string; hints?: (payload: Payload, span: Span) => readonly Hint[] },
): Reporter<Payload, Hint> {
  const inWords = defineDiagnostic(kind, { message: text.message });
  const report: Reporter<Payload, Hint> = Object.assign(
    ({ hints = [], fixes = [], ...where }: Parameters<Reporter<Payload, Hint>>[0], payload: Payload): Diagnostic => {
      const ways = [...(text.hints?.(payload, where.span ?? nowhere) ?? []), ...hints];
      return inWords({ ...where, hints: ways.map(wordsIn), fixes: [...ways, ...fixes].filter(isApplicable) }, payload);
    },
    { kind },
  );
  return report;
}

export const replaced = (span: Span, text: string): Edit => ({ span, text });
export const inFront = (span: Span, text: string): Edit => ({ span: { ...span, end: span.start }, text });
export const behind = (span: Span, text: string): Edit => ({ span: { ...span, start: span.end }, text });
export const wrapped = (span: Span, opening: string, closing: string): readonly Edit[] => [inFront(span, opening), behind(span, closing)];

/** What was clearly meant. */
export const certainly = (title: string, ...edits: readonly Edit[]): Fix => ({ title, edits, isCertain: true });

/** One of several things that may have been meant. */
export const perhaps = (title: string, ...edits: readonly Edit[]): Fix => ({ title, edits, isCertain: false });

/** That `text` stands there. */
export const writing = (text: string, span: Span): Fix => certainly(`write \`${text}\``, replaced(span, text));

/** The name that lies nearest to one that is not known, if one does; certain where what stands beside it fits no other. */
export const didYouMean = (suggestion: string | undefined, span: Span, isCertain = false): readonly Fix[] =>
  suggestion === undefined ? [] : [{ title: `did you mean \`${suggestion}\`?`, edits: [replaced(span, suggestion)], isCertain }];

/** From its first edit to its last: `pow(x, 2)` is written anew around `x`, and for `x` as it stands. */
const extentOf = ({ edits }: Fix): { readonly start: number; readonly end: number } => ({
  start: Math.min(...edits.map(({ span }) => span.start)),
  end: Math.max(...edits.map(({ span }) => span.end)),
});

function overlap(a: Fix, b: Fix): boolean {
  const [one, other] = [extentOf(a), extentOf(b)];
  return one.start === other.start || (one.start < other.end && other.start < one.end);
}

/** A fix, and what it is to mend. */
export interface Mend {
  readonly diagnostic: Diagnostic;
  readonly fix: Fix;
}

/** The certain fixes of a page that can be applied together: of two of which one stands in the other, the first. */
export function certainMends(diagnostics: readonly Diagnostic[], file: string): readonly Mend[] {
  const taken: Mend[] = [];
  for (const diagnostic of diagnostics) {
    const fix = diagnostic.fixes.find(({ isCertain, edits }) => isCertain && edits.every(({ span }) => span.file === file));
    if (fix !== undefined && !taken.some((other) => overlap(other.fix, fix))) taken.push({ diagnostic, fix });
  }
  return taken;
}

/** What is to be written into a text, with the line ends that are there. */
export const withLineEndsOf = (text: string, written: string): string =>
  written.replaceAll(/\r?\n/gu, text.includes('\r\n') ? '\r\n' : '\n');

/**
 * A text, of a page from an offset on, with the edits put in; where several stand at one place, in their order, and those first that take nothing
 * away. They do not overlap.
 */
export function edited(text: string, edits: readonly Edit[], from = 0): string {
  let [out, at] = ['', 0];
  for (const edit of [...edits].sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end)) {
    out += text.slice(at, edit.span.start - from) + withLineEndsOf(text, edit.text);
    at = edit.span.end - from;
  }
  return out + text.slice(at);
}
