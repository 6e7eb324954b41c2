/**
 * Colours of whole pages by the TextMate grammar, against what the lexer, the outline and the names of a page say of each word: it sees lines
 * alone, and still has to be right on every example.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import oniguruma from 'vscode-oniguruma';
import textmate from 'vscode-textmate';
import { beforeAll, describe, expect, it } from 'vitest';
import { adopt } from '../../grammar/habits.ts';
import { namesOf } from '../../grammar/names.ts';
import { outline } from '../../grammar/outline.ts';
import { parse } from '../../grammar/parse.ts';
import { textMateGrammar } from '../../grammar/textmate.ts';
import * as t from '../../grammar/tokens.ts';
import { root } from '../project/imports.ts';
import { constructs } from './corpus.ts';

const require = createRequire(import.meta.url);
const shipped = (file: string): string => readFileSync(join(root, 'lsp/vscode', file), 'utf8');
/** What pages are written in, and a stand-in for it whose comments are told. */
const outside = (scopeName: string): object => ({ scopeName, patterns: [{ name: 'comment.line', match: '#.*$' }] });

const grammars: Readonly<Record<string, () => string>> = {
  'source.bilevel': () => JSON.stringify(textMateGrammar()),
  'markdown.bilevel.codeblock': () => shipped('markdown.tmLanguage.json'),
  'template.bilevel': () => shipped('template.tmLanguage.json'),
  'text.html.markdown': () => JSON.stringify(outside('text.html.markdown')),
  'source.ts': () => JSON.stringify(outside('source.ts')),
};

const colours = new Map<string, textmate.IGrammar>();
beforeAll(async () => {
  const wasm = readFileSync(require.resolve('vscode-oniguruma/release/onig.wasm'));
  await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: (scope) => Promise.resolve(textmate.parseRawGrammar(grammars[scope]?.() ?? '{}', `${scope}.json`)),
    getInjections: (scope) => ({ 'text.html.markdown': ['markdown.bilevel.codeblock'], 'source.ts': ['template.bilevel'] })[scope],
  });
  for (const scope of ['source.bilevel', 'text.html.markdown', 'source.ts']) {
    const grammar = await registry.loadGrammar(scope);
    if (grammar !== null) colours.set(scope, grammar);
  }
});

/** The scopes at each column of each line, from the outermost. */
function columnsOf(lines: readonly string[], scope: string): readonly (readonly (readonly string[])[])[] {
  const grammar = colours.get(scope);
  if (grammar === undefined) throw new Error(`no grammar ${scope}`);
  let state = textmate.INITIAL;
  return lines.map((line) => {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    return tokens.flatMap(({ scopes, startIndex, endIndex }) =>
      Array.from({ length: Math.min(endIndex, line.length) - startIndex }, () => scopes),
    );
  });
}

/** The innermost scope at each offset of a text, without the language's name. */
function scopesOf(text: string): (offset: number) => string {
  const nameOf = (scopes: readonly string[]): string => (scopes.at(-1) ?? '').replace(/\.bilevel$/u, '');
  const names = columnsOf(text.split('\n'), 'source.bilevel').flatMap((columns) => [...columns.map(nameOf), '']);
  return (offset) => names[offset] ?? '';
}

const word = /^(?:keyword|storage)\./u;
const plain = /^(?!keyword|storage|constant\.numeric|string|comment)/u;
const inPlace = new Set([...t.statementTypes.values(), t.BlockLet, t.Return, t.Scan, t.Level, t.Direction]);
const reserved = new Set([...t.reservedWords.map((each) => t.wordTypes.get(each))]);
const contextual = new Set([...t.wordTypes.values()].filter((type) => !reserved.has(type)));
const brackets = new Set(['(', ')', '[', ']', '{', '}', ',', ':', '.']);

/** Each word and sign of a right page with the scope that it has, where that is not one that it should have. */
function wrong(text: string, seen: Set<string>): readonly string[] {
  const { value: page, diagnostics } = parse(text, 'page.bilevel');
  if (diagnostics.length > 0) return [`${diagnostics[0]?.message}`];
  const { declared, used } = namesOf(page);
  const names = new Set([...declared, ...used].map(({ span }) => span.start));
  const scopeAt = scopesOf(text);
  const { tokens, comments } = t.lex(text);
  const wanted = (token: (typeof tokens)[number]): RegExp => {
    const { tokenType: type, image } = token;
    if (type === t.StringLiteral) return /^string\./u;
    if (type === t.NumberLiteral || type === t.PercentLiteral) return /^constant\.numeric/u;
    if (inPlace.has(type) || reserved.has(type)) return word;
    if (contextual.has(type)) return names.has(token.startOffset) ? plain : word;
    if (type === t.Identifier || brackets.has(image)) return plain;
    return /^keyword\.operator/u;
  };
  const found = outline(adopt(tokens, 'page.bilevel'), 'page.bilevel', text).tokens.flatMap((token) => {
    const is = scopeAt(token.startOffset);
    if (word.test(is)) seen.add(token.image);
    if (wanted(token).test(is) && is === scopeAt(t.endOf(token) - 1)) return [];
    const line = text.slice(0, token.startOffset).split('\n').length;
    return [`${line}: ${text.split('\n')[line - 1]?.trim()} — \`${token.image}\` is ${is || 'nothing'}`];
  });
  const remarks = comments.filter(({ startOffset }) => !scopeAt(startOffset).startsWith('comment.'));
  return [...found, ...remarks.map(({ image }) => `${image} is no comment`)];
}

