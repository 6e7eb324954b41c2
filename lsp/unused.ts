/**
 * What a page declares and nobody uses. Names alone tell: what only zero multiplies is the compiler's to find. Functions outside of problems may be
 * imported by other pages, and are taken as used.
 */
import type { Span } from '../diagnostics/diagnostic.ts';
import type { DataDeclaration } from '../grammar/ast.ts';
import type { DeclaredName } from '../grammar/names.ts';
import type { Analysis } from './analysis.ts';

export interface Unused {
  readonly declared: DeclaredName;
  /** All that can be taken away with nothing else; nothing where that would change what is left. */
  readonly removable: boolean;
}

/** Those that nobody uses; `gone` are places that are taken away, so that what is used there alone is not used any more. */
export function unusedIn(analysis: Analysis, gone: readonly Span[] = []): readonly Unused[] {
  const { declared, used } = analysis.names();
  const isGone = ({ start, end }: Span): boolean => gone.some((span) => span.start <= start && end <= span.end);
  const alive = new Set(used.flatMap(({ of, span }) => (of === undefined || isGone(span) ? [] : [of])));
  const unused = declared.filter((each) => !alive.has(each) && isToBeUsed(each, analysis) && !tellsASize(each));
  const isUnused = (span: Span): boolean => unused.some((each) => each.span.start === span.start);
  return unused.flatMap((each): readonly Unused[] => {
    switch (each.kind) {
      // The results of one function are named together.
      case 'let':
        return each.node.names.every(({ span }) => isUnused(span)) ? [{ declared: each, removable: true }] : [];
      // The others would get its rows.
      case 'index-set':
        return [{ declared: each, removable: each.node.parts.every(({ name }) => isUnused(name.span)) }];
      // An outer problem chooses something, and so does an inner one.
      case 'hyper':
      case 'param':
        return [{ declared: each, removable: declared.some((other) => isAnother(other, each) && !isUnused(other.span)) }];
      default:
        return [{ declared: each, removable: true }];
    }
  });

  /** The only data from which the size of a dim can be told that something else speaks of. */
  function tellsASize(data: DeclaredName): boolean {
    if (data.kind !== 'data') return false;
    const others = declared.filter((each) => isAnother(each, data) && !isGone(each.span));
    return dimsOf(data.node).some((name) => {
      const dim = declared.find((each) => each.kind === 'dim' && each.name === name && each.scope.start === data.scope.start);
      const isFixed = dim?.kind === 'dim' && dim.node.dims.some((each) => each.name.name === name && each.value !== undefined);
      const isTold = others.some((other) => other.kind === 'data' && dimsOf(other.node).includes(name));
      const isSpokenOf = used.some(
        ({ of, span }) => of === dim && !isGone(span) && (span.start < data.node.span.start || span.end > data.node.span.end),
      );
      return dim !== undefined && !isFixed && !isTold && isSpokenOf;
    });
  }
}

const isAnother = (a: DeclaredName, b: DeclaredName): boolean => a !== b && a.kind === b.kind && a.scope.start === b.scope.start;

const dimsOf = ({ type }: DataDeclaration): readonly string[] => type.shape.flatMap((dim) => (dim.kind === 'name' ? [dim.name] : []));

function isToBeUsed(declared: DeclaredName, { parsed }: Analysis): boolean {
  switch (declared.kind) {
    case 'dim':
    case 'data':
    case 'hyper':
    case 'param':
    case 'random':
    case 'let':
    case 'index-set':
    case 'import':
      return true;
    case 'fn':
      return !parsed().value.items.includes(declared.node);
    default:
      return false;
  }
}
