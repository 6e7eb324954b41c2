/** What may be written where the cursor is. Which sorts of things the place takes says `grammar/place.ts`; here they are found and shown. */
import { CompletionItemKind, InsertTextFormat, MarkupKind, type CompletionItem } from 'vscode-languageserver-protocol';
import { distributions } from '../../compiler/lower/distributions.ts';
import { libraryNames } from '../../compiler/lower/library/table.ts';
import { beside } from '../../compiler/paths.ts';
import { headOf, methodNames, type Callable, type CallableParameter } from '../../compiler/words/callables.ts';
import { statementWords } from '../../compiler/words/statements.ts';
import { kindWords } from '../../compiler/words/types.ts';
import type { DeclaredName } from '../../grammar/names.ts';
import { placeIn, type Offer, type Place } from '../../grammar/place.ts';
import { isName } from '../../grammar/tokens.ts';
import { rangeOf, type Analysis } from '../analysis.ts';
import type { Host } from '../host.ts';
import { callables, meaningOf, type Word } from '../meaning.ts';
import { endings } from '../named-files.ts';
import { visibleAt, type Visible } from '../scope.ts';
import { plain, statementSnippets } from '../snippets.ts';
import { declarationOf, describe } from './hover.ts';
import { called } from './signature-help.ts';
import { found } from './navigation.ts';

type PageAt = (uri: string) => Analysis | undefined;

export interface Asked {
  /** Whether the editor goes through the places of a snippet. */
  readonly snippets: boolean;
  /** Asked by a sign such as `(` and not by a hand or a letter: then only where few things may stand. */
  readonly bySign: boolean;
}

/** In which order offers stand: what is nearest first. */
const order = ['argument', 'set', 'local', 'problem', 'page', 'library', 'word', 'statement'] as const;
type Group = (typeof order)[number];

/** What there is to say of an offer is looked up when it is shown. */
type Origin = { readonly word: Word } | { readonly uri: string; readonly at: number };

interface Shown {
  readonly label: string;
  readonly kind: CompletionItemKind;
  readonly group: Group;
  readonly detail?: string | undefined;
  /** What is written, where it is not the label. */
  readonly text?: string;
  /** The same with places to go through. */
  readonly snippet?: string;
  readonly origin?: Origin;
}

/** Offers for one request. */
class Completion {
  private readonly analysis: Analysis;
  private readonly place: Place;
  private readonly host: Host;
  private readonly pageAt: PageAt;
  private readonly visible: readonly Visible[];

  constructor(analysis: Analysis, place: Place, host: Host, pageAt: PageAt) {
    this.analysis = analysis;
    this.place = place;
    this.host = host;
    this.pageAt = pageAt;
    this.visible = visibleAt(analysis, place.start);
  }

  of(offer: Offer): readonly Shown[] {
    switch (offer.kind) {
      case 'statement':
        return this.statements(offer.within);
      case 'word':
        return [{ label: offer.word, kind: CompletionItemKind.Keyword, group: 'word' }];
      case 'value':
        return [...this.names(isValue), ...this.libraryFunctions(true), ...this.constants()];
      case 'set':
        return this.names(({ kind }) => kind === 'index-set').map((shown) => ({ ...shown, group: 'set' }));
      case 'dim':
        return this.names(isDim);
      case 'function':
        return [...this.names(({ kind }) => kind === 'fn' || kind === 'import', false), ...this.libraryFunctions(false)];
      case 'type':
        return Object.keys(kindWords).map((name) => ({
          label: name,
          kind: CompletionItemKind.Keyword,
          group: 'argument',
          ...(name === 'choice' ? { snippet: 'choice($0)' } : {}),
          origin: { word: { for: 'kind', name } },
        }));
      case 'method':
        return methodNames(offer.of).flatMap((name) =>
          callables(offer.of, name).map((method) => this.call(method, { word: { for: 'method', of: offer.of, name } })),
        );
      case 'distribution':
        return Object.keys(distributions).flatMap((name) =>
          callables('distribution', name).map((each) => ({
            text: each.parameters.length === 0 ? `${name}()` : name,
            ...this.call(each, { word: { for: 'distribution', name } }),
          })),
        );
      case 'argument':
        return this.arguments();
      case 'argument-value':
        return this.argumentValues(offer.name);
      case 'part':
        return ['train', 'valid', 'test']
          .filter((name) => !offer.given.includes(name))
          .map((label) => ({ label, kind: CompletionItemKind.EnumMember, group: 'argument' }));
      case 'import':
        return this.imports(offer.path, offer.given);
      case 'file':
        return this.files(offer.of);
      case 'column':
        return this.parts(this.host.columns?.(beside(this.analysis.uri, offer.file)));
      case 'array':
        return this.parts(this.host.arrays?.(beside(this.analysis.uri, offer.file)));
    }
  }

