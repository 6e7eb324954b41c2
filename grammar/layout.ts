/**
 * Owns the setting of text into lines: documents of text, possible breaks and groups that break together, and the printer that fits them to a
 * width. Knows nothing of the language.
 * Source: after Wadler, "A prettier printer" (2003): a group is flat if its text up to the next possible break fits, else all its own breaks are lines.
 */
export type Doc = string | readonly Doc[] | Break | Indent | Group | Suffix;

/** A space (or nothing) in a flat group, a new line in a broken one; a hard break is always a line and breaks every group around it. */
interface Break {
  readonly kind: 'break';
  readonly flat: string;
  readonly hard: boolean;
}
interface Indent {
  readonly kind: 'indent';
  readonly content: Doc;
}
interface Group {
  readonly kind: 'group';
  readonly content: Doc;
  readonly measure: Measure;
}
/** What a document says about the lines around it. */
interface Measure {
  /** It holds a hard break, or text behind a suffix: it cannot be flat. */
  readonly broken: boolean;
  /** It ends with a suffix, so that nothing else may follow on the same line. */
  readonly open: boolean;
  readonly empty: boolean;
}
/** Text that waits for the end of its line, which comes at the next break or, but for a comma, before the next text. */
interface Suffix {
  readonly kind: 'suffix';
  readonly text: string;
}

export const line: Doc = { kind: 'break', flat: ' ', hard: false };
export const softLine: Doc = { kind: 'break', flat: '', hard: false };
export const hardLine: Doc = { kind: 'break', flat: '', hard: true };

export const indent = (content: Doc): Doc => ({ kind: 'indent', content });
export const group = (content: Doc): Doc => ({ kind: 'group', content, measure: measure(content) });
/** Text up to the end of the line; the groups in which something follows it break, so that this stands on the next line. */
export const suffix = (text: string): Doc => ({ kind: 'suffix', text });

export const join = (separator: Doc, parts: readonly Doc[]): Doc => parts.flatMap((part, i) => (i === 0 ? [part] : [separator, part]));

const nothing: Measure = { broken: false, open: false, empty: true };

function measure(doc: Doc): Measure {
  if (typeof doc === 'string') return { ...nothing, empty: doc === '' || doc === ',' };
  if (isSequence(doc)) {
    return doc.reduce<Measure>((before, part) => {
      const after = measure(part);
      const broken = before.broken || after.broken || (before.open && !after.empty);
      return { broken, open: after.open || (before.open && after.empty), empty: before.empty && after.empty };
    }, nothing);
  }
  switch (doc.kind) {
    case 'break':
      return { broken: doc.hard, open: false, empty: !doc.hard };
    case 'indent':
      return measure(doc.content);
    case 'group':
      return doc.measure;
    case 'suffix':
      return { broken: false, open: true, empty: false };
  }
}

const isSequence = (doc: Doc): doc is readonly Doc[] => Array.isArray(doc);

interface Piece {
  readonly doc: Doc;
  readonly indent: number;
  readonly flat: boolean;
}

/** The text of a document, at most `width` columns wide where its breaks allow, indented by two spaces, without white space at line ends. */
export function layout(doc: Doc, width: number): string {
  const lines: string[] = [];
  let current = '';
  let waiting = '';
  const pending: Piece[] = [{ doc, indent: 0, flat: false }];
  for (let piece = pending.pop(); piece !== undefined; piece = pending.pop()) {
    const { doc: part, indent: depth, flat } = piece;
    if (typeof part === 'string') {
      let text = part;
      if (waiting !== '' && text !== '' && text !== ',') {
        lines.push((current + waiting).trimEnd());
        waiting = '';
        current = ' '.repeat(depth);
        text = text.trimStart();
      }
      const texts = text.split('\n');
      for (const [i, piece] of texts.entries()) {
        if (i > 0) {
          lines.push(current);
          current = '';
        }
        current += piece;
      }
    } else if (isSequence(part)) {
      for (let i = part.length - 1; i >= 0; i--) pending.push({ doc: part[i] ?? '', indent: depth, flat });
    } else if (part.kind === 'indent') {
      pending.push({ doc: part.content, indent: depth + 2, flat });
    } else if (part.kind === 'group') {
      const fits = flat || (!part.measure.broken && fitsFlat(part.content, width - columnsOf(current), pending));
      pending.push({ doc: part.content, indent: depth, flat: fits });
    } else if (part.kind === 'suffix') {
      if (waiting === '') waiting = part.text;
      else {
        lines.push((current + waiting).trimEnd());
        current = ' '.repeat(depth);
        waiting = part.text.trimStart();
      }
    } else if (flat && !part.hard) {
      current += part.flat;
    } else {
      lines.push((current + waiting).trimEnd());
      waiting = '';
      current = ' '.repeat(depth);
    }
  }
  lines.push((current + waiting).trimEnd());
  return lines.join('\n');
}

/** Does the content, set flat, and what follows it up to the next possible break, fit into the columns that are left? */
function fitsFlat(content: Doc, columns: number, rest: readonly Piece[]): boolean {
  let left = columns;
  let next = rest.length;
  let flat = true;
  const pending: Doc[] = [content];
  while (left >= 0) {
    let doc = pending.pop();
    if (doc === undefined) {
      const piece = rest[(next -= 1)];
      if (piece === undefined) return true;
      ({ doc, flat } = piece);
    }
    if (typeof doc === 'string') {
      const end = doc.indexOf('\n');
      left -= columnsOf(end < 0 ? doc : doc.slice(0, end));
      if (end >= 0) return left >= 0;
    } else if (isSequence(doc)) {
      for (let i = doc.length - 1; i >= 0; i--) pending.push(doc[i] ?? '');
    } else if (doc.kind === 'indent' || doc.kind === 'group') {
      pending.push(doc.content);
    } else if (doc.kind === 'break') {
      if (!flat || doc.hard) return true;
      left -= doc.flat.length;
    }
  }
  return false;
}

/** Characters, where two halves of one are one. */
function columnsOf(text: string): number {
  let columns = text.length;
  for (let i = 1; i < text.length; i++) if (isHalf(text, i - 1, 0xd800) && isHalf(text, i, 0xdc00)) columns -= 1;
  return columns;
}

const isHalf = (text: string, i: number, kind: number): boolean => (text.charCodeAt(i) & 0xfc00) === kind;
