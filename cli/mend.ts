/** `bilevel check --fix`: puts into a page what was clearly meant, round by round, since one mistake may hide another. */
import { compile } from '../compiler/pipeline.ts';
import { certainMends, edited, type Mend } from '../diagnostics/fix.ts';
import { linesOf, positionOf } from '../diagnostics/position.ts';
import { Failure } from './failure.ts';
import { writeFiles, type Session } from './session.ts';

/** What was mended, and where in the page as it was then. */
export interface Mended {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly code: string;
  readonly slug: string;
  readonly fix: string;
}

/** Each round says less than the one before; more than these no page has needed. */
const rounds = 20;

/** Mends a page and writes it. Whatever is left is for a check to say, also that the page cannot be read. */
export function mendPage(session: Session, file: string): readonly Mended[] {
  const before = readable(session, file);
  if (before === undefined) return [];
  const all: Mended[] = [];
  let text = before;
  for (let round = 0; round < rounds; round++) {
    const mends = certainMends(compile(text, file, session.readImport).diagnostics, file);
    if (mends.length === 0) break;
    all.push(...mends.map((mend) => described(mend, file, text)));
    text = edited(
      text,
      mends.flatMap(({ fix }) => fix.edits),
    );
  }
  if (text !== before) writeFiles(session.io, new Map([[file, text]]));
  for (const mended of all) {
    const { line, column, code, slug, fix } = mended;
    session.print(`${file}:${line}:${column}: mended ${code} (${slug}): ${fix}`);
    session.event('mended', { ...mended });
  }
  return all;
}

function described({ diagnostic, fix }: Mend, file: string, text: string): Mended {
  const { code, slug, span } = diagnostic;
  return { file, ...positionOf(linesOf(text), span?.start ?? 0), code, slug, fix: fix.title };
}

function readable(session: Session, file: string): string | undefined {
  try {
    return session.readPage(file);
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