const examples = readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.bilevel') && !file.includes('node_modules'))
  .map((file) => [file, readFileSync(join(root, 'examples', file), 'utf8')] as const);
/** Names that look like words of a clause, which lines alone cannot tell. */
const untold: Readonly<Record<string, readonly string[]>> = {
  splits: ['folds', 'groups', 'groups'],
  scans: ['over', 'over'],
};
const pages = [
  ...examples,
  // Words of statements as names of other things: no grammar of lines can tell these.
  ...Object.entries(constructs).filter(([name]) => name !== 'statementWordsAsNames'),
];

describe('colours', () => {
  const seen = new Set<string>();
  it.each(pages)('of %s are those of its words', (name, text) => {
    expect(wrong(text, seen)).toEqual((untold[name] ?? []).map((each) => expect.stringContaining(`— \`${each}\` is keyword`) as string));
  });
  it('are there for every word and sign of the language', () => {
    const all = [...t.wordTypes.keys(), ...t.statementTypes.keys(), 'minimize', 'maximize', 'scan', 'return'];
    expect(all.filter((each) => !seen.has(each))).toEqual([]);
  });
});

/**
 * `^^^ a b - c`: what stands above the signs, in the line before, has the scopes a and b and not c; `<---` and `<~~-` are for the columns that the
 * sign of the comment takes: as many as there are `-`, behind as many as there are `~`.
 */
const assertion =
  /^(?<indent>\s*)(?<sign>\/\/|<!--)(?<gap>\s*)(?:(?<carets>\^+)|<(?<skipped>~*)(?<dashes>-+))\s+(?<scopes>.*?)(?:\s*-->)?$/u;

/** What of a text that says its own scopes is not as it says. */
function unlike(text: string): readonly string[] {
  const [header = '', ...rest] = text.trimEnd().split('\n');
  const scope = /SYNTAX TEST "(?<scope>[\w.]+)"/u.exec(header)?.groups?.['scope'];
  if (scope === undefined) throw new Error('the first line is to be: // SYNTAX TEST "SCOPE" "what it is"');
  const isAssertion = (line: string): boolean => assertion.test(line);
  const columns = columnsOf(
    rest.filter((line) => !isAssertion(line)),
    scope,
  );
  let line = -1;
  return rest.flatMap((each, i) => {
    const said = assertion.exec(each)?.groups;
    if (said === undefined) {
      line += 1;
      return [];
    }
    const { indent = '', sign = '', gap = '', carets, skipped = '', dashes = '', scopes = '' } = said;
    const start = carets === undefined ? indent.length + skipped.length : indent.length + sign.length + gap.length;
    const [wanted = '', unwanted = ''] = ` ${scopes} `.split(' - ').map((part) => part.trim());
    const namesIn = (list: string): readonly string[] => list.split(/\s+/u).filter((name) => name !== '');
    const at = columns[line]?.slice(start, start + (carets ?? dashes).length) ?? [];
    const isRight = (found: readonly string[]): boolean =>
      namesIn(wanted).every((name) => found.includes(name)) && !namesIn(unwanted).some((name) => found.includes(name));
    return at.length > 0 && at.every(isRight) ? [] : [`${i + 2}: ${each.trim()}, and is ${at[0]?.join(' ') ?? 'nothing'}`];
  });
}

const fixtures = join(import.meta.dirname, 'textmate');
describe('a text that says its own scopes', () => {
  it.each(readdirSync(fixtures))('has those of %s', (file) => {
    expect(unlike(readFileSync(join(fixtures, file), 'utf8'))).toEqual([]);
  });
  it('is told where it is wrong', () => {
    const text = '// SYNTAX TEST "source.bilevel" "x"\ndim n\n// <--- keyword.control.bilevel\n//  ^ - source.bilevel\n';
    expect(unlike(text)).toEqual([
      '3: // <--- keyword.control.bilevel, and is source.bilevel storage.type.bilevel',
      '4: //  ^ - source.bilevel, and is source.bilevel',
    ]);
  });
});
