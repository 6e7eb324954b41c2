/**
 * What the functions of pages see: those of their own page, and those that it imports. Owns which file an import names and what is wrong
 * with that; reads no file itself, but asks whoever compiles for texts.
 */
import type { Diagnostic, Label, Span } from '../../diagnostics/diagnostic.ts';
import { duplicateName, importCycle, unknownImport, unreadableImport } from '../../diagnostics/names.ts';
import type { Sources } from '../../diagnostics/render.ts';
import type { FnDeclaration, Identifier, ImportNode, Page } from '../../grammar/ast.ts';
import { parse, type Parsed } from '../../grammar/parse.ts';
import { closest } from '../../grammar/spelling.ts';
import { Scope, type Fn } from '../check/scope.ts';
import { beside } from '../paths.ts';

/** The outermost scope of a page. */
export interface PageScope {
  readonly scope: Scope;
  /** Its own functions, in its order. */
  readonly own: readonly Fn[];
  /** What it imports. */
  readonly imported: readonly Fn[];
}

/** The pages of one compilation, each read once. */
export class Pages {
  /** What was found under each name that was asked for. */
  readonly texts = new Map<string, string | undefined>();
  private readonly sources: Sources | undefined;
  /** The pages that were read, under the names of their files. */
  readonly parsed = new Map<string, Parsed>();
  private readonly tell: (diagnostic: Diagnostic) => void;
  private readonly before: ReadonlyMap<string, Parsed>;
  private readonly opened = new Map<string, { readonly page: Page; readonly scope: PageScope }>();
  private readonly importedAt = new Map<string, Span>();
  /** The imports that are being followed, outermost first. */
  private readonly path: ImportNode[] = [];

  /** Without `sources` no import can be followed; what was read `before` is not read again. */
  constructor(sources: Sources | undefined, report: (diagnostic: Diagnostic) => void, before: ReadonlyMap<string, Parsed> = new Map()) {
    this.sources = sources;
    this.tell = report;
    this.before = before;
  }

  /** As it is to be told: of another page's mistake, who imports that page. */
  told(diagnostic: Diagnostic): Diagnostic {
    const at = diagnostic.span === undefined ? undefined : this.importedAt.get(diagnostic.span.file);
    const labels = at === undefined ? diagnostic.labels : [...diagnostic.labels, { span: at, message: 'imported here' }];
    return { ...diagnostic, labels };
  }

  private readonly report = (diagnostic: Diagnostic): void => this.tell(this.told(diagnostic));

  open(page: Page): PageScope {
    const scope = new Scope(undefined, { page });
    const own: Fn[] = [];
    const imported: Fn[] = [];
    const declare = (fn: Fn, name: Identifier, list: Fn[]): void => {
      const before = scope.declare(name.name, { kind: 'fn', fn, span: name.span });
      if (before === undefined) list.push(fn);
      else this.report(duplicate(name, before.span, 'the function'));
    };
    for (const item of page.items) {
      if (item.kind === 'fn') declare({ declaration: item, scope }, item.name, own);
      if (item.kind !== 'import') continue;
      const found = this.follow(item, page.file);
      for (const name of item.names) {
        const fn = found === undefined ? undefined : this.take(name, found, item);
        if (fn !== undefined) declare(fn, name, imported);
        else scope.declare(name.name, { kind: 'broken', span: name.span });
      }
    }
    return { scope, own, imported };
  }

  /** The path of a page that is there, in the place of one that is not. */
  private nearest(path: string, file: string): string | undefined {
    const [, folder = '', own = ''] = /^(.*[/\\])?([^/\\]*)$/u.exec(path) ?? [];
    const name = closest(own, this.sources?.neighbours?.(file) ?? []);
    return name === undefined ? undefined : `${folder}${name}`;
  }

  /** The page that an import names; reports where there is none. */
  private follow(node: ImportNode, from: string): { readonly page: Page; readonly scope: PageScope } | undefined {
    // The parser has said that there is none.
    if (node.path === '') return undefined;
    const file = beside(from, node.path);
    const links = [...this.path, node];
    const start = links.findIndex(({ span }) => span.file === file);
    if (start >= 0) {
      this.report(cycle(file, links.slice(start)));
      return undefined;
    }
    const known = this.opened.get(file);
    if (known !== undefined) return known;
    const text = this.textOf(file);
    if (text === undefined) {
      const because = this.sources?.why?.(file);
      const suggestion = because === undefined ? this.nearest(node.path, file) : undefined;
      const payload = { path: node.path, file, isAlone: this.sources === undefined, because, suggestion };
      this.report(unreadableImport({ span: node.pathSpan }, payload));
      return undefined;
    }
    this.importedAt.set(file, node.pathSpan);
    const before = this.before.get(file);
    const parsed = before?.value.text === text ? before : parse(text, file, before);
    this.parsed.set(file, parsed);
    const { value: page, diagnostics } = parsed;
    diagnostics.forEach(this.report);
    this.path.push(node);
    const opened = { page, scope: this.open(page) };
    this.path.pop();
    this.opened.set(file, opened);
    return opened;
  }

  private textOf(file: string): string | undefined {
    if (!this.texts.has(file)) this.texts.set(file, this.sources?.(file));
    return this.texts.get(file);
  }

  /** A function of another page by its name; reports where it has none. */
  private take(name: Identifier, { page, scope }: { page: Page; scope: PageScope }, node: ImportNode): Fn | undefined {
    if (name.name === '') return undefined;
    const fn = scope.own.find(({ declaration }) => declaration.name.name === name.name);
    if (fn !== undefined) return fn;
    if (scope.scope.lookup(name.name)?.kind === 'broken') return undefined;
    const names = page.items.flatMap((item) => (item.kind === 'fn' ? [item.name.name] : []));
    const { what, instead } = otherwise(page, name.name);
    this.report(
      unknownImport(
        { span: name.span, labels: what },
        { name: name.name, path: node.path, names, instead, suggestion: closest(name.name, names) },
      ),
    );
    return undefined;
  }
}

/** What a page has under a name, if not a function of its own. */
function otherwise(page: Page, name: string): { readonly what: readonly Label[]; readonly instead?: string } {
  for (const item of page.items) {
    if (item.kind === 'problem' && item.name.name === name)
      return { what: [{ span: item.name.span, message: 'this is a problem' }], instead: 'functions outside of problems are imported' };
    const inside =
      item.kind === 'problem' ? item.declarations.find((d): d is FnDeclaration => d.kind === 'fn' && d.name.name === name) : undefined;
    if (inside !== undefined)
      return {
        what: [{ span: inside.name.span, message: 'this one is inside a problem, and sees its names' }],
        instead: 'move it out of the problem',
      };
    const passed = item.kind === 'import' ? item.names.find((one) => one.name === name) : undefined;
    if (item.kind === 'import' && passed !== undefined)
      return {
        what: [{ span: passed.span, message: 'imported there itself' }],
        instead: `import it from where it is declared, \`${beside(page.file, item.path)}\``,
      };
  }
  return { what: [] };
}

function cycle(file: string, links: readonly ImportNode[]): Diagnostic {
  const last = links.at(-1);
  const labels = links.slice(0, -1).map(({ pathSpan, path }) => ({ span: pathSpan, message: `\`${path}\` is imported here` }));
  return importCycle({ span: last?.pathSpan, labels }, { file, by: links.slice(1).map(({ span }) => span.file) });
}

export const duplicate = ({ name, span }: Identifier, before: Span, what: string): Diagnostic =>
  duplicateName({ span, labels: [{ span: before, message: 'first here' }] }, { name, what });
