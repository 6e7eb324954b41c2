/** Reads which module imports which, with the TypeScript parser, and judges it by the project's rules. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export interface ModuleText {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** What each folder may import besides itself. A folder within another has a row of its own, and what is in it is no part of that. */
export const allowed: Readonly<Record<string, readonly string[]>> = {
  diagnostics: [],
  plan: ['diagnostics'],
  grammar: ['diagnostics'],
  compiler: ['grammar', 'plan', 'diagnostics'],
  runtime: ['plan', 'diagnostics'],
  library: ['grammar', 'compiler', 'plan', 'diagnostics', 'runtime'],
  plugin: ['library', 'compiler', 'plan', 'diagnostics', 'runtime'],
  lsp: ['grammar', 'compiler', 'plan', 'diagnostics', 'library'],
  'lsp/vscode': ['grammar', 'compiler', 'plan', 'diagnostics', 'runtime', 'library', 'lsp'],
  cli: ['grammar', 'compiler', 'plan', 'diagnostics', 'runtime', 'library', 'plugin', 'lsp'],
};

/** Folders that see no file, clock, environment or network: they import no `node:` module. */
export const pure: readonly string[] = ['diagnostics', 'plan', 'grammar', 'compiler', 'library'];

export function sourceModules(): readonly ModuleText[] {
  const outermost = Object.keys(allowed).filter((folder) => !folder.includes('/'));
  return outermost.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => ({ path: relative(root, file).replaceAll('\\', '/'), text: readFileSync(file, 'utf8') })),
  );
}

/** The innermost folder that has a row. */
const folderOf = (path: string): string =>
  Object.keys(allowed)
    .filter((folder) => path.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0] ?? path;

const parsedOptions = { languageVersion: ts.ScriptTarget.ES2023, jsDocParsingMode: ts.JSDocParsingMode.ParseNone };
const parse = ({ path, text }: ModuleText): ts.SourceFile => ts.createSourceFile(path, text, parsedOptions);

interface Import {
  readonly specifier: string;
  /** Erased by the compiler: `import type`, `export type`, `import('…').T`. */
  readonly isTypeOnly: boolean;
}

const known = new WeakMap<ModuleText, readonly Import[]>();

/** `import … from`, `export … from`, `import(…)` and import types. */
export function importsOf(module: ModuleText): readonly Import[] {
  const imports = known.get(module) ?? foundIn(module);
  known.set(module, imports);
  return imports;
}

function foundIn(module: ModuleText): readonly Import[] {
  const found: Import[] = [];
  const note = (node: ts.Node | undefined, isTypeOnly: boolean): void => {
    if (node !== undefined && ts.isStringLiteral(node)) found.push({ specifier: node.text, isTypeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) note(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    if (ts.isExportDeclaration(node)) note(node.moduleSpecifier, node.isTypeOnly);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) note(node.arguments[0], false);
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) note(node.argument.literal, true);
    if (isDeep) ts.forEachChild(node, visit);
  };
  // Only these two stand within statements.
  const isDeep = /\bimport\s*\(/u.test(module.text);
  ts.forEachChild(parse(module), visit);
  return found;
}

const specifiersOf = (module: ModuleText): readonly string[] => importsOf(module).map((i) => i.specifier);

const resolve = (path: string, specifier: string): string => posix.join(posix.dirname(path), specifier);

/** Imports that go where they may not, in words. */
export function forbiddenImports(modules: readonly ModuleText[]): readonly string[] {
  return modules.flatMap((module) => {
    const folder = folderOf(module.path);
    return specifiersOf(module).flatMap((specifier) => {
      if (specifier.startsWith('.')) {
        const target = resolve(module.path, specifier);
        const targetFolder = folderOf(target);
        if (!specifier.endsWith('.ts')) return [`${module.path} imports '${specifier}' without the suffix .ts`];
        if (targetFolder !== folder && !(allowed[folder] ?? []).includes(targetFolder))
          return [`${module.path} imports ${target}: ${folder} may not see ${targetFolder}`];
        if (posix.basename(target) === 'index.ts' && target.startsWith(`${posix.dirname(module.path)}/`))
          return [`${module.path} imports the index of its own folder`];
        return [];
      }
      if (specifier.startsWith('node:') && pure.includes(folder)) return [`${module.path} imports ${specifier}: ${folder} does no IO`];
      return [];
    });
  });
}

/**
 * Each cycle of what is loaded at run time once, as `a → b → a`. Types are left out: an op's row and the builder that it
 * is given must know each other's type, and no order of loading hangs on that.
 */
export function cycles(modules: readonly ModuleText[]): readonly string[] {
  const edges = new Map(
    modules.map((module) => [
      module.path,
      importsOf(module)
        .filter((i) => !i.isTypeOnly && i.specifier.startsWith('.'))
        .map((i) => resolve(module.path, i.specifier)),
    ]),
  );
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const seenAt = trail.indexOf(path);
    if (seenAt !== -1) {
      found.push([...trail.slice(seenAt), path].join(' → '));
      return;
    }
    if (done.has(path)) return;
    for (const target of edges.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return found;
}

/** Relative imports of files that do not exist. */
export function missingTargets(modules: readonly ModuleText[]): readonly string[] {
  const paths = new Set(modules.map((module) => module.path));
  return modules.flatMap((module) =>
    specifiersOf(module)
      .filter((s) => s.startsWith('.') && !paths.has(resolve(module.path, s)))
      .map((s) => `${module.path} imports ${s}, which is not there`),
  );
}

/** Module-level variables that can change: `let`, `var`. */
export function moduleLevelState(modules: readonly ModuleText[]): readonly string[] {
  return modules
    .filter((module) => pure.includes(folderOf(module.path)))
    .flatMap((module) => {
      const source = parse(module);
      return source.statements
        .filter(ts.isVariableStatement)
        .filter((statement) => (statement.declarationList.flags & ts.NodeFlags.Const) === 0)
        .map((statement) => `${module.path}: ${statement.getText(source).split('\n')[0] ?? ''}`);
    });
}
