/**
 * The colours of a page for editors that have a TextMate grammar alone: made of the lexer's own tables, so that a new word or sign has its
 * colour. It sees one line at a time and cannot tell every name from a word: what a server says of names comes on top of it.
 */
import { kinds } from './statement-starts.ts';
import * as t from './tokens.ts';

interface Rule {
  readonly name?: string;
  readonly match?: string;
  readonly begin?: string;
  readonly end?: string;
  readonly captures?: Readonly<Record<string, { readonly name: string }>>;
  readonly patterns?: readonly Rule[];
  readonly include?: string;
}

export interface TextMateGrammar {
  readonly name: string;
  readonly scopeName: string;
  readonly patterns: readonly Rule[];
  readonly repository: Readonly<Record<string, Rule>>;
}

const scope = 'source.bilevel';
const name = '[\\p{L}_][\\p{L}_\\p{Nd}]*';
const oneOf = (words: Iterable<string>): string => `(?:${[...words].sort((a, b) => b.length - a.length).join('|')})`;
const word = (words: Iterable<string>): string => `(?<![\\p{L}_\\p{Nd}])${oneOf(words)}(?![\\p{L}_\\p{Nd}])`;
const escaped = (sign: string): string => sign.replace(/[\^*/+.?(){}[\]|\\$]/gu, '\\$&');
const sourceOf = ({ PATTERN }: { readonly PATTERN?: unknown }): string =>
  PATTERN instanceof RegExp ? PATTERN.source : escaped(String(PATTERN));

/** Statement words by what follows them: a name, or what is special to each. */
const losses = ['inner', 'outer'];
const methods = ['solve', 'differentiate'];
const named = [...t.statementTypes.keys()].filter((statement) => ![...losses, ...methods, 'import'].includes(statement));
const operators = ['and', 'or', 'not'];
const control = t.reservedWords.filter((reserved) => !operators.includes(reserved));
const clauses = [...t.wordTypes.keys()].filter((each) => !t.reservedWords.includes(each));

/** Those with which a clause may end; behind the others something stands. */
const closing = ['folds', 'leave_one_out', 'unshuffled', 'search'];

// prettier-ignore
const signs = [
  t.LessEqual, t.GreaterEqual, t.EqualEqual, t.NotEqual, t.Ellipsis, t.DotDot, t.Caret, t.Star, t.Slash, t.AtSign, t.Plus, t.Minus, t.Less,
  t.Greater, t.Equals, t.Tilde,
].map(sourceOf).map((sign) => (/^\W/u.test(sign) && !sign.startsWith('\\') ? escaped(sign) : sign));

const at = (pattern: string, ...names: readonly string[]): Rule => ({
  match: pattern,
  captures: Object.fromEntries(names.map((each, i) => [String(i + 1), { name: `${each}.bilevel` }])),
});

export function textMateGrammar(): TextMateGrammar {
  return {
    name: 'Bilevel',
    scopeName: scope,
    patterns: ['comments', 'strings', 'statements', 'numbers', 'words', 'calls', 'operators'].map((part) => ({ include: `#${part}` })),
    repository: {
      comments: {
        patterns: [
          { name: 'comment.line.documentation.bilevel', match: '///(?!/).*$' },
          { name: 'comment.line.double-slash.bilevel', match: '//.*$' },
          { name: 'comment.block.bilevel', begin: '/\\*', end: '\\*/' },
        ],
      },
      strings: {
        patterns: [
          {
            name: 'string.quoted.double.bilevel',
            begin: '"',
            end: '"|$',
            patterns: [{ name: 'constant.character.escape.bilevel', match: '\\\\.' }],
          },
        ],
      },
      statements: {
        patterns: [
          at(`${word(['problem']).replace('(?:problem)', '(problem)')}\\s+(${name})`, 'storage.type', 'entity.name.type'),
          at(`(${word(['fn'])})\\s+(${name})(?=\\s*\\()`, 'storage.type', 'entity.name.function'),
          at(`(${word(named)})\\s+(?=${name}|\\()`, 'storage.type'),
          at(`(${word(['import'])})\\s*(?=\\{)`, 'keyword.control.import'),
          at(`(${word(losses)})\\s+(minimize|maximize)`, 'storage.type', 'keyword.other'),
          at(
            `(${word(['solve'])})\\s+(inner|outer)\\s+(with)\\s+(${name})`,
            'storage.type',
            'storage.type',
            'keyword.other',
            'support.function',
          ),
          at(`(${word(['differentiate'])})\\s+(with)\\s+(${name})`, 'storage.type', 'keyword.other', 'support.function'),
          at(`:\\s*(${oneOf(kinds)})(?![\\p{L}_\\p{Nd}])`, 'support.type'),
        ],
      },
      numbers: {
        patterns: [t.PercentLiteral, t.NumberLiteral].map((token) => ({
          name: 'constant.numeric.bilevel',
          match: `(?<![\\p{L}_\\p{Nd}])${sourceOf(token)}`,
        })),
      },
      words: {
        patterns: [
          { name: 'keyword.control.bilevel', match: word(control) },
          { name: 'keyword.operator.word.bilevel', match: word(operators) },
          // Words of a clause are names elsewhere: `seed * 2`, `f(seed)`, `seed = 1`.
          ...[
            { words: [...clauses, 'scan', 'return'], before: '\\s+(?:[\\p{L}_\\p{Nd}"(\\[]|-\\S)' },
            { words: closing, before: '\\s*$|,\\s' },
          ].map(({ words, before }) => ({ name: 'keyword.other.bilevel', match: `(?<=[\\s\\](])${word(words)}(?=${before})` })),
          { name: 'constant.language.bilevel', match: word(['pi']) },
        ],
      },
      calls: { patterns: [{ name: 'entity.name.function.bilevel', match: `${name}(?=\\()` }] },
      operators: { patterns: [{ name: 'keyword.operator.bilevel', match: signs.join('|') }] },
    },
  };
}
