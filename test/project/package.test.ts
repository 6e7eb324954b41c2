import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { version } from '../../library/version.ts';
import { root } from './imports.ts';

interface PackageJson {
  readonly version: string;
  readonly files: readonly string[];
  readonly sideEffects: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const text = (path: string): string => readFileSync(join(root, path), 'utf8');
const manifest = JSON.parse(text('package.json')) as PackageJson;

describe('the package', () => {
  it('says its version once', () => {
    expect(version).toBe(manifest.version);
    expect(text('CHANGELOG.md')).toContain(`## ${manifest.version}`);
  });

  it('has an extension of the same version, that it does not carry', () => {
    const extension = JSON.parse(text('lsp/vscode/package.json')) as PackageJson;
    expect(extension.version).toBe(manifest.version);
    expect(manifest.files.filter((file) => /^(?:lsp|dist\.)/u.test(file))).toEqual([]);
    expect(text('docs/editors.md')).toContain(`bilevel-${manifest.version}.vsix`);
  });

  it('pins every dependency exactly', () => {
    for (const range of Object.values({ ...manifest.dependencies, ...manifest.devDependencies }))
      expect(range).toMatch(/^(?:npm:[a-z]+@)?\d+\.\d+\.\d+$/u);
  });

  it('has the scripts that its pages speak of', () => {
    const pages = ['README.md', 'CONTRIBUTING.md'].map(text).join('\n');
    const spokenOf = [...pages.matchAll(/npm run ([\w:]+)/gu)].map((m) => m[1] ?? '');
    expect(spokenOf.length).toBeGreaterThan(0);
    for (const script of spokenOf) expect(Object.keys(manifest.scripts)).toContain(script);
  });

  it('has a script for integration that bash can read', () => {
    execFileSync('bash', ['-n', join(root, '.ci/run')]);
    expect(text('.github/workflows/ci.yml')).toContain('.ci/run');
  });

  const documents = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => join('docs', name));
  const pages = [...readdirSync(root), ...documents].filter((name) => name.endsWith('.md'));
  /** Relative to the repository, without the place on the page. */
  const linksOf = (page: string): readonly string[] =>
    [...text(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/gu)].map((m) => join(dirname(page), m[1] ?? ''));

  it('links to files that exist', () => {
    expect(pages.length).toBeGreaterThan(100);
    expect(pages.flatMap(linksOf).length).toBeGreaterThan(20);
    for (const page of pages) for (const link of linksOf(page)) expect(existsSync(join(root, link)), `${page} links to ${link}`).toBe(true);
  });

  it('carries every file that a page of it links to', () => {
    const leftOut = manifest.files.filter((file) => file.startsWith('!')).map((file) => file.slice(1));
    const isCarried = (path: string): boolean =>
      manifest.files.includes(path.split(sep)[0] ?? '') && !leftOut.some((file) => path === file || path.startsWith(`${file}/`));
    const carried = pages.filter(isCarried);
    expect(carried).toEqual(expect.arrayContaining(['README.md', join('docs', 'guide.md'), join('docs', 'diagnostics', 'BL1001.md')]));
    for (const page of carried) for (const link of linksOf(page)) expect(isCarried(link), `${page} links to ${link}`).toBe(true);
  });

  it('names the module that is imported for what it does', () => {
    expect(manifest.sideEffects).toEqual(['./dist/plugin/register.js']);
    expect(existsSync(join(root, 'plugin/register.ts'))).toBe(true);
  });
});