  // ---- names of the page ------------------------------------------------------------------------------------------------------

  private names(wanted: (declared: DeclaredName) => boolean, isCalled = true): readonly Shown[] {
    const { uri } = this.analysis;
    return this.visible
      .filter(({ declared }) => wanted(declared))
      .map(({ declared, nearness }) => {
        const isCall = isCalled && (declared.kind === 'fn' || declared.kind === 'import' || isChoice(declared));
        return {
          label: declared.kind === 'rest' ? `...${declared.name}` : declared.name,
          kind: itemKinds[declared.kind],
          group: nearness,
          detail: this.detailOf(declared),
          ...(isCall ? this.parentheses(declared.name) : {}),
          origin: { uri, at: declared.span.start },
        };
      });
  }

  /** The declaration on one line. */
  private detailOf(declared: DeclaredName): string {
    const { analysis, declared: of } = found(this.analysis, declared.span.start, this.pageAt) ?? { analysis: this.analysis, declared };
    const { start, end } = declarationOf(of);
    return shortened(analysis.document.getText().slice(start, end));
  }

  private libraryFunctions(isCalled: boolean): readonly Shown[] {
    const hidden = new Set(this.visible.map(({ declared }) => declared.name));
    return libraryNames()
      .filter((name) => !hidden.has(name))
      .map((name) => {
        const [first] = callables('function', name);
        return {
          label: name,
          kind: CompletionItemKind.Function,
          group: 'library',
          detail: first === undefined ? undefined : headOf(first),
          ...(isCalled ? this.parentheses(name) : {}),
          origin: { word: { for: 'function', name } },
        };
      });
  }

  private constants(): readonly Shown[] {
    const names = this.place.isInner ? ['pi', 'step'] : ['pi'];
    return names.map((label) => ({ label, kind: CompletionItemKind.Constant, group: 'library' }));
  }

