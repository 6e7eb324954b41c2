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

/** Takes a statement or an item away, with its line where nothing else stands on it. */
export function removed(span: Span, text: string): Edit {
  const start = text.lastIndexOf('\n', span.start - 1) + 1;
  const next = text.indexOf('\n', span.end);
  const end = next < 0 ? text.length : next + 1;
  const isAlone = text.slice(start, span.start).trim() === '' && text.slice(span.end, end).trim() === '';
  return { span: isAlone ? { ...span, start, end } : span, text: '' };
}

const overlap = (a: Edit, b: Edit): boolean => a.span.start === b.span.start || (a.span.start < b.span.end && b.span.start < a.span.end);

/** A fix, and what it is to mend. */
export interface Mend {
  readonly diagnostic: Diagnostic;
  readonly fix: Fix;
}

/** The certain fixes of a page that can be applied together: of two that want the same place, the first. */
export function certainMends(diagnostics: readonly Diagnostic[], file: string): readonly Mend[] {
  const taken: Mend[] = [];
  for (const diagnostic of diagnostics) {
    const fix = diagnostic.fixes.find(({ isCertain, edits }) => isCertain && edits.every(({ span }) => span.file === file));
    const collides = fix?.edits.some((edit) => taken.some((other) => other.fix.edits.some((one) => overlap(one, edit))));
    if (fix !== undefined && collides !== true) taken.push({ diagnostic, fix });
  }
  return taken;
}

/** The text with the edits put in; where several stand at one place, in their order. They do not overlap. */
export function edited(text: string, edits: readonly Edit[]): string {
  const inOrder = edits.map((edit, index) => ({ edit, index })).sort((a, b) => a.edit.span.start - b.edit.span.start || a.index - b.index);
  let out = '';
  let at = 0;
  for (const { edit } of inOrder) {
    out += text.slice(at, edit.span.start) + edit.text;
    at = edit.span.end;
  }
  return out + text.slice(at);
}
