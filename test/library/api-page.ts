/**
 * The page `docs/api.md`, made from the sources of the package's entries: what they export, with signatures, docstrings and fields.
 * Reads declarations as they are written; says nothing of its own but headings.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../project/imports.ts';

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
}

interface Entry {
  /** What is imported. */
  readonly name: string;
  readonly source: ts.SourceFile;
}

/** The interface that every compiled module exports, member by member. */
const moduleInterface = { file: 'runtime/module.ts', name: 'Problem' };

export function apiPage(): string {
  const sources = entrySources();
  const program = programOf([...sources.values(), moduleInterface.file]);
  const entries = [...sources].map(([name, file]): Entry => ({ name, source: sourceFile(program, file) }));
  const page = new Page(program.getTypeChecker(), entries);
  return [
    '# Programmatic interface',
    'Written by `npm run accept` from the declarations of the sources. The examples are run by a test.',
    table(
      ['import', 'for'],
      [...entries.map(({ name, source }) => [link(name), sentence(headOf(source))]), [link(moduleTitle), moduleWords]],
    ),
    ...entries.map((entry) => page.entry(entry)),
    page.module(sourceFile(program, moduleInterface.file)),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/u, '\n');
}

const moduleTitle = 'a compiled module';
const moduleWords = 'What `bilevel compile` writes, and the default export of a page that a bundler imports.';

/** The entries of the package that are modules, with their sources. */
function entrySources(): ReadonlyMap<string, string> {
  const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  const files = Object.entries(exports).flatMap(([path, target]): readonly [string, string][] => {
    if (typeof target === 'string') return [];
    const source = target.types.replace('./dist/', '').replace(/\.d\.ts$/u, '.ts');
    return existsSync(join(root, source)) ? [[join(name, path), source]] : [];
  });
  return new Map(files);
}

/** Of our own sources and the language's types: those of other packages are many, and are printed by their names. */
function programOf(files: readonly string[]): ts.Program {
  const options = { ...optionsOf('tsconfig.json'), noEmit: true, types: [] };
  const host = ts.createCompilerHost(options);
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map(({ text }) => ({
      resolvedModule: text.startsWith('.')
        ? { resolvedFileName: join(from, '..', text), extension: '.ts', isExternalLibraryImport: false }
        : undefined,
    }));
  return ts.createProgram({ rootNames: files.map((file) => join(root, file)), options, host });
}

function optionsOf(file: string): ts.CompilerOptions {
  const read = ts.readConfigFile(join(root, file), (path) => readFileSync(path, 'utf8'));
  return ts.parseJsonConfigFileContent(read.config, ts.sys, root).options;
}

function sourceFile(program: ts.Program, file: string): ts.SourceFile {
  const source = program.getSourceFile(join(root, file));
  if (source === undefined) throw new Error(`there is no ${file}`);
  return source;
}

class Page {
  private readonly checker: ts.TypeChecker;
  /** What the entries export, under the name by which the page knows it. */
  private readonly exported: ReadonlyMap<ts.Symbol, string>;
  /** In which section each thing was described. */
  private readonly described = new Map<ts.Symbol, string>();

  constructor(checker: ts.TypeChecker, entries: readonly Entry[]) {
    this.checker = checker;
    this.exported = new Map(entries.flatMap((entry) => this.exportsOf(entry)).map(([name, symbol]) => [symbol, name]));
  }

  entry(entry: Entry): string {
    const things = this.exportsOf(entry);
    const isValue = ([, symbol]: (typeof things)[number]): boolean => (symbol.flags & ts.SymbolFlags.Value) !== 0;
    const inOrder = [...things.filter(isValue), ...things.filter((thing) => !isValue(thing))];
    return [`## \`${entry.name}\``, headOf(entry.source), ...inOrder.map(([name, symbol]) => this.thing(name, symbol, entry.name))].join(
      '\n\n',
    );
  }

  module(source: ts.SourceFile): string {
    const declaration = source.statements.filter(ts.isInterfaceDeclaration).find((s) => s.name.text === moduleInterface.name);
    if (declaration === undefined) throw new Error(`there is no ${moduleInterface.name}`);
    const members = declaration.members.filter(ts.isPropertySignature).map((member) => {
      const name = member.name.getText();
      return [
        `### \`${name}\``,
        fence(`${name}: ${textOf(member.type)}`),
        ...this.docOf(this.checker.getSymbolAtLocation(member.name)),
      ].join('\n\n');
    });
    const title = `## ${moduleTitle[0]?.toUpperCase() ?? ''}${moduleTitle.slice(1)}`;
    return [title, moduleWords, ...this.docOf(this.checker.getSymbolAtLocation(declaration.name)), ...members].join('\n\n');
  }

  private exportsOf({ source }: Entry): readonly (readonly [string, ts.Symbol])[] {
    const symbol = this.checker.getSymbolAtLocation(source);
    const exported = symbol === undefined ? [] : this.checker.getExportsOfModule(symbol);
    return exported.map((s) => [s.name, (s.flags & ts.SymbolFlags.Alias) === 0 ? s : this.checker.getAliasedSymbol(s)]);
  }