  /** A call, unless its parenthesis is there. */
  private parentheses(name: string): Pick<Shown, 'snippet'> {
    return this.follows(/^\s*\(/u) ? {} : { snippet: `${name}($0)` };
  }

  private follows(pattern: RegExp): boolean {
    return pattern.test(this.analysis.document.getText().slice(this.place.end));
  }

  private call(callable: Callable, origin: Origin): Shown {
    const { name, parameters } = callable;
    const insertion = parameters.length === 0 ? {} : this.parentheses(name);
    return { label: name, kind: CompletionItemKind.Function, group: 'argument', detail: headOf(callable), ...insertion, origin };
  }

  // ---- arguments --------------------------------------------------------------------------------------------------------------

  private forms(): readonly Callable[] {
    return this.place.call === undefined ? [] : called(this.analysis, this.place.call, this.pageAt);
  }

  private arguments(): readonly Shown[] {
    const { call } = this.place;
    if (call === undefined) return [];
    const taken = this.forms().flatMap(({ parameters }) => parameters.filter(({ namedOnly }) => !namedOnly).slice(0, call.position));
    const known = this.forms().flatMap(({ parameters }) => parameters);
    const free = known.filter(({ name, rest }) => !rest && !call.given.includes(name) && !taken.some((each) => each.name === name));
    return [...new Map(free.map((parameter) => [parameter.name, parameter])).values()].map((parameter) => ({
      label: parameter.name,
      kind: CompletionItemKind.Property,
      // What can be given by position is seldom named.
      group: parameter.namedOnly ? 'argument' : 'word',
      detail: parameter.label,
      ...(this.follows(/^\s*=/u) ? {} : { text: `${parameter.name} = ` }),
      origin: { word: { for: 'argument', as: call.as, callee: call.callee, name: parameter.name } },
    }));
  }

  /** Whether no argument by position can stand where the cursor is, in any form of what is called. */
  isFull(): boolean {
    const { position = 0 } = this.place.call ?? {};
    const positional = this.forms().map(({ parameters }) => parameters.filter(({ namedOnly }) => !namedOnly));
    return positional.length > 0 && positional.every((all) => all.length <= position && !all.some(({ rest }) => rest));
  }

  /** What an argument takes that is no expression. */
  taken(name: string): CallableParameter['takes'] {
    return this.forms()
      .flatMap(({ parameters }) => parameters)
      .find((parameter) => parameter.name === name)?.takes;
  }

  private argumentValues(name: string): readonly Shown[] {
    const takes = this.taken(name);
    if (takes === 'set') return this.names(isDim).map((shown) => ({ ...shown, group: 'argument' }));
    return (takes ?? []).map((label) => ({ label, kind: CompletionItemKind.EnumMember, group: 'argument' }));
  }

  // ---- statements -------------------------------------------------------------------------------------------------------------

  private statements(within: 'page' | 'problem' | 'block'): readonly Shown[] {
    const { start } = this.place;
    if (within === 'block')
      return ['let', 'return'].map((word) => ({ label: word, kind: CompletionItemKind.Keyword, group: 'statement', text: `${word} ` }));
    const outside: readonly string[] = ['problem', 'import', 'fn'];
    const there = this.analysis
      .parsed()
      .value.items.flatMap((item) =>
        item.kind === 'problem' && item.span.start <= start && start <= item.span.end ? item.declarations : [],
      );
    const once: readonly string[] = ['inner', 'outer', 'solve-inner', 'solve-outer', 'differentiate'];
    const isThere = (word: string): boolean =>
      once.includes(word) && there.some(({ kind, span }) => kind === word && !(span.start <= start && start <= span.end));
    return Object.keys(statementSnippets).flatMap((word): readonly Shown[] => {
      const name = word as keyof typeof statementSnippets;
      const isHere = within === 'page' ? outside.includes(word) : !outside.includes(word) || word === 'fn';
      if (!isHere || isThere(word)) return [];
      const { label, body } = statementSnippets[name];
      const { form } = statementWords[name];
      const origin: Origin = { word: { for: 'statement', name } };
      return [{ label, kind: CompletionItemKind.Keyword, group: 'statement', detail: form, text: plain(body), snippet: body, origin }];
    });
  }

  // ---- other files ------------------------------------------------------------------------------------------------------------

  private imports(path: string | undefined, given: readonly string[]): readonly Shown[] {
    const other = path === undefined ? undefined : this.pageAt(beside(this.analysis.uri, path));
    return (other?.names().declared ?? []).flatMap((declared): readonly Shown[] => {
      if (other === undefined || declared.kind !== 'fn' || given.includes(declared.name)) return [];
      // Those of problems cannot be imported.
      if (declared.scope.start !== 0 || declared.scope.end !== other.document.getText().length) return [];
      const { start, end } = declarationOf(declared);
      const detail = shortened(other.document.getText().slice(start, end));
      const origin = { uri: other.uri, at: declared.span.start };
      return [{ label: declared.name, kind: CompletionItemKind.Function, group: 'argument', detail, origin }];
    });
  }

  private files(of: 'data' | 'import'): readonly Shown[] {
    const { inString } = this.place;
    const { folder, typed } = this.written();
    const uri = beside(this.analysis.uri, folder);
    const names = this.host.list?.(uri.replace(/[^/]*$/u, '')) ?? [];
    const shown = of === 'import' ? endings.pages : endings.data;
    const isShown = (name: string): boolean =>
      (name.endsWith('/') || shown.some((ending) => name.endsWith(`.${ending}`))) &&
      (typed.startsWith('.') || !name.startsWith('.')) &&
      uri + name !== this.analysis.uri;
    const dotted = of === 'import' && folder === '' ? './' : '';
    return names
      .filter(isShown)
      .sort()
      .map((name) => ({
        label: name,
        kind: name.endsWith('/') ? CompletionItemKind.Folder : CompletionItemKind.File,
        group: 'argument',
        text: inString ? dotted + name : `"${dotted}${name}"`,
      }));
  }

  /** Of a path in quotes: the folder that is named before the cursor, and what is written of a name in it. */
  private written(): { readonly folder: string; readonly typed: string } {
    const { start, end, inString } = this.place;
    const text = inString ? this.analysis.document.getText().slice(start, end) : '';
    const folder = text.slice(0, text.lastIndexOf('/') + 1);
    return { folder, typed: text.slice(folder.length) };
  }

  /** Of a file of data. */
  private parts(names: readonly string[] = []): readonly Shown[] {
    const { inString } = this.place;
    return names.map((name) => ({
      label: name,
      kind: CompletionItemKind.Field,
      group: 'argument',
      text: inString || isName(name) ? name : JSON.stringify(name),
    }));
  }

  /** Where what is chosen is written: the word at the cursor, or the last part of a path. */
  private get target(): { readonly start: number; readonly end: number } {
    const { start, end, offers } = this.place;
    return { start: offers.some(({ kind }) => kind === 'file') ? start + this.written().folder.length : start, end };
  }

  /** `place`: its place among all. */
  item({ label, kind, group, detail, text, snippet, origin }: Shown, place: number, { snippets }: Asked): CompletionItem {
    const isSnippet = snippets && snippet !== undefined;
    const range = rangeOf(this.analysis, { file: this.analysis.uri, ...this.target });
    return {
      label,
      kind,
      // Options, columns and index sets stay in their own order.
      sortText: `${order.indexOf(group)}${group === 'argument' || group === 'set' ? String(place).padStart(5, '0') : label}`,
      ...(detail === undefined ? {} : { detail }),
      insertTextFormat: isSnippet ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
      textEdit: { range, newText: isSnippet ? snippet : (text ?? label) },
      ...(origin === undefined ? {} : { data: origin }),
    };
  }
}

/** What may stand at an offset; nothing in comments and numbers. */
export function completion(analysis: Analysis, offset: number, asked: Asked, host: Host, pageAt: PageAt): readonly CompletionItem[] {
  const place = placeIn(analysis.parsed(), offset);
  if (place === undefined || place.offers.length === 0) return [];
  const all = new Completion(analysis, place, host, pageAt);
  // Behind `solver =` stands a word, and behind the last positional argument a name: no expression.
  const isWord = place.offers.some((offer) => offer.kind === 'argument-value' && all.taken(offer.name) !== undefined);
  const isNamed = place.offers.some(({ kind }) => kind === 'argument') && all.isFull();
  const offers = isWord || isNamed ? place.offers.filter(({ kind }) => kind === 'argument-value' || kind === 'argument') : place.offers;
  if (asked.bySign && offers.some(({ kind }) => kind === 'value' || kind === 'statement')) return [];
  const shown = offers.flatMap((offer) => all.of(offer));
  // The first of a name counts: an index set is a value too.
  return [...new Map(shown.toReversed().map((each) => [each.label, each])).values()].reverse().map((each, i) => all.item(each, i, asked));
}

/** What there is to say of an offer. */
export function resolveCompletion(item: CompletionItem, pageAt: PageAt): CompletionItem {
  const origin = item.data as Origin | undefined;
  const value = origin === undefined ? undefined : said(origin, pageAt);
  return value === undefined ? item : { ...item, documentation: { kind: MarkupKind.Markdown, value } };
}

function said(origin: Origin, pageAt: PageAt): string | undefined {
  if ('word' in origin) return meaningOf(origin.word);
  const analysis = pageAt(origin.uri);
  const target = analysis === undefined ? undefined : found(analysis, origin.at, pageAt);
  return target === undefined ? undefined : describe(target).join('\n\n');
}

const isValue = ({ kind }: DeclaredName): boolean => kind !== 'rest';
const isDim = ({ kind }: DeclaredName): boolean => kind === 'dim' || kind === 'index-set' || kind === 'own-dim' || kind === 'rest';
const isChoice = (declared: DeclaredName): boolean => declared.kind === 'hyper' && declared.node.type.choice !== undefined;

const shortened = (text: string): string => {
  const line = text.replaceAll(/\s+/gu, ' ');
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
};

const itemKinds: Readonly<Record<DeclaredName['kind'], CompletionItemKind>> = {
  problem: CompletionItemKind.Module,
  import: CompletionItemKind.Function,
  fn: CompletionItemKind.Function,
  parameter: CompletionItemKind.Variable,
  'own-dim': CompletionItemKind.TypeParameter,
  rest: CompletionItemKind.TypeParameter,
  'index-set': CompletionItemKind.EnumMember,
  state: CompletionItemKind.Variable,
  'loop-variable': CompletionItemKind.Variable,
  dim: CompletionItemKind.TypeParameter,
  data: CompletionItemKind.Value,
  hyper: CompletionItemKind.Property,
  param: CompletionItemKind.Variable,
  random: CompletionItemKind.Event,
  let: CompletionItemKind.Constant,
  report: CompletionItemKind.Field,
};
