/**
 * `bilevel/prettier`: pages in Prettier, and in the Markdown that it formats. The text is what `format` of the library gives; nothing is printed
 * here. Prettier itself is never loaded: this copy might be another than the one that runs.
 */
import type { Doc, Parser, Printer, RequiredOptions, SupportLanguage } from 'prettier';
import { format } from '../library/format.ts';
import type { LocatedDiagnostic } from '../library/located.ts';

/** A page as Prettier passes it from the parser to the printer: all there is to say of it is its canonical text. */
export interface FormattedPage {
  readonly type: 'page';
  readonly text: string;
  /** The length of the text that was read. */
  readonly end: number;
}

export const languages: SupportLanguage[] = [
  { name: 'Bilevel', parsers: ['bilevel'], aliases: ['bilevel'], extensions: ['.bilevel'], vscodeLanguageIds: ['bilevel'] },
];

/** As wide as `bilevel fmt` writes it, unless `printWidth` is given. */
export const defaultOptions: Partial<RequiredOptions> = { printWidth: 100, tabWidth: 2, useTabs: false };

export const parsers: { readonly bilevel: Parser<FormattedPage> } = {
  bilevel: {
    astFormat: 'bilevel-page',
    parse(text, { printWidth }) {
      const formatted = format(text, { width: Math.max(1, printWidth) });
      if (!formatted.ok) throw new PageSyntaxError(formatted.diagnostics);
      return { type: 'page', text: formatted.text, end: text.length };
    },
    hasPragma: (text) => pragmasOf(text).some((pragma) => pragma === 'format' || pragma === 'prettier'),
    hasIgnorePragma: (text) => pragmasOf(text).some((pragma) => pragma === 'noformat' || pragma === 'noprettier'),
    locStart: () => 0,
    locEnd: ({ end }) => end,
  },
};

const printer: Printer<FormattedPage> = {
  print: ({ node }) => linesOf(node.text),
  insertPragma: (text) => `// @format\n\n${text}`,
  massageAstNode: Object.assign(() => undefined, { ignoredProperties: new Set(['end']) }),
};

export const printers: { readonly 'bilevel-page': Printer<FormattedPage> } = { 'bilevel-page': printer };

/** Prettier takes the white space from the end of a line, and in a comment of several lines it is part of the text: such a line ends literally. */
const linesOf = (text: string): Doc =>
  text.split('\n').map((line, i, { length }) => {
    const isLiteral = /\s$/u.test(line);
    return i === length - 1
      ? line
      : [line, { type: 'line', hard: true, ...(isLiteral ? { literal: true } : {}) }, { type: 'break-parent' }];
  });

/** In the comments that a page begins with: `// @format`. */
function pragmasOf(text: string): readonly string[] {
  const [comments = ''] = /^(?:\s|\/\/[^\n\r]*|\/\*[^]*?\*\/)*/u.exec(text.replace(/^\uFEFF/u, '')) ?? [];
  return [...comments.matchAll(/^\s*(?:\/\/+|\/?\*+)\s*@(\w+)/gmu)].map(([, name = '']) => name);
}

/** Prettier shows the place that `loc` names, and the lines around it. */
class PageSyntaxError extends SyntaxError {
  override readonly name = 'SyntaxError';
  readonly loc: { readonly start: { readonly line: number; readonly column: number } };

  constructor(diagnostics: readonly LocatedDiagnostic[]) {
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    const [first] = errors;
    const { line = 1, column = 1 } = first ?? {};
    const more = errors.length > 1 ? [`${errors.length - 1} more on this page: \`bilevel check\` says all`] : [];
    const head =
      first === undefined ? [] : [`${first.code} (${first.slug}): ${first.message}`, ...first.hints.map((hint) => `hint: ${hint}`)];
    super([...head, ...more].join('\n'));
    this.loc = { start: { line, column } };
  }
}
