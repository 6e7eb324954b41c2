/**
 * Owns what is said of members, which other languages have: `np.mean(x)`, `w.sum()`, `X.shape[0]`, `A.t`. What becomes of a call of a function
 * is `foreign-calls.ts`, what is said of a name in words `foreign-names.ts`.
 */
import type { CstNode, IToken } from 'chevrotain';
import type { Diagnostic, Hint, Span } from '../diagnostics/diagnostic.ts';
import { certainly, replaced } from '../diagnostics/fix.ts';
import { unknownMember } from '../diagnostics/syntax.ts';
import type { Identifier } from './ast.ts';
import { excerpt, extent, isPlaced, nodeOf, nodesOf, tokenOf } from './cst.ts';
import { foreignCallHint } from './foreign-calls.ts';
import { foreignFunction, isLibraryPrefix, memberHint, transposes } from './foreign-names.ts';
import { endOf } from './tokens.ts';

interface Source {
  readonly file: string;
  readonly text: string;
}

/** `OWNER.LAST(…)`: something that belongs to a library, or a method of a value. */
interface Member {
  readonly owner: Span;
  readonly last: IToken;
  readonly given: CstNode | undefined;
  readonly isLibrary: boolean;
}

/** `np.mean(x)`, `w.sum()`, `jnp.linalg.norm(x)`, `X.shape[0]`, `np.pi`: one habit, and one diagnostic, whatever follows. */
export function foreignMember(
  { name: owner, span: ownerSpan }: Identifier,
  suffixes: readonly CstNode[],
  source: Source,
): Diagnostic | undefined {
  const named = suffixes.map((suffix) => tokenOf(suffix, 'Identifier'));
  const end = named.findIndex((token) => !isPlaced(token));
  const members = named.slice(0, end < 0 ? named.length : end).filter(isPlaced);
  const [first, last] = [members[0], members[members.length - 1]];
  const given = nodeOf(suffixes[members.length], 'callArguments');
  const isLibrary = isLibraryPrefix(owner);
  if (first === undefined || last === undefined || first.image === 'T') return undefined;
  if (given === undefined && !isLibrary && first.image !== 'shape') return undefined;
  const member = members.map((token) => token.image).join('.');
  const words = memberHint(owner, last.image, { isLibrary, isCalled: given !== undefined });
  const hint = memberFix({ owner: ownerSpan, last, given, isLibrary }, words, source);
  return unknownMember({ span: extent(source.file, ownerSpan.end, first, last) }, { member, hint });
}

/** A member of a value that is neither called nor of a library: `A.t`. */
export function unknownSuffix(target: Span, member: IToken, { file, text }: Source): Diagnostic {
  const { image: name } = member;
  const span = extent(file, target.end, member);
  const words = memberHint(excerpt(text, target), name, { isLibrary: false, isCalled: false });
  return unknownMember({ span }, { member: name, hint: transposes.has(name) ? certainly(words, replaced(span, 'T')) : words });
}

/** What is written in the place of `np.sum(x)` and `w.sum()`, where it is exact. */
function memberFix({ owner, last, given, isLibrary }: Member, words: string, { file, text }: Source): Hint {
  const callee = { ...owner, end: endOf(last) };
  const open = tokenOf(given, 'OpenParen');
  const places = nodesOf(given, 'argument').map((node) => ({
    span: extent(file, callee.end, node),
    isNamed: tokenOf(node, 'Equals') !== undefined,
  }));
  const call = { name: last.image, span: { ...callee, end: extent(file, callee.end, given).end }, callee, arguments: places };
  const own = text.slice(owner.start, owner.end);
  if (!isLibrary && transposes.has(last.image)) return places.length === 0 ? certainly(words, replaced(call.span, `${own}.T`)) : words;
  if (foreignFunction(last.image) !== undefined) return isLibrary ? (foreignCallHint(call, text) ?? words) : words;
  if (isLibrary) return certainly(words, replaced(callee, last.image));
  if (!isPlaced(open)) return words;
  return certainly(words, replaced({ ...callee, end: endOf(open) }, `${last.image}(${own}${places.length === 0 ? '' : ', '}`));
}