  private thing(name: string, symbol: ts.Symbol, section: string): string {
    const title = name === 'default' ? '### The default export' : `### \`${name}\``;
    const before = this.described.get(symbol);
    const [declaration] = symbol.declarations ?? [];
    if (before !== undefined || declaration === undefined) return [title, `See ${link(before ?? section)}.`].join('\n\n');
    this.described.set(symbol, section);
    return [title, ...this.signature(declaration), ...this.docOf(symbol), ...this.members(declaration)]
      .filter((part) => part !== '')
      .join('\n\n');
  }

  private signature(node: ts.Declaration): readonly string[] {
    if (ts.isFunctionDeclaration(node)) {
      const end = node.body?.getStart() ?? node.end;
      return [
        fence(
          node
            .getSourceFile()
            .text.slice(node.getStart(), end)
            .replace(/^export (?:async )?/u, '')
            .trim(),
        ),
      ];
    }
    if (ts.isVariableDeclaration(node))
      return [fence(`const ${node.name.getText()}: ${node.type === undefined ? this.typeText(node) : textOf(node.type)}`)];
    if (ts.isTypeAliasDeclaration(node)) {
      // What a type is computed from says nothing to who reads it.
      const isComputed = node.type.getText().includes('typeof');
      return [fence(isComputed ? `type ${node.name.text} = ${this.typeText(node)};` : node.getText().replace(/^export /u, ''))];
    }
    if (ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node)) {
      const word = ts.isClassDeclaration(node) ? 'class' : 'interface';
      const heritage = (node.heritageClauses ?? []).map((clause) => ` ${textOf(clause)}`).join('');
      const parameters = node.typeParameters === undefined ? '' : `<${node.typeParameters.map(textOf).join(', ')}>`;
      return [fence(`${word} ${node.name?.text ?? ''}${parameters}${heritage}`)];
    }
    return [];
  }

  /** The table of a function's options, or of a type's own fields. */
  private members(node: ts.Declaration): readonly string[] {
    if (ts.isFunctionDeclaration(node))
      return node.parameters
        .filter((p) => p.name.getText() === 'options')
        .map((p) => this.fields('option', this.checker.getPropertiesOfType(this.checker.getTypeAtLocation(p))));
    if (!ts.isInterfaceDeclaration(node) && !ts.isClassDeclaration(node)) return [];
    const properties = this.checker.getPropertiesOfType(this.checker.getTypeAtLocation(node));
    return [
      this.fields(
        'field',
        properties.filter((property) => this.isOwn(property, node)),
      ),
    ];
  }

  /** Declared there, or in a type that has no section of its own. */
  private isOwn(property: ts.Symbol, node: ts.Declaration): boolean {
    const owner = property.declarations?.[0]?.parent;
    if (owner === undefined || owner === node) return true;
    const named = ts.isInterfaceDeclaration(owner) ? this.checker.getSymbolAtLocation(owner.name) : undefined;
    return named !== undefined && !this.exported.has(named);
  }

  private fields(head: string, properties: readonly ts.Symbol[]): string {
    const rows = properties.flatMap((property): readonly string[][] => {
      const [node] = property.declarations ?? [];
      // A class says its name twice, and what the language's own types have is known.
      if (
        node === undefined ||
        node.getSourceFile().fileName.includes('/node_modules/') ||
        (property.name === 'name' && ts.isPropertyDeclaration(node))
      )
        return [];
      if (!ts.isPropertySignature(node) && !ts.isPropertyDeclaration(node)) return [];
      const isOptional = node.questionToken !== undefined;
      return [[`\`${property.name}${isOptional ? '?' : ''}\``, `\`${textOf(node.type)}\``, this.docOf(property).join(' ')]];
    });
    return rows.length === 0 ? '' : table([head, 'type', ''], rows);
  }

  private typeText(node: ts.Declaration): string {
    const flags = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.InTypeAlias | ts.TypeFormatFlags.UseSingleQuotesForStringLiteralType;
    return this.checker.typeToString(this.checker.getTypeAtLocation(node), node, flags);
  }

  private docOf(symbol: ts.Symbol | undefined): readonly string[] {
    const text = ts.displayPartsToString(symbol?.getDocumentationComment(this.checker)).trim();
    // What a docstring says of shapes, units, failures and sources is a paragraph each.
    return text === '' ? [] : [text.replaceAll(/\n(?=(?:Shapes|Units|Needs|Fails|Source): )/gu, '\n\n')];
  }
}

/** The comment that a module begins with. */
function headOf(source: ts.SourceFile): string {
  const [range] = ts.getLeadingCommentRanges(source.text, 0) ?? [];
  const comment = range === undefined ? '' : source.text.slice(range.pos, range.end);
  return comment
    .replace(/^\/\*\*/u, '')
    .replace(/\*\/$/u, '')
    .replaceAll(/^ ?\* ?/gmu, '')
    .trim();
}

/** Of a text, the first sentence. */
const sentence = (text: string): string => /^.*?\.(?=\s|$)/su.exec(text)?.[0] ?? text;

/** As it is written, on one line where it was broken for its length. */
const textOf = (node: ts.Node | undefined): string =>
  (node?.getText() ?? '').replaceAll(/\s+/gu, ' ').replaceAll(/\( | ?,? \)/gu, (bracket) => bracket.replaceAll(/[ ,]/gu, ''));

const fence = (text: string): string => `\`\`\`ts\n${text}\n\`\`\``;
const anchor = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/gu, '')
    .replaceAll(' ', '-');
const link = (title: string): string => `[${title === moduleTitle ? title : `\`${title}\``}](#${anchor(title)})`;
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/gu, ' ');
const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');
