/** Which names can be seen from a place of a page, also where what stands there is not whole yet. */
import type { Span } from '../diagnostics/diagnostic.ts';
import type { DeclaredName } from '../grammar/names.ts';
import type { Analysis } from './analysis.ts';

/** How near a name is declared: in a function, a scan or a block; in the problem; outside of problems. */
export type Nearness = 'local' | 'problem' | 'page';

export interface Visible {
  readonly declared: DeclaredName;
  readonly nearness: Nearness;
}

/** The names that an expression at an offset may use, without those that inner ones hide and the one that it declares itself. */
export function visibleAt(analysis: Analysis, offset: number): readonly Visible[] {
  const { names, parsed, document } = analysis;
  const text = document.getText();
  // What is being written ends where the parser found an end; what follows it is blank, up to the cursor.
  const holds = ({ start, end }: Span): boolean => start <= offset && (offset <= end || text.slice(end, offset).trim() === '');
  const problems = parsed().value.items.filter(({ kind }) => kind === 'problem');
  const nearest = new Map<string, DeclaredName>();
  for (const declared of names().declared) {
    if (declared.kind === 'problem' || declared.kind === 'report' || !holds(declared.scope) || declaresItself(declared, holds)) continue;
    const known = nearest.get(declared.name);
    if (known === undefined || sizeOf(declared.scope) < sizeOf(known.scope)) nearest.set(declared.name, declared);
  }
  return [...nearest.values()].map((declared) => {
    const isOf = ({ span }: { readonly span: Span }): boolean => span.start === declared.scope.start && span.end === declared.scope.end;
    return { declared, nearness: sizeOf(declared.scope) === text.length ? 'page' : problems.some(isOf) ? 'problem' : 'local' };
  });
}

const sizeOf = ({ start, end }: Span): number => end - start;

/** Nothing is made of itself. */
function declaresItself(declared: DeclaredName, holds: (span: Span) => boolean): boolean {
  switch (declared.kind) {
    case 'data':
    case 'hyper':
    case 'param':
    case 'random':
    case 'let':
    case 'index-set':
    case 'fn':
      return holds(declared.node.span);
    default:
      return false;
  }
}
