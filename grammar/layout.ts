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
  readonly broken: boolean;
}
/** Text that waits for the end of its line: a comment behind something that goes on. */
interface Suffix {
  readonly kind: 'suffix';
  readonly text: string;
}

export const line: Doc = { kind: 'break', flat: ' ', hard: false };
export const softLine: Doc = { kind: 'break', flat: '', hard: false };
export const hardLine: Doc = { kind: 'break', flat: '', hard: true };

export const indent = (content: Doc): Doc => ({ kind: 'indent', content });
export const group = (content: Doc): Doc => ({ kind: 'group', content, broken: mustBreak(content) });
/** Text up to the end of the line; the groups around it break, so that what follows stands on the next one. */
export const suffix = (text: string): Doc => ({ kind: 'suffix', text });

export const join = (separator: Doc, parts: readonly Doc[]): Doc => parts.flatMap((part, i) => (i === 0 ? [part] : [separator, part]));

function mustBreak(doc: Doc): boolean {
  if (typeof doc === 'string') return doc.includes('\n');
  if (isSequence(doc)) return doc.some(mustBreak);
  switch (doc.kind) {
    case 'break':
      return doc.hard;
    case 'indent':
      return mustBreak(doc.content);
    case 'group':
      return doc.broken;
    case 'suffix':
      return true;
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
      const texts = part.split('\n');
      for (const [i, text] of texts.entries()) {
        if (i > 0) {
          lines.push(current);
          current = '';
        }
        current += text;
      }
    } else if (isSequence(part)) {
      for (let i = part.length - 1; i >= 0; i--) pending.push({ doc: part[i] ?? '', indent: depth, flat });
    } else if (part.kind === 'indent') {
      pending.push({ doc: part.content, indent: depth + 2, flat });
    } else if (part.kind === 'group') {
      const fits = flat || (!part.broken && fitsFlat(part.content, width - [...current].length, pending));
      pending.push({ doc: part.content, indent: depth, flat: fits });
    } else if (part.kind === 'suffix') {
      waiting += part.text;
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
  const pending: Piece[] = [{ doc: content, indent: 0, flat: true }];
  while (left >= 0) {
    const piece = pending.pop() ?? rest[(next -= 1)];
    if (piece === undefined) return true;
    const { doc: part } = piece;
    if (typeof part === 'string') left -= [...part].length;
    else if (isSequence(part)) for (let i = part.length - 1; i >= 0; i--) pending.push({ ...piece, doc: part[i] ?? '' });
    else if (part.kind === 'indent' || part.kind === 'group') pending.push({ ...piece, doc: part.content });
    else if (part.kind === 'break') {
      if (!piece.flat || part.hard) return true;
      left -= part.flat.length;
    }
  }
  return false;
}
