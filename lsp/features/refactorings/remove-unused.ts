/** What is not used is taken away: one of it, or all, with what is used by that alone. */
import { CodeActionKind } from 'vscode-languageserver-protocol';
import type { Edit, Span } from '../../../diagnostics/diagnostic.ts';
import type { DeclaredName } from '../../../grammar/names.ts';
import { nameAt, type Analysis } from '../../analysis.ts';
import { unusedIn } from '../../unused.ts';
import type { Rewriter } from '../code-actions.ts';
import { letRemoval, removal } from './removing.ts';
import { settled, textOf } from './writing.ts';

export const removeUnused: Rewriter = (analysis, at) => {
  const page = analysis.parsed().value;
  const named = nameAt(analysis, at.start);
  if (named?.declared === undefined || named.use !== undefined) return [];
  const unused = unusedIn(analysis);
  const here = unused.find(({ declared }) => declared === named.declared);
  if (here === undefined) return [];
  const all = allUnused(analysis);
  const kind = CodeActionKind.QuickFix;
  const rewrite = (title: string, gone: readonly DeclaredName[]) => ({
    title,
    kind,
    edits: settled(page, joined(removals(analysis, gone))),
  });
  return [
    ...(here.removable ? [rewrite(`Remove \`${named.name}\`, which is not used`, [here.declared])] : []),
    ...(all.length > 1 ? [rewrite(`Remove all ${all.length} that are not used`, all)] : []),
  ];
};

/** What is left when some are gone is looked at again. */
function allUnused(analysis: Analysis): readonly DeclaredName[] {
  let all: readonly DeclaredName[] = [];
  for (;;) {
    const found = unusedIn(analysis, all.map(extentOf)).flatMap(({ declared, removable }) => (removable ? [declared] : []));
    if (found.every((declared) => all.includes(declared))) return all;
    all = [...new Set([...all, ...found])];
  }
}

/** What goes with a name: its statement, or its part of one that declares several. */
function extentOf(declared: DeclaredName): Span {
  const part = partsOf(declared)?.find(({ name }) => name === declared.name);
  if (part !== undefined) return part.span;
  return 'node' in declared && declared.kind !== 'parameter' ? declared.node.span : declared.span;
}

/** The list that a name stands in, if it can leave it. */
function partsOf(declared: DeclaredName): readonly { readonly name: string; readonly span: Span }[] | undefined {
  switch (declared.kind) {
    case 'dim':
      return declared.node.dims.map(({ name, value }) => ({ name: name.name, span: { ...name.span, end: (value ?? name).span.end } }));
    case 'import':
      return declared.node.names;
    default:
      return undefined;
  }
}

function removals(analysis: Analysis, gone: readonly DeclaredName[]): readonly Edit[] {
  const page = analysis.parsed().value;
  const statements = new Map(
    gone.flatMap((declared) => ('node' in declared && declared.kind !== 'parameter' ? [[declared.node, declared] as const] : [])),
  );
  return [...statements.values()].flatMap((declared) => {
    if (declared.kind === 'let') return letRemoval(analysis, declared.node);
    const { node } = declared;
    const parts = partsOf(declared) ?? [];
    const kept = parts.filter(({ name, span }) => !gone.some((each) => each.name === name && each.span.start === span.start));
    const [first, last] = [parts[0], parts.at(-1)];
    if (kept.length === 0 || first === undefined || last === undefined) return [removal(analysis, node.span)];
    return [{ span: { ...first.span, end: last.span.end }, text: kept.map(({ span }) => textOf(page, span)).join(', ') }];
  });
}

/** Removals that meet are one. */
const joined = (edits: readonly Edit[]): readonly Edit[] =>
  [...edits]
    .sort((a, b) => a.span.start - b.span.start)
    .reduce<readonly Edit[]>((done, edit) => {
      const last = done.at(-1);
      if (last === undefined || edit.span.start > last.span.end || last.text !== '' || edit.text !== '') return [...done, edit];
      return [...done.slice(0, -1), { span: { ...last.span, end: Math.max(last.span.end, edit.span.end) }, text: '' }];
    }, []);
